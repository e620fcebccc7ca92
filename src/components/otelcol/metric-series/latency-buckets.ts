import type { Milliseconds } from '../../../base/duration.ts';

/** The upper bounds that latencies are counted by where none are given. */
export const latencyBuckets: readonly Milliseconds[] = [
  2, 4, 6, 8, 10, 50, 100, 200, 400, 800, 1000, 1400, 2000, 5000, 10_000, 15_000,
];

/** What is wrong with bounds: each bucket must begin where the one before ends. */
export function checkBuckets(buckets: readonly Milliseconds[]): string | undefined {
  const isAscending = buckets.every((bound, index) => index === 0 || bound > (buckets[index - 1] ?? 0));
  return isAscending ? undefined : 'must be in ascending order, without duplicates';
}
