import { writeFloatBits } from '../../model/float-bits.ts';
import { int64Size, writeInt64 } from '../protobuf/int64.ts';

/** Fields 1 and 2 of a sample. The value and time of an exemplar are fields 2 and 3. */
export const sampleTags = { value: 0x09, timestamp: 0x10 } as const;
export const exemplarTags = { value: 0x11, timestamp: 0x18 } as const;

/** The size of a value and its time. Zeros are left out. */
export function sampleSize(bits: Uint32Array, index: number, timestamp: number): number {
  const isZero = bits[2 * index] === 0 && bits[2 * index + 1] === 0;
  return (isZero ? 0 : 9) + (timestamp === 0 ? 0 : 1 + int64Size(timestamp));
}

/** Writes a value, with exactly its bits, and its time, and returns the offset after them. */
export function writeSample(
  output: Buffer,
  start: number,
  tags: { readonly value: number; readonly timestamp: number },
  bits: Uint32Array,
  index: number,
  timestamp: number,
): number {
  const low = bits[2 * index] ?? 0;
  const high = bits[2 * index + 1] ?? 0;
  let at = start;
  if (low !== 0 || high !== 0) {
    output[at] = tags.value;
    at = writeFloatBits(output, at + 1, low, high);
  }
  if (timestamp !== 0) {
    output[at] = tags.timestamp;
    at = writeInt64(output, at + 1, timestamp);
  }
  return at;
}

/** Writes an integer field unless it is zero. */
export function writeTime(output: Buffer, at: number, tag: number, time: number): number {
  if (time === 0) return at;
  let next = at;
  // The tags of fields from 16 on take two bytes.
  for (let rest = tag; ; rest >>>= 7) {
    output[next++] = rest < 0x80 ? rest : (rest & 0x7f) | 0x80;
    if (rest < 0x80) break;
  }
  return writeInt64(output, next, time);
}

export function timeSize(tagSize: number, time: number): number {
  return time === 0 ? 0 : tagSize + int64Size(time);
}
