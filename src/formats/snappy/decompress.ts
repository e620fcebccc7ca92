import { ownBuffer } from '../../base/bytes.ts';
import { ParseError, TooLargeError } from '../../base/parse-error.ts';

/** A copy of 64 bytes takes three, so that honest data never grows more than this. */
const maxGrowth = 22;

/** How long a snappy block says that it is uncompressed. */
export function decompressedSize(input: Buffer): number | ParseError {
  const header = readHeader(input);
  return header instanceof ParseError ? header : header.size;
}

/** Reads one snappy block (not the framed stream format) that is at most `maxSize` bytes long uncompressed. */
export function decompress(input: Buffer, maxSize: number): Buffer | ParseError {
  const header = readHeader(input);
  if (header instanceof ParseError) return header;
  const { size, at } = header;
  if (size > maxSize) return new TooLargeError(`snappy block of ${size} bytes is larger than ${maxSize} bytes`);
  if (size > input.length * maxGrowth) return new ParseError(`snappy block is too short for ${size} bytes`);
  const output = ownBuffer(size);
  const problem = readElements(input, at, output);
  return problem === undefined ? output : new ParseError(problem);
}

/** Reads one snappy block that fills the whole output. */
export function decompressInto(output: Buffer, input: Buffer): ParseError | undefined {
  const header = readHeader(input);
  if (header instanceof ParseError) return header;
  if (header.size !== output.length) return new ParseError(`snappy block is not ${output.length} bytes long`);
  const problem = readElements(input, header.at, output);
  return problem === undefined ? undefined : new ParseError(problem);
}

function readHeader(input: Buffer): { size: number; at: number } | ParseError {
  let size = 0;
  let at = 0;
  for (let factor = 1; ; factor *= 0x80) {
    const byte = input[at++];
    if (byte === undefined) return new ParseError('snappy block ends within its size');
    size += (byte & 0x7f) * factor;
    if (size > 0xffffffff || at > 5) return new ParseError('size of snappy block does not fit into 32 bits');
    if (byte < 0x80) return { size, at };
  }
}

/** Fills the whole output, or says what is wrong with the input. */
function readElements(input: Buffer, start: number, output: Buffer): string | undefined {
  const inputEnd = input.length;
  const outputEnd = output.length;
  const words = new DataView(output.buffer, output.byteOffset, output.byteLength);
  let at = start;
  let to = 0;
  while (at < inputEnd) {
    const tag = input[at++] ?? 0;
    if ((tag & 3) === 0) {
      let length = (tag >>> 2) + 1;
      if (length > 60) {
        const extra = length - 60;
        if (at + extra > inputEnd) return 'snappy block ends within an element';
        length = readLittleEndian(input, at, extra) + 1;
        at += extra;
      }
      if (length > inputEnd - at) return 'snappy block ends within an element';
      if (length > outputEnd - to) return 'snappy block is longer than it says';
      if (length > 64) input.copy(output, to, at, at + length);
      else for (let index = 0; index < length; index++) output[to + index] = input[at + index] ?? 0;
      at += length;
      to += length;
      continue;
    }
    let length = (tag >>> 2) + 1;
    let distance: number;
    if ((tag & 3) === 1) {
      length = ((tag >>> 2) & 7) + 4;
      distance = ((tag >>> 5) << 8) | (input[at] ?? 0);
      at += 1;
    } else if ((tag & 3) === 2) {
      distance = (input[at] ?? 0) | ((input[at + 1] ?? 0) << 8);
      at += 2;
    } else {
      distance = readLittleEndian(input, at, 4);
      at += 4;
    }
    if (at > inputEnd) return 'snappy block ends within an element';
    if (distance === 0 || distance > to) return 'snappy block copies from outside of itself';
    if (length > outputEnd - to) return 'snappy block is longer than it says';
    // A copy may overlap what it writes, but words only if they are not longer than the distance.
    const end = to + length;
    if (distance >= 4 && end + 3 <= outputEnd) {
      for (; to < end; to += 4) words.setInt32(to, words.getInt32(to - distance, true), true);
      to = end;
    } else {
      for (; to < end; to++) output[to] = output[to - distance] ?? 0;
    }
  }
  return to === outputEnd ? undefined : 'snappy block is shorter than it says';
}

function readLittleEndian(input: Buffer, at: number, count: number): number {
  let value = 0;
  for (let index = count - 1; index >= 0; index--) value = value * 0x100 + (input[at + index] ?? 0);
  return value;
}
