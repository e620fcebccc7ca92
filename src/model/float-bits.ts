/**
 * Prometheus tells NaNs from each other by their bits, which do not survive being a number in JavaScript. So NaNs are
 * written, copied and compared as two words of 32 bits: `Uint32Array` views of the columns of floats, low word first.
 */

/** The NaN that says that a series has ended: 0x7ff0000000000002. */
const staleLow = 2;
const staleHigh = 0x7ff0_0000;
/** The one that every other NaN is written as: 0x7ff8000000000001. */
const normalLow = 1;
const normalHigh = 0x7ff8_0000;

/** The words of a column of floats. */
export function bitsOf(column: Float64Array): Uint32Array {
  return new Uint32Array(column.buffer, column.byteOffset, 2 * column.length);
}

export function isStale(bits: Uint32Array, index: number): boolean {
  return bits[2 * index] === staleLow && bits[2 * index + 1] === staleHigh;
}

export function setStale(bits: Uint32Array, index: number): void {
  bits[2 * index] = staleLow;
  bits[2 * index + 1] = staleHigh;
}

export function setNormalNaN(bits: Uint32Array, index: number): void {
  bits[2 * index] = normalLow;
  bits[2 * index + 1] = normalHigh;
}

/** Writes a float with exactly its bits in the order of protobuf, and returns the offset after it. */
export function writeFloatBits(output: Buffer, at: number, low: number, high: number): number {
  output[at] = low;
  output[at + 1] = low >>> 8;
  output[at + 2] = low >>> 16;
  output[at + 3] = low >>> 24;
  output[at + 4] = high;
  output[at + 5] = high >>> 8;
  output[at + 6] = high >>> 16;
  output[at + 7] = high >>> 24;
  return at + 8;
}

/** Reads a float with exactly its bits into a column. */
export function readFloatBits(bytes: Buffer, at: number, bits: Uint32Array, index: number): void {
  for (let word = 0; word < 2; word++) {
    const from = at + 4 * word;
    bits[2 * index + word] =
      (bytes[from] ?? 0) |
      ((bytes[from + 1] ?? 0) << 8) |
      ((bytes[from + 2] ?? 0) << 16) |
      ((bytes[from + 3] ?? 0) << 24);
  }
}
