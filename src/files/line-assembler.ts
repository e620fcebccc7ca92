import { crc32 } from 'node:zlib';
import { checkedSize, type Checkpoint, type Head, type Place } from './checkpoint.ts';
import { detectEncoding, firstLineEnd, lastLineEnd, type LineEncoding, type TextEncoding } from './line-encoding.ts';
import { ContentChanged } from './content-changed.ts';
import { decodeLines, type Lines } from './line-splitter.ts';
import type { LineRange } from './unsettled-ranges.ts';

/** Content is worked on in multiples of this, so that the bytes of a line end are never cut apart. */
const unit = 4;

/** How much is worked on at once. */
const stepSize = 64 * 1024;

/** Lines that are ready, and the range of the content that they are. */
export interface AssembledLines {
  readonly lines: Lines;
  readonly range: LineRange;
}

/**
 * Makes lines of content that comes in parts. Of a line that has not ended it keeps no more than the longest line may
 * have. What was read before is left out if it is what it was then.
 */
export class LineAssembler {
  readonly #configured: TextEncoding;
  readonly #maxLineSize: number;
  readonly #from: Checkpoint;
  #encoding: LineEncoding | undefined;
  /** Up to where the content was worked on. */
  #offset = 0;
  /** Bytes that are too few to be worked on. */
  #carry: Buffer = Buffer.alloc(0);
  /** The last bytes before the offset that are checked. */
  #recent: Buffer = Buffer.alloc(0);
  #head: Head | undefined;
  /** Where the next line begins, the beginning of that line as far as it may be sent, and its size. */
  #start: Place;
  #open: Buffer[] = [];
  #keptSize = 0;

  constructor(encoding: TextEncoding, maxLineSize: number, from: Checkpoint) {
    this.#configured = encoding;
    this.#maxLineSize = maxLineSize - (maxLineSize % unit);
    this.#from = from;
    this.#start = { offset: from.offset, checksum: from.identity?.checksum ?? 0 };
  }

  /** The checksum of the first `checkedSize` bytes, when they have come. */
  get head(): Head | undefined {
    return this.#head;
  }

  /** Where the next line begins. */
  get start(): Place {
    return this.#start;
  }

  /** The lines that end in the next part. Throws `ContentChanged` if the content is not what it was before. */
  *push(part: Buffer): Generator<AssembledLines> {
    const bytes = this.#carry.length === 0 ? part : Buffer.concat([this.#carry, part]);
    const size = bytes.length - (bytes.length % unit);
    for (let at = 0; at < size; at += stepSize) yield* this.#take(bytes.subarray(at, Math.min(size, at + stepSize)));
    this.#carry = Buffer.from(bytes.subarray(size));
  }

  /** What is left when no more parts come. What follows the last line end is a line too. */
  *finish(): Generator<AssembledLines> {
    if (this.#carry.length > 0) yield* this.#take(this.#carry);
    if (this.#offset < this.#from.offset) throw new ContentChanged('the content has become shorter');
    const size = this.#offset - this.#start.offset;
    const end = { offset: this.#offset, checksum: crc32(this.#recent) };
    if (size > 0) yield this.#assemble(Buffer.concat(this.#open), end, this.#start.offset + this.#keptSize);
  }

  *#take(bytes: Buffer): Generator<AssembledLines> {
    this.#encoding ??= detectEncoding(bytes, this.#configured);
    const toSkip = Math.min(bytes.length, Math.max(0, this.#from.offset - this.#offset));
    if (toSkip > 0) this.#skip(bytes.subarray(0, toSkip));
    const rest = bytes.subarray(toSkip);
    yield* this.#cut(rest, this.#encoding);
    this.#remember(rest);
  }

  #skip(bytes: Buffer): void {
    this.#remember(bytes);
    if (this.#offset < this.#from.offset) return;
    const checksum = crc32(this.#recent);
    const { identity } = this.#from;
    if (
      identity !== undefined &&
      (identity.checksum !== checksum || (identity.head ?? this.#head)?.checksum !== this.#head?.checksum)
    )
      throw new ContentChanged('the content is another than before');
    this.#start = { offset: this.#offset, checksum };
  }

  *#cut(bytes: Buffer, encoding: LineEncoding): Generator<AssembledLines> {
    const base = this.#offset;
    let from = 0;
    const first = firstLineEnd(bytes, encoding, base);
    if (first >= 0 && base + first - this.#start.offset > this.#maxLineSize + 2 * encoding.newline.length) {
      this.#keep(bytes.subarray(0, first));
      yield this.#assemble(Buffer.concat(this.#open), this.#placeIn(bytes, first), this.#start.offset + this.#keptSize);
      from = first;
    }
    const last = lastLineEnd(bytes, encoding, base);
    if (last > from) {
      const ended = bytes.subarray(from, last);
      const whole = this.#keptSize === 0 ? ended : Buffer.concat([...this.#open, ended]);
      yield this.#assemble(whole, this.#placeIn(bytes, last), base + last);
      from = last;
    }
    this.#keep(bytes.subarray(from));
  }

  #assemble(bytes: Buffer, end: Place, contentEnd: number): AssembledLines {
    const start = this.#start;
    const encoding = this.#encoding ?? detectEncoding(bytes, this.#configured);
    this.#start = end;
    this.#open = [];
    this.#keptSize = 0;
    const begin = start.offset === 0 ? Math.min(encoding.markSize, bytes.length) : 0;
    return { lines: decodeLines(bytes, begin, bytes.length, encoding), range: { start, end, contentEnd } };
  }

  #keep(bytes: Buffer): void {
    const kept = bytes.subarray(0, this.#maxLineSize - this.#keptSize);
    // The part belongs to the decoder.
    if (kept.length > 0) this.#open.push(Buffer.from(kept));
    this.#keptSize += kept.length;
  }

  #placeIn(bytes: Buffer, end: number): Place {
    const checked = end >= checkedSize ? bytes.subarray(0, end) : Buffer.concat([this.#recent, bytes.subarray(0, end)]);
    return { offset: this.#offset + end, checksum: crc32(checked.subarray(-checkedSize)) };
  }

  #remember(bytes: Buffer): void {
    const offset = this.#offset;
    this.#offset += bytes.length;
    const recent = bytes.length >= checkedSize ? bytes : Buffer.concat([this.#recent, bytes]);
    // All of the head is in what is remembered when it is complete.
    if (this.#head === undefined && this.#offset >= checkedSize) {
      const beginning = offset === 0 ? bytes : Buffer.concat([this.#recent, bytes]);
      this.#head = { size: checkedSize, checksum: crc32(beginning.subarray(0, checkedSize)) };
    }
    this.#recent = Buffer.from(recent.subarray(-checkedSize));
  }
}
