import type { Milliseconds } from '../../base/duration.ts';
import type { OtlpBatch } from '../../model/otlp-batch.ts';
import { MessageWriter } from '../protobuf/message-writer.ts';
import {
  request,
  resourceTag,
  scopeTag,
  metricTag,
  dataTag,
  numberTag,
  histogramTag,
  exponentialTag,
  bucketsTag,
  summaryTag,
  quantileTag,
  exemplarTag,
  times,
} from './metric-tags.ts';
import { writeTime } from './write-time.ts';

/** Over what a sum or histogram was counted. */
export const temporality = { delta: 1, cumulative: 2 } as const;
export type Temporality = (typeof temporality)[keyof typeof temporality];

/** Attributes as the bytes of a KeyValueList, which are those of a Resource as well; see `AttributeWriter`. */
export interface EncodedAttributes {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

/** What a metric is called. Empty text is left out. */
export interface MetricIdentity {
  readonly name: string;
  readonly description: string;
  readonly unit: string;
  /** Attributes of the metric itself. */
  readonly metadata?: EncodedAttributes | undefined;
}

/** What all data points have. Times are milliseconds since 1970; a start of 0 is not known and left out. */
export interface PointHead {
  readonly attributes: EncodedAttributes;
  readonly startTime: Milliseconds;
  readonly time: Milliseconds;
  /** Whether there is no value: the point says that its series has ended. */
  readonly isStale?: boolean;
}

export interface HistogramPoint {
  readonly count: number;
  readonly sum: number | undefined;
  /** Counts by bucket, from an index on, one more than there are bounds; may be empty. */
  readonly buckets: ArrayLike<number>;
  readonly firstBucket: number;
  /** The upper bounds, see `packedDoubles`. */
  readonly bounds: Buffer;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

/** A range of the buckets of an exponential histogram: that at `first` of the counts has the index `offset`. */
export interface ExponentialBuckets {
  readonly offset: number;
  readonly counts: ArrayLike<number>;
  readonly first: number;
  readonly length: number;
}

export interface ExponentialHistogramPoint {
  readonly count: number;
  readonly sum: number | undefined;
  readonly scale: number;
  readonly zeroCount: number;
  readonly zeroThreshold?: number;
  readonly positive: ExponentialBuckets;
  readonly negative?: ExponentialBuckets | undefined;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

export interface ExemplarPoint {
  readonly time: Milliseconds;
  readonly value: number;
  /** Where the ids are; -1 for none. */
  readonly bytes: Buffer;
  readonly traceId: number;
  readonly spanId: number;
  /** Attributes beside those of the point. */
  readonly attributes?: EncodedAttributes | undefined;
}

const listTag = 0x0a;
const isStaleFlag = 1;

const noPlace = -1;

/**
 * Builds a metrics request from the outside in: `resource`, `scope`, a metric, its points, their exemplars. What is
 * opened closes what was open at its level and below, so that nothing needs to be closed. It can be used over and over.
 */
export class MetricWriter {
  readonly #out = new MessageWriter();
  #points = 0;
  /** Where the open messages are. */
  #resource = noPlace;
  #scope = noPlace;
  #metric = noPlace;
  #data = noPlace;
  #point = noPlace;
  /** Of the kind of point that is open. */
  #exemplars = 0;

  /** The data points written so far. */
  get count(): number {
    return this.#points;
  }

  /** The bytes written so far. */
  get size(): number {
    return this.#out.size;
  }

  /** Begins the metrics of a resource, given as the bytes of a Resource. */
  resource({ bytes, start, end }: EncodedAttributes, schemaUrl = ''): void {
    this.#closeResource();
    this.#resource = this.#out.open(request.resourceMetrics);
    this.#out.bytes(resourceTag.resource, bytes, start, end);
    if (schemaUrl !== '') this.#out.text(resourceTag.schemaUrl, schemaUrl);
  }

  /** Begins the metrics of a scope. */
  scope(name: string, version = '', attributes?: EncodedAttributes, schemaUrl = ''): void {
    this.#closeScope();
    const out = this.#out;
    this.#scope = out.open(resourceTag.scopeMetrics);
    const place = out.open(scopeTag.scope);
    if (name !== '') out.text(scopeTag.name, name);
    if (version !== '') out.text(scopeTag.version, version);
    if (attributes !== undefined) this.#attributes(0x1a, attributes);
    out.close(place);
    if (schemaUrl !== '') out.text(resourceTag.schemaUrl, schemaUrl);
  }

  gauge(identity: MetricIdentity): void {
    this.#open(identity, metricTag.gauge, numberTag.exemplars);
  }

  sum(identity: MetricIdentity, over: Temporality, isMonotonic: boolean): void {
    this.#open(identity, metricTag.sum, numberTag.exemplars);
    this.#out.varint(dataTag.temporality, over);
    if (isMonotonic) this.#out.varint(dataTag.isMonotonic, 1);
  }

  histogram(identity: MetricIdentity, over: Temporality): void {
    this.#open(identity, metricTag.histogram, histogramTag.exemplars);
    this.#out.varint(dataTag.temporality, over);
  }

  exponentialHistogram(identity: MetricIdentity, over: Temporality): void {
    this.#open(identity, metricTag.exponentialHistogram, exponentialTag.exemplars);
    this.#out.varint(dataTag.temporality, over);
  }

  summary(identity: MetricIdentity): void {
    this.#open(identity, metricTag.summary, 0);
  }

  /** A point of a gauge or sum with a float. */
  doublePoint(head: PointHead, value: number): void {
    this.#openPoint(head, numberTag.attributes, numberTag.flags);
    if (head.isStale !== true) this.#out.double(numberTag.double, value);
  }

  /** The same with an integer up to 2^53. */
  integerPoint(head: PointHead, value: number): void {
    this.#openPoint(head, numberTag.attributes, numberTag.flags);
    if (head.isStale !== true) this.#out.fixed64(numberTag.integer, value);
  }

  histogramPoint(head: PointHead, { count, sum, buckets, firstBucket, bounds, min, max }: HistogramPoint): void {
    const out = this.#out;
    this.#openPoint(head, histogramTag.attributes, histogramTag.flags);
    out.fixed64(histogramTag.count, count);
    if (sum !== undefined) out.double(histogramTag.sum, sum);
    if (buckets.length > 0) {
      const length = bounds.length / 8 + 1;
      out.length(histogramTag.buckets, 8 * length);
      for (let index = firstBucket; index < firstBucket + length; index++) out.rawFixed64(buckets[index] ?? 0);
      if (bounds.length > 0) out.bytes(histogramTag.bounds, bounds, 0, bounds.length);
    }
    if (min !== undefined) out.double(histogramTag.min, min);
    if (max !== undefined) out.double(histogramTag.max, max);
  }

  exponentialPoint(head: PointHead, point: ExponentialHistogramPoint): void {
    const out = this.#out;
    this.#openPoint(head, exponentialTag.attributes, exponentialTag.flags);
    out.fixed64(exponentialTag.count, point.count);
    if (point.sum !== undefined) out.double(exponentialTag.sum, point.sum);
    out.zigzag(exponentialTag.scale, point.scale);
    out.fixed64(exponentialTag.zeroCount, point.zeroCount);
    if (point.zeroThreshold !== undefined) out.double(exponentialTag.zeroThreshold, point.zeroThreshold);
    this.#buckets(exponentialTag.positive, point.positive);
    if (point.negative !== undefined) this.#buckets(exponentialTag.negative, point.negative);
    if (point.min !== undefined) out.double(exponentialTag.min, point.min);
    if (point.max !== undefined) out.double(exponentialTag.max, point.max);
  }

  /** A point of a summary with pairs of quantiles and their values. */
  summaryPoint(
    head: PointHead,
    count: number,
    sum: number,
    quantiles: readonly (readonly [quantile: number, value: number])[],
  ): void {
    const out = this.#out;
    this.#openPoint(head, summaryTag.attributes, summaryTag.flags);
    out.fixed64(summaryTag.count, count);
    out.double(summaryTag.sum, sum);
    for (const [quantile, value] of quantiles) {
      const place = out.open(summaryTag.quantiles);
      out.double(quantileTag.quantile, quantile);
      out.double(quantileTag.value, value);
      out.close(place);
    }
  }

  /** An exemplar of the point that was begun last; summaries have none. */
  exemplar({ time, value, bytes, traceId, spanId, attributes }: ExemplarPoint): void {
    const out = this.#out;
    const place = out.open(this.#exemplars);
    writeTime(out, exemplarTag.time, time);
    out.double(exemplarTag.double, value);
    if (spanId >= 0) out.bytes(exemplarTag.spanId, bytes, spanId, spanId + 8);
    if (traceId >= 0) out.bytes(exemplarTag.traceId, bytes, traceId, traceId + 16);
    if (attributes !== undefined) this.#attributes(exemplarTag.attributes, attributes);
    out.close(place);
  }

  /** Closes the request and begins a new one. Undefined if there was no point in it. */
  finish(): OtlpBatch | undefined {
    this.#closeResource();
    const count = this.#points;
    const batch: OtlpBatch = { kind: 'metrics', chunks: [this.#out.copy()], count, client: undefined };
    this.#out.clear();
    this.#points = 0;
    return count === 0 ? undefined : batch;
  }

  #open({ name, description, unit, metadata }: MetricIdentity, data: number, exemplars: number): void {
    this.#closeMetric();
    const out = this.#out;
    this.#metric = out.open(scopeTag.metrics);
    out.text(metricTag.name, name);
    if (description !== '') out.text(metricTag.description, description);
    if (unit !== '') out.text(metricTag.unit, unit);
    if (metadata !== undefined) this.#attributes(metricTag.metadata, metadata);
    this.#data = out.open(data);
    this.#exemplars = exemplars;
  }

  #openPoint({ attributes, startTime, time, isStale }: PointHead, tag: number, flags: number): void {
    this.#closePoint();
    this.#points++;
    this.#point = this.#out.open(dataTag.points);
    this.#attributes(tag, attributes);
    if (startTime !== 0) writeTime(this.#out, times.start, startTime);
    writeTime(this.#out, times.time, time);
    if (isStale === true) this.#out.varint(flags, isStaleFlag);
  }

  /** Copies a list of attributes and gives each the tag that it has here, which takes one byte as that in the list does. */
  #attributes(tag: number, { bytes, start, end }: EncodedAttributes): void {
    const first = this.#out.raw(bytes, start, end);
    if (tag === listTag) return;
    const { memory, size } = this.#out;
    for (let at = first; at < size;) {
      memory[at++] = tag;
      let length = 0;
      for (let factor = 1; ; factor *= 0x80) {
        const byte = memory[at++] ?? 0;
        length += (byte & 0x7f) * factor;
        if (byte < 0x80) break;
      }
      at += length;
    }
  }

  #buckets(tag: number, { offset, counts, first, length }: ExponentialBuckets): void {
    const out = this.#out;
    const place = out.open(tag);
    out.zigzag(bucketsTag.offset, offset);
    if (length > 0) {
      const packed = out.open(bucketsTag.counts);
      for (let index = first; index < first + length; index++) out.rawVarint(counts[index] ?? 0);
      out.close(packed);
    }
    out.close(place);
  }

  #closePoint(): void {
    if (this.#point !== noPlace) this.#out.close(this.#point);
    this.#point = noPlace;
  }

  #closeMetric(): void {
    this.#closePoint();
    if (this.#metric === noPlace) return;
    this.#out.close(this.#data);
    this.#out.close(this.#metric);
    this.#metric = noPlace;
  }

  #closeScope(): void {
    this.#closeMetric();
    if (this.#scope !== noPlace) this.#out.close(this.#scope);
    this.#scope = noPlace;
  }

  #closeResource(): void {
    this.#closeScope();
    if (this.#resource !== noPlace) this.#out.close(this.#resource);
    this.#resource = noPlace;
  }
}

/** Upper bounds as the bytes of a packed field of doubles, to be made once for many points. */
export function packedDoubles(values: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(8 * values.length);
  for (const [index, value] of values.entries()) bytes.writeDoubleLE(value, 8 * index);
  return bytes;
}
