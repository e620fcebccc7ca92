import type { Milliseconds } from '../../../base/duration.ts';
import type { Log } from '../../../base/log.ts';
import { messageOf } from '../../../base/message-of.ts';
import { sleep } from '../../../base/sleep.ts';
import { DeliveryError } from '../../../flow/delivery.ts';
import { DurableQueue } from '../../../storage/durable-queue.ts';
import { observedFiles } from '../../../storage/observed-files.ts';
import type { Dispatcher } from './dispatcher.ts';
import { encodeRequest, type OutgoingRequest } from './outgoing-request.ts';
import type { RequestQueue } from './request-queue.ts';
import type { Sender } from './sender.ts';

export interface RequestStoreOptions {
  readonly folder: string;
  readonly maxBytes: number;
  readonly sender: Sender;
  readonly log: Log;
  /** Is told why nothing can be written, and with undefined that it can be again. */
  problem(message: string | undefined): void;
}

/** How long to wait before another attempt to write. */
const retryAfter: Milliseconds = 1000;
/** What is sent as soon as it is on disk is not read from there. */
const freshBytes = 2 * 1024 * 1024;

/**
 * Requests on their way to one server, through a durable queue. The batches in them are acknowledged when they are on
 * disk. What cannot be written there waits in memory, and so do senders in the end; it is sent from memory when everything
 * on disk was sent, so that a broken disk stops nothing while the server works.
 */
export class RequestStore {
  readonly #options: RequestStoreOptions;
  #maxBytes: number;
  #queue: DurableQueue | undefined;
  /** What of the figures of the queue was added to counters. */
  #shownCorrupted = 0;

  constructor(options: RequestStoreOptions) {
    this.#options = options;
    this.#maxBytes = options.maxBytes;
  }

  /** How much disk it may take from now on. */
  changeMaxBytes(maxBytes: number): void {
    this.#maxBytes = maxBytes;
    this.#queue?.changeMaxBytes(maxBytes);
  }

  /** Requests on disk. */
  get requests(): number {
    return this.#queue?.records ?? 0;
  }

  /** Stores what comes from memory and sends what is stored, until memory is closed and all is sent, or it must stop. */
  async run(memory: RequestQueue, dispatcher: Dispatcher): Promise<void> {
    const { folder } = this.#options;
    const log = this.#options.log.with({ folder });
    const start = performance.now();
    const queue = await DurableQueue.open({
      directory: folder,
      files: observedFiles(() => this.#options.sender.meters.files),
      maxBytes: this.#maxBytes,
      whenFull: 'drop-oldest',
      freshBytes,
      dropping: (sequence, payload) => dispatcher.dropping(sequence, payload),
      report: (problem, error) => log.error(problem, { error: messageOf(error) }),
    });
    this.#queue = queue;
    this.#options.sender.meters.set('replaySeconds', (performance.now() - start) / 1000);
    this.#show();
    if (queue.records > 0) log.info('samples of an earlier run are sent first', { requests: queue.records });
    try {
      const storing = this.#store(memory, queue, dispatcher).finally(() => {
        queue.finish();
        this.#options.sender.finish();
      });
      await Promise.all([storing, dispatcher.run(queue, () => this.#show())]);
    } finally {
      await queue.close();
      this.#show();
      if (queue.records > 0) log.info('requests are left on disk', { requests: queue.records });
    }
  }

  async #store(memory: RequestQueue, queue: DurableQueue, dispatcher: Dispatcher): Promise<void> {
    for (;;) {
      const first = await memory.first();
      if (first === undefined) return;
      const appended = appendWhatFits(memory.complete, queue);
      const results = await Promise.allSettled(appended.map(({ stored }) => stored));
      for (const [index, { request }] of appended.entries())
        if (results[index]?.status === 'fulfilled') settle(memory, request, undefined);
      const failure = results.find((result) => result.status === 'rejected');
      if (failure !== undefined) {
        this.#options.sender.meters.count('walFailures');
        this.#options.problem(messageOf(failure.reason));
      } else if (appended.length > 0) this.#options.problem(undefined);
      if (failure !== undefined || appended.length === 0) await this.#waitToStore(memory, queue, dispatcher);
      this.#show();
    }
  }

  /** Waits until it makes sense to write again, or sends what cannot be written. */
  async #waitToStore(memory: RequestQueue, queue: DurableQueue, dispatcher: Dispatcher): Promise<void> {
    const { sender } = this.#options;
    const [first] = memory.complete;
    if (first === undefined || (queue.records > 0 && !sender.stopped.aborted)) {
      await Promise.race([queue.room(), sleep(retryAfter, sender.stopped)]);
      return;
    }
    const isDone = await dispatcher.sendFromMemory(first);
    sender.meters.pending(first, -1);
    const message = 'the endpoint stopped before samples were delivered';
    settle(memory, first, isDone ? undefined : new DeliveryError(message, { retryable: true }));
  }

  #show(): void {
    const { meters } = this.#options.sender;
    const queue = this.#queue;
    if (queue === undefined) return;
    meters.set('walBytes', queue.bytes);
    meters.set('walRequests', queue.records);
    meters.oldestOnDisk(queue.oldestTime);
    meters.count('walCorruptions', queue.corrupted - this.#shownCorrupted);
    this.#shownCorrupted = queue.corrupted;
  }
}

interface Appended {
  readonly request: OutgoingRequest;
  readonly stored: Promise<void>;
}

/** Appends requests in their order, up to the first for which there is no room. */
function appendWhatFits(requests: readonly OutgoingRequest[], queue: DurableQueue): readonly Appended[] {
  const all: Appended[] = [];
  for (const request of requests) {
    const record = encodeRequest(request);
    if (!queue.hasRoomFor(record)) break;
    all.push({ request, stored: queue.append(record) });
  }
  return all;
}

/** Takes a request out of memory and tells whoever waits for it. */
function settle(memory: RequestQueue, request: OutgoingRequest, error: DeliveryError | undefined): void {
  memory.remove(request);
  for (const settleOne of request.settles) settleOne(error);
}
