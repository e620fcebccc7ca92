import { grown } from '../../../base/grown-column.ts';

/** How a sample stands to the one before of its series. */
export const standing = { later: 0, same: 1, conflicting: 2, earlier: 3 } as const;

export type Standing = (typeof standing)[keyof typeof standing];

/**
 * When the last sample and the last exemplar of each series were, for those that have times of their own: targets expose
 * the same ones until there are others. By slot of the cache; 16 bytes for samples and 8 for exemplars, from the first on
 * that has a time.
 */
export class SentTimes {
  #samples = new Float64Array(0);
  #values = new Float64Array(0);
  #exemplars = new Float64Array(0);

  /** How a sample stands to the last one; it is the last one then if it is later. All slots are below the capacity. */
  takeSample(slot: number, time: number, value: number, capacity: number): Standing {
    if (slot >= this.#samples.length) {
      this.#samples = grown(this.#samples, new Float64Array(capacity));
      this.#values = grown(this.#values, new Float64Array(capacity));
    }
    const last = this.#samples[slot] ?? 0;
    if (time < last) return standing.earlier;
    if (time === last) return Object.is(value, this.#values[slot]) ? standing.same : standing.conflicting;
    this.#samples[slot] = time;
    this.#values[slot] = value;
    return standing.later;
  }

  /** When the last exemplar of a series was; 0 if there was none. */
  exemplarTime(slot: number): number {
    return this.#exemplars[slot] ?? 0;
  }

  takeExemplar(slot: number, time: number, capacity: number): void {
    if (slot >= this.#exemplars.length) this.#exemplars = grown(this.#exemplars, new Float64Array(capacity));
    this.#exemplars[slot] = time;
  }

  /** Forgets a slot, which will be that of another series. */
  forget(slot: number): void {
    if (slot < this.#samples.length) this.#samples[slot] = 0;
    if (slot < this.#exemplars.length) this.#exemplars[slot] = 0;
  }

  /** Forgets everything, as when what was taken was not sent. */
  clear(): void {
    this.#samples = new Float64Array(0);
    this.#values = new Float64Array(0);
    this.#exemplars = new Float64Array(0);
  }
}
