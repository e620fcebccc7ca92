import { createGunzip, createInflate, type Gunzip, type Inflate } from 'node:zlib';
import { Doorbell } from '../base/doorbell.ts';
import { messageOf } from '../base/message-of.ts';
import { CorruptedData, type Decoder } from './decoder.ts';

/** How much a decoder holds ready. */
const outputSize = 64 * 1024;

/** Decompresses gzip, of which there may be several members one after another, or zlib. */
export class ZlibDecoder implements Decoder {
  readonly #stream: Gunzip | Inflate;
  readonly #bell = new Doorbell();
  #isEnded = false;
  #error: Error | undefined;

  constructor(compression: 'gz' | 'z') {
    const options = { chunkSize: outputSize, readableHighWaterMark: outputSize };
    this.#stream = compression === 'gz' ? createGunzip(options) : createInflate(options);
    this.#stream.on('readable', () => this.#bell.ring());
    this.#stream.on('end', () => {
      this.#isEnded = true;
      this.#bell.ring();
    });
    this.#stream.on('error', (error) => {
      this.#error = error;
      this.#bell.ring();
    });
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  async *decode(piece: Buffer): AsyncGenerator<Buffer> {
    const state = { isTaken: false };
    this.#stream.write(piece, () => {
      state.isTaken = true;
      this.#bell.ring();
    });
    yield* this.#drain(() => state.isTaken);
  }

  async *end(): AsyncGenerator<Buffer> {
    this.#stream.end();
    yield* this.#drain(() => false);
  }

  close(): void {
    this.#stream.destroy();
  }

  async *#drain(isDone: () => boolean): AsyncGenerator<Buffer> {
    for (;;) {
      for (let part = this.#read(); part !== null; part = this.#read()) yield part;
      if (this.#error !== undefined) throw new CorruptedData(messageOf(this.#error));
      if (isDone() || this.#isEnded) return;
      await this.#bell.wait();
    }
  }

  #read(): Buffer | null {
    return this.#stream.read() as Buffer | null;
  }
}
