import { ownBuffer } from '../../base/bytes.ts';
import { Scratch } from '../../base/scratch.ts';
import { writeVarint } from '../../base/varint.ts';

/** The search stops this many bytes before the end, so that it can read words without looking. */
const margin = 15;
const tableBits = 15;
/** The low 16 bits of where the words of a hash were seen last; copies reach no further back than that tells apart. */
const table = new Uint16Array(1 << tableBits);
/** Where nothing is found the search goes on in steps of a 32nd of this, which grows: log lines repeat in long runs. */
const firstStep = 128;

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
  return compressElements(input, start, end, output, writeVarint(output, at, end - start));
}

const scratch = new Scratch(4 * 1024 * 1024);

/** A range as one snappy block in a buffer of exactly its size, with so many bytes of room before it. */
export function compressed(input: Buffer, start = 0, end = input.length, room = 0): Buffer {
  const output = scratch.take(maxCompressedSize(end - start));
  const size = compress(input, start, end, output, 0);
  const result = ownBuffer(room + size);
  output.copy(result, room, 0, size);
  return result;
}

/**
 * As `compress`, without the size before the elements: a block can be put together of parts.
 *
 * A greedy search for what was there before: literals up to where a word comes again, then a copy as long as it goes.
 */
export function compressElements(input: Buffer, start: number, end: number, output: Buffer, at: number): number {
  const words = wordsOf(input);
  const outputWords = wordsOf(output);
  const limit = end - margin;
  let offset = at;
  let literalStart = start;
  table.fill(start);
  let position = start + 1;
  let step = firstStep;
  while (position < limit) {
    const word = words.getInt32(position, true);
    const slot = slotOf(word);
    const distance = (position - (table[slot] ?? 0)) & 0xffff;
    table[slot] = position;
    if (distance === 0 || distance > position - start || words.getInt32(position - distance, true) !== word) {
      position += step++ >>> 5;
      continue;
    }
    const length = position - literalStart;
    if (length > 60) {
      offset = writeLiteral(input, literalStart, position, output, offset);
    } else if (length > 0) {
      // Whole words, since up to three bytes more do no harm on either side.
      output[offset++] = (length - 1) << 2;
      for (let index = 0; index < length; index += 4)
        outputWords.setInt32(offset + index, words.getInt32(literalStart + index, true), true);
      offset += length;
    }
    literalStart = endOfMatch(input, words, position + 4, distance, end);
    offset = writeCopy(output, offset, distance, literalStart - position);
    position = literalStart;
    step = firstStep;
    if (position < limit) table[slotOf(words.getInt32(position - 1, true))] = position - 1;
  }
  return literalStart < end ? writeLiteral(input, literalStart, end, output, offset) : offset;
}

function wordsOf({ buffer, byteOffset, byteLength }: Buffer): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

function slotOf(word: number): number {
  return Math.imul(word, 0x1e35a7bd) >>> (32 - tableBits);
}

/** Where bytes stop to be the same as those a distance before. */
function endOfMatch(input: Buffer, words: DataView, start: number, distance: number, end: number): number {
  let at = start;
  while (at + 4 <= end) {
    const difference = words.getInt32(at, true) ^ words.getInt32(at - distance, true);
    if (difference !== 0) return at + ((31 - Math.clz32(difference & -difference)) >>> 3);
    at += 4;
  }
  while (at < end && input[at] === input[at - distance]) at++;
  return at;
}

/** Writes a range of bytes as they are. */
export function writeLiteral(input: Buffer, start: number, end: number, output: Buffer, at: number): number {
  const last = end - start - 1;
  let offset = at;
  if (last < 60) {
    output[offset++] = last << 2;
  } else {
    // The length in as many bytes as it takes.
    const size = 4 - (Math.clz32(last) >>> 3);
    output[offset++] = (59 + size) << 2;
    for (let rest = last; rest > 0; rest >>>= 8) output[offset++] = rest & 0xff;
  }
  return offset + input.copy(output, offset, start, end);
}

/** Writes a copy of what was a distance before. */
export function writeCopy(output: Buffer, at: number, distance: number, length: number): number {
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
