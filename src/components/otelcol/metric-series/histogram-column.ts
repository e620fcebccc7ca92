import { grown } from '../../../base/grown-column.ts';
import {
  packedDoubles,
  type MetricIdentity,
  type MetricWriter,
  type PointHead,
  type Temporality,
} from '../../../formats/otlp/metric-writer.ts';
import { ExponentialHistogram } from './exponential-histogram.ts';

/** What a histogram counts by: upper bounds in ascending order, or the largest number of exponential buckets. */
export type HistogramShape =
  | { readonly kind: 'explicit'; readonly bounds: readonly number[] }
  | { readonly kind: 'exponential'; readonly maxSize: number };

/** One histogram for each row of a table of series. */
export interface HistogramColumn {
  /** Makes room for rows below the capacity. */
  grow(capacity: number): void;
  observe(row: number, value: number, weight: number): void;
  clear(row: number): void;
  /** Begins the metric of the points to come. */
  writeMetric(writer: MetricWriter, identity: MetricIdentity, over: Temporality): void;
  /** Writes the point of a row, in which so many values were counted. */
  writePoint(writer: MetricWriter, head: PointHead, row: number, count: number): void;
}

export function makeHistogramColumn(shape: HistogramShape): HistogramColumn {
  return shape.kind === 'explicit' ? new ExplicitColumn(shape.bounds) : new ExponentialColumn(shape.maxSize);
}

class ExplicitColumn implements HistogramColumn {
  readonly #bounds: Float64Array;
  readonly #packedBounds: Buffer;
  readonly #width: number;
  #sums = new Float64Array(0);
  #counts = new Float64Array(0);

  constructor(bounds: readonly number[]) {
    this.#bounds = Float64Array.from(bounds);
    this.#packedBounds = packedDoubles(bounds);
    this.#width = bounds.length + 1;
  }

  grow(capacity: number): void {
    this.#sums = grown(this.#sums, new Float64Array(capacity));
    this.#counts = grown(this.#counts, new Float64Array(capacity * this.#width));
  }

  observe(row: number, value: number, weight: number): void {
    const bounds = this.#bounds;
    let bucket = 0;
    while (bucket < bounds.length && value > (bounds[bucket] ?? 0)) bucket++;
    const at = row * this.#width + bucket;
    this.#counts[at] = (this.#counts[at] ?? 0) + weight;
    this.#sums[row] = (this.#sums[row] ?? 0) + value * weight;
  }

  clear(row: number): void {
    this.#sums[row] = 0;
    this.#counts.fill(0, row * this.#width, (row + 1) * this.#width);
  }

  writeMetric(writer: MetricWriter, identity: MetricIdentity, over: Temporality): void {
    writer.histogram(identity, over);
  }

  writePoint(writer: MetricWriter, head: PointHead, row: number, count: number): void {
    writer.histogramPoint(head, {
      count,
      sum: this.#sums[row],
      buckets: this.#counts,
      firstBucket: row * this.#width,
      bounds: this.#packedBounds,
    });
  }
}

class ExponentialColumn implements HistogramColumn {
  readonly #maxSize: number;
  readonly #histograms: (ExponentialHistogram | undefined)[] = [];

  constructor(maxSize: number) {
    this.#maxSize = maxSize;
  }

  grow(capacity: number): void {
    while (this.#histograms.length < capacity) this.#histograms.push(undefined);
  }

  observe(row: number, value: number, weight: number): void {
    (this.#histograms[row] ??= new ExponentialHistogram(this.#maxSize)).observe(value, weight);
  }

  clear(row: number): void {
    this.#histograms[row] = undefined;
  }

  writeMetric(writer: MetricWriter, identity: MetricIdentity, over: Temporality): void {
    writer.exponentialHistogram(identity, over);
  }

  writePoint(writer: MetricWriter, head: PointHead, row: number, count: number): void {
    const histogram = this.#histograms[row] ?? new ExponentialHistogram(this.#maxSize);
    writer.exponentialPoint(head, histogram.point(count));
  }
}
