import { ownBuffer } from '../../base/bytes.ts';
import { ParseError, TooLargeError } from '../../base/parse-error.ts';
import { decodeBlock } from './block.ts';
import { xxhash32 } from './xxhash32.ts';

const frameMagic = 0x184d2204;
/** Frames to pass over have one of sixteen magic numbers. */
const skippableMagic = 0x184d2a5;
/** An element of three bytes never stands for more than this many bytes each. */
const maxGrowth = 255;

/** Reads LZ4 frames, one after another, that are together at most `maxSize` bytes long uncompressed. */
export function decompress(input: Buffer, maxSize: number): Buffer | ParseError {
  const decoder = new FrameDecoder(input, maxSize);
  const problem = decoder.run();
  return problem ?? decoder.output.subarray(0, decoder.size);
}

interface FrameHeader {
  readonly maxBlock: number;
  readonly isLinked: boolean;
  readonly hasBlockChecksums: boolean;
  readonly hasChecksum: boolean;
  readonly contentSize: number | undefined;
}

class FrameDecoder {
  output = ownBuffer(0);
  size = 0;
  readonly #input: Buffer;
  readonly #maxSize: number;
  #at = 0;

  constructor(input: Buffer, maxSize: number) {
    this.#input = input;
    this.#maxSize = maxSize;
  }

  run(): ParseError | undefined {
    do {
      if (!this.#has(4)) return ended();
      const magic = this.#integer();
      if (magic >>> 4 === skippableMagic) {
        if (!this.#has(4)) return ended();
        const size = this.#integer();
        if (!this.#has(size)) return ended();
        this.#at += size;
        continue;
      }
      if (magic !== frameMagic) return new ParseError('is not an LZ4 frame');
      const problem = this.#frame();
      if (problem !== undefined) return problem;
    } while (this.#at < this.#input.length);
    return undefined;
  }

  #frame(): ParseError | undefined {
    const header = this.#header();
    if (header instanceof ParseError) return header;
    const start = this.size;
    for (;;) {
      if (!this.#has(4)) return ended();
      const word = this.#integer();
      if (word === 0) break;
      const problem = this.#block(header, start, word & 0x7fffffff, word > 0x7fffffff);
      if (problem !== undefined) return problem;
    }
    if (header.contentSize !== undefined && this.size - start !== header.contentSize)
      return new ParseError('LZ4 frame is not as long as it says');
    return header.hasChecksum ? this.#check(this.output, start, this.size) : undefined;
  }

  #header(): FrameHeader | ParseError {
    const start = this.#at;
    if (!this.#has(3)) return ended();
    const flags = this.#input[this.#at++] ?? 0;
    const blockCode = (this.#input[this.#at++] ?? 0) >>> 4;
    if (flags >>> 6 !== 1) return new ParseError('LZ4 frame has an unknown version');
    if (blockCode < 4 || blockCode > 7) return new ParseError('LZ4 frame has an unknown block size');
    if ((flags & 1) !== 0) return new ParseError('LZ4 frame needs a dictionary');
    let contentSize: number | undefined;
    if ((flags & 8) !== 0) {
      if (!this.#has(9)) return ended();
      contentSize = this.#integer() + this.#integer() * 0x1_0000_0000;
      if (this.size + contentSize > this.#maxSize) return this.#tooLarge();
    }
    const isSound = this.#input[this.#at] === ((xxhash32(this.#input, start, this.#at) >>> 8) & 0xff);
    this.#at++;
    if (!isSound) return new ParseError('LZ4 frame has a wrong checksum');
    return {
      maxBlock: 1 << (8 + 2 * blockCode),
      isLinked: (flags & 32) === 0,
      hasBlockChecksums: (flags & 16) !== 0,
      hasChecksum: (flags & 4) !== 0,
      contentSize,
    };
  }

  #block(header: FrameHeader, frameStart: number, length: number, isRaw: boolean): ParseError | undefined {
    const start = this.#at;
    const end = start + length;
    if (!this.#has(length)) return ended();
    const most = Math.min(header.maxBlock, isRaw ? length : length * maxGrowth);
    this.#reserve(most);
    const limit = Math.min(this.output.length, this.size + most);
    const to = isRaw
      ? this.#copy(start, end, limit)
      : decodeBlock(this.#input, start, end, {
          output: this.output,
          at: this.size,
          end: limit,
          from: header.isLinked ? frameStart : this.size,
        });
    if (to === 'full')
      return limit === this.#maxSize ? this.#tooLarge() : new ParseError('LZ4 block is longer than allowed');
    if (to === 'broken') return new ParseError('LZ4 block is broken');
    this.size = to;
    this.#at = end;
    return header.hasBlockChecksums ? this.#check(this.#input, start, end) : undefined;
  }

  #copy(start: number, end: number, limit: number): number | 'full' {
    if (end - start > limit - this.size) return 'full';
    return this.size + this.#input.copy(this.output, this.size, start, end);
  }

  /** Makes room for so many bytes, but never beyond the limit. */
  #reserve(more: number): void {
    const wanted = Math.min(this.#maxSize, this.size + more);
    if (wanted <= this.output.length) return;
    const larger = ownBuffer(Math.min(this.#maxSize, Math.max(wanted, this.output.length * 2)));
    this.output.copy(larger, 0, 0, this.size);
    this.output = larger;
  }

  #check(bytes: Buffer, start: number, end: number): ParseError | undefined {
    if (!this.#has(4)) return ended();
    return this.#integer() === xxhash32(bytes, start, end)
      ? undefined
      : new ParseError('LZ4 data has a wrong checksum');
  }

  #has(count: number): boolean {
    return count <= this.#input.length - this.#at;
  }

  #integer(): number {
    const value = this.#input.readUInt32LE(this.#at);
    this.#at += 4;
    return value;
  }

  #tooLarge(): ParseError {
    return new TooLargeError(`LZ4 data is larger than ${this.#maxSize} bytes`);
  }
}

function ended(): ParseError {
  return new ParseError('LZ4 data ends within a frame');
}
