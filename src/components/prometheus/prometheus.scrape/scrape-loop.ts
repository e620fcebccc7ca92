import { messageOf } from '../../../base/message-of.ts';
import { ParseError } from '../../../base/parse-error.ts';
import { Families } from './families.ts';
import { BodyTooLarge, type Fetched } from './fetch-exposition.ts';
import type { LoopHost } from './loop-host.ts';
import { chooseFormat } from './negotiation.ts';
import { formatPrometheusDuration } from './prometheus-duration.ts';
import { ReadFailure } from './read-failure.ts';
import { ReportSeries } from './report-series.ts';
import { firstTick, offsetOf, scrapeTimestamp } from './scrape-clock.ts';
import type { ScrapeSettings } from './scrape-settings.ts';
import type { ScrapeTarget } from './scrape-target.ts';
import { TargetLabels } from './series-labels.ts';
import { TargetSeries } from './target-series.ts';

export type TargetHealth = 'unknown' | 'up' | 'down';

/** How the last scrape of a target went. */
export interface LastScrape {
  readonly health: TargetHealth;
  readonly error: string;
  /** Milliseconds since 1970; 0 if there was none. */
  readonly at: number;
  readonly seconds: number;
  readonly samples: number;
}

/** Scrapes one target again and again. One scrape is over, its samples accepted, before the next begins. */
export class ScrapeLoop {
  last: LastScrape = { health: 'unknown', error: '', at: 0, seconds: 0, samples: 0 };
  readonly #host: LoopHost;
  readonly #labels: TargetLabels;
  readonly #series: TargetSeries;
  readonly #report: ReportSeries;
  #families: Families | undefined;
  #target: ScrapeTarget;
  /** Aborts to end what goes on: scraping, or waiting for the time to say that the target has gone. */
  #phase = new AbortController();
  #running: Promise<void> = Promise.resolve();
  /** The tick that comes next. */
  #tick = 0;
  /** When it was last scraped with success, by the timestamp of the samples; 0 if it was not. */
  #scrapedAt = 0;
  /** The moment of the last scrape, 0 before the first. */
  #begunAt = 0;
  #hadBadTimes = false;
  /** What it counts for in the metrics that speak of all targets. */
  #countedSeries = 0;
  #countedFamilies = 0;
  readonly #job: string;

  constructor(target: ScrapeTarget, host: LoopHost) {
    this.#target = target;
    this.#host = host;
    this.#job = host.settings().defaults.job;
    this.#labels = new TargetLabels(target.labels);
    this.#series = new TargetSeries(host.table);
    this.#report = new ReportSeries(host.table, target.labels);
  }

  get target(): ScrapeTarget {
    return this.#target;
  }

  /** Scrapes from now on, also a target that seemed to have gone: its series are known still. */
  start(): void {
    this.#begin((signal) => this.#scrapeOn(signal));
  }

  /** Takes the same target with other times or settings. */
  update(target: ScrapeTarget): void {
    const { interval } = this.#target;
    this.#target = target;
    if (target.interval !== interval) this.start();
  }

  /** Scrapes no more, and marks all series as ended if nobody starts it again within two intervals. */
  leave(gone: () => void): void {
    this.#begin(async (signal) => {
      const { clock } = this.#host;
      const { interval } = this.#target;
      const missed = this.#tick;
      if (!(await clock.sleep(missed + 1.1 * interval - clock.now(), signal))) return;
      await this.#sendEnd(missed);
      if (!signal.aborted) gone();
    });
  }

  /** Ends what goes on without saying anything to anyone, and resolves when it has ended. */
  async stop(): Promise<void> {
    this.#phase.abort();
    await this.#running;
    this.#forget();
  }

  #begin(work: (signal: AbortSignal) => Promise<void>): void {
    this.#phase.abort();
    this.#phase = new AbortController();
    const { signal } = this.#phase;
    const { stopped, broken } = this.#host;
    this.#running = this.#running
      .then(() => (signal.aborted || stopped.aborted ? undefined : work(signal)))
      .catch(broken);
  }

  async #scrapeOn(signal: AbortSignal): Promise<void> {
    const { clock } = this.#host;
    this.#tick = this.#firstTick();
    while (await clock.sleep(this.#tick - clock.now(), signal)) {
      const tick = this.#tick;
      // What begins now must not be begun again, whoever asks for the next tick meanwhile.
      this.#tick += this.#target.interval;
      await this.#scrape(tick);
      if (signal.aborted) return;
      this.#skipMissed();
    }
  }

  #firstTick(): number {
    const { clock, seed } = this.#host;
    const { key, interval } = this.#target;
    return firstTick(clock.now(), interval, offsetOf(key, seed, interval));
  }

  /** Of the ticks that have passed, the latest is caught up with. */
  #skipMissed(): void {
    const { clock, meters } = this.#host;
    const { interval } = this.#target;
    const late = clock.now() - this.#tick;
    // Somebody has set the clock back.
    if (late < -interval) this.#tick = this.#firstTick();
    if (late < interval) return;
    const skipped = Math.floor(late / interval);
    meters.skipped.inc(skipped);
    this.#tick += skipped * interval;
  }

  async #scrape(tick: number): Promise<void> {
    const host = this.#host;
    const { interval } = this.#target;
    const begun = host.clock.now();
    const timestamp = scrapeTimestamp(begun, tick, interval);
    const start = performance.now();
    this.#observeInterval(begun);
    let answer: Fetched | Error;
    try {
      const refusal = host.refusal();
      answer = refusal === undefined ? await host.fetch(this.#target) : new Error(refusal);
    } catch (error) {
      answer = error instanceof Error ? error : new Error(messageOf(error));
    }
    if (host.stopped.aborted) return;
    host.meters.duration.observe((performance.now() - start) / 1000);
    const lease = host.table.openLease();
    this.#read(answer, timestamp, start);
    const batch = host.builder.finish();
    if (batch === undefined) host.table.closeLease(lease);
    else await host.sender.send(batch, lease, begun + interval, host.settings);
  }

  #observeInterval(now: number): void {
    const seconds = (now - this.#begunAt) / 1000;
    const name = formatPrometheusDuration(this.#target.interval);
    if (this.#begunAt > 0) this.#host.meters.intervalSeconds.with(name).observe(seconds);
    this.#begunAt = now;
  }

  /** Puts everything that a scrape has to say into the builder. */
  #read(answer: Fetched | Error, timestamp: number, start: number): void {
    const { builder, marks, reader, settings: settingsOf, log } = this.#host;
    const settings = settingsOf();
    reader.reset();
    let failure: Error | ReadFailure | undefined = answer instanceof Error ? answer : undefined;
    if (!(answer instanceof Error)) failure = this.#readAnswer(answer, settings, timestamp);
    if (failure !== undefined) {
      // Nothing of a response counts that cannot be taken as a whole.
      builder.clear();
      marks.begin();
    }
    const seconds = (performance.now() - start) / 1000;
    const report = {
      up: failure === undefined ? 1 : 0,
      scrape_duration_seconds: seconds,
      scrape_samples_scraped: reader.samples,
      scrape_samples_post_metric_relabeling: reader.kept,
      scrape_series_added: reader.newSeries,
      scrape_timeout_seconds: this.#target.timeout / 1000,
      scrape_sample_limit: settings.read.maxSamples,
      scrape_body_size_bytes: answer instanceof Error ? (answer instanceof BodyTooLarge ? -1 : 0) : answer.body.length,
    };
    this.#report.add(builder, marks, timestamp, report, settings.hasExtraMetrics);
    if (failure === undefined) {
      this.#series.commit(builder, marks, timestamp);
      this.#families?.commit();
      this.#scrapedAt = timestamp;
      this.#countBadTimes();
    } else {
      this.#fail(failure, timestamp);
    }
    const error = failure?.message ?? '';
    if (error !== '') log.debug('a scrape has failed', { target: this.#target.url.href, error });
    const health = failure === undefined ? 'up' : 'down';
    this.#count();
    this.last = { health, error, at: timestamp, seconds, samples: reader.samples };
  }

  #readAnswer(answer: Fetched, settings: ScrapeSettings, timestamp: number): ReadFailure | undefined {
    const { log, reader } = this.#host;
    const { url } = this.#target;
    const chosen = chooseFormat(answer.contentType, settings.fallback);
    if (chosen instanceof ParseError) return new ReadFailure('invalid', chosen.message);
    const { format, problem } = chosen;
    if (problem !== undefined)
      log.debug('how a target writes metrics is guessed', { target: url.href, problem, format });
    if (settings.sendsMetadata) this.#families ??= new Families();
    else this.#families = undefined;
    const target = {
      cache: this.#series.cacheFor(format, this.#target, settings.read),
      converted: this.#series.converted,
      keepsClassicHistograms: this.#target.keepsClassicHistograms,
      labels: this.#labels,
      families: this.#families,
      scrapedAt: this.#scrapedAt,
    };
    return reader.read(answer.body, target, settings.read, timestamp);
  }

  #fail(failure: Error | ReadFailure, timestamp: number): void {
    const { builder, marks, meters } = this.#host;
    if (this.#series.fail(builder, marks, timestamp)) meters.cacheFlushed.inc();
    this.#scrapedAt = 0;
    this.#families = undefined;
    this.#host.failed(this.#target, failure.message);
    if (failure instanceof BodyTooLarge) meters.bodyTooLarge.inc();
    if (!(failure instanceof ReadFailure)) return;
    if (failure.kind === 'labels') meters.labelLimitsExceeded.inc();
    if (failure.kind === 'samples') meters.sampleLimitExceeded.inc();
    if (failure.kind === 'buckets') meters.bucketLimitExceeded.inc();
  }

  #countBadTimes(): void {
    const { meters, reader, log } = this.#host;
    const { duplicates, outOfBounds } = reader;
    meters.duplicates.inc(duplicates);
    meters.outOfBounds.inc(outOfBounds);
    const isBad = duplicates + outOfBounds > 0;
    if (isBad && !this.#hadBadTimes)
      log.warn('samples of a target were dropped', {
        target: this.#target.url.href,
        duplicates,
        out_of_bounds: outOfBounds,
      });
    this.#hadBadTimes = isBad;
  }

  /** Says of everything that it has ended. */
  async #sendEnd(timestamp: number): Promise<void> {
    const { table, builder, marks, sender, settings, clock } = this.#host;
    const lease = table.openLease();
    marks.begin();
    this.#series.fail(builder, marks, timestamp);
    this.#report.endAll(builder, marks, timestamp);
    this.#forget();
    const batch = builder.finish();
    if (batch === undefined) table.closeLease(lease);
    else await sender.send(batch, lease, clock.now() + this.#target.interval, settings);
  }

  #forget(): void {
    this.#series.close();
    this.#report.close();
    this.#families = undefined;
    this.#count();
  }

  #count(): void {
    const { meters } = this.#host;
    const series = this.#series.size;
    const families = this.#families?.size ?? 0;
    meters.cachedSeries.inc(series - this.#countedSeries);
    meters.metadataEntries.with(this.#job).inc(families - this.#countedFamilies);
    this.#countedSeries = series;
    this.#countedFamilies = families;
  }
}
