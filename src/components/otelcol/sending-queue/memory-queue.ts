import { Doorbell } from '../../../base/doorbell.ts';
import type { Delivery, DeliveryError } from '../../../flow/delivery.ts';
import type { OtlpBatch } from '../../../model/otlp-batch.ts';
import type { ExporterMeters } from './metrics.ts';
import { Overflow } from './overflow.ts';
import { QueueSize, sizeBy, type QueuedRequest, type QueueLimits, type RequestQueue } from './request-queue.ts';
import { deliveryError, type GivenUp } from './sender.ts';

/** Requests that wait in memory. They are acknowledged when they were delivered, or given up and counted. */
export class MemoryQueue implements RequestQueue {
  readonly isKept = false;
  readonly size = new QueueSize();
  readonly #meters: ExporterMeters;
  readonly #overflow: Overflow;
  readonly #waiting: QueuedRequest[] = [];
  readonly #bell = new Doorbell();
  #limits: QueueLimits;
  #isFinished = false;

  constructor(limits: QueueLimits, meters: ExporterMeters) {
    this.#limits = limits;
    this.#meters = meters;
    this.#overflow = new Overflow(meters);
    this.#show();
  }

  offer(batch: OtlpBatch, delivery: Delivery): Promise<void> | void {
    if (sizeBy(this.#limits.sizer, batch) === 0) return undefined;
    let result: Promise<void> | undefined;
    const entering = this.#overflow.enter(batch, delivery.signal, this.#limits, () => {
      if (!this.size.fits(batch, this.#limits)) return false;
      result = this.#add(batch, delivery);
      return true;
    });
    return entering === undefined ? result : entering.then(() => result);
  }

  async take(): Promise<QueuedRequest | undefined> {
    for (;;) {
      const request = this.#waiting.shift();
      if (request !== undefined || this.#isFinished) return request;
      await this.#bell.wait();
    }
  }

  change(limits: QueueLimits): void {
    this.#limits = limits;
    this.#changed();
  }

  finish(): void {
    this.#isFinished = true;
    this.#overflow.close();
    this.#bell.ring();
  }

  stop(): void {
    this.finish();
  }

  close(): Promise<void> {
    this.finish();
    return Promise.resolve();
  }

  /** The result is that of the request, if its sender waits for it. */
  #add(batch: OtlpBatch, delivery: Delivery): Promise<void> | undefined {
    this.size.add(batch);
    this.#show();
    const result = this.#limits.waitsForResult ? Promise.withResolvers<void>() : undefined;
    const settle = result === undefined ? delivery.hold() : undefined;
    this.#waiting.push({
      batch,
      done: (failure) => {
        this.size.add(batch, -1);
        this.#changed();
        const error = failure && lost(failure);
        settle?.(error);
        if (error === undefined) result?.resolve();
        else result?.reject(error);
      },
    });
    this.#bell.ring();
    return result?.promise;
  }

  #changed(): void {
    this.#overflow.look();
    this.#show();
  }

  #show(): void {
    this.#meters.queue(this.size[this.#limits.sizer], this.#limits.capacity);
  }
}

/** What was dropped is not to be sent again, unless there was just no time for it. */
function lost(failure: GivenUp): DeliveryError {
  return deliveryError({ ...failure, isRetryable: failure.reason === 'shutdown' });
}
