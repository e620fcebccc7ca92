/** A map whose keys are there from the beginning, and whose values are made when they are first asked for. */
export class LazyMap<K, V> implements ReadonlyMap<K, V> {
  readonly #keys: ReadonlySet<K>;
  readonly #make: (key: K) => V;
  readonly #values = new Map<K, V>();

  constructor(keys: Iterable<K>, make: (key: K) => V) {
    this.#keys = new Set(keys);
    this.#make = make;
  }

  get size(): number {
    return this.#keys.size;
  }

  has(key: K): boolean {
    return this.#keys.has(key);
  }

  get(key: K): V | undefined {
    if (!this.#keys.has(key)) return undefined;
    let value = this.#values.get(key);
    if (value === undefined) this.#values.set(key, (value = this.#make(key)));
    return value;
  }

  keys(): SetIterator<K> {
    return this.#keys.values();
  }

  values(): MapIterator<V> {
    return this.#all().values();
  }

  entries(): MapIterator<[K, V]> {
    return this.#all().entries();
  }

  [Symbol.iterator](): MapIterator<[K, V]> {
    return this.#all()[Symbol.iterator]();
  }

  forEach(visit: (value: V, key: K, map: ReadonlyMap<K, V>) => void): void {
    for (const [key, value] of this) visit(value, key, this);
  }

  /** Makes what is missing, in the order of the keys. */
  #all(): Map<K, V> {
    return new Map(Array.from(this.#keys, (key) => [key, this.get(key) as V]));
  }
}
