import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteBuilder } from '../../../base/byte-builder.ts';
import {
  appendHistogram,
  decodeHistogram,
  emptyHistogram,
  type NativeHistogram,
} from '../../../model/native-histogram.ts';
import { plainSamples } from '../../../testkit/metric-samples.ts';
import { TestLoop } from '../../../testkit/scrape-loop.ts';
import { customHistogram } from './custom-histogram.ts';
import { keepToLimits, schemaForFactor } from './histogram-limits.ts';

const fine: NativeHistogram = {
  ...emptyHistogram,
  count: 15,
  sum: 3,
  schema: 2,
  // Buckets 1 to 4 with 1, 2, 3, 4 observations, and bucket 9 with 5.
  positiveSpans: [{ offset: 1, length: 4 }, { offset: 4, length: 1 }], // prettier-ignore
  positiveBuckets: [1, 1, 1, 1, 1],
};

function limited(histogram: NativeHistogram, maxBuckets: number, finest = 8): NativeHistogram | undefined {
  const builder = new ByteBuilder();
  appendHistogram(builder, histogram);
  if (!keepToLimits(builder, maxBuckets, finest)) return undefined;
  return decodeHistogram(builder.reserve(0), 0, builder.size);
}

test('histograms with too many buckets are made coarser until they fit', () => {
  assert.deepEqual(limited(fine, 5), fine);
  assert.deepEqual(limited(fine, 4), {
    ...fine,
    schema: 1,
    positiveSpans: [{ offset: 1, length: 2 }, { offset: 2, length: 1 }],
    positiveBuckets: [3, 4, -2],
  }); // prettier-ignore
  assert.deepEqual(limited(fine, 2), {
    ...fine,
    schema: 0,
    positiveSpans: [{ offset: 1, length: 1 }, { offset: 1, length: 1 }],
    positiveBuckets: [10, -5],
  }); // prettier-ignore
  const floats = { ...fine, isFloat: true, positiveBuckets: [1, 2, 3, 4, 5] };
  assert.deepEqual(limited(floats, 4)?.positiveBuckets, [3, 7, 5]);
  const both = { ...fine, negativeSpans: fine.positiveSpans, negativeBuckets: fine.positiveBuckets };
  assert.equal(limited(both, 2)?.schema, -2);
  assert.equal(limited(both, 1), undefined, 'it cannot be');
  assert.equal(limited({ ...fine, schema: -53, customValues: [1, 2, 3, 4] }, 4), undefined);
});

test('buckets grow by a least factor', () => {
  for (const [factor, schema] of [[0, 8], [1, 8], [1.1, 2], [2, 0], [4, -1], [65_536, -4], [1e300, -4]] as const)
    assert.equal(schemaForFactor(factor), schema, `${factor}`); // prettier-ignore
  assert.equal(limited(fine, 0, 1)?.schema, 1);
  assert.equal(limited(fine, 0, 3)?.schema, 2);
});

test('classic histograms become native ones if their numbers fit together', () => {
  const N1 = customHistogram([{ bound: 0, count: 1 }, { bound: Infinity, count: 9 }], 4, 9); // prettier-ignore
  assert.deepEqual(N1, {
    ...emptyHistogram,
    count: 9,
    sum: 4,
    schema: -53,
    positiveSpans: [{ offset: 0, length: 2 }],
    positiveBuckets: [1, 7],
    customValues: [0],
  });
  const N2 = [{ bound: 0, count: 18 }, { bound: Infinity, count: 1 }]; // prettier-ignore
  assert.equal(customHistogram(N2, 0, 1), undefined);
  assert.equal(customHistogram([{ bound: 1, count: Number.NaN }], 0, 1), undefined);
  assert.equal(customHistogram([{ bound: 1, count: 1 }, { bound: 1, count: 1 }], 0, 1), undefined); // prettier-ignore
  assert.deepEqual(customHistogram([{ bound: 1, count: 1 }], 0, 3)?.positiveBuckets, [1, 1]);
  assert.equal(customHistogram([{ bound: 1, count: 0.5 }], 0, undefined)?.isFloat, true);
});

const classic = (value: number) =>
  `# TYPE h histogram\nh_bucket{x="1",le="1"} ${value}\nh_bucket{x="1",le="+Inf"} ${value + 1}\nh_sum{x="1"} 5\nh_count{x="1"} ${value + 1}\n` +
  'h_bucket{x="2",le="1"} 5\nh_bucket{x="2",le="+Inf"} 4\nh_count{x="2"} 4\n# TYPE h_count counter\nh_count 7\n';

test('classic histograms are converted when that is wanted, and marked when they end', async () => {
  const scraping = new TestLoop('convert_classic_histograms_to_nhcb = true');
  assert.deepEqual(await scraping.scrapeSeries(classic(2)), ['h_count 7', 'h{x="1"} histogram 3']);
  assert.deepEqual(await scraping.scrapeSeries(classic(3)), ['h_count 7', 'h{x="1"} histogram 4']);
  const [batch] = scraping.batches;
  assert.ok(batch !== undefined);
  const histogram = plainSamples(batch).samples.at(-1)?.value;
  assert.ok(typeof histogram === 'object');
  assert.deepEqual(histogram.customValues, [1]);
  assert.deepEqual(await scraping.scrapeSeries('a 1\n'), ['a 1', 'h_count stale', 'h{x="1"} stale histogram']);
  await scraping.scrapeSeries(classic(3));
  assert.deepEqual(await scraping.scrapeSeries(new Error('no')), ['h_count stale', 'h{x="1"} stale histogram']);
  await scraping.stop();
  assert.equal(scraping.table.size - scraping.table.lingering, 0, 'no share is left');
});

test('classic histograms are kept besides if that is wanted', async () => {
  const scraping = new TestLoop('convert_classic_histograms_to_nhcb = true\nscrape_classic_histograms = true');
  const sent = await scraping.scrapeSeries(classic(2));
  assert.equal(sent.length, 9);
  assert.ok(sent.includes('h_bucket{le="1.0",x="1"} 2') && sent.includes('h{x="1"} histogram 3'));
  assert.equal((await scraping.scrapeSeries('')).filter((line) => line.includes('stale')).length, 9);
  await scraping.stop();
});
