import assert from 'node:assert/strict';
import { test } from 'node:test';
import { internSeries, plainSamples, sampleBatch, testSeries, type PlainSample } from '../testkit/metric-samples.ts';
import { bitsOf, isStale, readFloatBits, setStale, writeFloatBits } from './float-bits.ts';
import { isOfFamily, metricType } from './metric-family.ts';
import {
  decodeHistogram,
  emptyHistogram,
  encodeHistogram,
  isStaleHistogram,
  isValidHistogram,
} from './native-histogram.ts';
import { sampleCount } from './sample-batch.ts';
import { SampleBatchBuilder } from './sample-batch-builder.ts';
import { metrics } from './signal.ts';

const hexOf = (column: Float64Array, index: number): string =>
  Buffer.from(column.buffer, column.byteOffset + 8 * index, 8)
    .toReversed()
    .reduce((hex, byte) => hex + byte.toString(16).padStart(2, '0'), '');

test('staleness markers and NaNs have exactly their bits, however often they are copied', () => {
  const table = testSeries();
  const series = internSeries(table, { __name__: 'up' });
  const builder = new SampleBatchBuilder(table);
  // Enough for the columns to grow.
  for (let index = 0; index < 1000; index++) {
    builder.addStale(series, index);
    builder.add(series, Number.NaN, index);
    builder.add(series, -0, index);
  }
  const batch = builder.finish();
  assert.ok(batch);
  const again = new SampleBatchBuilder(table);
  for (let index = 0; index < batch.count; index++) again.addBits(series, batch.valueBits, index, 1);
  const copy = again.finish();
  assert.ok(copy);
  for (const { values, valueBits } of [batch, copy]) {
    for (let index = 0; index < 3000; index += 3) {
      assert.equal(hexOf(values, index), '7ff0000000000002');
      assert.ok(isStale(valueBits, index));
      assert.equal(hexOf(values, index + 1), '7ff8000000000001');
      assert.ok(!isStale(valueBits, index + 1));
      assert.equal(hexOf(values, index + 2), '8000000000000000');
    }
  }
  const bytes = Buffer.alloc(9);
  const column = new Float64Array(2);
  setStale(bitsOf(column), 1);
  assert.equal(writeFloatBits(bytes, 1, bitsOf(column)[2] ?? 0, bitsOf(column)[3] ?? 0), 9);
  assert.equal(bytes.toString('hex'), '00020000000000f07f');
  readFloatBits(bytes, 1, bitsOf(column), 0);
  assert.ok(isStale(bitsOf(column), 0));
});

const histogram = {
  ...emptyHistogram,
  count: 3,
  sum: 1.5,
  positiveSpans: [{ offset: -4, length: 2 }],
  positiveBuckets: [2, -1],
};
const samples: PlainSample[] = [
  { labels: { __name__: 'a' }, value: 1.5, timestamp: 5 },
  { labels: { __name__: 'b', c: 'd' }, value: 'stale', timestamp: 6, start: 3, family: 1 },
  { labels: { __name__: 'h' }, value: histogram, timestamp: 7, start: 4, family: 1 },
  { labels: { __name__: 'h' }, value: { ...histogram, isStale: true, sum: Number.NaN }, timestamp: 8 },
]; // prettier-ignore
const exemplars = [{ labels: { __name__: 'a' }, exemplar: { trace_id: 'x' }, value: 2, timestamp: 9 }];
const families = [{ name: 'b', type: metricType.counter, help: 'some help', unit: 's' }];

test('a batch has what was added to it, and the builder nothing any more', () => {
  const table = testSeries();
  const batch = sampleBatch(table, { samples, exemplars, families });
  assert.ok(batch);
  assert.deepEqual(plainSamples(batch), { samples, exemplars, families });
  assert.equal(sampleCount(batch), 4);
  const plain = sampleBatch(table, { samples: samples.slice(0, 1) });
  assert.deepEqual(
    [plain?.startTimestamps, plain?.familyOf, plain?.histograms, plain?.exemplars],
    Array(4).fill(undefined),
  );
  assert.equal(sampleBatch(table, {}), undefined);
  assert.equal(sampleBatch(table, { families })?.count, 0);
});

test('live debugging shows each sample', () => {
  const batch = sampleBatch(testSeries(), { samples, exemplars, families });
  assert.ok(batch);
  assert.equal(metrics.count(batch), 4);
  assert.deepEqual([...metrics.describe(batch)], [
    'sample: ts=5, labels={__name__="a"}, value=1.5',
    'sample: ts=6, labels={__name__="b", c="d"}, value=stale',
    'histogram: ts=7, labels={__name__="h"}, value=count 3, sum 1.5',
    'histogram: ts=8, labels={__name__="h"}, value=stale',
    'exemplar: ts=9, labels={__name__="a"}, exemplar_labels={trace_id="x"}, value=2',
    'metadata: family=b, type=counter, unit=s, help=some help',
  ]); // prettier-ignore
});

test('histograms are read as they were written', () => {
  const cases = [
    emptyHistogram,
    histogram,
    { ...histogram, isFloat: true, count: 0.5, zeroCount: 0.25, positiveBuckets: [0.1, -0], zeroThreshold: 1e-9 },
    { ...histogram, schema: -53, customValues: [-1.5, 2, 1e9], resetHint: 3, zeroCount: 2 ** 52, sum: -Infinity },
    { ...histogram, negativeSpans: [{ offset: 2 ** 31 - 1, length: 1 }], negativeBuckets: [-(2 ** 51)] },
  ];
  for (const one of cases) {
    const bytes = encodeHistogram(one);
    assert.deepEqual(decodeHistogram(bytes, 0, bytes.length), one);
    assert.ok(isValidHistogram(one));
    assert.ok(!isStaleHistogram(bytes, 0));
    assert.ok(isStaleHistogram(encodeHistogram({ ...one, isStale: true }), 0));
  }
  const wrong = [
    { ...histogram, positiveBuckets: [1] },
    { ...histogram, count: -1 },
    { ...histogram, zeroCount: 2 ** 60 },
    { ...histogram, positiveBuckets: [1, 2 ** 60] },
    { ...histogram, positiveSpans: [{ offset: 0, length: -1 }, { offset: 0, length: 3 }] },
    { ...histogram, negativeSpans: [{ offset: 2 ** 40, length: 0 }] },
  ]; // prettier-ignore
  for (const one of wrong) assert.ok(!isValidHistogram(one));
});

test('series are of a family by their name and the suffixes of its type', () => {
  const family = (type: (typeof metricType)[keyof typeof metricType]) => ({ name: 'm', type, help: '', unit: '' });
  assert.ok(isOfFamily(family(metricType.gauge), 'm'));
  assert.ok(!isOfFamily(family(metricType.gauge), 'm_total'));
  assert.ok(isOfFamily(family(metricType.counter), 'm_total'));
  assert.ok(isOfFamily(family(metricType.histogram), 'm_bucket'));
  assert.ok(!isOfFamily(family(metricType.histogram), 'my_bucket'));
});
