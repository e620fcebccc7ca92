import type { Milliseconds } from '../../../base/duration.ts';
import type { DurableQueue } from '../../../storage/durable-queue.ts';
import { decodeRequest, type OutgoingRequest } from './outgoing-request.ts';
import type { Sender } from './sender.ts';

/**
 * Sends the requests of a durable queue. It reads one at a time, and sends those together that belong to different shards
 * of one epoch. Everything else waits for its turn, so that the samples of a series are sent in the order they came, also
 * after a restart and when the number of shards has changed. In memory are those under way and one more.
 */
export class Dispatcher {
  readonly #sender: Sender;
  /** How long requests may wait on disk. */
  maxAge: Milliseconds;
  readonly #isOwn: (request: OutgoingRequest) => boolean;
  #epoch = '';
  readonly #underWay = new Map<number, Promise<void>>();
  /** What was taken and is not done, with what tells that it is not wanted any more. */
  readonly #taken = new Map<number, AbortController>();
  #failure: unknown;

  constructor(sender: Sender, maxAge: Milliseconds, isOwn: (request: OutgoingRequest) => boolean) {
    this.#sender = sender;
    this.maxAge = maxAge;
    this.#isOwn = isOwn;
  }

  /** Sends what is in the queue until it is finished and empty, or nothing can be sent any more. */
  async run(queue: DurableQueue, changed: () => void): Promise<void> {
    for (;;) {
      const record = await queue.take();
      changed();
      if (record === undefined) break;
      const request = decodeRequest(record.payload);
      if (request === undefined) {
        this.#sender.meters.damaged();
        queue.acknowledge(record.sequence);
        continue;
      }
      const isOwn = this.#isOwn(request);
      this.#sender.meters.read(request, isOwn);
      if (!isOwn) this.#sender.meters.pending(request, 1);
      const unwanted = new AbortController();
      this.#taken.set(record.sequence, unwanted);
      await this.#turnOf(request);
      if (this.#sender.stopped.aborted || this.#failure !== undefined) break;
      if (unwanted.signal.aborted) {
        this.#taken.delete(record.sequence);
        continue;
      }
      if (record.time < Date.now() - this.maxAge) {
        this.#sender.meters.dropped(request, 'too_old');
        this.#done(request, record.sequence, queue);
        continue;
      }
      const work = this.#send(request, record.sequence, queue, unwanted.signal)
        .catch((error: unknown) => (this.#failure = error))
        .finally(() => {
          this.#underWay.delete(request.shard);
          changed();
        });
      this.#underWay.set(request.shard, work as Promise<void>);
    }
    await Promise.all(this.#underWay.values());
    this.#taken.clear();
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Sends a request that is in no queue, when nothing else is to be sent before. */
  sendFromMemory(request: OutgoingRequest): Promise<boolean> {
    return this.#sender.send(request);
  }

  /** Counts a request that makes room on disk for others, and sends it no more. */
  dropping(sequence: number, payload: Buffer | undefined): void {
    const request = payload && decodeRequest(payload);
    const unwanted = this.#taken.get(sequence);
    unwanted?.abort();
    if (request === undefined) return;
    this.#sender.meters.dropped(request, 'wal_full');
    if (unwanted !== undefined || this.#isOwn(request)) this.#sender.meters.pending(request, -1);
  }

  async #turnOf({ epoch, shard }: OutgoingRequest): Promise<void> {
    if (epoch !== this.#epoch) await Promise.all(this.#underWay.values());
    else await this.#underWay.get(shard);
    this.#epoch = epoch;
  }

  async #send(request: OutgoingRequest, sequence: number, queue: DurableQueue, signal: AbortSignal): Promise<void> {
    if (await this.#sender.send(request, signal)) this.#done(request, sequence, queue);
    else if (signal.aborted) this.#taken.delete(sequence);
  }

  #done(request: OutgoingRequest, sequence: number, queue: DurableQueue): void {
    const isWanted = this.#taken.get(sequence)?.signal.aborted === false;
    this.#taken.delete(sequence);
    queue.acknowledge(sequence);
    if (isWanted) this.#sender.meters.pending(request, -1);
  }
}
