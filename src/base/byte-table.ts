import { ByteArena, maxRecordSize } from './byte-arena.ts';
import { grown } from './grown-column.ts';

/** What a slot without a key has for its size. */
const freeSize = 0xffff_ffff;
/** Hashes differ from process to process, so that nobody can choose keys that collide. */
const seed = (Math.random() * 0x1_0000_0000) | 0;
const factor = (Math.random() * 0x1_0000_0000) | 1;

/**
 * A dictionary from byte strings to small numbers, its slots, for hundreds of thousands of keys: everything is in typed
 * arrays, so that a key costs about 20 bytes besides its own. Slots count from 1 on and stay with their keys; those of
 * deleted keys are used again. Whoever keeps something for each key has a column by slot.
 *
 * The columns do not shrink. Who wants memory back after a great many keys were deleted makes a new table.
 */
export class ByteTable {
  readonly #maxSize: number;
  readonly #arena = new ByteArena();
  #size = 0;
  /** The highest slot that was ever used, and the first free one below. */
  #top = 0;
  #free = 0;
  #hashes = new Uint32Array(16);
  /** Where the key is; of free slots, the next free one. */
  #places = new Uint32Array(16);
  #sizes = new Uint32Array(16).fill(freeSize);
  /** Slots by hash, with linear probing. */
  #index = new Uint32Array(32);

  /** A table of at most so many keys. */
  constructor(maxSize: number) {
    this.#maxSize = maxSize;
  }

  get size(): number {
    return this.#size;
  }

  /** All slots are below; grows. */
  get capacity(): number {
    return this.#sizes.length;
  }

  /** The memory of keys and columns. */
  get byteSize(): number {
    return this.#arena.byteSize + 12 * this.#sizes.length + 4 * this.#index.length;
  }

  /** The slot of a key; 0 if it has none. */
  find(bytes: Buffer, start: number, end: number): number {
    return this.#lookUp(bytes, start, end, hashOf(viewOf(bytes), start, end));
  }

  /** The slot of a key, which gets one if it has none; 0 if the table is full or the key too long. */
  add(bytes: Buffer, start: number, end: number): number {
    const hash = hashOf(viewOf(bytes), start, end);
    const known = this.#lookUp(bytes, start, end, hash);
    if (known !== 0) return known;
    if (this.#size >= this.#maxSize || end - start > maxRecordSize - 4) return 0;
    if (this.#free === 0 && this.#top + 1 >= this.#sizes.length) this.#growColumns();
    const slot = this.#free === 0 ? this.#top + 1 : this.#free;
    const place = this.#arena.add(slot, bytes, start, end);
    if (place < 0) return 0;
    if (slot > this.#top) this.#top = slot;
    else this.#free = this.#places[slot] ?? 0;
    this.#hashes[slot] = hash;
    this.#places[slot] = place;
    this.#sizes[slot] = end - start;
    this.#size++;
    // At most three quarters of the index are in use.
    if (4 * this.#size > 3 * this.#index.length) this.#growIndex();
    else this.#link(slot);
    return slot;
  }

  /** Whether a slot has a key. */
  has(slot: number): boolean {
    return (this.#sizes[slot] ?? freeSize) !== freeSize;
  }

  delete(slot: number): void {
    if (!this.has(slot)) return;
    this.#unlink(slot);
    const size = this.#sizes[slot] ?? 0;
    this.#sizes[slot] = freeSize;
    this.#arena.remove(this.#places[slot] ?? 0, size, this.#places, this.#sizes);
    this.#places[slot] = this.#free;
    this.#free = slot;
    this.#size--;
  }

  /** The memory in which a key is, until one is deleted: keys may be moved then. */
  bytesOf(slot: number): Buffer {
    return this.#arena.bytesOf(this.#places[slot] ?? 0);
  }

  startOf(slot: number): number {
    return this.#arena.startOf(this.#places[slot] ?? 0);
  }

  endOf(slot: number): number {
    return this.startOf(slot) + this.sizeOf(slot);
  }

  sizeOf(slot: number): number {
    return this.#sizes[slot] ?? 0;
  }

  /** Whether the bytes from a place on begin with the key of a slot. */
  isAt(slot: number, bytes: Buffer, start: number, end: number): boolean {
    const size = this.#sizes[slot] ?? freeSize;
    if (size > end - start) return false;
    const place = this.#places[slot] ?? 0;
    return areEqual(viewOf(bytes), start, this.#arena.wordsOf(place), this.#arena.wordOf(place), size);
  }

  /** Forgets all keys; slots count from 1 on again. */
  clear(): void {
    this.#index.fill(0);
    this.#sizes.fill(freeSize, 0, this.#top + 1);
    this.#arena.clear();
    this.#size = 0;
    this.#top = 0;
    this.#free = 0;
  }

  #lookUp(bytes: Buffer, start: number, end: number, hash: number): number {
    const mask = this.#index.length - 1;
    const size = end - start;
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      const slot = this.#index[at] ?? 0;
      if (slot === 0) return 0;
      if (this.#hashes[slot] === hash && this.#sizes[slot] === size && this.isAt(slot, bytes, start, end)) return slot;
    }
  }

  #link(slot: number): void {
    const mask = this.#index.length - 1;
    let at = (this.#hashes[slot] ?? 0) & mask;
    while (this.#index[at] !== 0) at = (at + 1) & mask;
    this.#index[at] = slot;
  }

  /** Takes a slot out of the index and moves up those behind it that would not be found any more. */
  #unlink(slot: number): void {
    const index = this.#index;
    const mask = index.length - 1;
    let hole = (this.#hashes[slot] ?? 0) & mask;
    while (index[hole] !== slot) hole = (hole + 1) & mask;
    for (let at = (hole + 1) & mask; ; at = (at + 1) & mask) {
      const other = index[at] ?? 0;
      if (other === 0) break;
      const home = (this.#hashes[other] ?? 0) & mask;
      if (((at - home) & mask) < ((at - hole) & mask)) continue;
      index[hole] = other;
      hole = at;
    }
    index[hole] = 0;
  }

  #growColumns(): void {
    const capacity = Math.ceil(this.#sizes.length * 1.5);
    this.#hashes = grown(this.#hashes, new Uint32Array(capacity));
    this.#places = grown(this.#places, new Uint32Array(capacity));
    this.#sizes = grown(this.#sizes, new Uint32Array(capacity).fill(freeSize));
  }

  #growIndex(): void {
    this.#index = new Uint32Array(2 * this.#index.length);
    for (let slot = 1; slot <= this.#top; slot++) if (this.has(slot)) this.#link(slot);
  }
}

/** The two buffers that were looked at last, by words: making a view costs more than a look. */
let recent: Buffer | undefined;
let recentView = new DataView(new ArrayBuffer(0)) as DataView;
let older: Buffer | undefined;
let olderView = recentView;

function viewOf(bytes: Buffer): DataView {
  if (bytes === recent) return recentView;
  const view = bytes === older ? olderView : new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  older = recent;
  olderView = recentView;
  recent = bytes;
  recentView = view;
  return view;
}

function hashOf(view: DataView, start: number, end: number): number {
  let hash = seed ^ (end - start);
  let at = start;
  for (const last = end - 4; at <= last; at += 4) {
    hash = Math.imul(hash ^ view.getInt32(at, true), factor);
    hash ^= hash >>> 15;
  }
  for (; at < end; at++) hash = Math.imul(hash ^ view.getUint8(at), factor);
  hash = Math.imul(hash ^ (hash >>> 16), 0x21f0aaad);
  hash = Math.imul(hash ^ (hash >>> 15), 0x735a2d97);
  return (hash ^ (hash >>> 15)) >>> 0;
}

function areEqual(view: DataView, start: number, key: Int32Array, word: number, size: number): boolean {
  const end = start + size;
  let at = start;
  let keyAt = word;
  for (const last = end - 16; at <= last; at += 16, keyAt += 4) {
    const difference =
      (view.getInt32(at, true) ^ (key[keyAt] ?? 0)) |
      (view.getInt32(at + 4, true) ^ (key[keyAt + 1] ?? 0)) |
      (view.getInt32(at + 8, true) ^ (key[keyAt + 2] ?? 0)) |
      (view.getInt32(at + 12, true) ^ (key[keyAt + 3] ?? 0));
    if (difference !== 0) return false;
  }
  for (const last = end - 4; at <= last; at += 4, keyAt++) if (view.getInt32(at, true) !== key[keyAt]) return false;
  for (let rest = key[keyAt] ?? 0; at < end; at++, rest >>>= 8) if (view.getUint8(at) !== (rest & 0xff)) return false;
  return true;
}
