import { Backoff } from '../../../base/backoff.ts';
import { longestTimeout, type Milliseconds } from '../../../base/duration.ts';
import { waitUntil } from '../../../base/wait-until.ts';
import { offer, Tracking, type Consumer, type Delivery, type DeliveryError } from '../../../flow/delivery.ts';
import type { OtlpBatch, OtlpClient, OtlpKind } from '../../../model/otlp-batch.ts';
import { PendingItems, type Joined } from './pending-items.ts';

export interface BatchSizes {
  /** How long items wait at most; 0 for no limit. */
  readonly timeout: Milliseconds;
  /** How many items are enough for a batch; 0 if any are. */
  readonly send_batch_size: number;
  /** How many items a batch has at most; 0 for no limit. */
  readonly send_batch_max_size: number;
}

/** What the batchers of one component share. */
export interface BatchContext {
  readonly sizes: BatchSizes;
  /** Aborts when what was not accepted is given up. */
  readonly gone: AbortSignal;
  /** A batch was made, since there was enough for one or since its time had come. */
  made(joined: Joined, trigger: 'size' | 'timeout'): void;
  /** A batch was refused for now, and is kept. */
  refused(error: DeliveryError): void;
  /** What was made a batch of was accepted; or was dropped, with an error. */
  ended(joined: Joined, error: DeliveryError | undefined): void;
}

/** Whatever the sizes, so many items may wait. */
const leastRoom = 1000;

/**
 * Makes batches of what comes of one kind from clients with the same metadata, and sends them one after the other. A batch
 * that is refused for now is offered again until it is accepted. It works only while it has something.
 */
export class Batcher {
  readonly #to: Consumer<OtlpBatch>;
  readonly #kind: OtlpKind;
  readonly #client: OtlpClient | undefined;
  readonly #context: BatchContext;
  readonly #pending = new PendingItems();
  #dueAt: Milliseconds = Infinity;
  #timer: NodeJS.Timeout | undefined;
  /** Whether a batch was made that is not accepted yet. */
  #isSending = false;
  #isFlushing = false;
  #empty: PromiseWithResolvers<void> | undefined;

  constructor(to: Consumer<OtlpBatch>, kind: OtlpKind, client: OtlpClient | undefined, context: BatchContext) {
    this.#to = to;
    this.#kind = kind;
    this.#client = client;
    this.#context = context;
  }

  /** Whether more than twice a batch waits already. */
  get isFull(): boolean {
    const { send_batch_size: size, send_batch_max_size: maxSize } = this.#context.sizes;
    return this.#pending.count >= 2 * Math.max(size, maxSize, leastRoom);
  }

  /** Whether there is nothing to do. */
  get isIdle(): boolean {
    return this.#pending.count === 0 && !this.#isSending;
  }

  /** Returns how many bytes wait more. */
  add(batch: OtlpBatch, delivery: Delivery): number {
    if (this.#pending.count === 0) this.#restartTime();
    return this.#pending.add(batch, delivery);
  }

  /** Makes and sends the batches that are to be made; to be called after something was added. */
  work(): void {
    const { send_batch_max_size: maxSize } = this.#context.sizes;
    while (!this.#isSending && this.#pending.count > 0) {
      const trigger = this.#trigger();
      if (trigger === undefined) {
        this.#wakeInTime();
        return;
      }
      const joined = this.#pending.take(maxSize > 0 ? maxSize : Infinity);
      this.#context.made(joined, trigger);
      this.#isSending = true;
      const sending = this.#send(joined);
      if (sending === undefined) this.#hasSent();
      else
        void sending.then(() => {
          this.#hasSent();
          this.work();
        });
    }
    if (!this.isIdle) return;
    this.#isFlushing = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#empty?.resolve();
    this.#empty = undefined;
  }

  /** Makes batches of all that waits, now. Resolves when they were accepted or dropped. */
  async flush(): Promise<void> {
    if (this.isIdle) return;
    this.#isFlushing = true;
    const { promise } = (this.#empty ??= Promise.withResolvers());
    this.work();
    await promise;
  }

  #hasSent(): void {
    this.#isSending = false;
    this.#restartTime();
  }

  #restartTime(): void {
    this.#dueAt = performance.now() + this.#context.sizes.timeout;
  }

  /** There is one timer, which may find that it has to wait on. */
  #wakeInTime(): void {
    this.#timer ??= setTimeout(
      () => {
        this.#timer = undefined;
        this.work();
      },
      Math.min(this.#dueAt - performance.now(), longestTimeout),
    );
  }

  /** Why a batch is to be made now; undefined if none is. */
  #trigger(): 'size' | 'timeout' | undefined {
    const { timeout, send_batch_size: size } = this.#context.sizes;
    if (timeout === 0 || size === 0 || this.#pending.count >= size) return 'size';
    return this.#isFlushing || performance.now() >= this.#dueAt ? 'timeout' : undefined;
  }

  /** Returns, or settles, when the batch was accepted or dropped. */
  #send(joined: Joined): Promise<void> | undefined {
    const { chunks, count } = joined;
    const batch: OtlpBatch = { kind: this.#kind, chunks, count, client: this.#client };
    const sent = this.#offer(batch, joined);
    if (sent !== undefined) return this.#sendAgain(batch, joined, sent);
    this.#context.ended(joined, undefined);
    return undefined;
  }

  async #sendAgain(batch: OtlpBatch, joined: Joined, first: Promise<DeliveryError | undefined>): Promise<void> {
    const { gone } = this.#context;
    const backoff = new Backoff(100, 5000);
    let refusal = await first;
    while (refusal?.isRetryable === true && !gone.aborted) {
      this.#context.refused(refusal);
      const wait = Math.max(backoff.next(), refusal.retryAfter ?? 0);
      if (await waitUntil(performance.now() + wait, gone)) refusal = await this.#offer(batch, joined);
    }
    this.#context.ended(joined, refusal);
    if (refusal !== undefined) joined.settle(refusal);
  }

  /**
   * Returns, or resolves to, nothing if the batch was accepted; else resolves to the error. Whoever waits for the batch is
   * told what becomes of it only if it is accepted.
   */
  #offer(batch: OtlpBatch, { settle }: Joined): Promise<DeliveryError | undefined> | undefined {
    let isRefused = false;
    const tracking = new Tracking(this.#context.gone, (error) => {
      if (!isRefused) settle(error);
    });
    const accepted = offer(this.#to, batch, tracking);
    if (accepted === undefined) {
      tracking.settle();
      return undefined;
    }
    return accepted.then(
      () => {
        tracking.settle();
        return undefined;
      },
      (error: DeliveryError) => {
        isRefused = true;
        return error;
      },
    );
  }
}
