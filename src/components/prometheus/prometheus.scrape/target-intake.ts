import { ParseError } from '../../../base/parse-error.ts';
import type { Turns } from '../../../base/turns.ts';
import type { MetricFamily } from '../../../model/metric-family.ts';
import type { BatchKit } from './batch-maker.ts';
import { Families } from './families.ts';
import { BodyTooLarge, type Fetched } from './fetch-exposition.ts';
import { LoopCounts } from './loop-counts.ts';
import type { LoopHost } from './loop-host.ts';
import { chooseFormat } from './negotiation.ts';
import { ReadFailure } from './read-failure.ts';
import { ReportSeries } from './report-series.ts';
import { ScrapedTarget } from './scraped-target.ts';
import type { ScrapeReader } from './scrape-reader.ts';
import type { ScrapeSettings } from './scrape-settings.ts';
import type { ScrapeTarget } from './scrape-target.ts';
import { TargetLabels } from './series-labels.ts';
import { TargetSeries } from './target-series.ts';

/** Scrapes from one in which families are looked at to the next. */
const familiesPeriod = 10;
const noFamilies: readonly MetricFamily[] = [];

/** How the last scrape of a target went. */
export interface LastScrape {
  readonly health: 'unknown' | 'up' | 'down';
  readonly error: string;
  /** Milliseconds since 1970; 0 if there was none. */
  readonly at: number;
  readonly seconds: number;
  readonly samples: number;
}

/** A scrape that has been answered, or that has failed. */
export interface Scrape {
  readonly target: ScrapeTarget;
  readonly answer: Fetched | Error;
  /** That of the samples. */
  readonly timestamp: number;
  /** When it began, by `performance.now`. */
  readonly start: number;
}

/** What is taken in of one target from scrape to scrape: it makes batches of the answers, and of the end of everything. */
export class TargetIntake {
  readonly #host: LoopHost;
  readonly #labels: TargetLabels;
  readonly #series: TargetSeries;
  readonly #report: ReportSeries;
  readonly #counts: LoopCounts;
  #families: Families | undefined;
  /** Scrapes since families were looked at, and whether series have come since then that they may be new for. */
  #sinceFamilies = 0;
  #hasNewSeries = false;
  #shown: ScrapedTarget | undefined;
  /** When it was last scraped with success, by the timestamp of the samples; 0 if it was not. */
  #scrapedAt = 0;
  #hadBadTimes = false;

  constructor(target: ScrapeTarget, host: LoopHost) {
    this.#host = host;
    this.#labels = new TargetLabels(target.labels);
    this.#series = new TargetSeries(host.table);
    this.#report = new ReportSeries(host.table, target.labels);
    this.#counts = new LoopCounts(host.meters, host.settings().defaults.job);
  }

  /** Series that are known. */
  get size(): number {
    return this.#series.size;
  }

  /** Puts everything that a scrape has to say into a kit. */
  *take({ builder, marks, reader }: BatchKit, { target, answer, timestamp, start }: Scrape): Turns<LastScrape> {
    const settings = this.#host.settings();
    reader.reset();
    const failure = answer instanceof Error ? answer : yield* this.#read(reader, answer, target, settings, timestamp);
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
      scrape_timeout_seconds: target.timeout / 1000,
      scrape_sample_limit: settings.read.maxSamples,
      scrape_body_size_bytes: answer instanceof Error ? (answer instanceof BodyTooLarge ? -1 : 0) : answer.body.length,
    };
    this.#report.add(builder, marks, timestamp, report, settings.hasExtraMetrics);
    if (failure === undefined) {
      yield* this.#series.commit(builder, marks, timestamp);
      this.#families?.commit();
      this.#hasNewSeries ||= reader.newSeries > 0;
      this.#scrapedAt = timestamp;
      this.#countBadTimes(reader, target);
    } else {
      const hasForgotten = yield* this.#series.fail(builder, marks, timestamp);
      if (hasForgotten) this.#host.meters.cacheFlushed.inc();
      this.#scrapedAt = 0;
      this.#families = undefined;
      this.#countFailure(failure);
      this.#host.failed(target, failure.message);
    }
    const error = failure?.message ?? '';
    if (error !== '') this.#host.log.debug('a scrape has failed', { target: target.url.href, error });
    this.#counts.update(this.size, this.#families);
    builder.setTarget(this.#shownAs(target));
    return { health: failure === undefined ? 'up' : 'down', error, at: timestamp, seconds, samples: reader.samples };
  }

  /** Says of everything that it has ended, and forgets it. */
  *end({ builder, marks }: BatchKit, timestamp: number): Turns<void> {
    marks.begin();
    yield* this.#series.fail(builder, marks, timestamp);
    this.#report.endAll(builder, marks, timestamp);
    yield* this.forget();
  }

  /** Forgets everything without saying anything. */
  *forget(): Turns<void> {
    yield* this.#series.close();
    this.#report.close();
    this.#families = undefined;
    this.#counts.update(0, undefined);
  }

  *#read(
    reader: ScrapeReader,
    answer: Fetched,
    target: ScrapeTarget,
    settings: ScrapeSettings,
    timestamp: number,
  ): Turns<ReadFailure | undefined> {
    const chosen = chooseFormat(answer.contentType, settings.fallback);
    if (chosen instanceof ParseError) return new ReadFailure('invalid', chosen.message);
    const { format, problem } = chosen;
    if (problem !== undefined)
      this.#host.log.debug('how a target writes metrics is guessed', { target: target.url.href, problem, format });
    const read = {
      cache: this.#series.cacheFor(format, target, settings.read),
      converted: this.#series.converted,
      keepsClassicHistograms: target.keepsClassicHistograms,
      labels: this.#labels,
      families: this.#familiesToRead(settings.sendsMetadata),
      tellsFamilies: settings.sendsMetadata,
      scrapedAt: this.#scrapedAt,
    };
    return yield* reader.read(answer.body, read, settings.read, timestamp);
  }

  /**
   * Where they are not sent, families are for those who ask. They are looked at in the first scrape, and then only some time
   * after series have come, since comments cost as much to read as samples.
   */
  #familiesToRead(areSent: boolean): Families | undefined {
    this.#sinceFamilies++;
    const isDue = this.#families === undefined || (this.#hasNewSeries && this.#sinceFamilies >= familiesPeriod);
    this.#families ??= new Families();
    if (!areSent && !isDue) return undefined;
    this.#sinceFamilies = 0;
    this.#hasNewSeries = false;
    return this.#families;
  }

  #shownAs(target: ScrapeTarget): ScrapedTarget {
    if (this.#shown?.of !== target) this.#shown = new ScrapedTarget(target, () => this.#families?.all ?? noFamilies);
    return this.#shown;
  }

  #countFailure(failure: Error | ReadFailure): void {
    const { meters } = this.#host;
    if (failure instanceof BodyTooLarge) meters.bodyTooLarge.inc();
    if (!(failure instanceof ReadFailure)) return;
    if (failure.kind === 'labels') meters.labelLimitsExceeded.inc();
    if (failure.kind === 'samples') meters.sampleLimitExceeded.inc();
    if (failure.kind === 'buckets') meters.bucketLimitExceeded.inc();
  }

  #countBadTimes(
    { duplicates, outOfOrder, outOfBounds, exemplarsOutOfOrder }: ScrapeReader,
    target: ScrapeTarget,
  ): void {
    const { meters, log } = this.#host;
    meters.duplicates.inc(duplicates);
    meters.outOfOrder.inc(outOfOrder);
    meters.outOfBounds.inc(outOfBounds);
    meters.exemplarsOutOfOrder.inc(exemplarsOutOfOrder);
    const isBad = duplicates + outOfOrder + outOfBounds > 0;
    if (isBad && !this.#hadBadTimes)
      log.warn('samples of a target were dropped', {
        target: target.url.href,
        duplicates,
        out_of_order: outOfOrder,
        out_of_bounds: outOfBounds,
      });
    this.#hadBadTimes = isBad;
  }
}
