import type { Delivery } from '../../../flow/delivery.ts';
import type { OtlpBatch } from '../../../model/otlp-batch.ts';
import { Batcher } from './batcher.ts';
import type { BatchArgs } from './fields.ts';
import type { ExporterMeters } from './metrics.ts';
import type { QueuedRequest, RequestQueue } from './request-queue.ts';
import type { GivenUp, Sender } from './sender.ts';
import { Slots } from './slots.ts';

export interface SendingQueueOptions {
  readonly queue: RequestQueue;
  readonly sender: Sender;
  readonly meters: ExporterMeters;
  /** How many requests are sent at the same time. */
  readonly consumers: number;
  /** Undefined if requests are sent as they come. */
  readonly batch: BatchArgs | undefined;
}

const due = Symbol('due');

/** Sends what waits in one queue, requests joined and cut if that is wanted. */
export class SendingQueue {
  readonly #options: SendingQueueOptions;
  readonly #slots: Slots;
  #batcher: Batcher | undefined;
  #running: Promise<void> | undefined;

  constructor(options: SendingQueueOptions) {
    this.#options = options;
    this.#slots = new Slots(options.consumers);
    this.change(options.consumers, options.batch);
  }

  offer(batch: OtlpBatch, delivery: Delivery): Promise<void> | void {
    return this.#options.queue.offer(batch, delivery);
  }

  get queue(): RequestQueue {
    return this.#options.queue;
  }

  /** Begins to send. */
  start(): Promise<void> {
    return (this.#running ??= this.#run());
  }

  change(consumers: number, batch: BatchArgs | undefined): void {
    this.#slots.changeLimit(consumers);
    if (batch !== undefined && this.#batcher !== undefined) this.#batcher.change(batch);
    else if (batch !== undefined) this.#batcher = new Batcher(batch, (items) => this.#tooLarge(items));
    else if (this.#batcher !== undefined) this.#batcher.change({ ...unbatched, sizer: 'items' });
  }

  /** Sends all that is there, and ends. */
  async leave(): Promise<void> {
    this.#options.queue.finish();
    await this.start();
  }

  /** Sends what would be lost otherwise, and ends. */
  async stop(): Promise<void> {
    this.#options.queue.stop();
    await this.start();
  }

  async #run(): Promise<void> {
    const { queue } = this.#options;
    let taking: Promise<QueuedRequest | undefined> | undefined;
    for (;;) {
      await this.#slots.free();
      taking ??= queue.take();
      const request = await this.#nextBefore(taking);
      if (request === undefined) break;
      if (request === due) {
        await this.#sendAll(this.#batcher?.flush() ?? []);
        continue;
      }
      taking = undefined;
      await this.#sendAll(this.#batcher?.add(request) ?? [request]);
    }
    await this.#sendAll(this.#batcher?.flush() ?? []);
    await this.#slots.idle();
    await queue.close();
  }

  /** The next request, or that the batch which is being filled is due before. */
  async #nextBefore(taking: Promise<QueuedRequest | undefined>): Promise<QueuedRequest | typeof due | undefined> {
    const time = this.#batcher?.due;
    if (time === undefined) return taking;
    const { promise, resolve } = Promise.withResolvers<typeof due>();
    const timer = setTimeout(resolve, Math.max(0, time - performance.now()), due);
    const first = await Promise.race([taking, promise]);
    clearTimeout(timer);
    return first;
  }

  async #sendAll(requests: readonly QueuedRequest[]): Promise<void> {
    for (const request of requests) await this.#slots.start(() => this.#send(request));
  }

  async #send({ batch, done }: QueuedRequest): Promise<void> {
    const { sender, queue } = this.#options;
    const failure = await sender.send(batch);
    if (failure !== undefined && !(queue.isKept && failure.reason === 'shutdown')) this.#drop(batch.count, failure);
    done(failure);
  }

  #drop(items: number, failure: GivenUp): void {
    const { meters, sender } = this.#options;
    const { reason } = failure;
    meters.dropped(items, reason);
    sender.logFailure('exporting failed, dropping data', failure, { kind: meters.kind, reason, dropped_items: items });
  }

  #tooLarge(items: number): GivenUp {
    const failure: GivenUp = {
      isDelivered: false,
      isRetryable: false,
      retryAfter: undefined,
      message: 'items are larger than max_size of batch',
      type: '_OTHER',
      reason: 'too_large',
    };
    this.#drop(items, failure);
    return failure;
  }
}

/** Sends each request as it comes, for a batcher that is not wanted any more and may still have some. */
const unbatched = { flush_timeout: 0, min_size: 0, max_size: 0 };
