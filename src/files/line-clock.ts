/** A moment, as whole seconds since 1970 and nanoseconds below one second. */
export interface Moment {
  readonly seconds: number;
  readonly nanos: number;
}

const second = 1_000_000_000;

/** Gives each line of a stream a time of its own: the time it was read, and at least 1 ns after the line before. */
export class LineClock {
  #seconds = 0;
  #nanos = 0;

  /** The time of the first of several lines; each of the others comes 1 ns after the one before. */
  take(count: number, now = Date.now()): Moment {
    const seconds = Math.floor(now / 1000);
    const nanos = Math.floor((now - seconds * 1000) * 1_000_000);
    if (seconds > this.#seconds || (seconds === this.#seconds && nanos > this.#nanos)) {
      this.#seconds = seconds;
      this.#nanos = nanos;
    }
    const first = { seconds: this.#seconds, nanos: this.#nanos };
    const after = this.#nanos + count;
    this.#seconds += Math.floor(after / second);
    this.#nanos = after % second;
    return first;
  }
}
