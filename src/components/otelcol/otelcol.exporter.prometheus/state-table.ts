import type { ByteBuilder } from '../../../base/byte-builder.ts';
import { ByteTable } from '../../../base/byte-table.ts';
import { grown } from '../../../base/grown-column.ts';

/**
 * Remembers something for each of many byte strings, its slots, and when each was asked for last. Slots count from 1 on;
 * those of what was forgotten are used again.
 */
export class StateTable<T> {
  readonly #maxSize: number;
  readonly #forgotten: (state: T) => void;
  #keys: ByteTable;
  #states: (T | undefined)[] = [];
  /** In seconds. */
  #seenAt = new Uint32Array(16);

  /** A table of at most so many states; the function is called with each that is forgotten. */
  constructor(maxSize: number, forgotten: (state: T) => void = () => undefined) {
    this.#maxSize = maxSize;
    this.#forgotten = forgotten;
    this.#keys = new ByteTable(maxSize);
  }

  get size(): number {
    return this.#keys.size;
  }

  /** The slot of a key, which counts as asked for at that second; 0 if it has none. */
  find(key: ByteBuilder, second: number): number {
    const slot = this.#keys.find(key.reserve(0), 0, key.size);
    if (slot !== 0) this.#seenAt[slot] = second;
    return slot;
  }

  /** Notes that the state of a slot was asked for. */
  touch(slot: number, second: number): void {
    this.#seenAt[slot] = second;
  }

  stateAt(slot: number): T | undefined {
    return this.#states[slot];
  }

  /** Gives a new key a slot; 0 if there is no room for it, or it is too long. */
  add(key: ByteBuilder, second: number): number {
    const slot = this.#keys.add(key.reserve(0), 0, key.size);
    if (slot >= this.#seenAt.length) this.#seenAt = grown(this.#seenAt, new Uint32Array(this.#keys.capacity));
    if (slot !== 0) this.#seenAt[slot] = second;
    return slot;
  }

  /** Says what to remember for a slot. */
  set(slot: number, state: T): void {
    this.#states[slot] = state;
  }

  /** Forgets what was not asked for since a second. */
  forgetBefore(second: number): void {
    for (let slot = 1; slot < this.#states.length; slot++)
      if (this.#keys.has(slot) && (this.#seenAt[slot] ?? 0) < second) this.#forget(slot);
  }

  /** Forgets everything, and gives the memory back. */
  clear(): void {
    for (let slot = 1; slot < this.#states.length; slot++) if (this.#keys.has(slot)) this.#forget(slot);
    this.#keys = new ByteTable(this.#maxSize);
    this.#states = [];
    this.#seenAt = new Uint32Array(16);
  }

  #forget(slot: number): void {
    const state = this.#states[slot];
    this.#states[slot] = undefined;
    this.#keys.delete(slot);
    if (state !== undefined) this.#forgotten(state);
  }
}
