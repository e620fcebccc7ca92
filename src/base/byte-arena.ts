import { ownBuffer } from './bytes.ts';

/** A place is the number of a chunk and a word in it. */
const wordBits = 16;
const maxChunkWords = 1 << wordBits;
const maxChunks = 1 << (32 - wordBits);
const minChunkWords = 128;
/** In the first word of a record that is no longer needed, beside its size in words; makes it negative. */
const deadMark = 0x8000_0000 | 0;

interface Chunk {
  readonly bytes: Buffer;
  /** The same memory, by words. */
  readonly words: Int32Array;
  /** The words taken, from the beginning on, and how many of those are of records that are still needed. */
  used: number;
  live: number;
}

/** The longest record that an arena takes. */
export const maxRecordSize = 4 * (maxChunkWords - 1);

/**
 * Many short records of bytes in few large pieces of memory. Each record has an owner, a number below 2^31, and a place
 * that the arena keeps in a column of its user, by owner: where mostly dead records are, the live ones are moved
 * together, so that the memory is never much more than twice what is needed.
 */
export class ByteArena {
  readonly #chunks: (Chunk | undefined)[] = [];
  readonly #freeNumbers: number[] = [];
  #current = -1;
  #byteSize = 0;

  /** The memory of all chunks. */
  get byteSize(): number {
    return this.#byteSize;
  }

  /** Copies a record and returns its place; -1 if it is too long, or there is no place left. */
  add(owner: number, bytes: Buffer, start: number, end: number): number {
    const words = wordsFor(end - start);
    if (words > maxChunkWords) return -1;
    let chunk = this.#chunks[this.#current];
    if (chunk === undefined || chunk.used + words > chunk.words.length) {
      if (!this.#open(words)) return -1;
      chunk = this.#chunks[this.#current] as Chunk;
    }
    const word = chunk.used;
    chunk.words[word] = owner;
    bytes.copy(chunk.bytes, 4 * (word + 1), start, end);
    chunk.used += words;
    chunk.live += words;
    return ((this.#current << wordBits) | word) >>> 0;
  }

  /** Forgets a record. `places` are those of all owners, and change where records are moved. */
  remove(place: number, size: number, places: Uint32Array, sizes: Uint32Array): void {
    const number = place >>> wordBits;
    const chunk = this.#chunks[number];
    if (chunk === undefined) return;
    const words = wordsFor(size);
    chunk.words[place & (maxChunkWords - 1)] = deadMark | words;
    chunk.live -= words;
    if (number === this.#current) {
      if (chunk.live === 0) chunk.used = 0;
    } else if (2 * chunk.live < chunk.words.length) {
      this.#vacate(number, chunk, places, sizes);
    }
  }

  /** Forgets all records, and keeps memory for some new ones. */
  clear(): void {
    const chunk = this.#chunks[this.#current];
    if (chunk === undefined) return;
    chunk.used = 0;
    chunk.live = 0;
    this.#chunks.length = 1;
    this.#chunks[0] = chunk;
    this.#freeNumbers.length = 0;
    this.#current = 0;
    this.#byteSize = chunk.bytes.length;
  }

  /** The memory in which a record is; it may be moved when another record is removed. */
  bytesOf(place: number): Buffer {
    return (this.#chunks[place >>> wordBits] as Chunk).bytes;
  }

  startOf(place: number): number {
    return 4 * this.wordOf(place);
  }

  /** The same memory by words of four bytes, with records beginning at whole ones; what is behind a record is undefined. */
  wordsOf(place: number): Int32Array {
    return (this.#chunks[place >>> wordBits] as Chunk).words;
  }

  wordOf(place: number): number {
    return (place & (maxChunkWords - 1)) + 1;
  }

  /** Opens a chunk of a quarter of what there is, within limits. */
  #open(words: number): boolean {
    const number = this.#freeNumbers.pop() ?? this.#chunks.length;
    if (number >= maxChunks) return false;
    const size = Math.min(maxChunkWords, Math.max(minChunkWords, words, this.#byteSize >>> 4));
    const bytes = ownBuffer(4 * size);
    this.#chunks[number] = { bytes, words: new Int32Array(bytes.buffer, bytes.byteOffset, size), used: 0, live: 0 };
    this.#byteSize += bytes.length;
    this.#current = number;
    return true;
  }

  /** Moves what is live out of a chunk, and gives its memory back. */
  #vacate(number: number, chunk: Chunk, places: Uint32Array, sizes: Uint32Array): void {
    for (let word = 0; word < chunk.used && chunk.live > 0;) {
      const first = chunk.words[word] ?? 0;
      if (first < 0) {
        word += first & ~deadMark;
        continue;
      }
      const size = sizes[first] ?? 0;
      const start = 4 * (word + 1);
      const moved = this.add(first, chunk.bytes, start, start + size);
      // Without a place to go the chunk stays as it is; what was moved is dead here.
      if (moved < 0) return;
      places[first] = moved;
      const words = wordsFor(size);
      chunk.words[word] = deadMark | words;
      chunk.live -= words;
      word += words;
    }
    this.#chunks[number] = undefined;
    this.#freeNumbers.push(number);
    this.#byteSize -= chunk.bytes.length;
  }
}

/** The words of a record: one for its owner, then its bytes. */
function wordsFor(size: number): number {
  return 1 + ((size + 3) >>> 2);
}
