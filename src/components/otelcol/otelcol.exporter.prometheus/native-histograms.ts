import type { DataPoint } from '../../../formats/otlp/data-point.ts';
import { finestSchema } from '../../../model/coarser-histogram.ts';
import {
  coarsestSchema,
  customBoundsSchema,
  emptyHistogram,
  encodeHistogram,
  isValidHistogram,
  type BucketSpan,
  type NativeHistogram,
} from '../../../model/native-histogram.ts';
import type { BoundList } from './bound-lists.ts';
import type { DropReason } from './drops.ts';

/** What counts as zero where a point does not say it. */
const usualZeroThreshold = 1e-128;
/** So many empty buckets are written rather than beginning another span. */
const maxGap = 2;
/** Finer scales differ in nothing that numbers can hold. */
const maxHalvings = 1000;

/** A histogram without observations, and the mark that a series has ended. */
export const zeroHistogram: Buffer = encodeHistogram(emptyHistogram);
export const staleHistogram: Buffer = encodeHistogram({ ...emptyHistogram, isStale: true });

/** The native histogram of a point of an exponential one; or why there is none. */
export function fromExponential(point: DataPoint): NativeHistogram | DropReason {
  const { scale, count, sum, zeroCount, zeroThreshold } = point;
  if (scale < coarsestSchema) return 'unsupported_scale';
  const schema = Math.min(scale, finestSchema);
  const positive = new BucketWriter(scale - schema);
  const negative = new BucketWriter(scale - schema);
  for (const [writer, offset, counts] of [
    [positive, point.positiveOffset, point.positiveCounts],
    [negative, point.negativeOffset, point.negativeCounts],
  ] as const)
    // The bucket with the index 0 of OpenTelemetry is that with the index 1 of Prometheus.
    for (let index = 0; index < counts.count; index++) writer.add(offset + index, counts.values[index] ?? 0, 1);
  return checked({
    ...emptyHistogram,
    count,
    sum,
    schema,
    zeroThreshold: zeroThreshold > 0 && zeroThreshold < Infinity ? zeroThreshold : usualZeroThreshold,
    zeroCount,
    positiveSpans: positive.finish(),
    positiveBuckets: positive.deltas,
    negativeSpans: negative.finish(),
    negativeBuckets: negative.deltas,
  });
}

/** The native histogram, with its bounds in a list, of a point of a classic one; or why there is none. */
export function fromClassic({ count, sum, bucketCounts }: DataPoint, list: BoundList): NativeHistogram | DropReason {
  const bounds = list.places.length;
  if (bucketCounts.count !== bounds + 1 && bucketCounts.count + bounds > 0) return 'invalid_histogram';
  const counts = Array.from({ length: list.sorted.length + 1 }, () => 0);
  // Without buckets all observations are beyond the last bound.
  if (bucketCounts.count === 0) counts[0] = count;
  for (let index = 0; index < bucketCounts.count; index++) {
    const place = list.places[index] ?? list.sorted.length;
    counts[place] = (counts[place] ?? 0) + (bucketCounts.values[index] ?? 0);
  }
  const buckets = new BucketWriter(0);
  for (const [index, value] of counts.entries()) buckets.add(index, value, 0);
  return checked({
    ...emptyHistogram,
    count,
    sum,
    schema: customBoundsSchema,
    positiveSpans: buckets.finish(),
    positiveBuckets: buckets.deltas,
    customValues: list.sorted,
  });
}

/** What receivers check as well, and refuse a whole request for. */
function checked(histogram: NativeHistogram): NativeHistogram | DropReason {
  const { count, sum, zeroCount, positiveBuckets, negativeBuckets } = histogram;
  const inBuckets = zeroCount + totalOf(positiveBuckets) + totalOf(negativeBuckets);
  // Observations that are no numbers are in no bucket.
  const isComplete = Number.isNaN(sum) ? inBuckets <= count : inBuckets === count;
  return isComplete && isValidHistogram(histogram) ? histogram : 'invalid_histogram';
}

function totalOf(deltas: readonly number[]): number {
  let count = 0;
  let total = 0;
  for (const delta of deltas) total += count += delta;
  return total;
}

/** Takes the counts of buckets in the order of their indexes, and makes spans and differences of them. */
class BucketWriter {
  readonly #spans: { offset: number; length: number }[] = [];
  readonly deltas: number[] = [];
  readonly #width: number;
  /** The bucket that is being added up. */
  #index = 0;
  #count = 0;
  /** The index behind the last bucket that was written, and its count. */
  #next = 0;
  #previous = 0;

  /** With so many halvings of the resolution. */
  constructor(halvings: number) {
    this.#width = 2 ** Math.min(halvings, maxHalvings);
  }

  /** Adds the count of a bucket; `shift` is added to its index at last. */
  add(index: number, count: number, shift: number): void {
    if (count === 0) return;
    const target = Math.floor(index / this.#width) + shift;
    if (target !== this.#index) this.#flush();
    this.#index = target;
    this.#count += count;
  }

  /** The spans, when all is added. */
  finish(): readonly BucketSpan[] {
    this.#flush();
    return this.#spans;
  }

  #flush(): void {
    if (this.#count === 0) return;
    const gap = this.#index - this.#next;
    if (this.#spans.length === 0 || gap > maxGap) this.#spans.push({ offset: gap, length: 0 });
    else for (let empty = 0; empty < gap; empty++) this.#write(0);
    this.#write(this.#count);
    this.#next = this.#index + 1;
    this.#count = 0;
  }

  #write(count: number): void {
    const span = this.#spans.at(-1);
    if (span !== undefined) span.length++;
    this.deltas.push(count - this.#previous);
    this.#previous = count;
  }
}
