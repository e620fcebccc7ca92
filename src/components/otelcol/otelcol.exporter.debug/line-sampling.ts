import type { Milliseconds } from '../../../base/duration.ts';

/** Says which of many equal lines are written: in each second the first few, and then every so many. */
export class LineSampling {
  readonly #initial: number;
  readonly #thereafter: number;
  readonly #seconds = new Map<string, { readonly start: Milliseconds; lines: number }>();

  /** After the first ones in a second none are written if `thereafter` is 0. */
  constructor(initial: number, thereafter: number) {
    this.#initial = initial;
    this.#thereafter = thereafter;
  }

  isWritten(line: string, now: Milliseconds = performance.now()): boolean {
    let second = this.#seconds.get(line);
    if (second === undefined || now - second.start >= 1000) {
      second = { start: now, lines: 0 };
      this.#seconds.set(line, second);
    }
    const index = second.lines++;
    if (index < this.#initial) return true;
    return this.#thereafter > 0 && (index + 1 - this.#initial) % this.#thereafter === 0;
  }
}
