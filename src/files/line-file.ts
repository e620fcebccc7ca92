import type { Stats } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { Milliseconds } from '../base/duration.ts';
import { checkedSize, checksumBefore, type Checkpoint, type FileId, type Head, type Place } from './checkpoint.ts';
import { ContentChanged } from './content-changed.ts';
import { PooledFile } from './file-handles.ts';
import { endOfLastLine } from './last-line.ts';
import { detectEncoding, firstLineEnd, headSize, lastLineEnd, type LineEncoding } from './line-encoding.ts';
import { decodeLines, type Lines } from './line-splitter.ts';
import type { LineFileOptions } from './reader-settings.ts';
import { UnsettledRanges, type LineRange } from './unsettled-ranges.ts';

/** How much is read at once. */
const chunkSize = 256 * 1024;

const noBytes = Buffer.alloc(0);

export interface ReadLines {
  readonly lines: Lines;
  readonly range: LineRange;
  /** Bytes of a line that was too long. */
  readonly dropped: number;
}

/**
 * Whether the path still names the file, or has named it; of a file that is gone even the content that was not read yet
 * is not there any more.
 */
export type Phase = 'current' | 'left' | 'gone';

/**
 * One file: how far its lines were read and delivered. It belongs to whoever opened it until `close`. Lines are read up to
 * the size seen last; a line without an end is not kept in memory but read again once its end was found.
 */
export class LineFile {
  /** What was sent of it. */
  ranges = new UnsettledRanges({ offset: 0, checksum: 0 });
  phase: Phase = 'current';
  /** When it was seen to grow last, by `performance.now()`. */
  grownAt = 0;
  /** Whether it was decided where reading begins. */
  isPlaced = false;
  /** Whether some of it was sent. */
  hasBegun = false;
  /** Whether the content turned out to be another than before; nothing more is read then. */
  isChanged = false;
  /** How often in a row reading has failed. */
  readErrors = 0;
  /** Where the content of a file that is gone can still be read. */
  copy: LineFile | undefined;
  readonly #file: PooledFile;
  readonly #options: LineFileOptions;
  /** Undefined until its first bytes are there. */
  #encoding: LineEncoding | undefined;
  #size: number;
  #modifiedAt: Milliseconds;
  #head: Head | undefined;
  /** Where the next line begins. */
  #start: Place = { offset: 0, checksum: 0 };
  /** Up to where there is no end of that line. */
  #scanned = 0;
  #skippedTo = 0;
  #reading: Promise<unknown> = Promise.resolve();
  /** Whether the content may have changed without growing. */
  #isSuspect = false;

  private constructor(file: PooledFile, stats: Stats, options: LineFileOptions) {
    this.#file = file;
    this.#options = options;
    this.#size = stats.size;
    this.#modifiedAt = stats.mtimeMs;
  }

  /** Opens a regular file. */
  static async open(path: string, options: LineFileOptions): Promise<LineFile> {
    const { file, stats } = await PooledFile.open(path, options.handles);
    const lines = new LineFile(file, stats, options);
    try {
      await lines.learnHead();
    } catch (error) {
      await file.close();
      throw error;
    }
    return lines;
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  stat(): Promise<Stats> {
    return this.#file.stat();
  }

  get id(): FileId {
    return this.#file.id;
  }

  isSame(stats: Stats): boolean {
    return this.#file.isSame(stats);
  }

  /** Where it was when it was opened, or found again. */
  get path(): string {
    return this.#file.path;
  }

  /** Keeps it open from now on; `path` is where it is if that has changed. */
  async pin(path = this.path): Promise<void> {
    this.#file.path = path;
    await this.#file.pin();
  }

  /** It need not be kept open any more, since a path names it. */
  unpin(path: string): void {
    this.#file.path = path;
    this.#file.unpin();
  }

  get size(): number {
    return this.#size;
  }

  /** When it was written to last, in milliseconds since 1970. */
  get modifiedAt(): Milliseconds {
    return this.#modifiedAt;
  }

  /** How far lines were read. */
  get start(): Place {
    return this.#start;
  }

  /** Whether there may be something to read. */
  get hasUnread(): boolean {
    return this.#scanned < this.#size || this.#isSuspect;
  }

  /** Whether it ends in a line without an end. */
  get hasRest(): boolean {
    return this.#start.offset < this.#size && this.#size !== this.#skippedTo;
  }

  /** Leaves out the line without an end, unless the file grows again. */
  skipRest(): void {
    this.#skippedTo = this.#size;
  }

  /** Whether it is on a local file system, which answers at once. */
  setLocal(isLocal: boolean): void {
    this.#file.isLocal = isLocal;
  }

  /** Takes note of size and time as the file system has them now; tells whether there may be something to read. */
  see({ size, mtimeMs }: Stats): boolean {
    if (size === this.#size && mtimeMs === this.#modifiedAt) return false;
    this.#isSuspect = size === this.#size;
    if (size > this.#size) this.grownAt = performance.now();
    this.#size = size;
    this.#modifiedAt = mtimeMs;
    this.#scanned = Math.min(this.#scanned, Math.max(size, this.#start.offset));
    return true;
  }

  /** The place as a checkpoint from which reading can go on in a later run. */
  checkpoint({ offset, checksum }: Place): Checkpoint {
    return { offset, identity: { ...this.id, checksum, head: this.#head } };
  }

  /** Begins reading at a checkpoint if the content before it is what it was then. */
  async continueAt({ offset, identity }: Checkpoint): Promise<boolean> {
    if (offset > this.#size) return false;
    const before = await this.#file.read(Math.max(0, offset - checkedSize), offset);
    const checksum = crc32(before);
    if (identity !== undefined && identity.checksum !== checksum) return false;
    const known = identity?.head;
    const head = await this.#file.read(0, known?.size ?? Math.min(offset, checkedSize));
    if (known !== undefined && !isSameHead(known, head)) return false;
    const encoding = offset === 0 ? undefined : detectEncoding(head, this.#options.encoding);
    if (encoding !== undefined && offset % encoding.newline.length !== 0) return false;
    this.#encoding = encoding;
    this.#placeAt({ offset, checksum });
    return true;
  }

  /** Begins reading at the beginning. */
  startAtBeginning(): void {
    this.#placeAt({ offset: 0, checksum: 0 });
  }

  /** Begins reading after the last whole line. */
  async startAtEnd(): Promise<void> {
    const encoding = detectEncoding(await this.#file.read(0, headSize), this.#options.encoding);
    const end = await endOfLastLine(this.#file, this.#size, encoding);
    if (!(await this.continueAt({ offset: end, identity: undefined }))) this.startAtBeginning();
  }

  /** The next whole lines, at most about a chunk of them or one that is longer; undefined if there are none for now. */
  read(): Promise<ReadLines | undefined> {
    const reading = this.#readLines();
    this.#reading = reading.catch(() => undefined);
    return reading;
  }

  /** Reads how it begins, if that is not known: it may be cut off before it is read, and must be known again in a copy. */
  async learnHead(): Promise<void> {
    if (this.#head !== undefined || this.#size === 0) return;
    const head = headOf(await this.#file.read(0, Math.min(this.#size, checkedSize)));
    if (head.size > 0) this.#head ??= head;
  }

  /** Resolves when no read is under way. */
  async untilIdle(): Promise<void> {
    await this.#reading;
  }

  /** What follows the last whole line, as a line. */
  readRest(): Promise<ReadLines> {
    return this.#readLine(this.#scanned);
  }

  /** The lines of a range that was read before. */
  async readAgain({ start, contentEnd }: LineRange): Promise<Lines> {
    const { bytes, from } = await this.#load(start, contentEnd);
    if (start.offset + bytes.length - from < contentEnd) throw new ContentChanged('the file has become shorter');
    return this.#linesOf(bytes, from, bytes.length, start.offset);
  }

  #placeAt(place: Place): void {
    this.#start = place;
    this.#scanned = place.offset;
    this.ranges = new UnsettledRanges(place);
    this.isPlaced = true;
  }

  async #readLines(): Promise<ReadLines | undefined> {
    while (this.hasUnread) {
      // Reading a short line again from its beginning is cheaper than keeping it, and longer ones are only searched.
      const isShort = this.#scanned - this.#start.offset < chunkSize / 2;
      const lines = isShort ? await this.#readChunk() : await this.#readLongLine();
      if (lines !== undefined) return lines;
    }
    return undefined;
  }

  async #readChunk(): Promise<ReadLines | undefined> {
    const start = this.#start;
    const wanted = Math.max(start.offset, Math.min(this.#size, start.offset + chunkSize));
    const { bytes, from } = await this.#load(start, wanted);
    this.#isSuspect = false;
    const base = start.offset - from;
    const end = lastLineEnd(bytes, this.#encodingBy(bytes, base), base);
    if (base + end > this.#scanned) return this.#advance(bytes, from, end, base + end);
    this.#scannedTo(base + bytes.length, wanted);
    return undefined;
  }

  /** Searches the end of a line that is long already, and reads the line if there is one. */
  async #readLongLine(): Promise<ReadLines | undefined> {
    const wanted = Math.min(this.#size, this.#scanned + chunkSize);
    // Its end may be cut in two where the search has stopped.
    const encoding = this.#encodingBy(noBytes, this.#scanned);
    const begin = Math.max(this.#start.offset, this.#scanned - encoding.newline.length + 1);
    const bytes = await this.#file.read(begin, wanted);
    const found = firstLineEnd(bytes, encoding, begin);
    if (found >= 0) return this.#readLine(begin + found);
    this.#isSuspect = false;
    this.#scannedTo(begin + bytes.length, wanted);
    return undefined;
  }

  #scannedTo(offset: number, wanted: number): void {
    this.#scanned = offset;
    // Less than there was: the next look will tell what happened.
    if (offset < wanted) this.#size = offset;
  }

  /** Reads one line that ends at an offset, and leaves out what is too long of it. */
  async #readLine(end: number): Promise<ReadLines> {
    const start = this.#start;
    const { maxLineSize } = this.#options;
    const unit = this.#encodingBy(noBytes, end).newline.length;
    // The line end does not count.
    const isTooLong = end - start.offset > maxLineSize + 2 * unit;
    const contentEnd = isTooLong ? start.offset + maxLineSize - (maxLineSize % unit) : end;
    const { bytes, from } = await this.#load(start, contentEnd);
    if (start.offset + bytes.length - from < contentEnd) throw new ContentChanged('the file has become shorter');
    if (!isTooLong) return this.#advance(bytes, from, bytes.length, end);
    const before = await this.#file.read(Math.max(0, end - checkedSize), end);
    const place = { offset: end, checksum: crc32(before) };
    return this.#advanceTo(place, bytes, from, bytes.length, contentEnd);
  }

  #advance(bytes: Buffer, from: number, to: number, end: number): Promise<ReadLines> {
    return this.#advanceTo({ offset: end, checksum: checksumBefore(bytes, to) }, bytes, from, to, end);
  }

  async #advanceTo(end: Place, bytes: Buffer, from: number, to: number, contentEnd: number): Promise<ReadLines> {
    const start = this.#start;
    const knownSize = Math.min(end.offset, checkedSize);
    if (knownSize > (this.#head?.size ?? 0)) {
      const isFromBeginning = start.offset === from && to >= knownSize;
      this.#head = headOf(isFromBeginning ? bytes.subarray(0, knownSize) : await this.#file.read(0, knownSize));
    }
    this.#start = end;
    this.#scanned = end.offset;
    return {
      lines: this.#linesOf(bytes, from, to, start.offset),
      range: { start, end, contentEnd },
      dropped: end.offset - contentEnd,
    };
  }

  #linesOf(bytes: Buffer, from: number, to: number, offset: number): Lines {
    const encoding = this.#encodingBy(bytes, offset);
    return decodeLines(bytes, offset === 0 ? Math.min(encoding.markSize, to) : from, to, encoding);
  }

  /** The encoding of the file, which is found out from its first bytes as long as no line was read. */
  #encodingBy(bytes: Buffer, offset: number): LineEncoding {
    if (offset === 0 || this.#encoding === undefined) this.#encoding = detectEncoding(bytes, this.#options.encoding);
    return this.#encoding;
  }

  /** Reads from a place to an offset, or to the end of the file, and checks the bytes before the place. */
  async #load(start: Place, end: number): Promise<{ readonly bytes: Buffer; readonly from: number }> {
    const from = Math.min(start.offset, checkedSize);
    const bytes = await this.#file.read(start.offset - from, end);
    const isSame = bytes.length >= from && crc32(bytes.subarray(0, from)) === start.checksum;
    const head = this.#head;
    const isFromHead = start.offset === 0 && head !== undefined && end >= head.size;
    if (!isSame || (isFromHead && !isSameHead(head, bytes))) throw new ContentChanged('the file was written anew');
    return { bytes, from };
  }
}

function headOf(bytes: Buffer): Head {
  return { size: bytes.length, checksum: crc32(bytes) };
}

function isSameHead({ size, checksum }: Head, bytes: Buffer): boolean {
  return bytes.length >= size && crc32(bytes.subarray(0, size)) === checksum;
}
