import { AttributeWriter } from '../../../formats/otlp/attribute-writer.ts';
import {
  MetricWriter,
  packedDoubles,
  temporality,
  type EncodedAttributes,
  type ExponentialBuckets,
  type PointHead,
} from '../../../formats/otlp/metric-writer.ts';
import type { Labels } from '../../../model/labels.ts';
import { metricTypeNames } from '../../../model/metric-family.ts';
import {
  customBoundsSchema,
  isExponential,
  type BucketSpan,
  type NativeHistogram,
} from '../../../model/native-histogram.ts';
import type { OtlpBatch } from '../../../model/otlp-batch.ts';
import { createdKey, type MetricGroup, type ResourceGroup, type ScopeGroup } from './groups.ts';
import type { Point } from './point.ts';
import { targetResource } from './target-resource.ts';
import { unitCode } from './unit-codes.ts';

/** Buckets between the first and the last that has counts; a histogram with more is not written. */
const maxBuckets = 100_000;

/** Why the samples of a point are dropped. */
export type PointProblem = 'no_count' | 'invalid_histogram';

/** Writes what the samples of a batch were put together to. */
export class PointWriter {
  readonly #version: string;
  readonly #dropped: (reason: PointProblem, samples: number) => void;
  readonly #writer = new MetricWriter();
  readonly #attributes = new AttributeWriter();

  /** The version is that of the scope where samples say none; the function is told how many samples are dropped. */
  constructor(version: string, dropped: (reason: PointProblem, samples: number) => void) {
    this.#version = version;
    this.#dropped = dropped;
  }

  /** A batch of all points, which were scraped from a target if it is known; undefined if there is none. */
  write(resources: Iterable<ResourceGroup>, target?: Labels): OtlpBatch | undefined {
    for (const { job, instance, info, scopes } of resources) {
      let isOpen = false;
      for (const scope of scopes.values()) {
        const metrics = [...scope.metrics.values()].map((metric) => ({ metric, points: this.#writable(metric) }));
        if (metrics.every(({ points }) => points.length === 0)) continue;
        if (!isOpen) this.#writer.resource(targetResource(job, instance, info, target));
        isOpen = true;
        this.#openScope(scope);
        for (const { metric, points } of metrics) if (points.length > 0) this.#writeMetric(scope, metric, points);
      }
    }
    return this.#writer.finish();
  }

  /** The points that can be written; the samples of others are dropped. */
  #writable({ kind, points }: MetricGroup): Point[] {
    const isGrouped = kind === 'histogram' || kind === 'summary';
    return [...points.values()].filter((point) => {
      let problem: PointProblem | undefined;
      if (point.native !== undefined) problem = isWritable(point.native) ? undefined : 'invalid_histogram';
      else if (isGrouped && point.count === undefined) problem = 'no_count';
      if (problem !== undefined) this.#dropped(problem, point.samples);
      return problem === undefined;
    });
  }

  #openScope({ name, version, schemaUrl, attributes }: ScopeGroup): void {
    const isNamed = name !== '' || version !== '' || schemaUrl !== '';
    const [shownName, shownVersion] = isNamed ? [name, version] : ['otelcol/prometheusreceiver', this.#version];
    this.#writer.scope(shownName, shownVersion, this.#list(attributes), schemaUrl);
  }

  #writeMetric(scope: ScopeGroup, metric: MetricGroup, points: readonly Point[]): void {
    const writer = this.#writer;
    const { name, kind, type, help: description, unit } = metric;
    const metadata = this.#list([['prometheus.type', metricTypeNames[type] ?? 'unknown']]);
    const identity = { name, description, unit: unitCode(unit), metadata };
    if (kind === 'gauge') writer.gauge(identity);
    else if (kind === 'summary') writer.summary(identity);
    else if (kind === 'histogram') writer.histogram(identity, temporality.cumulative);
    else if (kind === 'exponential') writer.exponentialHistogram(identity, temporality.cumulative);
    else writer.sum(identity, temporality.cumulative, kind === 'counter');
    for (const point of points) {
      const created = kind === 'gauge' ? undefined : scope.created.get(createdKey(name, point.attributesKey));
      this.#writePoint(kind, point, created ?? point.startTime);
      if (kind !== 'summary') for (const exemplar of point.exemplars) writer.exemplar(exemplar);
    }
  }

  #writePoint(kind: MetricGroup['kind'], point: Point, startTime: number): void {
    const writer = this.#writer;
    const { attributes, time, isStale, count = 0, sum, native } = point;
    const head: PointHead = { attributes, time, isStale, startTime };
    if (kind === 'exponential' && native !== undefined) writeExponential(writer, head, native);
    else if (kind === 'histogram') writeHistogram(writer, head, point);
    else if (kind === 'summary')
      writer.summaryPoint(head, isStale ? 0 : count, isStale ? 0 : (sum ?? 0), sorted(point));
    else writer.doublePoint(head, point.value);
  }

  /** Attributes as they are written; undefined if there are none. */
  #list(attributes: Iterable<readonly [string, string]>): EncodedAttributes | undefined {
    this.#attributes.clear();
    for (const [key, value] of attributes) this.#attributes.text(key, value);
    return this.#attributes.size === 0 ? undefined : this.#attributes.copy();
  }
}

function writeHistogram(writer: MetricWriter, head: PointHead, point: Point): void {
  const { native } = point;
  if (native !== undefined) {
    const counts = expanded(native.positiveSpans, native.positiveBuckets, native.isFloat);
    const first = native.positiveSpans[0]?.offset ?? 0;
    const length = native.customValues.length + 1;
    const buckets = Array.from({ length }, (_, index) => whole(counts[index - first] ?? 0));
    const bounds = packedDoubles(native.customValues);
    writer.histogramPoint(head, { count: whole(native.count), sum: native.sum, buckets, firstBucket: 0, bounds });
    return;
  }
  const isStale = head.isStale === true;
  const count = isStale ? 0 : (point.count ?? 0);
  const pairs = sorted(point).filter(([bound]) => bound < Infinity);
  let below = 0;
  const buckets = pairs.map(([, upTo]) => {
    const own = isStale ? 0 : Math.max(0, upTo - below);
    below = Math.max(below, upTo);
    return whole(own);
  });
  buckets.push(whole(isStale ? 0 : Math.max(0, count - below)));
  const bounds = packedDoubles(pairs.map(([bound]) => bound));
  const sum = isStale && point.sum !== undefined ? 0 : point.sum;
  writer.histogramPoint(head, { count: whole(count), sum, buckets, firstBucket: 0, bounds });
}

/** Bounds or quantiles in their order; what there is twice counts as it came last. */
function sorted({ pairs }: Point): [number, number][] {
  return [...new Map(pairs)].toSorted(([a], [b]) => a - b);
}

function writeExponential(writer: MetricWriter, head: PointHead, histogram: NativeHistogram): void {
  const { isFloat, isStale, count, sum, schema, zeroCount, zeroThreshold } = histogram;
  writer.exponentialPoint(head, {
    count: isStale ? 0 : whole(count),
    sum: isStale ? undefined : sum,
    scale: schema,
    zeroCount: whole(zeroCount),
    zeroThreshold,
    positive: bucketsOf(histogram.positiveSpans, histogram.positiveBuckets, isFloat),
    negative: bucketsOf(histogram.negativeSpans, histogram.negativeBuckets, isFloat),
  });
}

function bucketsOf(spans: readonly BucketSpan[], buckets: readonly number[], isFloat: boolean): ExponentialBuckets {
  const counts = expanded(spans, buckets, isFloat);
  // The bucket with the index 1 of Prometheus is that with the index 0 of OpenTelemetry.
  return { offset: (spans[0]?.offset ?? 1) - 1, counts: counts.map(whole), first: 0, length: counts.length };
}

/** The counts from the first span on, with zeros between the spans. */
function expanded(spans: readonly BucketSpan[], buckets: readonly number[], isFloat: boolean): number[] {
  const counts: number[] = [];
  let at = 0;
  let count = 0;
  for (const [index, { offset, length }] of spans.entries()) {
    if (index > 0) for (let gap = 0; gap < offset; gap++) counts.push(0);
    for (let step = 0; step < length; step++) {
      count = isFloat ? (buckets[at] ?? 0) : count + (buckets[at] ?? 0);
      at++;
      counts.push(count);
    }
  }
  return counts;
}

/** Whether a histogram has not too many buckets, and is of a kind that OpenTelemetry knows. */
function isWritable({ schema, positiveSpans, negativeSpans, customValues }: NativeHistogram): boolean {
  if (schema !== customBoundsSchema && !isExponential(schema)) return false;
  return Math.max(width(positiveSpans), width(negativeSpans), customValues.length) <= maxBuckets;
}

function width(spans: readonly BucketSpan[]): number {
  return spans.reduce((sum, { offset, length }, index) => sum + length + (index > 0 ? Math.max(0, offset) : 0), 0);
}

/** A count that fits into an integer. */
function whole(count: number): number {
  return count > 0 && count < Infinity ? Math.round(count) : 0;
}
