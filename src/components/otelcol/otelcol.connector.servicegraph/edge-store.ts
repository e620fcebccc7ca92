import { ByteArena } from '../../../base/byte-arena.ts';
import type { Milliseconds } from '../../../base/duration.ts';
import { grown } from '../../../base/grown-column.ts';
import { WordTable } from '../../../base/word-table.ts';
import { edgeWords, spanIdWords, type EdgeKeys } from './edge-keys.ts';

/** One side of an edge whose other side has not come yet. */
export interface Half {
  isClient: boolean;
  /** Whether its span was to a message broker, or from one. */
  isMessaging: boolean;
  isFailed: boolean;
  seconds: number;
}

const bit = { client: 1, messaging: 2, failed: 4, paired: 8 };

/** How many edges are remembered that were paired; a hundred bytes each. */
const maxPaired = 65_536;

/** The slots of waiting halves or of paired edges, in the order in which they came; 0 at the ends. */
interface SlotList {
  first: number;
  last: number;
}

/**
 * Sides of edges that wait for their other side, and edges that were paired lately, so that copies of their spans are not taken
 * for new ones: in columns, each in the order in which they came. Both have a slot, from 1 on; a half has bytes of its own.
 */
export class EdgeStore {
  readonly #keys = new WordTable(edgeWords, Infinity);
  readonly #records = new ByteArena();
  #places = new Uint32Array(0);
  #sizes = new Uint32Array(0);
  #bits = new Uint8Array(0);
  #seconds = new Float64Array(0);
  #since = new Float64Array(0);
  #next = new Uint32Array(0);
  #previous = new Uint32Array(0);
  readonly #waiting: SlotList = { first: 0, last: 0 };
  readonly #paired: SlotList = { first: 0, last: 0 };
  #size = 0;
  #pairedCount = 0;

  /** How many halves wait. */
  get size(): number {
    return this.#size;
  }

  /** The half that waits for the longest time; 0 if there is none. */
  get first(): number {
    return this.#waiting.first;
  }

  /** To be called before the first so many keys are looked up. */
  touch({ hashes }: EdgeKeys, count: number): void {
    this.#keys.touch(hashes, count);
  }

  /** The slot of one of the keys; 0 if there is none. */
  find({ words, hashes }: EdgeKeys, at: number): number {
    return this.#keys.find(words, hashes[at] as number, at * edgeWords);
  }

  /** Adds a half, which is not there yet, with bytes that must not be too long for an arena. */
  add(
    keys: EdgeKeys,
    at: number,
    { isClient, isMessaging, isFailed, seconds }: Half,
    bytes: Buffer,
    end: number,
    now: Milliseconds,
  ): void {
    const slot = this.#add(keys, at, now);
    this.#places[slot] = this.#records.add(slot, bytes, 0, end);
    this.#sizes[slot] = end;
    this.#bits[slot] = (isClient ? bit.client : 0) | (isMessaging ? bit.messaging : 0) | (isFailed ? bit.failed : 0);
    this.#seconds[slot] = seconds;
    this.#append(this.#waiting, slot);
    this.#size++;
  }

  /** Ends the wait of a half. */
  remove(slot: number): void {
    this.#leave(slot);
    this.#keys.delete(slot);
  }

  /** Ends the wait of a half by remembering that its edge was paired; those that are there for so long are forgotten. */
  pair(slot: number, now: Milliseconds, time: Milliseconds): void {
    this.#leave(slot);
    this.#since[slot] = now;
    this.#remember(slot, now, time);
  }

  /** Remembers an edge of which nothing is there. */
  addPaired(keys: EdgeKeys, at: number, now: Milliseconds, time: Milliseconds): void {
    this.#remember(this.#add(keys, at, now), now, time);
  }

  /** Whether a slot is of an edge that was paired. */
  isPaired(slot: number): boolean {
    return ((this.#bits[slot] ?? 0) & bit.paired) !== 0;
  }

  /** Forgets an edge that was paired. */
  forget(slot: number): void {
    this.#unlink(this.#paired, slot);
    this.#keys.delete(slot);
    this.#pairedCount--;
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

  /** When a half came, or an edge was paired. */
  since(slot: number): Milliseconds {
    return this.#since[slot] ?? 0;
  }

  /** Whether the span on the client's side is known to be none: the key has no id of a span. */
  isRoot(slot: number): boolean {
    for (let at = edgeWords - spanIdWords; at < edgeWords; at++) if (this.#keys.wordOf(slot, at) !== 0) return false;
    return true;
  }

  /** The memory in which the bytes of a half are, until one is added or removed. */
  bytesOf(slot: number): Buffer {
    return this.#records.bytesOf(this.#places[slot] ?? 0);
  }

  startOf(slot: number): number {
    return this.#records.startOf(this.#places[slot] ?? 0);
  }

  #add({ words, hashes }: EdgeKeys, at: number, now: Milliseconds): number {
    const slot = this.#keys.add(words, hashes[at] as number, at * edgeWords);
    if (this.#keys.capacity > this.#bits.length) this.#grow(this.#keys.capacity);
    this.#since[slot] = now;
    return slot;
  }

  /** Takes a half from those that wait; its key stays. */
  #leave(slot: number): void {
    this.#unlink(this.#waiting, slot);
    this.#size--;
    this.#records.remove(this.#places[slot] ?? 0, this.#sizes[slot] ?? 0, this.#places, this.#sizes);
  }

  #remember(slot: number, now: Milliseconds, time: Milliseconds): void {
    this.#bits[slot] = bit.paired;
    this.#append(this.#paired, slot);
    this.#pairedCount++;
    for (;;) {
      const { first } = this.#paired;
      if (this.#pairedCount <= maxPaired && !isOver(this.since(first), now, time)) return;
      this.forget(first);
    }
  }

  #append(list: SlotList, slot: number): void {
    this.#next[slot] = 0;
    this.#previous[slot] = list.last;
    if (list.last === 0) list.first = slot;
    else this.#next[list.last] = slot;
    list.last = slot;
  }

  #unlink(list: SlotList, slot: number): void {
    const next = this.#next[slot] ?? 0;
    const previous = this.#previous[slot] ?? 0;
    if (previous === 0) list.first = next;
    else this.#next[previous] = next;
    if (next === 0) list.last = previous;
    else this.#previous[next] = previous;
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

/** Whether a time has passed since, or the clock was set back. */
export function isOver(since: Milliseconds, now: Milliseconds, time: Milliseconds): boolean {
  return now - since >= time || now < since;
}
