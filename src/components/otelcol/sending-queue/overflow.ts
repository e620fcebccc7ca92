import { DeliveryError } from '../../../flow/delivery.ts';
import type { OtlpBatch } from '../../../model/otlp-batch.ts';
import type { ExporterMeters } from './metrics.ts';
import { sizeBy, type QueueLimits } from './request-queue.ts';

interface Waiting {
  /** Whether there was room; it is in the queue then. */
  tryEnter(): boolean;
  entered(): void;
  giveUp(error: DeliveryError): void;
}

/** The door of a queue: requests for which there is no room are refused, or wait in the order they came. */
export class Overflow {
  readonly #meters: ExporterMeters;
  #waiting: Waiting[] = [];
  #isClosed = false;

  constructor(meters: ExporterMeters) {
    this.#meters = meters;
  }

  /** Lets a request in: it is in the queue when this returns, or when the result resolves. Else it is refused by an error. */
  enter(
    batch: OtlpBatch,
    signal: AbortSignal,
    { sizer, capacity, blocksOnOverflow }: QueueLimits,
    tryEnter: () => boolean,
  ): Promise<void> | undefined {
    const size = sizeBy(sizer, batch);
    if (size > capacity) {
      this.#meters.refused(batch.count);
      const message = `element size too large: ${size} ${sizer}, and queue_size is ${capacity}`;
      throw new DeliveryError(message, { retryable: false });
    }
    if (this.#isClosed) throw this.#refused(batch, stopping);
    if (this.#waiting.length === 0 && tryEnter()) return undefined;
    if (!blocksOnOverflow) throw this.#refused(batch, 'sending queue is full');
    return this.#wait(batch, signal, tryEnter);
  }

  /** Lets those in for whom there is room now. */
  look(): void {
    while (this.#waiting[0]?.tryEnter() === true) this.#waiting.shift()?.entered();
  }

  /** Refuses all who wait, and all who come. */
  close(): void {
    this.#isClosed = true;
    for (const { giveUp } of this.#waiting.splice(0)) giveUp(new DeliveryError(stopping, { retryable: true }));
  }

  async #wait(batch: OtlpBatch, signal: AbortSignal, tryEnter: () => boolean): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiting: Waiting = { tryEnter, entered: resolve, giveUp: reject };
    const gone = (): void => {
      this.#waiting = this.#waiting.filter((other) => other !== waiting);
      reject(new DeliveryError('the sender gave up', { retryable: true }));
      this.look();
    };
    this.#waiting.push(waiting);
    signal.addEventListener('abort', gone, { once: true });
    if (signal.aborted) gone();
    try {
      await promise;
    } catch (error) {
      this.#meters.refused(batch.count);
      throw error;
    } finally {
      signal.removeEventListener('abort', gone);
    }
  }

  #refused({ count }: OtlpBatch, message: string): DeliveryError {
    this.#meters.refused(count);
    return new DeliveryError(message, { retryable: true });
  }
}

const stopping = 'the exporter is stopping';
