import { customBoundsSchema, emptyHistogram, type NativeHistogram } from '../../model/native-histogram.ts';

/** Larger counts are kept as floats. */
const maxInteger = 2 ** 52;

/** The series of one classic histogram, while they are collected. */
export interface ClassicHistogram {
  count: number | undefined;
  sum: number;
  /** Upper bounds and how many observations were at most that. */
  readonly buckets: [bound: number, cumulativeCount: number][];
}

/**
 * The histogram with the same bounds, which has all its series in one. Undefined if its buckets are not cumulative. Bounds
 * are kept but for the infinite one, and buckets but for empty ones.
 */
export function nativeOf({ count, sum, buckets }: ClassicHistogram): NativeHistogram | undefined {
  const sorted = buckets.toSorted(([a], [b]) => a - b);
  const total = count ?? sorted.at(-1)?.[1] ?? 0;
  if (sorted.at(-1)?.[0] !== Infinity) sorted.push([Infinity, total]);
  if ((sorted.at(-1)?.[1] ?? 0) !== total) return undefined;
  const isFloat = sorted.some(([, cumulative]) => !Number.isInteger(cumulative) || cumulative > maxInteger);
  const spans: { offset: number; length: number }[] = [];
  const values: number[] = [];
  let before = 0;
  let last = 0;
  let skipped = 0;
  for (const [bound, cumulative] of sorted) {
    const own = cumulative - before;
    if (Number.isNaN(bound) || !(own >= 0)) return undefined;
    before = cumulative;
    if (own === 0) {
      skipped++;
      continue;
    }
    extend(spans, skipped);
    skipped = 0;
    values.push(isFloat ? own : own - last);
    last = own;
  }
  return {
    ...emptyHistogram,
    isFloat,
    count: total,
    sum,
    schema: customBoundsSchema,
    positiveSpans: spans,
    positiveBuckets: values,
    customValues: sorted.slice(0, -1).map(([bound]) => bound),
  };
}

/** Adds a bucket behind so many empty ones. */
function extend(spans: { offset: number; length: number }[], skipped: number): void {
  const last = spans.at(-1);
  if (last === undefined || skipped > 0) spans.push({ offset: skipped, length: 1 });
  else last.length++;
}
