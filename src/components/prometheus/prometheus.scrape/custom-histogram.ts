import { customBoundsSchema, emptyHistogram, type NativeHistogram } from '../../../model/native-histogram.ts';

/** How many observations there were up to a bound. */
export interface ClassicBucket {
  readonly bound: number;
  readonly count: number;
}

/** A classic histogram as a native one with the same buckets; undefined if its numbers do not fit together. */
export function customHistogram(
  buckets: readonly ClassicBucket[],
  sum: number,
  total: number | undefined,
): NativeHistogram | undefined {
  const sorted = buckets.toSorted((a, b) => a.bound - b.bound);
  const count = total ?? sorted.at(-1)?.count ?? 0;
  if (sorted.at(-1)?.bound !== Infinity) sorted.push({ bound: Infinity, count });
  const counts: number[] = [];
  let below = 0;
  for (const [index, bucket] of sorted.entries()) {
    const isOrdered = index === 0 || bucket.bound > (sorted[index - 1]?.bound ?? 0);
    if (!isOrdered || !(bucket.count >= below)) return undefined;
    counts.push(bucket.count - below);
    below = bucket.count;
  }
  if (below !== count || !Number.isFinite(count)) return undefined;
  const isFloat = counts.some((value) => !Number.isSafeInteger(value));
  return {
    ...emptyHistogram,
    isFloat,
    count,
    sum,
    schema: customBoundsSchema,
    positiveSpans: [{ offset: 0, length: counts.length }],
    positiveBuckets: isFloat ? counts : counts.map((value, index) => value - (counts[index - 1] ?? 0)),
    customValues: sorted.slice(0, -1).map(({ bound }) => bound),
  };
}
