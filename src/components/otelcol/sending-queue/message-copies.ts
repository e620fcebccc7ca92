import { ReusedMemory } from '../../../base/reused-memory.ts';
import { otlpSize, type OtlpBatch } from '../../../model/otlp-batch.ts';

/** What is kept for messages to come. */
const maxFree = 8 * 1024 * 1024;

/**
 * Copies of messages for one server. A connection may go on reading what it was given when nobody waits any more, such as after
 * a timeout or an early answer, while the memory of a batch is used again when that is delivered. What is used again here could
 * only be seen by the same server.
 */
export class MessageCopies {
  readonly #memory = new ReusedMemory(maxFree);

  copyOf(batch: OtlpBatch): Buffer {
    const copy = this.#memory.take(otlpSize(batch));
    let at = 0;
    for (const chunk of batch.chunks) at += chunk.copy(copy, at);
    return copy;
  }

  /** To be called when the server has answered. Where it has not, a copy is left as it is. What is none is left alone. */
  answered(copy: Buffer): void {
    this.#memory.give(copy);
  }
}
