import { Backoff } from '../../../base/backoff.ts';
import { Doorbell } from '../../../base/doorbell.ts';
import type { Milliseconds } from '../../../base/duration.ts';
import type { Log } from '../../../base/log.ts';
import { deliver, DeliveryError, type Consumer } from '../../../flow/delivery.ts';
import type { OtlpBatch } from '../../../model/otlp-batch.ts';
import type { ConnectorMeters } from './connector-metrics.ts';

/** What is aggregated and told from time to time. */
export interface FlushSource {
  /** Whether each request has what was new since the last one: then it is offered until it is accepted. */
  readonly isDelta: boolean;
  /** Writes a request as of a time, later than that of the last one; undefined if there is nothing to tell. */
  write(time: Milliseconds): OtlpBatch | undefined;
  /** Tells what became of the last request. Until then, no other is asked for. */
  settle(isAccepted: boolean): void;
  /** Whether the next request would have something that the last one could not. */
  readonly hasMore: boolean;
}

/** Requests of sources that ended, and refused deltas. */
const maxWaiting = 8;
const minRetry: Milliseconds = 200;
const maxRetry: Milliseconds = 30_000;
/** How often, and how long, the last requests are offered before the end. */
const lastAttempts = 5;
const lastChance: Milliseconds = 5000;

/**
 * Sends the metrics of a source at each interval, and what is left at the end. A refused request of totals is followed
 * by the next one, which has all that it had. Requests that nothing tells again are kept, a few at most, and offered again.
 */
export class MetricFlush {
  readonly #log: Log;
  readonly #metrics: ConnectorMeters;
  readonly #bell = new Doorbell();
  readonly #backoff = new Backoff(minRetry, maxRetry);
  /** Requests that must be accepted as they are, in their order. */
  readonly #waiting: OtlpBatch[] = [];
  #source: FlushSource;
  #output: Consumer<OtlpBatch>;
  #interval: Milliseconds;
  #lastTime = 0;
  #nextFlush = Infinity;
  #nextRetry = Infinity;
  #isRefused = false;

  /** An interval of 0 means that only `flushSoon` makes it send. */
  constructor(
    source: FlushSource,
    output: Consumer<OtlpBatch>,
    interval: Milliseconds,
    { log, metrics }: { readonly log: Log; readonly metrics: ConnectorMeters },
  ) {
    this.#source = source;
    this.#output = output;
    this.#interval = interval;
    this.#log = log;
    this.#metrics = metrics;
  }

  /** Changes where and when it sends. */
  reschedule(output: Consumer<OtlpBatch>, interval: Milliseconds): void {
    this.#output = output;
    this.#interval = interval;
    this.#nextFlush = nextAfter(interval);
    this.#bell.ring();
  }

  /** Takes another source, after what is left in this one. */
  replace(source: FlushSource): void {
    // A request on its way has what is in it; what it does not have comes in the next.
    let batch = this.#source.write(this.#time());
    while (batch !== undefined) {
      this.#keep(batch);
      this.#source.settle(true);
      batch = this.#source.hasMore ? this.#source.write(this.#time()) : undefined;
    }
    this.#source = source;
    this.#nextRetry = 0;
    this.#bell.ring();
  }

  /** Sends as soon as the last request is answered. */
  flushSoon(): void {
    this.#nextFlush = 0;
    this.#bell.ring();
  }

  /** Sends until the signal aborts, and then what is left. */
  async run(signal: AbortSignal): Promise<void> {
    const stop = (): void => this.#bell.ring();
    signal.addEventListener('abort', stop);
    this.#nextFlush = Math.min(this.#nextFlush, nextAfter(this.#interval));
    while (!signal.aborted) {
      const now = performance.now();
      if (now >= this.#nextFlush) {
        this.#nextFlush = nextAfter(this.#interval);
        const isDone = await this.#flush(signal);
        if (isDone) this.#backoff.reset();
        // Without an interval nothing else may come that sends it again.
        else if (this.#nextFlush === Infinity) this.#nextFlush = performance.now() + this.#backoff.next();
      } else if (now >= this.#nextRetry) await this.#offerWaiting(signal);
      else await this.#bell.wait(Math.min(this.#nextFlush, this.#nextRetry) - now);
    }
    signal.removeEventListener('abort', stop);
    await this.#finish();
  }

  /** Whether everything was accepted. */
  async #flush(signal: AbortSignal): Promise<boolean> {
    if (!(await this.#offerWaiting(signal))) return false;
    const source = this.#source;
    const batch = source.write(this.#time());
    if (batch === undefined) return true;
    if (source.isDelta) {
      source.settle(true);
      this.#keep(batch);
      return await this.#offerWaiting(signal);
    }
    const error = await this.#offer(batch, false, signal);
    // Meanwhile another source may have come, and then the rest of this one is waiting.
    source.settle(error === undefined);
    return error === undefined;
  }

  /** Offers the requests that wait, one after the other; whether all were accepted, or are lost. */
  async #offerWaiting(signal: AbortSignal): Promise<boolean> {
    this.#nextRetry = Infinity;
    for (let batch = this.#waiting[0]; batch !== undefined; batch = this.#waiting[0]) {
      const error = await this.#offer(batch, true, signal);
      if (error?.isRetryable === true) {
        const wait = Math.max(this.#backoff.next(), error.retryAfter ?? 0);
        this.#nextRetry = performance.now() + wait;
        return false;
      }
      if (error !== undefined) this.#metrics.lostPoints.with('refused').inc(batch.count);
      // It may have been given up for a later one.
      if (this.#waiting[0] === batch) this.#waiting.shift();
      this.#backoff.reset();
    }
    return true;
  }

  /** Offers a request; the error if it is refused. `isOnly` if no other request has what it has. */
  async #offer(batch: OtlpBatch, isOnly: boolean, signal: AbortSignal): Promise<DeliveryError | undefined> {
    let isAccepted = false;
    let isLost = false;
    const lose = (): void => {
      this.#metrics.flushes.with('lost').inc();
      if (isOnly) this.#metrics.lostPoints.with('undelivered').inc(batch.count);
    };
    try {
      await deliver(this.#output, batch, signal, (error) => {
        isLost = error !== undefined;
        if (isLost && isAccepted) lose();
      });
    } catch (thrown) {
      const error = DeliveryError.from(thrown);
      this.#metrics.flushes.with('refused').inc();
      // What lasts is told once.
      if (!this.#isRefused) {
        this.#log.warn('metrics were refused', { error: error.message, retryable: error.isRetryable });
      }
      this.#isRefused = true;
      return error;
    }
    isAccepted = true;
    if (isLost) lose();
    this.#metrics.flushes.with('accepted').inc();
    if (this.#isRefused) this.#log.info('metrics are accepted again');
    this.#isRefused = false;
    return undefined;
  }

  /** Sends what is left: twice where a series must first be told to have begun. */
  async #finish(): Promise<void> {
    const signal = AbortSignal.timeout(lastChance);
    for (let attempt = 1; attempt <= lastAttempts && !signal.aborted; attempt++) {
      const isDone = await this.#flush(signal);
      if (isDone && !this.#source.hasMore) return;
      if (!isDone) await this.#bell.wait(minRetry);
    }
    const left = this.#source.write(this.#time())?.count ?? 0;
    const waiting = this.#waiting.reduce((sum, { count }) => sum + count, 0);
    this.#metrics.lostPoints.with('shutdown').inc(left + waiting);
    this.#log.error('the last metrics were not accepted', { data_points: left + waiting });
  }

  #keep(batch: OtlpBatch): void {
    this.#waiting.push(batch);
    if (this.#waiting.length <= maxWaiting) return;
    const lost = this.#waiting.shift();
    this.#metrics.lostPoints.with('queue_full').inc(lost?.count ?? 0);
  }

  /** A time for the next request, later than the last one even if the clock was set back. */
  #time(): Milliseconds {
    this.#lastTime = Math.max(Date.now(), this.#lastTime + 1);
    return this.#lastTime;
  }
}

function nextAfter(interval: Milliseconds): number {
  return interval === 0 ? Infinity : performance.now() + interval;
}
