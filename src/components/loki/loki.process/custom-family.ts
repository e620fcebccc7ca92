import type { Milliseconds } from '../../../base/duration.ts';
import { GenerationCache } from '../../../base/generation-cache.ts';
import {
  type Counter,
  type Gauge,
  Histogram,
  makeMeter,
  type MetricFamily,
  type MetricSeries,
} from '../../../component/metrics.ts';
import { Labels } from '../../../model/labels.ts';
import type { Passage } from './passage.ts';

/** Series that a metric may have. Idle ones make room; while there is none, updates for more are rejected and counted. */
const maxSeries = 10_000;

/** Label sets of entries whose series is remembered. */
const maxKnownLabels = 4096;

/** How often a metric without room looks for idle series. */
const sweepPeriod: Milliseconds = 1000;

type CustomMeter = Counter | Gauge | Histogram;

export interface CustomMetric {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly name: string;
  readonly doc: string;
  /** Upper bounds of the buckets of a histogram, in ascending order. */
  readonly buckets: readonly number[];
  /** Series that were not updated for as long are removed. */
  readonly maxIdle: Milliseconds;
}

interface Series {
  readonly key: string;
  readonly labels: MetricSeries['labels'];
  readonly meter: CustomMeter;
  /** What the batch that came last does to it. */
  update: Update | undefined;
  /** On the clock of `performance.now`. */
  updatedAt: Milliseconds;
  /** Whether a batch that changes it has been accepted. */
  isShown: boolean;
  isRemoved: boolean;
}

/** What one batch does to a series. */
export class Update {
  readonly batch: number;
  readonly series: Series;
  readonly #observed: Histogram | undefined;
  #isSet = false;
  #value = 0;

  constructor(batch: number, series: Series) {
    this.batch = batch;
    this.series = series;
    this.#observed = series.meter instanceof Histogram ? new Histogram(series.meter.bounds) : undefined;
  }

  add(by: number): void {
    this.#value += by;
  }

  set(to: number): void {
    this.#isSet = true;
    this.#value = to;
  }

  observe(value: number): void {
    this.#observed?.observe(value);
  }

  applyTo(meter: CustomMeter): void {
    if (!(meter instanceof Histogram)) {
      meter.value = this.#isSet ? this.#value : meter.value + this.#value;
    } else if (this.#observed !== undefined) {
      meter.add(this.#observed);
    }
  }
}

/**
 * A metric that a stage defines, with a series for each set of labels. What a batch does to it is done when the batch is
 * accepted, so that one that is refused and comes again does not count twice.
 */
export class CustomFamily {
  readonly #metric: CustomMetric;
  readonly #passage: Passage;
  readonly #rejected: Counter;
  /** By what is shown of the labels. */
  readonly #series = new Map<string, Series>();
  readonly #known = new GenerationCache<Labels, Series>(maxKnownLabels);
  #lastLabels: Labels | undefined;
  #lastUpdate: Update | undefined;
  #updates: Update[] = [];
  #updatesOf = 0;
  #sweptAt: Milliseconds = -Infinity;

  constructor(metric: CustomMetric, passage: Passage, rejected: Counter) {
    this.#metric = metric;
    this.#passage = passage;
    this.#rejected = rejected;
  }

  isLike({ kind, buckets }: CustomMetric): boolean {
    return kind === this.#metric.kind && String(buckets) === String(this.#metric.buckets);
  }

  /** What the current batch does to the series for an entry with these labels. Undefined if there is no room for it. */
  updateFor(labels: Labels): Update | undefined {
    if (labels === this.#lastLabels && this.#lastUpdate?.batch === this.#passage.number) return this.#lastUpdate;
    const series = this.#seriesFor(labels);
    if (series === undefined) {
      this.#rejected.inc();
      return undefined;
    }
    this.#lastLabels = labels;
    this.#lastUpdate = this.#updateOf(series);
    return this.#lastUpdate;
  }

  /** Idle series are shown one last time. */
  collect(): MetricFamily {
    const { kind, name, doc } = this.#metric;
    const series = [...this.#series.values()].filter(({ isShown }) => isShown);
    this.#sweep();
    return { kind, name, doc, series };
  }

  #updateOf(series: Series): Update {
    const { number } = this.#passage;
    if (series.update?.batch === number) return series.update;
    if (this.#updatesOf !== number) {
      const updates: Update[] = [];
      this.#updates = updates;
      this.#updatesOf = number;
      this.#passage.onAcceptance(() => this.#apply(updates));
    }
    const update = new Update(number, series);
    series.update = update;
    this.#updates.push(update);
    return update;
  }

  #apply(updates: readonly Update[]): void {
    const now = performance.now();
    for (const update of updates) {
      // It may have become idle while the batch waited.
      const series = this.#series.get(update.series.key) ?? update.series;
      this.#series.set(series.key, series);
      update.applyTo(series.meter);
      series.updatedAt = now;
      series.isShown = true;
      series.isRemoved = false;
    }
  }

  #seriesFor(labels: Labels): Series | undefined {
    const known = this.#known.get(labels);
    if (known?.isRemoved === false) return known;
    const shown = shownLabels(labels, this.#metric.kind);
    const key = shown.toString();
    let series = this.#series.get(key);
    if (series === undefined) {
      if (this.#series.size >= maxSeries && performance.now() >= this.#sweptAt + sweepPeriod) this.#sweep();
      if (this.#series.size >= maxSeries) return undefined;
      series = this.#newSeries(key, shown);
      this.#series.set(key, series);
    }
    this.#known.set(labels, series);
    return series;
  }

  #newSeries(key: string, labels: Labels): Series {
    const meter = makeMeter(this.#metric.kind, this.#metric.buckets);
    const updatedAt = performance.now();
    return { key, labels: [...labels], meter, update: undefined, updatedAt, isShown: false, isRemoved: false };
  }

  #sweep(): void {
    const now = performance.now();
    this.#sweptAt = now;
    for (const [key, series] of this.#series) {
      if (now - series.updatedAt < this.#metric.maxIdle) continue;
      series.isRemoved = true;
      this.#series.delete(key);
    }
  }
}

/** The name as the text format can say it. */
export function validName(name: string): string {
  return name.replaceAll(/^\d|[^a-zA-Z0-9_:]/g, '_');
}

/** The labels that a series has: those that are sent to Loki, under names that the text format can say. */
function shownLabels(labels: Labels, kind: CustomMetric['kind']): Labels {
  const pairs = [...labels]
    .filter(([name]) => !name.startsWith('__'))
    .map(([name, value]): [string, string] => {
      const valid = validName(name).replaceAll(':', '_');
      return [kind === 'histogram' && valid === 'le' ? 'exported_le' : valid, value];
    });
  return Labels.from(pairs);
}
