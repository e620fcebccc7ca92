import type { SeriesRef, SeriesTable } from './series-table.ts';

/** What a series becomes that is dropped. */
export const droppedSeries: SeriesRef = 0xffff_ffff;

/**
 * Remembers what a component makes of each series, such as the result of relabelling: four bytes a series of the table.
 * It has a share in each result, and forgets it when the series it was made of is reclaimed. Whoever makes a map closes it.
 */
export class SeriesMap {
  readonly #table: SeriesTable;
  readonly #stop: () => void;
  #results = new Uint32Array(0);
  #size = 0;

  constructor(table: SeriesTable) {
    this.#table = table;
    this.#stop = table.onReclaim((ref) => this.forget(ref));
  }

  /** How many series it knows. */
  get size(): number {
    return this.#size;
  }

  /** What the series becomes, which may be `droppedSeries`; 0 if that is not known. */
  get(ref: SeriesRef): SeriesRef {
    return this.#results[ref] ?? 0;
  }

  /** Remembers a result; the share of the caller in it becomes that of the map. */
  set(ref: SeriesRef, result: SeriesRef): void {
    if (ref >= this.#results.length) {
      const larger = new Uint32Array(this.#table.capacity);
      larger.set(this.#results);
      this.#results = larger;
    }
    this.forget(ref);
    this.#results[ref] = result;
    this.#size++;
    // A series that stays what it is would never be reclaimed if it had a share in itself.
    if (result === ref) this.#table.release(ref);
  }

  /** Forgets everything, as when rules change. */
  clear(): void {
    const { length } = this.#results;
    for (let ref = 1; ref < length; ref++) this.forget(ref);
    this.#results = new Uint32Array(0);
  }

  close(): void {
    this.clear();
    this.#stop();
  }

  /** Forgets what a series becomes, if it is known. */
  forget(ref: SeriesRef): void {
    const result = this.#results[ref] ?? 0;
    if (result === 0) return;
    this.#results[ref] = 0;
    this.#size--;
    if (result !== droppedSeries && result !== ref) this.#table.release(result);
  }
}
