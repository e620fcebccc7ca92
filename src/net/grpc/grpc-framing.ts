import type { Reservation } from '../../base/byte-budget.ts';
import { receivedMemory } from '../../base/reused-memory.ts';

/** Before each message: whether it is compressed, and its length. */
const headSize = 5;

/** More than this is not set aside for a message before as much of it has come. */
const firstCapacity = 1024 * 1024;

/** What comes before a message of that many bytes. */
export function messageHead(length: number, isCompressed: boolean): Buffer {
  const head = Buffer.allocUnsafe(headSize);
  head[0] = isCompressed ? 1 : 0;
  head.writeUInt32BE(length, 1);
  return head;
}

/** Why a message cannot be taken. `second`: there is already one. */
export type MessageProblem = 'too large' | 'no memory' | 'malformed' | 'second';

/** Puts the one message that a side of a call sends together from the pieces that come. */
export class MessageReader {
  /** What is reserved belongs to whoever gave the reservation. */
  readonly #memory: Pick<Reservation, 'take'>;
  readonly #maxBytes: number;
  readonly #head = Buffer.alloc(headSize);
  #headBytes = 0;
  #length = 0;
  #bytes: Buffer = none;
  #size = 0;
  #isComplete = false;

  constructor(maxBytes: number, memory: Pick<Reservation, 'take'>) {
    this.#maxBytes = maxBytes;
    this.#memory = memory;
  }

  /** Whether nothing has come. */
  get isEmpty(): boolean {
    return this.#headBytes === 0;
  }

  get isCompressed(): boolean {
    return this.#head[0] === 1;
  }

  /** How long the message is, as far as that is known. */
  get length(): number {
    return this.#length;
  }

  /** The message; undefined if it is not complete. */
  get message(): Buffer | undefined {
    return this.#isComplete ? this.#bytes : undefined;
  }

  /** Takes the next piece, of memory that is used again. After a problem there is no message. */
  push(bytes: Buffer, start: number, end: number): MessageProblem | undefined {
    if (start === end) return undefined;
    if (this.#isComplete) return 'second';
    let at = start;
    if (this.#headBytes < headSize) {
      while (at < end && this.#headBytes < headSize) this.#head[this.#headBytes++] = bytes[at++] as number;
      if (this.#headBytes < headSize) return undefined;
      const problem = this.#open();
      if (problem !== undefined) return problem;
    }
    return this.#append(bytes, at, end);
  }

  #open(): MessageProblem | undefined {
    this.#length = this.#head.readUInt32BE(1);
    if ((this.#head[0] ?? 0) > 1) return 'malformed';
    return this.#length > this.#maxBytes ? 'too large' : undefined;
  }

  #append(bytes: Buffer, start: number, end: number): MessageProblem | undefined {
    const size = this.#size + end - start;
    if (size > this.#length) return 'second';
    if (!this.#reserve(size)) return 'no memory';
    bytes.copy(this.#bytes, this.#size, start, end);
    this.#size = size;
    this.#isComplete = size === this.#length;
    return undefined;
  }

  #reserve(size: number): boolean {
    const before = this.#bytes.length;
    if (size <= before && before > 0) return true;
    const capacity = Math.min(this.#length, Math.max(firstCapacity, size, 2 * before));
    if (!this.#memory.take(capacity - before)) return false;
    const bytes = receivedMemory.take(capacity);
    this.#bytes.copy(bytes, 0, 0, this.#size);
    receivedMemory.give(this.#bytes);
    this.#bytes = bytes;
    return true;
  }
}

const none: Buffer = Buffer.alloc(0);
