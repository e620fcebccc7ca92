import { Backoff } from '../../../base/backoff.ts';
import type { Log } from '../../../base/log.ts';
import { nextTurn } from '../../../base/turns.ts';
import { DeliveryError, send } from '../../../flow/delivery.ts';
import { batchParts } from '../../../model/batch-parts.ts';
import { sampleCount, type SampleBatch } from '../../../model/sample-batch.ts';
import type { ScrapeMeters } from './metrics.ts';
import type { ScrapeClock } from './scrape-clock.ts';
import type { ScrapeSettings } from './scrape-settings.ts';

/** Float samples that are sent at once. */
const largestPart = 10_000;

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
   * opened before series were taken, is closed when the batch is on its way no more. A large batch is sent in parts, so
   * that whoever takes it does not keep others from their turns.
   */
  async send(batch: SampleBatch, lease: number, latest: number, settings: () => ScrapeSettings): Promise<void> {
    // The batch itself is not kept until it was delivered.
    const { table } = batch;
    const sent: Promise<void>[] = [];
    for (const part of batchParts(batch, largestPart)) {
      if (sent.length > 0) await nextTurn();
      const { settled } = await this.#sendPart(part, latest, settings);
      sent.push(settled);
    }
    void Promise.all(sent).then(() => table.closeLease(lease));
  }

  /** Resolves when a batch is accepted or lost, with a promise for when it is on its way no more. */
  async #sendPart(
    batch: SampleBatch,
    latest: number,
    settings: () => ScrapeSettings,
  ): Promise<{ readonly settled: Promise<void> }> {
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
        return { settled: Promise.resolve() };
      }
      this.#observe(start);
      this.#meters.forwarded.inc(samples);
      this.#lastProblem = '';
      const settled = delivered.catch((thrown: unknown) =>
        this.#lost('undelivered', samples, DeliveryError.from(thrown)),
      );
      return { settled };
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
