import type { Milliseconds } from '../base/duration.ts';

const maxAge: Milliseconds = 600_000;
/** A power of two. */
const maxKept = 1024;

/** Observations: how many and their sum, and quantiles of the latest, those of the last ten minutes but at most 1,024. */
export class Summary {
  readonly quantiles: readonly number[];
  count = 0;
  sum = 0;
  /** Rings; they have their full size before anything is written over. */
  #values = new Float64Array(16);
  #times = new Float64Array(16);

  /** The quantiles are shares of the observations, in ascending order: 0.5 is the median. */
  constructor(quantiles: readonly number[]) {
    this.quantiles = quantiles;
  }

  observe(value: number, now: Milliseconds = performance.now()): void {
    if (this.count === this.#values.length && this.count < maxKept) this.#grow();
    const at = this.count++ & (this.#values.length - 1);
    this.#values[at] = value;
    this.#times[at] = now;
    this.sum += value;
  }

  /** The value of each quantile; NaN if nothing was observed lately. */
  values(now: Milliseconds = performance.now()): readonly number[] {
    const latest = this.#values
      .subarray(0, this.count)
      .filter((_, index) => now - (this.#times[index] ?? 0) <= maxAge)
      .toSorted();
    return this.quantiles.map((share) => latest[Math.max(0, Math.ceil(share * latest.length) - 1)] ?? Number.NaN);
  }

  #grow(): void {
    const values = new Float64Array(2 * this.count);
    const times = new Float64Array(2 * this.count);
    values.set(this.#values);
    times.set(this.#times);
    this.#values = values;
    this.#times = times;
  }
}
