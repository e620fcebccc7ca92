import { ownBuffer } from './bytes.ts';

/** Memory that is used over and over, for bytes that are used up or copied before the next use. */
export class Scratch {
  readonly #maxKept: number;
  #buffer = ownBuffer(0);

  /** More than `maxKept` bytes are given out but not kept, so that one large use does not stay paid for. */
  constructor(maxKept: number) {
    this.#maxKept = maxKept;
  }

  /** A buffer of at least that size, with anything in it. The one that was taken before must not be used any more. */
  take(size: number): Buffer {
    if (size <= this.#buffer.length) return this.#buffer;
    const buffer = ownBuffer(Math.max(size, Math.min(2 * this.#buffer.length, this.#maxKept)));
    if (size <= this.#maxKept) this.#buffer = buffer;
    return buffer;
  }
}
