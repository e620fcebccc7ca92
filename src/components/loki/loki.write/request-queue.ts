import { Doorbell } from '../../../base/doorbell.ts';
import type { Milliseconds } from '../../../base/duration.ts';
import type { Delivery, Settle } from '../../../flow/delivery.ts';
import { entrySize, PushRequestBuilder } from '../../../formats/loki-push/encode.ts';
import type { LogBatch } from '../../../model/log-batch.ts';
import type { Destination } from './destinations.ts';

/** A request that is complete, encoded and compressed. A retry sends the same bytes. */
export interface PushRequest {
  readonly tenant: string;
  readonly body: Buffer;
  readonly entryCount: number;
  /** Acknowledge the batches whose entries it holds. */
  readonly settles: readonly Settle[];
  /** When the entries were read, in milliseconds since 1970, and how many were read then. */
  readonly readTimes: readonly ReadTime[];
}

export interface ReadTime {
  readonly at: number;
  count: number;
}

export interface QueueLimits {
  /** The size of entries at which a request is complete. */
  readonly batchSize: number;
  readonly batchWait: Milliseconds;
  /** The number of complete requests that may wait. */
  readonly capacity: number;
  /** The number of streams a request may have; 0 for any. */
  readonly maxStreams: number;
}

/** A request that is being filled. */
class OpenRequest {
  readonly tenant: string;
  readonly builder = new PushRequestBuilder();
  readonly openedAt = performance.now();
  readonly settles: Settle[] = [];
  readonly readTimes: ReadTime[] = [];
  #lastDelivery: Delivery | undefined;

  constructor(tenant: string) {
    this.tenant = tenant;
  }

  add(batch: LogBatch, index: number, labels: string, size: number, delivery: Delivery): void {
    this.builder.add(batch, index, labels, size);
    if (delivery !== this.#lastDelivery) {
      this.#lastDelivery = delivery;
      this.settles.push(delivery.hold());
      this.readTimes.push({ at: batch.readAt, count: 0 });
    }
    const last = this.readTimes.at(-1);
    if (last !== undefined) last.count++;
  }
}

/**
 * Fills requests with entries, one for each tenant at a time, and keeps complete ones in order until they are sent.
 * Memory is bounded by the capacity and the requests that senders had filled who were let in when there was room.
 */
export class RequestQueue {
  #limits: QueueLimits;
  readonly #open = new Map<string, OpenRequest>();
  readonly #complete: PushRequest[] = [];
  readonly #bell = new Doorbell();
  #room = Promise.withResolvers<void>();
  #isClosed = false;
  #openEntries = 0;
  #completeEntries = 0;
  #completeBytes = 0;

  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  /** Whether senders should wait, with `room`, before they add more. */
  get isFull(): boolean {
    return this.#complete.length >= this.#limits.capacity;
  }

  get entryCount(): number {
    return this.#openEntries + this.#completeEntries;
  }

  /** The compressed size of complete requests. */
  get byteCount(): number {
    return this.#completeBytes;
  }

  /** Adds an entry; false if it may not begin another stream in its request, and is not added. */
  add(batch: LogBatch, index: number, tenant: string, { labels }: Destination, delivery: Delivery): boolean {
    const { batchSize, maxStreams } = this.#limits;
    const size = entrySize(batch, index);
    let request = this.#open.get(tenant);
    if (request !== undefined) {
      const { builder } = request;
      if (maxStreams > 0 && builder.streamCount >= maxStreams && !builder.has(labels)) return false;
      if (builder.size + size > batchSize) {
        this.#seal(request);
        request = undefined;
      }
    }
    if (request === undefined) {
      request = new OpenRequest(tenant);
      this.#open.set(tenant, request);
      // Whoever sleeps must learn when this one is due.
      this.#bell.ring();
    }
    request.add(batch, index, labels, size, delivery);
    this.#openEntries++;
    return true;
  }

  /**
   * Resolves when there is room, or none will come. All who wait are woken, in the order they came, and the first ones
   * may fill the queue again: look before you add.
   */
  room(): Promise<void> {
    return this.#room.promise;
  }

  /** From now on; what is complete or being filled stays as it is. */
  changeLimits(limits: QueueLimits): void {
    this.#limits = limits;
    this.#bell.ring();
    if (!this.isFull) this.#wakeSenders();
  }

  /** The complete requests, in their order. They stay in the queue until they are removed. */
  get complete(): readonly PushRequest[] {
    return this.#complete;
  }

  /** Resolves with the first complete request, which stays in the queue; undefined once it is closed and empty. */
  async first(): Promise<PushRequest | undefined> {
    for (;;) {
      const now = performance.now();
      let nextDue = Infinity;
      for (const request of this.#open.values()) {
        const due = request.openedAt + this.#limits.batchWait;
        if (due <= now) this.#seal(request);
        else nextDue = Math.min(nextDue, due);
      }
      const [first] = this.#complete;
      if (first !== undefined || this.#isClosed) return first;
      await this.#bell.wait(nextDue - now);
    }
  }

  /** Takes a complete request out. */
  remove(request: PushRequest): void {
    const index = this.#complete.indexOf(request);
    if (index === -1) return;
    this.#complete.splice(index, 1);
    this.#completeEntries -= request.entryCount;
    this.#completeBytes -= request.body.length;
    if (!this.isFull) this.#wakeSenders();
  }

  /** Completes all requests, since no more entries come, and wakes everyone. */
  close(): void {
    this.#isClosed = true;
    for (const request of this.#open.values()) this.#seal(request);
    this.#bell.ring();
    this.#wakeSenders();
  }

  #wakeSenders(): void {
    this.#room.resolve();
    this.#room = Promise.withResolvers<void>();
  }

  #seal({ tenant, builder, settles, readTimes }: OpenRequest): void {
    this.#open.delete(tenant);
    const { entryCount } = builder;
    const body = builder.finish();
    this.#complete.push({ tenant, body, entryCount, settles, readTimes });
    this.#openEntries -= entryCount;
    this.#completeEntries += entryCount;
    this.#completeBytes += body.length;
    this.#bell.ring();
  }
}
