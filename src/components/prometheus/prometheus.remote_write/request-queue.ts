import { randomUUID } from 'node:crypto';
import { Doorbell } from '../../../base/doorbell.ts';
import type { Milliseconds } from '../../../base/duration.ts';
import type { Delivery, Settle } from '../../../flow/delivery.ts';
import { WriteRequestV1Builder } from '../../../formats/remote-write/encode-v1.ts';
import { WriteRequestV2Builder } from '../../../formats/remote-write/encode-v2.ts';
import type { WriteRequestBuilder } from '../../../formats/remote-write/write-request.ts';
import { maxBlockSeries } from '../../../formats/remote-write/make-sample-block.ts';
import { isBlockTime } from '../../../formats/remote-write/sample-block.ts';
import type { MetricFamily } from '../../../model/metric-family.ts';
import type { SampleBatch } from '../../../model/sample-batch.ts';
import type { SeriesRef } from '../../../model/series-table.ts';
import { ChosenSamples } from './chosen-samples.ts';
import { KnownBlocks } from './known-blocks.ts';
import { finishRequest, type OutgoingRequest, type WriteProtocol } from './outgoing-request.ts';

export interface QueueLimits {
  readonly protocol: WriteProtocol;
  /** The samples, histograms and exemplars at which a request is complete. */
  readonly maxItems: number;
  /** How long a request may wait to be complete. */
  readonly deadline: Milliseconds;
  /** The complete requests of each shard that may wait. */
  readonly capacity: number;
}

/** A request is complete at this size too, without compression, whatever the number of samples. */
const maxSize = 16 * 1024 * 1024;
/** Where requests are smaller, they are filled sample by sample: blocks would leave too much room in them. */
const minItemsForBlocks = 8 * maxBlockSeries;

/** A request that is being filled. It is used again when it was completed. */
export class OpenRequest {
  readonly shard: number;
  readonly builder: WriteRequestBuilder;
  /** Samples of a batch that are about to be added. */
  readonly chosen = new ChosenSamples();
  openedAt: Milliseconds = 0;
  oldest = Infinity;
  newest = -Infinity;
  settles: Settle[] = [];
  #lastDelivery: Delivery | undefined;

  constructor(shard: number, protocol: WriteProtocol) {
    this.shard = shard;
    this.builder = protocol === 'v1' ? new WriteRequestV1Builder() : new WriteRequestV2Builder();
  }

  get isEmpty(): boolean {
    return this.settles.length === 0;
  }

  get itemCount(): number {
    const { sampleCount, histogramCount, exemplarCount } = this.builder;
    return sampleCount + histogramCount + exemplarCount;
  }

  /** Notes what was added to the builder. */
  added(timestamp: number, delivery: Delivery): void {
    if (timestamp < this.oldest) this.oldest = timestamp;
    if (timestamp > this.newest) this.newest = timestamp;
    if (delivery === this.#lastDelivery) return;
    this.#lastDelivery = delivery;
    this.settles.push(delivery.hold());
  }

  clear(): void {
    this.oldest = Infinity;
    this.newest = -Infinity;
    this.settles = [];
    this.#lastDelivery = undefined;
  }
}

/**
 * Fills requests with samples, one for each shard at a time, and keeps complete ones in order until they are stored or
 * sent. A shard has the samples of some series, so that requests of different shards can be sent at the same time; when
 * the number of shards changes, another epoch of requests begins. Memory is bounded by the capacity and the requests that
 * were filled by those who were let in when there was room.
 */
export class RequestQueue {
  #limits: QueueLimits;
  readonly #run = randomUUID();
  #epochs = 0;
  #shards: readonly OpenRequest[];
  readonly #complete: OutgoingRequest[] = [];
  readonly #bell = new Doorbell();
  #blocks: KnownBlocks | undefined;
  #room = Promise.withResolvers<void>();
  #isClosed = false;

  constructor(limits: QueueLimits, shardCount: number) {
    this.#limits = limits;
    this.#shards = shardsOf(shardCount, limits.protocol);
  }

  get shardCount(): number {
    return this.#shards.length;
  }

  /** Whether senders should wait, with `room`, before they add more. */
  get isFull(): boolean {
    return this.#complete.length >= this.#limits.capacity * this.#shards.length;
  }

  /** Whether a request was made by this queue, rather than found on disk. */
  isOwn({ epoch }: OutgoingRequest): boolean {
    return epoch.startsWith(this.#run);
  }

  /** The request that samples of a series are to be added to. */
  requestFor(series: SeriesRef): OpenRequest {
    return this.#shards[series % this.#shards.length] as OpenRequest;
  }

  /** Notes that something was added to the builder of a request, which may complete it. */
  added(request: OpenRequest, timestamp: number, delivery: Delivery): void {
    const isFirst = request.isEmpty;
    request.added(timestamp, delivery);
    if (isFirst) {
      request.openedAt = performance.now();
      // Whoever sleeps must learn when this one is due.
      this.#bell.ring();
    }
    if (request.itemCount >= this.#limits.maxItems || request.builder.size >= maxSize) this.#seal(request);
  }

  /** Adds the samples of a batch that were chosen for each request. */
  addChosen(batch: SampleBatch, delivery: Delivery): void {
    for (const request of this.#shards) {
      if (request.chosen.count > 0) this.#addChosen(request, batch, delivery);
      request.chosen.clear();
    }
  }

  /** Adds requests that tell what is known of metrics. */
  addMetadata(families: readonly MetricFamily[], maxPerRequest: number): void {
    const now = Date.now();
    for (let start = 0; start < families.length; start += maxPerRequest) {
      const builder = new WriteRequestV1Builder();
      const some = families.slice(start, start + maxPerRequest);
      for (const family of some) builder.addFamily(family);
      const counts = { samples: 0, histograms: 0, exemplars: 0, metadata: some.length };
      const at = { protocol: 'v1', epoch: this.#epoch, shard: 0, oldest: now, newest: now } as const;
      this.#push(finishRequest({ ...at, ...counts }, builder, []));
    }
  }

  /** Resolves when there is room, or none will come. Others may have filled the queue again: look before you add. */
  room(): Promise<void> {
    return this.#room.promise;
  }

  /** From now on; what is being filled is completed where it would not fit the new limits. */
  change(limits: QueueLimits, shardCount = this.#shards.length): void {
    if (limits.protocol !== this.#limits.protocol || shardCount !== this.#shards.length) {
      for (const request of this.#shards) this.#seal(request);
      this.#shards = shardsOf(shardCount, limits.protocol);
      this.#epochs++;
    }
    this.#limits = limits;
    this.#bell.ring();
    if (!this.isFull) this.#wakeSenders();
  }

  setShardCount(count: number): void {
    if (count !== this.#shards.length) this.change(this.#limits, count);
  }

  /** The complete requests, in their order. They stay in the queue until they are removed. */
  get complete(): readonly OutgoingRequest[] {
    return this.#complete;
  }

  /** Resolves with the first complete request, which stays in the queue; undefined once it is closed and empty. */
  async first(): Promise<OutgoingRequest | undefined> {
    for (;;) {
      const now = performance.now();
      let nextDue = Infinity;
      for (const request of this.#shards) {
        if (request.itemCount === 0) continue;
        const due = request.openedAt + this.#limits.deadline;
        if (due <= now) this.#seal(request);
        else nextDue = Math.min(nextDue, due);
      }
      const [first] = this.#complete;
      if (first !== undefined || this.#isClosed) return first;
      await this.#bell.wait(nextDue - now);
    }
  }

  /** Takes a complete request out. */
  remove(request: OutgoingRequest): void {
    const index = this.#complete.indexOf(request);
    if (index === -1) return;
    this.#complete.splice(index, 1);
    if (!this.isFull) this.#wakeSenders();
  }

  /** Completes all requests, since no more samples come, and wakes everyone. */
  close(): void {
    this.#isClosed = true;
    for (const request of this.#shards) this.#seal(request);
    this.#bell.ring();
    this.#wakeSenders();
  }

  #addChosen(request: OpenRequest, batch: SampleBatch, delivery: Delivery): void {
    const { builder, chosen } = request;
    const { series, indices, count } = chosen;
    const { timestamps } = batch;
    for (let at = 0; at < count;) {
      const block = this.#blocksFor(builder, batch)?.find(series, at, count);
      const first = indices[at] ?? 0;
      if (block !== undefined && hasBlockTime(timestamps, indices, at, at + block.count)) {
        if (request.itemCount + block.count > this.#limits.maxItems) this.#seal(request);
        builder.addBlock?.(batch, block, indices, at);
        this.added(request, timestamps[first] ?? 0, delivery);
        at += block.count;
        continue;
      }
      for (const end = Math.min(count, at + maxBlockSeries); at < end; at++) {
        const index = indices[at] ?? 0;
        builder.addSample(batch, index, series[at] ?? 0);
        this.added(request, timestamps[index] ?? 0, delivery);
      }
    }
  }

  #blocksFor({ addBlock }: WriteRequestBuilder, { table }: SampleBatch): KnownBlocks | undefined {
    if (addBlock === undefined || this.#limits.maxItems < minItemsForBlocks) return undefined;
    if (this.#blocks?.table !== table) this.#blocks = new KnownBlocks(table);
    return this.#blocks;
  }

  get #epoch(): string {
    return `${this.#run}-${this.#epochs}`;
  }

  #seal(request: OpenRequest): void {
    if (request.itemCount === 0) return;
    const { shard, builder, oldest, newest, settles } = request;
    const counts = {
      samples: builder.sampleCount,
      histograms: builder.histogramCount,
      exemplars: builder.exemplarCount,
      metadata: builder.metadataCount,
    };
    const { protocol } = this.#limits;
    const info = { protocol, epoch: this.#epoch, shard, oldest, newest, ...counts };
    this.#push(finishRequest(info, builder, settles));
    request.clear();
  }

  #push(request: OutgoingRequest): void {
    this.#complete.push(request);
    this.#bell.ring();
  }

  #wakeSenders(): void {
    this.#room.resolve();
    this.#room = Promise.withResolvers<void>();
  }
}

/** Whether samples have all the same time, and one that blocks can have. */
function hasBlockTime(timestamps: Float64Array, indices: Uint32Array, start: number, end: number): boolean {
  const timestamp = timestamps[indices[start] ?? 0] ?? 0;
  for (let at = start + 1; at < end; at++) if (timestamps[indices[at] ?? 0] !== timestamp) return false;
  return isBlockTime(timestamp);
}

function shardsOf(count: number, protocol: WriteProtocol): readonly OpenRequest[] {
  return Array.from({ length: count }, (_, shard) => new OpenRequest(shard, protocol));
}
