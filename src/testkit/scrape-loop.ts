import { ParseError } from '../base/parse-error.ts';
import { openMetrics } from '../component/metrics.ts';
import { BatchMaker, LargeBatches } from '../components/prometheus/prometheus.scrape/batch-maker.ts';
import { BodyMemory } from '../components/prometheus/prometheus.scrape/body-memory.ts';
import type { Fetched } from '../components/prometheus/prometheus.scrape/fetch-exposition.ts';
import { scrapeFields } from '../components/prometheus/prometheus.scrape/fields.ts';
import { scrapeMetrics, type ScrapeMeters } from '../components/prometheus/prometheus.scrape/metrics.ts';
import { SampleSender } from '../components/prometheus/prometheus.scrape/sample-sender.ts';
import type { LoopHost } from '../components/prometheus/prometheus.scrape/loop-host.ts';
import { ScrapeLoop } from '../components/prometheus/prometheus.scrape/scrape-loop.ts';
import { scrapeSettings, type ScrapeSettings } from '../components/prometheus/prometheus.scrape/scrape-settings.ts';
import { scrapeTarget, type ScrapeTarget } from '../components/prometheus/prometheus.scrape/scrape-target.ts';
import { SeriesMarks } from '../components/prometheus/prometheus.scrape/series-marks.ts';
import { logTo } from '../base/log.ts';
import type { Consumer } from '../flow/delivery.ts';
import { Labels } from '../model/labels.ts';
import type { SampleBatch } from '../model/sample-batch.ts';
import { metrics } from '../model/signal.ts';
import { argumentsFrom, receiverFor } from './arguments.ts';
import { collect } from './collect.ts';
import { plainSamples, testSeries } from './metric-samples.ts';
import { VirtualClock } from './virtual-clock.ts';

/** What a target answers: a text in the Prometheus format, all of a response, or that there is none. */
export type Answer = string | Fetched | Error;

/** A loop that scrapes a made-up target every ten seconds of a virtual clock. */
export class TestLoop {
  readonly clock = new VirtualClock(1_700_000_000_000);
  readonly table = testSeries();
  readonly meters: ScrapeMeters;
  readonly logged: string[] = [];
  readonly loop: ScrapeLoop;
  answer: Answer = '';
  /** What went wrong that must not. */
  brokenBy: unknown;
  #settings: ScrapeSettings;
  readonly #stop = new AbortController();
  readonly #out = collect(metrics);
  #taken = 0;
  #consumer: Consumer<SampleBatch>;

  constructor(args = '', consumer?: Consumer<SampleBatch>) {
    this.#consumer = consumer ?? this.#out;
    this.#settings = this.settingsOf(args);
    this.meters = openMetrics(scrapeMetrics).meters;
    const { clock, table, meters } = this;
    const log = logTo((level, message, fields) => this.logged.push(`${level}: ${message} ${JSON.stringify(fields)}`));
    const host: LoopHost = {
      clock,
      log,
      meters,
      table,
      maker: new BatchMaker(table, new SeriesMarks(table), new LargeBatches(table)),
      bodies: new BodyMemory(),
      sender: new SampleSender(meters, log, clock, this.#stop.signal),
      seed: 'seed',
      stopped: this.#stop.signal,
      broken: (error) => (this.brokenBy = error),
      settings: () => this.#settings,
      refusal: () => undefined,
      fetch: () => this.#fetch(),
      failed: () => undefined,
    };
    this.loop = new ScrapeLoop(this.target(), host);
    this.loop.start();
  }

  settingsOf(args: string): ScrapeSettings {
    const defaults = 'targets = []\nforward_to = [out]\nscrape_interval = "10s"\nscrape_timeout = "5s"\n';
    const names = { out: receiverFor(metrics, this.#consumer) };
    return scrapeSettings(argumentsFrom(scrapeFields, defaults + args, names), 'prometheus.scrape.x', this.#settings);
  }

  /** The target, with more labels. */
  target(labels: Readonly<Record<string, string>> = {}): ScrapeTarget {
    const given = Labels.fromRecord({ __address__: 'host:1', job: 'j', instance: 'i', ...labels });
    const target = scrapeTarget(given, this.#settings.defaults);
    if (target === undefined || target instanceof ParseError) throw new Error(target?.message ?? 'no labels');
    return target;
  }

  update(args: string): void {
    this.#settings = this.settingsOf(args);
    this.loop.update(this.target());
  }

  /** Lets one interval pass, in which the target answers that; gives what was sent, `name{label="value"} value@time`. */
  async scrape(answer: Answer): Promise<string[]> {
    this.answer = answer;
    await this.clock.advance(10_000);
    if (this.brokenBy !== undefined) throw this.brokenBy;
    return this.taken();
  }

  /** As `scrape`, without what is reported of the scrape itself. */
  async scrapeSeries(answer: Answer): Promise<string[]> {
    const sent = await this.scrape(answer);
    return sent.filter((line) => !/^(?:up|scrape_\w+)[ {]/.test(line));
  }

  /** What was sent since it was asked last, by series. Times are seconds from when the clock began. */
  taken(): string[] {
    const batches = this.#out.batches.slice(this.#taken);
    this.#taken = this.#out.batches.length;
    return batches.flatMap((batch) => plainSamples(batch).samples.map(sampleText));
  }

  get batches(): readonly SampleBatch[] {
    return this.#out.batches;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.loop.stop();
    if (this.brokenBy !== undefined) throw this.brokenBy;
  }

  async #fetch(): Promise<Fetched> {
    const { answer } = this;
    if (answer instanceof Error) throw answer;
    return typeof answer === 'string' ? { body: Buffer.from(answer), contentType: 'text/plain' } : answer;
  }
}

function sampleText({ labels, value }: ReturnType<typeof plainSamples>['samples'][number]): string {
  const pairs = Object.entries(labels).filter(([name]) => name !== '__name__' && name !== 'job' && name !== 'instance');
  const text = pairs.map(([name, label]) => `${name}=${JSON.stringify(label)}`).join(',');
  const shown = typeof value === 'object' ? (value.isStale ? 'stale histogram' : `histogram ${value.count}`) : value;
  return `${labels['__name__']}${text === '' ? '' : `{${text}}`} ${shown}`;
}
