import { Backoff } from '../../../base/backoff.ts';
import type { Log } from '../../../base/log.ts';
import { DeliveryError, send } from '../../../flow/delivery.ts';
import { sampleCount, type SampleBatch } from '../../../model/sample-batch.ts';
import type { ScrapeMeters } from './metrics.ts';
import type { ScrapeClock } from './scrape-clock.ts';
import type { ScrapeSettings } from './scrape-settings.ts';

const [shortestWait, longestWait] = [100, 5000];

/** Sends batches for all targets of a component, and counts what is lost. */
export class SampleSender {
  readonly #meters: ScrapeMeters;
  readonly #log: Log;
  readonly #clock: ScrapeClock;
  /** Aborts when the component stops. */
  readonly #stopped: AbortSignal;
  /** So that what lasts is logged once. */
  #lastProblem = '';

  constructor(meters: ScrapeMeters, log: Log, clock: ScrapeClock, stopped: AbortSignal) {
    this.#meters = meters;
    this.#log = log;
    this.#clock = clock;
    this.#stopped = stopped;
  }

  /**
   * Resolves when a batch is accepted, or lost since it is refused still at a given time. The lease, which must have been
   * opened before series were taken, is closed when the batch is on its way no more.
   */
  async send(batch: SampleBatch, lease: number, latest: number, settings: () => ScrapeSettings): Promise<void> {
    const { table } = batch;
    const samples = sampleCount(batch);
    const backoff = new Backoff(shortestWait, longestWait);
    for (;;) {
      const start = performance.now();
      const { accepted, delivered } = send(settings().forwardTo, batch, this.#stopped);
      try {
        await accepted;
      } catch (thrown) {
        this.#observe(start);
        const error = DeliveryError.from(thrown);
        const wait = Math.max(error.retryAfter ?? 0, backoff.next());
        const canRetry = error.isRetryable && this.#clock.now() + wait < latest;
        if (canRetry && (await this.#clock.sleep(wait, this.#stopped))) continue;
        this.#lost('refused', samples, error);
        table.closeLease(lease);
        return;
      }
      this.#observe(start);
      this.#meters.forwarded.inc(samples);
      this.#lastProblem = '';
      delivered
        .catch((thrown: unknown) => this.#lost('undelivered', samples, DeliveryError.from(thrown)))
        .finally(() => table.closeLease(lease));
      return;
    }
  }

  #observe(start: number): void {
    this.#meters.latency.observe((performance.now() - start) / 1000);
  }

  #lost(reason: string, samples: number, error: DeliveryError): void {
    this.#meters.dropped.with(reason).inc(samples);
    const problem = `${reason}: ${error.message}`;
    if (problem !== this.#lastProblem) this.#log.warn('samples were lost', { reason, samples, error: error.message });
    this.#lastProblem = problem;
  }
}
