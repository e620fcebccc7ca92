import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { BucketSpan, NativeHistogram } from '../../../model/native-histogram.ts';
import { bridge, metricsOf, nanos } from '../../../testkit/metric-bridge.ts';

const nhcb = 'convert_classic_histograms_to_nhcb = true';

interface Buckets {
  readonly offset?: number;
  readonly bucketCounts?: readonly number[];
}

/** What a point of an exponential histogram becomes; its count is that of its buckets. */
async function converted(point: {
  readonly positive?: Buckets;
  readonly negative?: Buckets;
  readonly zeroCount?: number;
  readonly [more: string]: unknown;
}): Promise<NativeHistogram | undefined> {
  const { positive, negative, zeroCount = 0 } = point;
  const counts = [zeroCount, ...(positive?.bucketCounts ?? []), ...(negative?.bucketCounts ?? [])];
  const count = counts.reduce((sum, value) => sum + value, 0);
  const dataPoints = [{ timeUnixNano: nanos(), count: String(count), ...point }];
  const request = metricsOf([{ name: 'e', exponentialHistogram: { aggregationTemporality: 2, dataPoints } }]);
  return (await bridge('', request)).histograms[0];
}

async function custom(counts: readonly number[], explicitBounds: readonly number[], count?: number) {
  const total = count ?? counts.reduce((sum, value) => sum + value, 0);
  const dataPoints = [{ timeUnixNano: nanos(), count: String(total), sum: 9, bucketCounts: counts, explicitBounds }];
  return bridge(nhcb, metricsOf([{ name: 'h', histogram: { aggregationTemporality: 2, dataPoints } }]));
}

/** Counts by the index of their bucket. */
function bucketsOf(spans: readonly BucketSpan[], deltas: readonly number[]): Map<number, number> {
  const found = new Map<number, number>();
  let index = 0;
  let count = 0;
  let at = 0;
  for (const { offset, length } of spans) {
    index += offset;
    for (const end = index + length; index < end; index++) {
      count += deltas[at++] ?? 0;
      if (count !== 0) found.set(index, count);
    }
  }
  return found;
}

test('the buckets of an exponential histogram become a span that begins one further', async () => {
  const positive = { offset: -1, bucketCounts: [2, 1, 3, 2, 0, 0, 3] };
  const histogram = await converted({ positive, scale: 1, zeroCount: 4, sum: 12.5 });
  assert.deepEqual(histogram, {
    isFloat: false,
    isStale: false,
    count: 15,
    sum: 12.5,
    schema: 1,
    zeroThreshold: 1e-128,
    zeroCount: 4,
    resetHint: 0,
    negativeSpans: [],
    negativeBuckets: [],
    positiveSpans: [{ offset: 0, length: 7 }],
    positiveBuckets: [2, -1, 2, -1, -2, 0, 3],
    customValues: [],
  });
});

test('more than two empty buckets begin another span', async () => {
  const negative = { offset: 3, bucketCounts: [1, 0, 0, 2, 0, 0, 0, 5, 0, 0, 0] };
  const histogram = await converted({ negative });
  assert.deepEqual(histogram?.negativeSpans, [
    { offset: 4, length: 4 },
    { offset: 3, length: 1 },
  ]);
  assert.deepEqual(histogram?.negativeBuckets, [1, -1, 0, 2, 3]);
});

test('what a point says of zero is kept if it makes sense', async () => {
  for (const [said, expected] of [
    [0, 1e-128],
    [0.25, 0.25],
    [-1, 1e-128],
    [NaN, 1e-128],
  ] as const)
    assert.equal((await converted({ zeroThreshold: said }))?.zeroThreshold, expected);
});

test('scales that are too fine become coarser, and ones that are too coarse have no schema', async () => {
  const positive = { offset: -3, bucketCounts: [1, 2, 3, 4, 5] };
  const histogram = await converted({ positive, scale: 9 });
  assert.ok(histogram !== undefined);
  assert.equal(histogram.schema, 8);
  const { positiveSpans: spans, positiveBuckets: deltas } = histogram;
  assert.deepEqual([...bucketsOf(spans, deltas)], [
    [-1, 1],
    [0, 5],
    [1, 9],
  ]); // prettier-ignore
  assert.equal((await converted({ positive, scale: -4 }))?.schema, -4);
  assert.equal(await converted({ positive, scale: -5 }), undefined);
  const finest = await converted({ positive, scale: 2 ** 31 - 1 });
  assert.deepEqual([...bucketsOf(finest?.positiveSpans ?? [], finest?.positiveBuckets ?? [])], [
    [0, 6],
    [1, 9],
  ]); // prettier-ignore
});

test('no observation is lost or moved, whatever the buckets', async () => {
  const counts = fc.array(fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, fc.nat(1000)), { maxLength: 40 });
  const anyBuckets = fc.record({ offset: fc.integer({ min: -60, max: 60 }), bucketCounts: counts });
  await fc.assert(
    fc.asyncProperty(anyBuckets, anyBuckets, fc.integer({ min: -4, max: 12 }), async (positive, negative, scale) => {
      const histogram = await converted({ positive, negative, scale });
      assert.ok(histogram !== undefined);
      for (const [{ offset, bucketCounts }, spans, deltas] of [
        [positive, histogram.positiveSpans, histogram.positiveBuckets],
        [negative, histogram.negativeSpans, histogram.negativeBuckets],
      ] as const) {
        const expected = new Map<number, number>();
        for (const [index, count] of bucketCounts.entries()) {
          const target = Math.floor((offset + index) / 2 ** Math.max(0, scale - 8)) + 1;
          if (count > 0) expected.set(target, (expected.get(target) ?? 0) + count);
        }
        assert.deepEqual(bucketsOf(spans, deltas), expected);
      }
    }),
    { numRuns: 40 },
  );
});

test('histograms become native ones with the same bounds on demand', async () => {
  const bounds = [1, 2, 3];
  for (const [counts, spans, deltas] of [
    [[2, 3, 4, 2], [{ offset: 0, length: 4 }], [2, 1, 1, -2]],
    [[0, 0, 4, 2], [{ offset: 2, length: 2 }], [4, -2]],
  ] as const) {
    const { histograms, samples } = await custom(counts, bounds);
    const [histogram] = histograms;
    assert.deepEqual([histogram?.schema, histogram?.customValues, histogram?.sum, samples], [-53, bounds, 9, []]);
    assert.deepEqual([histogram?.positiveSpans, histogram?.positiveBuckets], [spans, deltas]);
  }
  const { histograms: unsorted } = await custom([1, 2, 3], [5, 4]);
  assert.deepEqual([unsorted[0]?.customValues, unsorted[0]?.positiveBuckets], [[4, 5], [2, -1, 2]]); // prettier-ignore
  const { histograms: empty } = await custom([], [], 6);
  assert.deepEqual([empty[0]?.customValues, empty[0]?.positiveBuckets], [[], [6]]);
});

test('histograms whose counts do not fit together are dropped where receivers would refuse them', async () => {
  for (const [counts, bounds, count] of [
    [
      [1, 2],
      [1, 2],
    ],
    [[], [1]],
    [[1, 2], [1], 4],
  ] as const) {
    const { histograms, metrics } = await custom(counts, bounds, count);
    assert.deepEqual(histograms, []);
    assert.equal(metrics['millrace_exporter_prometheus_data_points_dropped_total{reason="invalid_histogram"}'], 1);
  }
  assert.equal(await converted({ positive: { bucketCounts: [2 ** 53, 2 ** 53] } }), undefined);
  assert.equal(await converted({ positive: { offset: 2 ** 31 - 1, bucketCounts: [1] } }), undefined);
  const unordered = await converted({ positive: { bucketCounts: [1] }, sum: NaN, count: '5' });
  assert.equal(unordered?.count, 5, 'observations that are no numbers are in no bucket');
});
