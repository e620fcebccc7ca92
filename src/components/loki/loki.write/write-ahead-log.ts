import type { Milliseconds } from '../../../base/duration.ts';
import { messageOf } from '../../../base/message-of.ts';
import { sleep } from '../../../base/sleep.ts';
import type { DeliveryError } from '../../../flow/delivery.ts';
import { DurableQueue } from '../../../storage/durable-queue.ts';
import type { Deliverer } from './deliverer.ts';
import { decodeRecord, encodeRecord } from './push-record.ts';
import type { PushRequest, RequestQueue } from './request-queue.ts';
import type { WriteContext } from './sender.ts';

export interface WriteAheadLogOptions {
  readonly folder: string;
  readonly maxBytes: number;
  /** The name of the endpoint and the number of the shard, as metrics have them. */
  readonly labels: readonly [id: string, shard: string];
  /** Is told why nothing can be written, and with undefined that it can be again. */
  problem(message: string | undefined): void;
}

/** How long to wait before another attempt to write. */
const retryAfter: Milliseconds = 1000;

/**
 * Requests on their way to one server, through a durable queue. They are acknowledged to whoever sent them when they are
 * on the disk. What cannot be written there waits in memory, and so do senders in the end; it is sent from memory when
 * everything in the log was sent, so that a broken disk stops nothing while the server works.
 */
export class WriteAheadLog {
  readonly #options: WriteAheadLogOptions;
  readonly #context: WriteContext;
  #maxBytes: number;
  #queue: DurableQueue | undefined;
  /** What of the figures of the queue was added to counters. */
  #shownCorrupted = 0;

  constructor(options: WriteAheadLogOptions, context: WriteContext) {
    this.#options = options;
    this.#maxBytes = options.maxBytes;
    this.#context = context;
  }

  get folder(): string {
    return this.#options.folder;
  }

  /** How much disk it may take from now on. */
  changeMaxBytes(maxBytes: number): void {
    this.#maxBytes = maxBytes;
    this.#queue?.changeMaxBytes(maxBytes);
  }

  /** Requests in the log. */
  get records(): number {
    return this.#queue?.records ?? 0;
  }

  /** Stores what comes from memory and sends what is stored, until memory is closed and all is sent, or it must stop. */
  async run(memory: RequestQueue, deliverer: Deliverer, changed: () => void): Promise<void> {
    const { folder } = this.#options;
    const log = this.#context.log.with({ folder });
    const queue = await DurableQueue.open({
      directory: folder,
      maxBytes: this.#maxBytes,
      whenFull: 'refuse',
      report: (problem, error) => log.error(problem, { error: messageOf(error) }),
    });
    this.#queue = queue;
    this.#show();
    try {
      const storing = this.#store(memory, queue, deliverer, changed).finally(() => queue.finish());
      await Promise.all([storing, this.#send(queue, deliverer)]);
    } finally {
      await queue.close();
      this.#show();
      if (queue.records > 0) log.info('requests are left in the write-ahead log', { requests: queue.records });
    }
  }

  async #store(memory: RequestQueue, queue: DurableQueue, deliverer: Deliverer, changed: () => void): Promise<void> {
    for (;;) {
      const first = await memory.first();
      if (first === undefined) return;
      const requests = appendWhatFits(memory.complete, queue);
      const results = await Promise.allSettled(requests.map(({ appended }) => appended));
      for (const [index, { request }] of requests.entries()) {
        if (results[index]?.status === 'fulfilled') settle(memory, request, undefined);
      }
      const failure = results.find((result) => result.status === 'rejected');
      if (failure !== undefined) this.#failed(messageOf(failure.reason));
      else if (requests.length > 0) this.#written();
      if (failure !== undefined || requests.length === 0) await this.#waitToStore(memory, queue, deliverer);
      changed();
      this.#show();
    }
  }

  #written(): void {
    this.#context.metrics.walWritten.with(...this.#options.labels).set(Date.now() / 1000);
    this.#options.problem(undefined);
  }

  #failed(message: string): void {
    this.#context.metrics.walFailures.with(...this.#options.labels).inc();
    this.#options.problem(message);
  }

  /** Waits until it makes sense to write again, or sends what cannot be written. */
  async #waitToStore(memory: RequestQueue, queue: DurableQueue, deliverer: Deliverer): Promise<void> {
    const { stopped } = deliverer.sender;
    const [first] = memory.complete;
    if (first !== undefined && (queue.records === 0 || stopped.aborted)) {
      settle(memory, first, await deliverer.deliver(first));
    } else await Promise.race([queue.room(), sleep(retryAfter, stopped)]);
  }

  async #send(queue: DurableQueue, deliverer: Deliverer): Promise<void> {
    const { metrics } = this.#context;
    for (;;) {
      const record = await queue.take();
      this.#show();
      if (record === undefined) return;
      metrics.walRead.with(...this.#options.labels).inc();
      const request = decodeRecord(record.payload);
      if (request === undefined) metrics.walCorrupted.with(...this.#options.labels).inc();
      else {
        const error = await deliverer.deliver(request);
        // It stops, and the next start sends it.
        if (error?.isRetryable === true) return;
      }
      queue.acknowledge(record.sequence);
      this.#show();
    }
  }

  #show(): void {
    const { labels } = this.#options;
    const { walBytes, walRecords, walOldest, walCorrupted } = this.#context.metrics;
    const queue = this.#queue;
    if (queue === undefined) return;
    walBytes.with(...labels).set(queue.bytes);
    walRecords.with(...labels).set(queue.records);
    walCorrupted.with(...labels).inc(queue.corrupted - this.#shownCorrupted);
    this.#shownCorrupted = queue.corrupted;
    const { oldestTime } = queue;
    if (oldestTime === undefined) walOldest.remove(...labels);
    else walOldest.with(...labels).set(oldestTime / 1000);
  }
}

interface Appended {
  readonly request: PushRequest;
  readonly appended: Promise<void>;
}

/** Appends requests in their order, up to the first for which there is no room. */
function appendWhatFits(requests: readonly PushRequest[], queue: DurableQueue): readonly Appended[] {
  const all: Appended[] = [];
  for (const request of requests) {
    const record = encodeRecord(request);
    if (!queue.hasRoomFor(record)) break;
    all.push({ request, appended: queue.append(record) });
  }
  return all;
}

/** Takes a request out of memory and tells whoever waits for it. */
export function settle(memory: RequestQueue, request: PushRequest, error: DeliveryError | undefined): void {
  memory.remove(request);
  for (const settleOne of request.settles) settleOne(error);
}
