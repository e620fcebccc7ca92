import { ByteArena } from '../../../base/byte-arena.ts';
import type { Milliseconds } from '../../../base/duration.ts';
import { grown } from '../../../base/grown-column.ts';
import { WordTable } from '../../../base/word-table.ts';

/** The words of a key: the id of a trace and that of the span on the client's side. */
export const traceIdWords = 4;
export const spanIdWords = 2;
export const edgeWords = traceIdWords + spanIdWords;

/** One side of an edge whose other side has not come yet. */
export interface Half {
  isClient: boolean;
  /** Whether its span was to a message broker, or from one. */
  isMessaging: boolean;
  isFailed: boolean;
  seconds: number;
}

const bit = { client: 1, messaging: 2, failed: 4 };

/**
 * Sides of edges that wait for their other side, in columns and in the order in which they came. A half has a slot, from 1
 * on, and bytes of its own.
 */
export class EdgeStore {
  readonly #keys = new WordTable(edgeWords, Infinity);
  readonly #records = new ByteArena();
  #places = new Uint32Array(0);
  #sizes = new Uint32Array(0);
  #bits = new Uint8Array(0);
  #seconds = new Float64Array(0);
  #since = new Float64Array(0);
  /** The order in which they came, as a list in both directions; 0 at its ends. */
  #next = new Uint32Array(0);
  #previous = new Uint32Array(0);
  #first = 0;
  #last = 0;

  get size(): number {
    return this.#keys.size;
  }

  /** The half that waits for the longest time; 0 if there is none. */
  get first(): number {
    return this.#first;
  }

  /** The half with a key that has that hash; 0 if there is none. */
  find(key: Int32Array, hash: number): number {
    return this.#keys.find(key, hash);
  }

  /** Adds a half, which is not there yet, with bytes that must not be too long for an arena. */
  add(
    key: Int32Array,
    hash: number,
    { isClient, isMessaging, isFailed, seconds }: Half,
    bytes: Buffer,
    end: number,
    now: Milliseconds,
  ): void {
    const slot = this.#keys.add(key, hash);
    if (this.#keys.capacity > this.#bits.length) this.#grow(this.#keys.capacity);
    this.#places[slot] = this.#records.add(slot, bytes, 0, end);
    this.#sizes[slot] = end;
    this.#bits[slot] = (isClient ? bit.client : 0) | (isMessaging ? bit.messaging : 0) | (isFailed ? bit.failed : 0);
    this.#seconds[slot] = seconds;
    this.#since[slot] = now;
    this.#next[slot] = 0;
    this.#previous[slot] = this.#last;
    if (this.#last === 0) this.#first = slot;
    else this.#next[this.#last] = slot;
    this.#last = slot;
  }

  remove(slot: number): void {
    const [next = 0, previous = 0] = [this.#next[slot], this.#previous[slot]];
    if (previous === 0) this.#first = next;
    else this.#next[previous] = next;
    if (next === 0) this.#last = previous;
    else this.#previous[next] = previous;
    this.#records.remove(this.#places[slot] ?? 0, this.#sizes[slot] ?? 0, this.#places, this.#sizes);
    this.#keys.delete(slot);
  }

  isClient(slot: number): boolean {
    return ((this.#bits[slot] ?? 0) & bit.client) !== 0;
  }

  isMessaging(slot: number): boolean {
    return ((this.#bits[slot] ?? 0) & bit.messaging) !== 0;
  }

  isFailed(slot: number): boolean {
    return ((this.#bits[slot] ?? 0) & bit.failed) !== 0;
  }

  fail(slot: number): void {
    this.#bits[slot] = (this.#bits[slot] ?? 0) | bit.failed;
  }

  seconds(slot: number): number {
    return this.#seconds[slot] ?? 0;
  }

  /** When a half came. */
  since(slot: number): Milliseconds {
    return this.#since[slot] ?? 0;
  }

  /** Whether the span on the client's side is known to be none: the key has no id of a span. */
  isRoot(slot: number): boolean {
    for (let at = traceIdWords; at < edgeWords; at++) if (this.#keys.wordOf(slot, at) !== 0) return false;
    return true;
  }

  /** The memory in which the bytes of a half are, until one is added or removed. */
  bytesOf(slot: number): Buffer {
    return this.#records.bytesOf(this.#places[slot] ?? 0);
  }

  startOf(slot: number): number {
    return this.#records.startOf(this.#places[slot] ?? 0);
  }

  #grow(capacity: number): void {
    this.#places = grown(this.#places, new Uint32Array(capacity));
    this.#sizes = grown(this.#sizes, new Uint32Array(capacity));
    this.#bits = grown(this.#bits, new Uint8Array(capacity));
    this.#seconds = grown(this.#seconds, new Float64Array(capacity));
    this.#since = grown(this.#since, new Float64Array(capacity));
    this.#next = grown(this.#next, new Uint32Array(capacity));
    this.#previous = grown(this.#previous, new Uint32Array(capacity));
  }
}
