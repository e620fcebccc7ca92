import { ownBuffer } from '../../base/bytes.ts';
import { crc32c } from '../../base/crc32c.ts';
import { ParseError, TooLargeError } from '../../base/parse-error.ts';
import { compress, maxCompressedSize } from './compress.ts';
import { decompressedSize, decompressInto } from './decompress.ts';

/** The chunk with which each stream begins. */
const identifier = Buffer.from('\xff\x06\x00\x00sNaPpY', 'latin1');

/** The most data that one chunk holds uncompressed. */
const maxChunk = 65_536;
/** A chunk begins with its type and three bytes of length; data with its checksum. */
const headSize = 4;
const checksumSize = 4;

const chunkType = { compressed: 0, plain: 1, firstSkippable: 0x80, identifier: 0xff } as const;

/** Whether bytes begin as a snappy stream, and not as a bare block, does. */
export function isFramed(input: Buffer): boolean {
  return input.subarray(0, identifier.length).equals(identifier);
}

/** Writes a snappy stream. */
export function compressFramed(input: Buffer): Buffer {
  const chunks = Math.ceil(input.length / maxChunk);
  const most = identifier.length + chunks * (headSize + checksumSize + maxCompressedSize(maxChunk));
  const output = ownBuffer(most);
  let at = identifier.copy(output);
  for (let start = 0; start < input.length; start += maxChunk) {
    const end = Math.min(input.length, start + maxChunk);
    const body = at + headSize + checksumSize;
    let next = compress(input, start, end, output, body);
    const isSmaller = next - body < end - start;
    if (!isSmaller) next = body + input.copy(output, body, start, end);
    output[at] = isSmaller ? chunkType.compressed : chunkType.plain;
    output.writeUIntLE(next - at - headSize, at + 1, 3);
    output.writeInt32LE(maskedChecksum(input, start, end), at + headSize);
    at = next;
  }
  return Buffer.from(output.subarray(0, at));
}

/** Reads a snappy stream that is at most `maxSize` bytes long uncompressed. */
export function decompressFramed(input: Buffer, maxSize: number): Buffer | ParseError {
  if (!isFramed(input)) return new ParseError('is not a snappy stream');
  let size = 0;
  const chunks = new ChunkReader(input);
  while (chunks.next()) size += chunks.size;
  if (chunks.problem !== undefined) return chunks.problem;
  if (size > maxSize) return new TooLargeError(`snappy stream of ${size} bytes is larger than ${maxSize} bytes`);

  const output = ownBuffer(size);
  let at = 0;
  chunks.rewind();
  while (chunks.next()) {
    const end = at + chunks.size;
    const problem = chunks.unpackInto(output.subarray(at, end));
    if (problem !== undefined) return problem;
    if (maskedChecksum(output, at, end) !== chunks.checksum)
      return new ParseError('snappy stream has a wrong checksum');
    at = end;
  }
  return output;
}

/** Steps through the chunks of a stream that hold data. */
class ChunkReader {
  /** How much data the chunk holds, by what it says. */
  size = 0;
  checksum = 0;
  /** Why there is no further chunk, unless the stream has ended. */
  problem: ParseError | undefined;
  readonly #input: Buffer;
  #at = identifier.length;
  #isPlain = false;
  #body: Buffer = identifier;

  constructor(input: Buffer) {
    this.#input = input;
  }

  rewind(): void {
    this.#at = identifier.length;
  }

  /** Goes to the next chunk; false at the end, or where the stream is broken. */
  next(): boolean {
    const input = this.#input;
    while (this.#at < input.length) {
      const start = this.#at + headSize;
      if (start > input.length) return this.#fail('ends within a chunk');
      const type = input[this.#at] ?? 0;
      const end = start + input.readUIntLE(this.#at + 1, 3);
      if (end > input.length) return this.#fail('ends within a chunk');
      if (type === chunkType.identifier && !isFramed(input.subarray(this.#at, end)))
        return this.#fail('has a broken identifier');
      this.#at = end;
      if (type >= chunkType.firstSkippable) continue;
      if (type !== chunkType.compressed && type !== chunkType.plain)
        return this.#fail(`has a chunk of unknown type ${type}`);
      return this.#open(type, start, end);
    }
    return false;
  }

  /** Writes the data of the chunk; the output is as long as that. */
  unpackInto(output: Buffer): ParseError | undefined {
    if (!this.#isPlain) return decompressInto(output, this.#body);
    this.#body.copy(output);
    return undefined;
  }

  #open(type: number, start: number, end: number): boolean {
    if (end - start < checksumSize) return this.#fail('has a chunk without a checksum');
    this.checksum = this.#input.readInt32LE(start);
    this.#body = this.#input.subarray(start + checksumSize, end);
    this.#isPlain = type === chunkType.plain;
    const size = this.#isPlain ? this.#body.length : decompressedSize(this.#body);
    if (size instanceof ParseError) return this.#fail(`has a broken chunk: ${size.message}`);
    if (size > maxChunk) return this.#fail(`has a chunk of ${size} bytes`);
    this.size = size;
    return true;
  }

  #fail(reason: string): false {
    this.problem = new ParseError(`snappy stream ${reason}`);
    return false;
  }
}

/** The form in which streams hold checksums. */
function maskedChecksum(bytes: Buffer, start: number, end: number): number {
  const checksum = crc32c(bytes, start, end);
  return (((checksum >>> 15) | (checksum << 17)) + 0xa282ead8) | 0;
}
