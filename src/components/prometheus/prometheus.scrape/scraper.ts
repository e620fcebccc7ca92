import { hostname } from 'node:os';
import type { Context } from '../../../component/component.ts';
import { allSeries, type SeriesTable } from '../../../model/series-table.ts';
import { httpClient, type HttpClient } from '../../../net/http-client.ts';
import { httpClientIdentity } from '../../../net/http-client-identity.ts';
import { BatchMaker, LargeBatches } from './batch-maker.ts';
import { BodyMemory } from './body-memory.ts';
import { FailureLog } from './failure-log.ts';
import { fetchExposition } from './fetch-exposition.ts';
import type { scrapeFields, ScrapeArguments } from './fields.ts';
import type { scrapeMetrics } from './metrics.ts';
import type { LoopHost } from './loop-host.ts';
import { formatPrometheusDuration } from './prometheus-duration.ts';
import { SampleSender } from './sample-sender.ts';
import { wallClock, type ScrapeClock } from './scrape-clock.ts';
import { ScrapeLoop } from './scrape-loop.ts';
import type { ScrapeTarget } from './scrape-target.ts';
import { scrapeSettings, type ScrapeSettings } from './scrape-settings.ts';
import { SeriesMarks } from './series-marks.ts';
import { targetSet } from './target-set.ts';

/** Shared by all scrapes of the process that are read at one go. */
const allMarks = new SeriesMarks(allSeries);
const allLarge = new LargeBatches(allSeries);

export type ScrapeContext = Context<typeof scrapeFields, {}, typeof scrapeMetrics>;

/** How long a client that was replaced is kept for the requests that are under way. */
const replacedClientTime = 600_000;

/** What does not come from the configuration. */
export interface ScrapeSurroundings {
  readonly clock: ScrapeClock;
  readonly table: SeriesTable;
  readonly marks: SeriesMarks;
  readonly large: LargeBatches;
}

const usualSurroundings: ScrapeSurroundings = { clock: wallClock, table: allSeries, marks: allMarks, large: allLarge };

/** Scrapes targets, each with a loop of its own. */
export class Scraper {
  readonly exports = {};
  readonly #context: ScrapeContext;
  readonly #surroundings: ScrapeSurroundings;
  #args: ScrapeArguments;
  #settings: ScrapeSettings;
  /** There while it runs. */
  #host: LoopHost | undefined;
  /** By the keys of their targets; also those of targets that have gone and may come again. */
  readonly #loops = new Map<string, ScrapeLoop>();
  readonly #leaving = new Set<ScrapeLoop>();
  #client: HttpClient | undefined;
  /** What the client was made of, and what it should be made of. */
  #clientIdentity = '';
  #wantedIdentity = '';
  #failureLog: FailureLog | undefined;
  #refusal: string | undefined;
  #problemsTold = '';
  /** Those for which there are metrics. */
  #intervals: ReadonlySet<string> = new Set();

  constructor(context: ScrapeContext, surroundings: ScrapeSurroundings = usualSurroundings) {
    this.#context = context;
    this.#surroundings = surroundings;
    this.#args = context.args;
    this.#settings = scrapeSettings(context.args, context.id, undefined);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
    const stop = new AbortController();
    signal.addEventListener('abort', () => resolve(), { once: true });
    if (signal.aborted) resolve();
    this.#context.metrics.pools.inc();
    this.#host = this.#makeHost(stop.signal, reject);
    this.#apply(this.#host);
    try {
      await ended;
    } finally {
      this.#host = undefined;
      stop.abort();
      await Promise.all(Array.from(this.#loops.values(), (loop) => loop.stop()));
      this.#loops.clear();
      this.#leaving.clear();
      this.#client?.close();
      await this.#failureLog?.close();
    }
  }

  /** Targets that stay are scraped on. */
  update(args: ScrapeArguments): void {
    const { metrics, id } = this.#context;
    const start = performance.now();
    const { job } = this.#settings.defaults;
    this.#args = args;
    this.#settings = scrapeSettings(args, id, this.#settings);
    metrics.reloads.inc();
    if (this.#settings.defaults.job !== job) this.#forgetJob(job);
    if (this.#host !== undefined) this.#apply(this.#host);
    const interval = formatPrometheusDuration(this.#settings.defaults.interval);
    metrics.reloadSummary.with(interval).observe((performance.now() - start) / 1000);
  }

  debugInfo(): { readonly target: readonly TargetInfo[] } {
    const loops = [...this.#loops.values()].filter((loop) => !this.#leaving.has(loop));
    return {
      target: loops.map(({ target, last }) => ({
        job: target.job,
        url: target.url.href,
        health: last.health,
        labels: new Map(target.labels),
        last_error: last.error,
        last_scrape: last.at === 0 ? '' : new Date(last.at).toISOString(),
        last_scrape_duration: `${Math.round(last.seconds * 1000)}ms`,
        samples: last.samples,
      })),
    };
  }

  #makeHost(stopped: AbortSignal, broken: (error: unknown) => void): LoopHost {
    const { clock, table, marks, large } = this.#surroundings;
    const { log, metrics: meters } = this.#context;
    return {
      clock,
      log,
      meters,
      table,
      maker: new BatchMaker(table, marks, large),
      bodies: new BodyMemory(),
      sender: new SampleSender(meters, log, clock, stopped),
      seed: hostname(),
      stopped,
      broken,
      settings: () => this.#settings,
      refusal: () => this.#refusal,
      fetch: (target, into) => {
        const { fetch } = this.#settings;
        // What does not leave the process need not be made smaller.
        const isHere = target.url.host === this.#context.program.memoryServer.address;
        const settings = isHere ? { ...fetch, isCompressionWanted: false } : fetch;
        return fetchExposition(this.#currentClient(stopped), target, settings, into, stopped);
      },
      failed: (target, error) => this.#failureLog?.add(target.job, target.url.href, error),
    };
  }

  /** The client, which stays with its connections as long as its settings do. */
  #currentClient(stopped: AbortSignal): HttpClient {
    if (this.#client !== undefined && this.#clientIdentity === this.#wantedIdentity) return this.#client;
    const { userAgent, variables, memoryServer } = this.#context.program;
    const replaced = this.#client;
    // Requests that are under way go on.
    if (replaced !== undefined)
      void this.#surroundings.clock.sleep(replacedClientTime, stopped).then(() => replaced.close());
    this.#client = httpClient(this.#args, { userAgent, variables, memoryServer });
    this.#clientIdentity = this.#wantedIdentity;
    return this.#client;
  }

  /** Starts and ends loops as the arguments want it. */
  #apply(host: LoopHost): void {
    const start = performance.now();
    const { metrics } = this.#context;
    const { job } = this.#settings.defaults;
    this.#wantedIdentity = httpClientIdentity(this.#args);
    this.#followFailureLog();
    const { targets, problems } = targetSet(this.#args.targets, this.#settings.defaults);
    this.#tellProblems(problems);
    metrics.syncFailed.with(job).inc(problems.length);
    this.#limit(targets.size);
    for (const [key, loop] of this.#loops) if (!targets.has(key) && !this.#leaving.has(loop)) this.#leave(key, loop);
    for (const [key, target] of targets) {
      let loop = this.#loops.get(key);
      if (loop === undefined) {
        this.#loops.set(key, (loop = new ScrapeLoop(target, host)));
        loop.start();
      } else {
        loop.update(target);
        if (this.#leaving.delete(loop)) loop.start();
      }
    }
    metrics.targets.set(targets.size);
    metrics.poolTargets.with(job).set(targets.size);
    metrics.targetLimit.with(job).set(this.#settings.maxTargets);
    metrics.syncs.with(job).inc();
    metrics.symbols.with(job).set(0);
    this.#forgetIntervals(targets.values());
    const seconds = (performance.now() - start) / 1000;
    metrics.syncSeconds.with(job).observe(seconds);
    metrics.syncSummary.with(job).observe(seconds);
  }

  /** Removes the metrics of a job name that is not used any more. */
  #forgetJob(job: string): void {
    const { poolTargets, targetLimit, symbols, syncs, syncFailed, syncSeconds, syncSummary } = this.#context.metrics;
    for (const family of [poolTargets, targetLimit, symbols, syncs, syncFailed, syncSeconds, syncSummary])
      family.remove(job);
  }

  /** Removes the metrics of intervals that no target has any more. */
  #forgetIntervals(targets: Iterable<ScrapeTarget>): void {
    const { intervalSeconds, intervalSummary, reloadSummary } = this.#context.metrics;
    const own = formatPrometheusDuration(this.#settings.defaults.interval);
    const intervals = new Set([own]);
    for (const { interval } of targets) intervals.add(formatPrometheusDuration(interval));
    for (const interval of this.#intervals.difference(intervals))
      for (const family of [intervalSeconds, intervalSummary, reloadSummary]) family.remove(interval);
    this.#intervals = intervals;
  }

  #leave(key: string, loop: ScrapeLoop): void {
    this.#leaving.add(loop);
    loop.leave(() => {
      this.#leaving.delete(loop);
      this.#loops.delete(key);
    });
  }

  #limit(targets: number): void {
    const { maxTargets } = this.#settings;
    const isBeyond = maxTargets > 0 && targets > maxTargets;
    if (isBeyond && this.#refusal === undefined) this.#context.metrics.targetLimitExceeded.inc();
    this.#refusal = isBeyond
      ? `target_limit exceeded (number of targets: ${targets}, limit: ${maxTargets})`
      : undefined;
  }

  #tellProblems(problems: readonly { readonly target: string; readonly error: string }[]): void {
    const told = JSON.stringify(problems);
    if (told === this.#problemsTold) return;
    this.#problemsTold = told;
    for (const { target, error } of problems.slice(0, 10))
      this.#context.log.error('cannot scrape a target', { target, error });
    if (problems.length > 10) this.#context.log.error('cannot scrape more targets', { targets: problems.length - 10 });
  }

  #followFailureLog(): void {
    const file = this.#settings.failureLogFile;
    if (file === '') this.#failureLog = undefined;
    else if (this.#failureLog?.file !== file) this.#failureLog = new FailureLog(file, this.#context.log);
  }
}

interface TargetInfo {
  readonly job: string;
  readonly url: string;
  readonly health: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly last_error: string;
  readonly last_scrape: string;
  readonly last_scrape_duration: string;
  readonly samples: number;
}
