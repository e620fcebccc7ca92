import { utf8 } from '../../base/bytes.ts';
import { ParseError } from '../../base/parse-error.ts';
import { Scratch } from '../../base/scratch.ts';
import { writeVarint } from '../../base/varint.ts';
import { FieldReader, wireType } from '../protobuf/field-reader.ts';
import { compressed } from '../snappy/compress.ts';
import { decompress } from '../snappy/decompress.ts';

/** The tag of a stream in a request. */
const streamTag = 0x0a;

const scratch = new Scratch(4 * 1024 * 1024);

interface Stream {
  readonly labels: string;
  /** The field with the labels; empty if there is none. */
  readonly labelsStart: number;
  readonly labelsEnd: number;
  /** The fields of its entries. */
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

/** Whether what is sent for a stream should come last. */
export type IsLast = (labels: string) => boolean;

/**
 * An encoded push request, for sending parts of it. Entries have numbers from 0 on, those of one stream in their order
 * one after the other, so that a part is a range of numbers.
 */
export class PushParts {
  readonly #bytes: Buffer;
  /** For each entry, its stream and the index there. */
  readonly #streamOf: readonly Stream[];
  readonly #indexOf: readonly number[];

  private constructor(bytes: Buffer, streams: readonly Stream[]) {
    this.#bytes = bytes;
    this.#streamOf = streams.flatMap((stream) => stream.starts.map(() => stream));
    this.#indexOf = streams.flatMap((stream) => stream.starts.map((_, index) => index));
  }

  /** Reads the body of a request. The chosen streams come after all others. */
  static read(body: Buffer, maxSize: number, isLast: IsLast): PushParts | ParseError {
    const bytes = decompress(body, maxSize);
    if (bytes instanceof ParseError) return bytes;
    const streams = readStreams(bytes);
    if (streams === undefined) return new ParseError('push request is not valid protobuf');
    const isChosen = streams.map(({ labels }) => isLast(labels));
    return new PushParts(bytes, [
      ...streams.filter((_, index) => !isChosen[index]),
      ...streams.filter((_, index) => isChosen[index]),
    ]);
  }

  get entryCount(): number {
    return this.#streamOf.length;
  }

  /** The labels of the stream of an entry. */
  labelsOf(entry: number): string {
    return this.#streamOf[entry]?.labels ?? '';
  }

  /** Where the stream of an entry ends. */
  streamEnd(entry: number): number {
    const stream = this.#streamOf[entry];
    return entry + (stream?.starts.length ?? 0) - (this.#indexOf[entry] ?? 0);
  }

  /** Where to cut a part in two: between streams, as near to the middle as possible, or else within the only stream. */
  middle(from: number, to: number): number {
    const middle = (from + to) >>> 1;
    const after = this.streamEnd(middle);
    const before = middle - (this.#indexOf[middle] ?? 0);
    const cuts = [before, after].filter((cut) => cut > from && cut < to);
    return cuts.toSorted((a, b) => Math.abs(a - middle) - Math.abs(b - middle))[0] ?? middle;
  }

  /** The body of a request with the entries of a part, compressed and with memory of its own. */
  encode(from: number, to: number): Buffer {
    const bytes = this.#bytes;
    const output = scratch.take(bytes.length + 16 * (to - from));
    let at = 0;
    for (let entry = from; entry < to;) {
      const stream = this.#streamOf[entry] as Stream;
      const first = this.#indexOf[entry] ?? 0;
      const end = Math.min(this.streamEnd(entry), to);
      const last = first + end - entry;
      let size = stream.labelsEnd - stream.labelsStart;
      for (let index = first; index < last; index++) size += (stream.ends[index] ?? 0) - (stream.starts[index] ?? 0);
      output[at++] = streamTag;
      at = writeVarint(output, at, size);
      at += bytes.copy(output, at, stream.labelsStart, stream.labelsEnd);
      for (let index = first; index < last; index++) {
        at += bytes.copy(output, at, stream.starts[index], stream.ends[index]);
      }
      entry = end;
    }
    return compressed(output, 0, at);
  }
}

function readStreams(bytes: Buffer): Stream[] | undefined {
  const streams: Stream[] = [];
  const request = new FieldReader();
  const stream = new FieldReader();
  request.open(bytes, 0, bytes.length);
  while (request.next()) {
    if (!request.is(1, wireType.bytes)) continue;
    const starts: number[] = [];
    const ends: number[] = [];
    let labels = '';
    let labelsStart = 0;
    let labelsEnd = 0;
    stream.open(bytes, request.start, request.end);
    while (stream.next()) {
      if (stream.is(1, wireType.bytes)) {
        labels = utf8(bytes, stream.start, stream.end);
        labelsStart = stream.tagStart;
        labelsEnd = stream.end;
      } else if (stream.is(2, wireType.bytes)) {
        starts.push(stream.tagStart);
        ends.push(stream.end);
      }
    }
    if (stream.isBroken) return undefined;
    streams.push({ labels, labelsStart, labelsEnd, starts, ends });
  }
  return request.isBroken ? undefined : streams;
}
