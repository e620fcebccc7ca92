import type { ByteBuilder } from '../../base/byte-builder.ts';
import type { SeriesTable } from '../../model/series-table.ts';
import { writeInt64 } from '../protobuf/int64.ts';

/** So many bytes a time takes in a block: those from 1971 to 2109. */
export const blockTimeSize = 6;

/** What a block is made of. Offsets and places are below 2^16. */
export interface BlockParts {
  readonly series: Uint32Array;
  /** Those of the series at that time. */
  readonly generations: Uint32Array;
  /** Compressed elements of snappy without the values. */
  readonly elements: Buffer;
  /** Where the elements end that come before each value, and those that come after the last one. */
  readonly ends: readonly number[];
  /** Where each value is without compression. */
  readonly valueOffsets: readonly number[];
  /** Where in the elements bytes of the time are, and which of them; all other times refer to these. */
  readonly times: readonly { readonly place: number; readonly byte: number }[];
  /** The size without compression. */
  readonly plainSize: number;
}

const time = Buffer.alloc(blockTimeSize);
/** The number of the last value with a hash, counted from 1. */
const seen = new Uint8Array(256);

/** Whether a time can be written into blocks. */
export function isBlockTime(timestamp: number): boolean {
  return timestamp >= 2 ** (7 * (blockTimeSize - 1)) && timestamp < 2 ** (7 * blockTimeSize);
}

/**
 * Up to 128 series in a row with one sample each, as a part of a request of version 1 that is compressed already but for the
 * values. It refers to nothing outside, so that it can be put anywhere. All is in one piece of memory, 12 bytes a series
 * besides the elements, which are about 20.
 */
export class SampleBlock {
  readonly count: number;
  readonly plainSize: number;
  readonly #timeCount: number;
  /** Columns of series, generations, ends and offsets of values; then times and elements. */
  readonly #memory: DataView;
  readonly #elementsAt: number;

  constructor({ series, generations, elements, ends, valueOffsets, times, plainSize }: BlockParts) {
    const count = series.length;
    this.count = count;
    this.plainSize = plainSize;
    this.#timeCount = times.length;
    this.#elementsAt = 12 * count + 2 + 4 * times.length;
    // Words are copied, up to three bytes more than wanted.
    const memory = new DataView(new ArrayBuffer(this.#elementsAt + elements.length + 3));
    for (const [index, ref] of series.entries()) memory.setUint32(4 * index, ref);
    for (const [index, generation] of generations.entries()) memory.setUint32(4 * (count + index), generation);
    for (const [index, end] of ends.entries()) memory.setUint16(8 * count + 2 * index, end);
    for (const [index, offset] of valueOffsets.entries()) memory.setUint16(10 * count + 2 + 2 * index, offset);
    for (const [index, { place, byte }] of times.entries()) {
      memory.setUint16(12 * count + 2 + 4 * index, place);
      memory.setUint16(12 * count + 4 + 4 * index, byte);
    }
    elements.copy(new Uint8Array(memory.buffer), this.#elementsAt);
    this.#memory = memory;
  }

  /** Whether the series are the same as those in a list from a place on, before an end. */
  isAt(table: SeriesTable, series: Uint32Array, start: number, end: number): boolean {
    const { count } = this;
    const memory = this.#memory;
    if (count > end - start) return false;
    for (let index = 0; index < count; index++) {
      const ref = memory.getUint32(4 * index);
      if (series[start + index] !== ref) return false;
      if (table.generationOf(ref) !== memory.getUint32(4 * (count + index))) return false;
    }
    return true;
  }

  /**
   * Adds the block to compressed elements, with samples of one time: where their values are in a column is in a list, from a
   * place on. A value that was there before in the block, or begins like the last one, refers to that.
   */
  appendTo(output: ByteBuilder, valueBits: Uint32Array, indices: Uint32Array, from: number, timestamp: number): void {
    this.#setTime(timestamp);
    seen.fill(0);
    const { count } = this;
    const memory = this.#memory;
    const endsAt = 8 * count;
    const offsetsAt = 10 * count + 2;
    const elementsAt = this.#elementsAt;
    const { buffer, byteOffset, byteLength } = output.reserve(memory.byteLength + 9 * count);
    const target = new DataView(buffer, byteOffset, byteLength);
    let at = output.size;
    let source = elementsAt;
    let previousLow = 0;
    let previousHigh = 0;
    let previousOffset = 0;
    for (let index = 0; index < count; index++) {
      const end = elementsAt + memory.getUint16(endsAt + 2 * index);
      at = copyWords(memory, source, end, target, at);
      source = end;
      const offset = memory.getUint16(offsetsAt + 2 * index);
      const word = 2 * (indices[from + index] ?? 0);
      const low = valueBits[word] ?? 0;
      const high = valueBits[word + 1] ?? 0;
      const slot = Math.imul(low ^ Math.imul(high, 0x9e3779b1), 0x85ebca6b) >>> 24;
      const same = (seen[slot] ?? 0) - 1;
      seen[slot] = index + 1;
      const sameWord = same < 0 ? 0 : 2 * (indices[from + same] ?? 0);
      if (same >= 0 && valueBits[sameWord] === low && valueBits[sameWord + 1] === high)
        at = writeCopy(target, at, offset - memory.getUint16(offsetsAt + 2 * same), 8);
      else if (index > 0 && low === previousLow) {
        // Small integers have zeros there; what differs is in the last bytes.
        const difference = high ^ previousHigh;
        const common = (31 - Math.clz32(difference & -difference)) >>> 3;
        at = writeCopy(target, at, offset - previousOffset, 4 + common);
        target.setUint8(at, (3 - common) << 2);
        target.setUint32(at + 1, high >>> (8 * common), true);
        at += 5 - common;
      } else {
        target.setUint8(at, 7 << 2);
        target.setUint32(at + 1, low, true);
        target.setUint32(at + 5, high, true);
        at += 9;
      }
      previousLow = low;
      previousHigh = high;
      previousOffset = offset;
    }
    const end = elementsAt + memory.getUint16(endsAt + 2 * count);
    output.advanceTo(copyWords(memory, source, end, target, at));
  }

  #setTime(timestamp: number): void {
    const timesAt = 12 * this.count + 2;
    writeInt64(time, 0, timestamp);
    for (let at = timesAt; at < timesAt + 4 * this.#timeCount; at += 4)
      this.#memory.setUint8(this.#elementsAt + this.#memory.getUint16(at), time[this.#memory.getUint16(at + 2)] ?? 0);
  }
}

/** Copies whole words, up to three bytes more than wanted, and returns the offset after those wanted. */
function copyWords(from: DataView, start: number, end: number, to: DataView, at: number): number {
  let target = at;
  for (let source = start; source < end; source += 4, target += 4)
    to.setInt32(target, from.getInt32(source, true), true);
  return at + end - start;
}

/** A copy of 4 to 8 bytes. */
function writeCopy(target: DataView, at: number, distance: number, length: number): number {
  if (distance < 2048) {
    target.setUint8(at, 1 | ((length - 4) << 2) | ((distance >>> 8) << 5));
    target.setUint8(at + 1, distance);
    return at + 2;
  }
  target.setUint8(at, 2 | ((length - 1) << 2));
  target.setUint16(at + 1, distance, true);
  return at + 3;
}
