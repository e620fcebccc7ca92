import type { Milliseconds } from './duration.ts';

/** Waiting times that double from `min` to `max`. */
export class Backoff {
  readonly #min: Milliseconds;
  readonly #max: Milliseconds;
  #attempts = 0;

  constructor(min: Milliseconds, max: Milliseconds) {
    this.#min = min;
    this.#max = max;
  }

  /** How often `next` was called since the start or the last reset. */
  get attempts(): number {
    return this.#attempts;
  }

  /** The next time to wait: random between the step and twice the step, so that many do not wake together. */
  next(random: () => number = Math.random): Milliseconds {
    // Not more doublings than a float can hold, since zero times infinity is no number.
    const step = this.#min * 2 ** Math.min(this.#attempts++, 100);
    return Math.min(this.#max, step + random() * step);
  }

  reset(): void {
    this.#attempts = 0;
  }
}
