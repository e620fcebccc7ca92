/** Lets only so many in at a time, in the order they came. Bounds what is read and not yet taken. */
export class ReadGate {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(places: number) {
    this.#free = places;
  }

  /** Resolves, or returns at once, when there is a place; it must be given back with `leave`. */
  enter(): Promise<void> | void {
    if (this.#free > 0) {
      this.#free--;
      return undefined;
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free++;
    else next();
  }
}
