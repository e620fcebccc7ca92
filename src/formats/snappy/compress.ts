import { ownBuffer } from '../../base/bytes.ts';
import { Scratch } from '../../base/scratch.ts';
import { writeVarint } from '../../base/varint.ts';

/** Copies only reach back inside of a block, so that offsets fit into 16 bits. */
const blockSize = 0x10000;
/** The search stops this many bytes before the end of a block, so that it can read words without looking. */
const margin = 15;
const maxTableBits = 14;
const table = new Uint16Array(1 << maxTableBits);

/** The largest number of bytes that data of a size can take compressed. */
export function maxCompressedSize(size: number): number {
  return 32 + size + Math.ceil(size / 6);
}

/**
 * Writes a range of the input as one snappy block (not the framed stream format) and returns the offset after it. The
 * output must have room for `maxCompressedSize` bytes.
 */
export function compress(input: Buffer, start: number, end: number, output: Buffer, at: number): number {
  if (output.length - at < maxCompressedSize(end - start)) throw new RangeError('output buffer is too small');
  const words = new DataView(input.buffer, input.byteOffset, input.byteLength);
  let offset = writeVarint(output, at, end - start);
  for (let from = start; from < end; from += blockSize) {
    offset = compressBlock(input, words, from, Math.min(from + blockSize, end), output, offset);
  }
  return offset;
}

const scratch = new Scratch(4 * 1024 * 1024);

/** A range as one snappy block in a buffer of exactly its size. */
export function compressed(input: Buffer, start = 0, end = input.length): Buffer {
  const output = scratch.take(maxCompressedSize(end - start));
  const size = compress(input, start, end, output, 0);
  const result = ownBuffer(size);
  output.copy(result, 0, 0, size);
  return result;
}

/**
 * The greedy search of the reference encoder: a table from the hash of four bytes to where they were seen last, and
 * steps that widen the longer nothing is found. Slots without use point to the start of the block, which does no harm
 * since the bytes are compared.
 */
function compressBlock(input: Buffer, words: DataView, start: number, end: number, output: Buffer, at: number): number {
  let offset = at;
  let literalStart = start;
  const limit = end - margin;
  if (start < limit) {
    const bits = Math.min(maxTableBits, Math.max(8, 32 - Math.clz32(end - start - 1)));
    const shift = 32 - bits;
    table.fill(0, 0, 1 << bits);
    let position = start + 1;
    let misses = 32;
    while (position < limit) {
      const word = words.getInt32(position, true);
      const slot = Math.imul(word, 0x1e35a7bd) >>> shift;
      const candidate = start + (table[slot] ?? 0);
      table[slot] = position - start;
      if (words.getInt32(candidate, true) !== word) {
        position += misses++ >>> 5;
        continue;
      }
      if (literalStart < position) offset = writeLiteral(input, literalStart, position, output, offset);
      const length = 4 + matchLength(input, words, candidate + 4, position + 4, end);
      offset = writeCopy(output, offset, position - candidate, length);
      position += length;
      literalStart = position;
      misses = 32;
      if (position < limit) {
        const last = words.getInt32(position - 1, true);
        table[Math.imul(last, 0x1e35a7bd) >>> shift] = position - 1 - start;
      }
    }
  }
  return literalStart < end ? writeLiteral(input, literalStart, end, output, offset) : offset;
}

/** How many bytes are the same at both places, before the end. */
function matchLength(input: Buffer, words: DataView, earlier: number, later: number, end: number): number {
  const distance = later - earlier;
  let at = later;
  while (at + 4 <= end) {
    const difference = words.getInt32(at, true) ^ words.getInt32(at - distance, true);
    if (difference !== 0) return at - later + ((31 - Math.clz32(difference & -difference)) >>> 3);
    at += 4;
  }
  while (at < end && input[at] === input[at - distance]) at++;
  return at - later;
}

function writeLiteral(input: Buffer, start: number, end: number, output: Buffer, at: number): number {
  const length = end - start;
  let offset = at;
  if (length <= 60) output[offset++] = (length - 1) << 2;
  else if (length <= 0x100) {
    output[offset++] = 60 << 2;
    output[offset++] = length - 1;
  } else {
    output[offset++] = 61 << 2;
    output[offset++] = (length - 1) & 0xff;
    output[offset++] = (length - 1) >>> 8;
  }
  if (length > 64) input.copy(output, offset, start, end);
  else for (let index = 0; index < length; index++) output[offset + index] = input[start + index] ?? 0;
  return offset + length;
}

function writeCopy(output: Buffer, at: number, distance: number, length: number): number {
  let offset = at;
  let rest = length;
  // A copy of 60 in between leaves at least four bytes for the last, which may then take the short form.
  while (rest > 64) {
    const part = rest >= 68 ? 64 : 60;
    offset = writeLongCopy(output, offset, distance, part);
    rest -= part;
  }
  if (rest >= 12 || distance >= 2048) return writeLongCopy(output, offset, distance, rest);
  output[offset] = 1 | ((rest - 4) << 2) | ((distance >>> 8) << 5);
  output[offset + 1] = distance & 0xff;
  return offset + 2;
}

function writeLongCopy(output: Buffer, at: number, distance: number, length: number): number {
  output[at] = 2 | ((length - 1) << 2);
  output[at + 1] = distance & 0xff;
  output[at + 2] = distance >>> 8;
  return at + 3;
}
