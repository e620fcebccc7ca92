import type { Milliseconds } from '../base/duration.ts';

/** Decides when it is time to look at files. Polling is one way; events of the file system would be another. */
export interface ChangeWatch {
  /** Calls once when the file may have changed, and at the latest after the given time. */
  onChange(path: string, atMost: Milliseconds, wake: () => void): void;
}

/** Times are rounded up to multiples of this, so that many files share a timer. */
const resolution: Milliseconds = 10;

/** Wakes everyone when the time is over, with one timer for all. */
export class PollSchedule implements ChangeWatch {
  readonly #slots = new Map<number, (() => void)[]>();
  #timer: NodeJS.Timeout | undefined;
  #next = Infinity;

  onChange(_path: string, atMost: Milliseconds, wake: () => void): void {
    const slot = Math.ceil((performance.now() + atMost) / resolution);
    const waiting = this.#slots.get(slot);
    if (waiting === undefined) this.#slots.set(slot, [wake]);
    else waiting.push(wake);
    if (slot < this.#next) this.#arm(slot);
  }

  /** Forgets everyone. */
  close(): void {
    clearTimeout(this.#timer);
    this.#slots.clear();
    this.#next = Infinity;
  }

  #arm(slot: number): void {
    clearTimeout(this.#timer);
    this.#next = slot;
    this.#timer = setTimeout(() => this.#wake(), Math.max(0, slot * resolution - performance.now()));
  }

  #wake(): void {
    const now = performance.now() / resolution;
    const due = [...this.#slots.keys()].filter((slot) => slot <= now).toSorted((a, b) => a - b);
    const waiting = due.flatMap((slot) => this.#slots.get(slot) ?? []);
    for (const slot of due) this.#slots.delete(slot);
    this.#next = Infinity;
    if (this.#slots.size > 0) this.#arm(Math.min(...this.#slots.keys()));
    for (const wake of waiting) wake();
  }
}
