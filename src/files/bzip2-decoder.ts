import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { Doorbell } from '../base/doorbell.ts';
import { messageOf } from '../base/message-of.ts';
import type { Bzip2Message } from './bzip2-worker.ts';
import { CorruptedData, type Decoder } from './decoder.ts';

/** Data that expands to more at once is taken for an attack. */
const maxMegabytes = 256;

/**
 * Decompresses bzip2 in a thread of its own, since one block keeps a processor busy for a tenth of a second. The thread
 * waits while parts are not taken.
 */
export class Bzip2Decoder implements Decoder {
  readonly isEnded = false;
  readonly #untaken = new Int32Array(new SharedArrayBuffer(4));
  readonly #worker: Worker;
  readonly #bell = new Doorbell();
  readonly #parts: Uint8Array[] = [];
  #isDone = false;
  #error: string | undefined;

  constructor() {
    const file = `bzip2-worker${path.extname(import.meta.filename)}`;
    this.#worker = new Worker(new URL(file, import.meta.url), {
      workerData: this.#untaken,
      resourceLimits: { maxOldGenerationSizeMb: maxMegabytes },
    });
    this.#worker.on('message', (message: Bzip2Message) => {
      if (message instanceof Uint8Array) this.#parts.push(message);
      else if (message === 'done') this.#isDone = true;
      else this.#error ??= message.error;
      this.#bell.ring();
    });
    this.#worker.on('error', (error) => {
      this.#error ??= messageOf(error);
      this.#bell.ring();
    });
  }

  async *decode(piece: Buffer): AsyncGenerator<Buffer> {
    yield* this.#work(piece);
  }

  async *end(): AsyncGenerator<Buffer> {
    yield* this.#work(null);
  }

  close(): void {
    void this.#worker.terminate();
  }

  async *#work(piece: Buffer | null): AsyncGenerator<Buffer> {
    this.#isDone = false;
    this.#worker.postMessage(piece, []);
    for (;;) {
      for (let part = this.#parts.shift(); part !== undefined; part = this.#parts.shift()) {
        Atomics.sub(this.#untaken, 0, 1);
        Atomics.notify(this.#untaken, 0);
        yield Buffer.from(part.buffer, part.byteOffset, part.byteLength);
      }
      if (this.#error !== undefined) throw new CorruptedData(this.#error);
      if (this.#isDone) return;
      await this.#bell.wait();
    }
  }
}
