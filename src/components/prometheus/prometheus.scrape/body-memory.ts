import { ByteBuilder } from '../../../base/byte-builder.ts';

/** More than this is not kept for responses, of up to 1 MiB each, that come at the same time. */
const maxFree = 16;

/** Memory for the bodies of responses, which is used over and over. */
export class BodyMemory {
  readonly #free: ByteBuilder[] = [];

  /** Memory for one body. Whoever takes it gives it back when nobody needs the body any more. */
  take(): ByteBuilder {
    return this.#free.pop() ?? new ByteBuilder();
  }

  give(memory: ByteBuilder): void {
    memory.clear();
    if (this.#free.length < maxFree) this.#free.push(memory);
  }
}
