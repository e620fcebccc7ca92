/**
 * A map that forgets what was not used lately. It keeps at most two generations of `limit` entries: when the young one
 * is full it becomes the old one, and what is looked up in the old one moves to the young. Cheaper than an LRU list.
 */
export class GenerationCache<K, V> {
  readonly #limit: number;
  #young = new Map<K, V>();
  #old = new Map<K, V>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  get(key: K): V | undefined {
    const value = this.#young.get(key);
    if (value !== undefined) return value;
    const kept = this.#old.get(key);
    if (kept !== undefined) {
      this.#old.delete(key);
      this.set(key, kept);
    }
    return kept;
  }

  set(key: K, value: V): void {
    if (this.#young.size >= this.#limit && !this.#young.has(key)) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }

  clear(): void {
    this.#young = new Map();
    this.#old = new Map();
  }

  /** Entries held. One that is set anew without being looked up can count for both generations. */
  get size(): number {
    return this.#young.size + this.#old.size;
  }
}
