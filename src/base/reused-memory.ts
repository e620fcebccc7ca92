import { ownBuffer } from './bytes.ts';

/** Sizes are rounded up, so that one piece of memory fits for many contents. */
const unit = 4 * 1024;
/** Less costs no more than its management would. */
const smallest = 16 * 1024;
/** Contents do not get memory that is more times as large. */
const maxWaste = 4;

/** Who has lent a piece of memory, on the piece itself, which costs less than a set of them does. */
const lentBy: unique symbol = Symbol('lent by');
type Lent = ArrayBufferLike & { [lentBy]?: ReusedMemory | undefined };

/**
 * Large pieces of memory that are used over and over. What is left to the garbage collector instead makes it go through the whole
 * heap several times a second at the rate of telemetry, since V8 counts memory outside of its heap too.
 */
export class ReusedMemory {
  readonly #maxFree: number;
  /** Pieces that nobody uses, the one that was given back last at the end. */
  readonly #free: ArrayBufferLike[] = [];
  #freeBytes = 0;

  /** Keeps at most so many bytes that nobody uses. */
  constructor(maxFree: number) {
    this.#maxFree = maxFree;
  }

  /** Memory of a size, with anything in it. Its user gives it back, or leaves it to the garbage collector. */
  take(size: number): Buffer {
    if (size < smallest) return ownBuffer(size);
    const memory = this.#find(size) ?? ownBuffer(Math.ceil(size / unit) * unit).buffer;
    (memory as Lent)[lentBy] = this;
    return Buffer.from(memory, 0, size);
  }

  /** A copy of chunks, one behind the other, in memory like that. */
  joined(chunks: readonly Buffer[]): Buffer {
    const copy = this.take(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
    let at = 0;
    for (const chunk of chunks) at += chunk.copy(copy, at);
    return copy;
  }

  /** Takes memory back that nobody reads any more. What does not come from here, or is back already, is left alone. */
  give({ buffer }: Buffer): void {
    if ((buffer as Lent)[lentBy] !== this) return;
    (buffer as Lent)[lentBy] = undefined;
    if (this.#freeBytes + buffer.byteLength > this.#maxFree) return;
    this.#free.push(buffer);
    this.#freeBytes += buffer.byteLength;
  }

  #find(size: number): ArrayBufferLike | undefined {
    // What was used last is in the caches of the processor.
    for (let index = this.#free.length - 1; index >= 0; index--) {
      const { byteLength = 0 } = this.#free[index] ?? {};
      if (byteLength < size || byteLength > maxWaste * size) continue;
      const [memory] = this.#free.splice(index, 1);
      this.#freeBytes -= byteLength;
      return memory;
    }
    return undefined;
  }
}

/** For the messages that servers receive. */
export const receivedMemory = new ReusedMemory(8 * 1024 * 1024);
