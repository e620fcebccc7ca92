import { Summary } from './summary.ts';

/**
 * The metrics of components. A component declares them in its definition and gets typed handles; the runtime adds the
 * labels of the component, and removes the metrics with the instance.
 */
export interface MetricSpec<K extends MetricKind | 'defined by arguments', L extends readonly string[]> {
  readonly kind: K;
  /** Of metrics that arguments define: how their names usually begin. */
  readonly name: string;
  readonly doc: string;
  readonly labels: L;
  /** Upper bounds of the buckets of a histogram, or the quantiles of a summary, in ascending order. */
  readonly buckets: readonly number[];
}

export type MetricKind = 'counter' | 'gauge' | 'histogram' | 'summary';
export type MetricSpecs = Readonly<Record<string, MetricSpec<MetricKind | 'defined by arguments', readonly string[]>>>;

/** A value that only grows. The name ends in `_total` unless Alloy's does not. */
export function counter(name: string, doc: string): MetricSpec<'counter', []>;
export function counter<const L extends readonly string[]>(
  name: string,
  doc: string,
  labels: L,
): MetricSpec<'counter', L>;
export function counter(
  name: string,
  doc: string,
  labels: readonly string[] = [],
): MetricSpec<'counter', readonly string[]> {
  return { kind: 'counter', name, doc, labels, buckets: [] };
}

/** A value that goes up and down. */
export function gauge(name: string, doc: string): MetricSpec<'gauge', []>;
export function gauge<const L extends readonly string[]>(name: string, doc: string, labels: L): MetricSpec<'gauge', L>;
export function gauge(
  name: string,
  doc: string,
  labels: readonly string[] = [],
): MetricSpec<'gauge', readonly string[]> {
  return { kind: 'gauge', name, doc, labels, buckets: [] };
}

/** Observations counted by upper bounds, given in ascending order. */
export function histogram(name: string, doc: string, buckets: readonly number[]): MetricSpec<'histogram', []>;
export function histogram<const L extends readonly string[]>(
  name: string,
  doc: string,
  buckets: readonly number[],
  labels: L,
): MetricSpec<'histogram', L>;
export function histogram(
  name: string,
  doc: string,
  buckets: readonly number[],
  labels: readonly string[] = [],
): MetricSpec<'histogram', readonly string[]> {
  return { kind: 'histogram', name, doc, labels, buckets };
}

/** Observations with quantiles of the latest ones, where dashboards know a metric as such; a histogram tells more. */
export function summary<const L extends readonly string[]>(
  name: string,
  doc: string,
  quantiles: readonly number[],
  labels: L,
): MetricSpec<'summary', L> {
  return { kind: 'summary', name, doc, labels, buckets: quantiles };
}

/** Metrics of which only the arguments of a component say what they are. */
export function definedByArguments(prefix: string, doc: string): MetricSpec<'defined by arguments', []> {
  return { kind: 'defined by arguments', name: prefix, doc, labels: [], buckets: [] };
}

export class Counter {
  value = 0;

  inc(by = 1): void {
    this.value += by;
  }
}

export class Gauge {
  value = 0;

  set(value: number): void {
    this.value = value;
  }

  inc(by = 1): void {
    this.value += by;
  }

  dec(by = 1): void {
    this.value -= by;
  }
}

export class Histogram {
  readonly bounds: readonly number[];
  /** Observations by bucket, not cumulated; the last is for what exceeds all bounds. */
  readonly counts: number[];
  sum = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = Array.from({ length: bounds.length + 1 }, () => 0);
  }

  /** Records a value, or several equal ones at once. */
  observe(value: number, times = 1): void {
    let bucket = 0;
    while (bucket < this.bounds.length && value > (this.bounds[bucket] ?? 0)) bucket++;
    this.counts[bucket] = (this.counts[bucket] ?? 0) + times;
    this.sum += value * times;
  }

  /** Records what another histogram with the same bounds has recorded. */
  add({ counts, sum }: Histogram): void {
    for (const [bucket, count] of counts.entries()) this.counts[bucket] = (this.counts[bucket] ?? 0) + count;
    this.sum += sum;
  }
}

interface Meters {
  counter: Counter;
  gauge: Gauge;
  histogram: Histogram;
  summary: Summary;
}

export type Meter = Counter | Gauge | Histogram | Summary;

/** The series of one metric with labels. Whoever adds series removes them: each is bounded by what it stands for. */
export class Family<M extends Meter, L extends readonly string[]> {
  readonly #make: () => M;
  readonly #series = new Map<string, { readonly values: readonly string[]; readonly meter: M }>();

  constructor(make: () => M) {
    this.#make = make;
  }

  /** The series with these label values, in the order of the label names; made on first use. */
  with(...values: { readonly [I in keyof L]: string }): M {
    const key = values.join('\xff');
    let series = this.#series.get(key);
    if (series === undefined) this.#series.set(key, (series = { values, meter: this.#make() }));
    return series.meter;
  }

  remove(...values: { readonly [I in keyof L]: string }): void {
    this.#series.delete(values.join('\xff'));
  }

  clear(): void {
    this.#series.clear();
  }

  series(): Iterable<{ readonly values: readonly string[]; readonly meter: M }> {
    return this.#series.values();
  }
}

/** Shows metrics whose names and labels are known only while running. Whoever shows them bounds and removes them. */
export class MetricSources {
  readonly #sources = new Set<() => readonly MetricFamily[]>();

  /** Asks the function for metrics whenever metrics are collected, until the function that is returned was called. */
  show(source: () => readonly MetricFamily[]): () => void {
    this.#sources.add(source);
    return () => this.#sources.delete(source);
  }

  collect(): readonly MetricFamily[] {
    return [...this.#sources].flatMap((source) => source());
  }
}

/** The handles of declared metrics: the meter itself, or a family where there are labels. */
export type MetersOf<S extends MetricSpecs> = {
  readonly [N in keyof S]: S[N] extends MetricSpec<'defined by arguments', []>
    ? MetricSources
    : S[N] extends MetricSpec<infer K extends MetricKind, infer L>
      ? L extends readonly []
        ? Meters[K]
        : Family<Meters[K], L>
      : never;
};

/** A metric as it is exposed: all of its series, with every label. */
export interface MetricFamily {
  readonly kind: MetricKind;
  readonly name: string;
  readonly doc: string;
  readonly series: readonly MetricSeries[];
}

export interface MetricSeries {
  readonly labels: readonly (readonly [string, string])[];
  readonly meter: Meter;
}

/** Makes the handles for declared metrics, and what reads them with the given labels added to each series. */
export function openMetrics<S extends MetricSpecs>(
  specs: S,
  labels: MetricSeries['labels'] = [],
): { readonly meters: MetersOf<S>; collect(): MetricFamily[] } {
  const opened = Object.entries(specs).map(([key, spec]) => ({ key, ...openMetric(spec) }));
  return {
    meters: Object.fromEntries(opened.map(({ key, handle }) => [key, handle])) as MetersOf<S>,
    collect: () =>
      opened
        .flatMap(({ collect }) => collect())
        .map((family) => ({
          ...family,
          series: family.series.map(({ labels: own, meter }) => ({ labels: withLabels(labels, own), meter })),
        })),
  };
}

function openMetric(spec: MetricSpecs[string]): {
  readonly handle: Meter | Family<Meter, readonly string[]> | MetricSources;
  collect(): readonly MetricFamily[];
} {
  const { kind, name, doc, labels: names } = spec;
  if (kind === 'defined by arguments') {
    const sources = new MetricSources();
    return { handle: sources, collect: () => sources.collect() };
  }
  const family = new Family<Meter, readonly string[]>(() => makeMeter(kind, spec.buckets));
  const handle = names.length === 0 ? family.with() : family;
  const series = (): MetricSeries[] =>
    Array.from(family.series(), ({ values, meter }) => ({
      labels: names.map((label, index) => [label, values[index] ?? ''] as const),
      meter,
    }));
  return { handle, collect: () => [{ kind, name, doc, series: series() }] };
}

/** Labels that come from data give way to those of the component, as those of scraped targets do. */
function withLabels(labels: MetricSeries['labels'], own: MetricSeries['labels']): MetricSeries['labels'] {
  const isTaken = (name: string): boolean => labels.some(([taken]) => taken === name);
  return [...labels, ...own.map(([name, value]) => [isTaken(name) ? `exported_${name}` : name, value] as const)];
}

/** A meter of a kind; only histograms have buckets, and only summaries quantiles. */
export function makeMeter<K extends MetricKind>(kind: K, buckets: readonly number[]): Meters[K];
export function makeMeter(kind: MetricKind, buckets: readonly number[]): Meter {
  switch (kind) {
    case 'counter':
      return new Counter();
    case 'gauge':
      return new Gauge();
    case 'histogram':
      return new Histogram(buckets);
    default:
      return new Summary(buckets);
  }
}
