/**
 * The metrics of components. A component declares them in its definition and gets typed handles; the runtime adds the
 * labels of the component, and removes the metrics with the instance.
 */
export interface MetricSpec<K extends MetricKind, L extends readonly string[]> {
  readonly kind: K;
  readonly name: string;
  readonly doc: string;
  readonly labels: L;
  /** Upper bounds of the buckets of a histogram, in ascending order. */
  readonly buckets: readonly number[];
}

export type MetricKind = 'counter' | 'gauge' | 'histogram';
export type MetricSpecs = Readonly<Record<string, MetricSpec<MetricKind, readonly string[]>>>;

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
}

interface Meters {
  counter: Counter;
  gauge: Gauge;
  histogram: Histogram;
}

export type Meter = Counter | Gauge | Histogram;

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

/** The handles of declared metrics: the meter itself, or a family where there are labels. */
export type MetersOf<S extends MetricSpecs> = {
  readonly [N in keyof S]: S[N] extends MetricSpec<infer K, infer L>
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
  labels: readonly (readonly [string, string])[] = [],
): { readonly meters: MetersOf<S>; collect(): MetricFamily[] } {
  const families = Object.entries(specs).map(([key, spec]) => {
    const family = new Family<Meter, readonly string[]>(() => makeMeter(spec));
    const handle = spec.labels.length === 0 ? family.with() : family;
    return { key, spec, family, handle };
  });
  return {
    meters: Object.fromEntries(families.map(({ key, handle }) => [key, handle])) as MetersOf<S>,
    collect: () =>
      families.map(({ spec, family }) => ({
        kind: spec.kind,
        name: spec.name,
        doc: spec.doc,
        series: [...family.series()].map(({ values, meter }) => ({
          labels: [...labels, ...spec.labels.map((name, index) => [name, values[index] ?? ''] as const)],
          meter,
        })),
      })),
  };
}

function makeMeter(spec: MetricSpec<MetricKind, readonly string[]>): Meter {
  switch (spec.kind) {
    case 'counter':
      return new Counter();
    case 'gauge':
      return new Gauge();
    default:
      return new Histogram(spec.buckets);
  }
}
