import { grown } from './grown-column.ts';

/** Hashes differ from process to process, so that nobody can choose keys that collide. */
const seed = (Math.random() * 0x1_0000_0000) | 0;
const factor = (Math.random() * 0x1_0000_0000) | 1;

/** The hash of a key of words, for all tables. */
export function hashOfWords(key: Int32Array, start = 0, words = key.length): number {
  let hash = seed;
  for (let at = start; at < start + words; at++) {
    hash = Math.imul(hash ^ (key[at] ?? 0), factor);
    hash ^= hash >>> 15;
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x21f0aaad);
  hash = Math.imul(hash ^ (hash >>> 15), 0x735a2d97);
  return hash ^ (hash >>> 15);
}

/**
 * A dictionary as `ByteTable` is, for keys that all have the same number of words. A slot costs its key and about ten bytes;
 * those of deleted keys are used again.
 */
export class WordTable {
  /** Of no use, but lets no compiler leave out what `touch` reads. */
  touched = 0;
  readonly #width: number;
  readonly #maxSize: number;
  #size = 0;
  /** The highest slot that was ever used, and the first free one below; the next one stands where its key was. */
  #top = 0;
  #free = 0;
  #keys: Int32Array<ArrayBuffer>;
  #hashes = new Int32Array(16);
  /** Hashes and slots, by hash with linear probing: keys are looked at only where their hashes are equal. */
  #index = new Int32Array(2 * 32);

  /** A table of at most so many keys of so many words. */
  constructor(width: number, maxSize: number) {
    this.#width = width;
    this.#maxSize = maxSize;
    this.#keys = new Int32Array(16 * width);
  }

  get size(): number {
    return this.#size;
  }

  /** All slots are below; grows. */
  get capacity(): number {
    return this.#hashes.length;
  }

  /** A word of the key of a slot. */
  wordOf(slot: number, at: number): number {
    return this.#keys[slot * this.#width + at] ?? 0;
  }

  /** Reads where keys with such hashes are looked up next: memory is waited for once here rather than for each of them. */
  touch(hashes: Int32Array, count: number): void {
    const index = this.#index;
    const mask = index.length - 1;
    let sum = 0;
    for (let at = 0; at < count; at++) sum ^= index[((hashes[at] as number) << 1) & mask] as number;
    this.touched = sum;
  }

  /** The slot of a key with its hash; 0 if it has none. */
  find(key: Int32Array, hash: number, start = 0): number {
    const index = this.#index;
    const mask = index.length - 1;
    for (let at = (hash << 1) & mask; ; at = (at + 2) & mask) {
      const slot = index[at + 1] ?? 0;
      if (slot === 0 || (index[at] === hash && this.#isKeyOf(slot, key, start))) return slot;
    }
  }

  /** Adds a key that has no slot yet, with its hash; 0 if the table is full. */
  add(key: Int32Array, hash: number, start = 0): number {
    if (this.#size >= this.#maxSize) return 0;
    if (this.#free === 0 && this.#top + 1 >= this.#hashes.length) this.#growColumns();
    const slot = this.#free === 0 ? ++this.#top : this.#free;
    if (slot === this.#free) this.#free = this.#keys[slot * this.#width] ?? 0;
    for (let at = 0; at < this.#width; at++) this.#keys[slot * this.#width + at] = key[start + at] as number;
    this.#hashes[slot] = hash;
    this.#size++;
    // At most half of the index is in use, so that what is not there is soon known.
    if (4 * this.#size > this.#index.length) this.#growIndex();
    this.#link(slot);
    return slot;
  }

  /** Deletes the key of a slot, which must have one. */
  delete(slot: number): void {
    this.#unlink(slot);
    this.#keys[slot * this.#width] = this.#free;
    this.#free = slot;
    this.#size--;
  }

  /** Forgets all keys; slots count from 1 on again. */
  clear(): void {
    this.#index.fill(0);
    this.#size = 0;
    this.#top = 0;
    this.#free = 0;
  }

  #isKeyOf(slot: number, key: Int32Array, start: number): boolean {
    const keys = this.#keys;
    const width = this.#width;
    const first = slot * width;
    let at = 0;
    while (at < width && keys[first + at] === key[start + at]) at++;
    return at === width;
  }

  #link(slot: number): void {
    const index = this.#index;
    const mask = index.length - 1;
    const hash = this.#hashes[slot] ?? 0;
    let at = (hash << 1) & mask;
    while (index[at + 1] !== 0) at = (at + 2) & mask;
    index[at] = hash;
    index[at + 1] = slot;
  }

  /** Takes a slot out of the index and moves up those behind it that would not be found any more. */
  #unlink(slot: number): void {
    const index = this.#index;
    const mask = index.length - 1;
    let hole = ((this.#hashes[slot] ?? 0) << 1) & mask;
    while (index[hole + 1] !== slot) hole = (hole + 2) & mask;
    for (let at = (hole + 2) & mask; index[at + 1] !== 0; at = (at + 2) & mask) {
      const home = ((index[at] ?? 0) << 1) & mask;
      if (((at - home) & mask) < ((at - hole) & mask)) continue;
      index[hole] = index[at] ?? 0;
      index[hole + 1] = index[at + 1] ?? 0;
      hole = at;
    }
    index[hole + 1] = 0;
  }

  #growColumns(): void {
    const capacity = Math.ceil(this.#hashes.length * 1.5);
    this.#hashes = grown(this.#hashes, new Int32Array(capacity));
    this.#keys = grown(this.#keys, new Int32Array(capacity * this.#width));
  }

  #growIndex(): void {
    const index = this.#index;
    this.#index = new Int32Array(2 * index.length);
    for (let at = 1; at < index.length; at += 2) if (index[at] !== 0) this.#link(index[at] ?? 0);
  }
}
