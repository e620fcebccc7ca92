import type { Milliseconds } from '../../base/duration.ts';
import { CheckedReader } from './checked-reader.ts';
import { readSigned64, unixMillis } from './fixed64.ts';

const tag = { time: 0x11, double: 0x19, spanId: 0x22, traceId: 0x2a, integer: 0x31 };

/** Goes through the exemplars of a data point. It is filled anew for each point, and can be gone through once. */
export class ExemplarCursor {
  /** What the offsets are of. */
  bytes: Buffer = Buffer.alloc(0);
  value = 0;
  /** Nanoseconds since 1970, in two halves of 32 bits; 0 if unknown. */
  timeLow = 0;
  timeHigh = 0;
  /** The offsets of the ids; -1 if empty. */
  traceId = -1;
  spanId = -1;
  readonly #reader = new CheckedReader();
  readonly #ranges: number[] = [];
  #next = 0;

  /** How many there are. */
  get count(): number {
    return this.#ranges.length / 2;
  }

  /** Milliseconds since 1970; 0 if unknown. */
  get timeMillis(): Milliseconds {
    return unixMillis(this.timeHigh, this.timeLow);
  }

  /** Empties it, for exemplars in these bytes. */
  clear(bytes: Buffer): void {
    this.bytes = this.#reader.bytes = bytes;
    // Most points have none, and setting the length costs something.
    if (this.#ranges.length > 0) this.#ranges.length = 0;
    this.#next = 0;
  }

  /** Adds the Exemplar message in a range. */
  add(start: number, end: number): void {
    this.#ranges.push(start, end);
  }

  next(): boolean {
    const start = this.#ranges[this.#next];
    const end = this.#ranges[this.#next + 1];
    if (start === undefined || end === undefined) return false;
    this.#next += 2;
    const reader = this.#reader;
    const { bytes } = this;
    this.value = this.timeLow = this.timeHigh = 0;
    this.traceId = this.spanId = -1;
    reader.at = start;
    while (reader.at < end) {
      const found = reader.varint();
      if (found === tag.traceId) this.traceId = this.#id();
      else if (found === tag.spanId) this.spanId = this.#id();
      else if (found === tag.time || found === tag.double || found === tag.integer) {
        this.#readFixed(found, bytes, reader.at);
        reader.at += 8;
      } else reader.skip(found);
    }
    return true;
  }

  #readFixed(found: number, bytes: Buffer, at: number): void {
    if (found === tag.double) this.value = bytes.readDoubleLE(at);
    else if (found === tag.integer) this.value = readSigned64(bytes, at);
    else {
      this.timeLow = bytes.readUInt32LE(at);
      this.timeHigh = bytes.readUInt32LE(at + 4);
    }
  }

  /** The offset of an id; -1 if it is empty or all zero, which means the same. */
  #id(): number {
    const reader = this.#reader;
    const length = reader.varint();
    const start = reader.at;
    reader.at = start + length;
    for (let at = start; at < reader.at; at++) if (this.bytes[at] !== 0) return start;
    return -1;
  }
}
