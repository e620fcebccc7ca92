import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { emptyHistogram } from '../../model/native-histogram.ts';
import { expositionEntries, type ExpositionEntry } from '../../testkit/exposition-entries.ts';
import { metricFamilyMessage } from '../../testkit/metrics-reference.ts';
import { OpenMetricsCursor } from '../openmetrics/openmetrics-cursor.ts';
import { PrometheusProtobufCursor } from '../prometheus-protobuf/prometheus-protobuf-cursor.ts';
import { nativeOf } from './classic-histogram.ts';
import { EntryCache } from './entry-cache.ts';
import { NhcbCursor } from './nhcb-cursor.ts';

/** Reads lines of OpenMetrics, and again with the cache filled, which must give the same. */
function read(lines: readonly string[], keepsClassicHistograms = false): ExpositionEntry[] {
  const cache = new EntryCache(1000);
  const inner = new OpenMetricsCursor(cache, { hasStartTimestamps: true });
  const cursor = new NhcbCursor(inner, cache, { keepsClassicHistograms });
  const bytes = Buffer.from([...lines, '# EOF\n'].join('\n'));
  const entries = expositionEntries(cursor, bytes);
  assert.deepEqual(expositionEntries(cursor, bytes), entries);
  const { size } = cache;
  assert.deepEqual(expositionEntries(cursor, Buffer.from('# EOF\n')), []);
  assert.ok(cache.size <= size);
  return entries.filter(([what]) => !what.startsWith('type '));
}

const custom = { ...emptyHistogram, schema: -53 };
const nine = {
  ...custom,
  count: 9,
  sum: 4.5,
  positiveSpans: [{ offset: 0, length: 2 }],
  positiveBuckets: [1, 7],
  customValues: [0],
};
const classic = ['# TYPE h histogram', 'h_bucket{le="0.0"} 1', 'h_bucket{le="+Inf"} 9', 'h_count 9', 'h_sum 4.5'];

test('N1: the series of a classic histogram become one histogram with its bounds', () => {
  assert.deepEqual(read(classic), [['h', nine]]);
  assert.deepEqual(read([...classic, '# TYPE g gauge', 'g 1']), [['h', nine], ['g', 1]]); // prettier-ignore
  assert.deepEqual(
    read(classic, true).map(([name]) => name),
    ['h_bucket{le="0.0"}', 'h_bucket{le="+Inf"}', 'h_count', 'h_sum', 'h'],
  );
});

test('N2: a histogram whose buckets are not cumulative is left out, and those after it are not', () => {
  const set = (name: string, first: number): string[] => [
    `h_bucket{a="${name}",le="0.0"} ${first}`,
    `h_bucket{a="${name}",le="+Inf"} 9`,
    `h_count{a="${name}"} 9`,
    `h_sum{a="${name}"} 4.5`,
  ];
  assert.deepEqual(read(['# TYPE h histogram', ...set('x', 18), ...set('y', 1)]), [['h{a="y"}', nine]]);
});

test('N3: a family that has native histograms keeps its classic ones', () => {
  const histogram = {
    sample_count: 3,
    zero_count: 3,
    zero_threshold: 0.1,
    bucket: [{ cumulative_count: 3, upper_bound: 1 }],
  };
  const bytes = metricFamilyMessage.encodeDelimited({ name: 'h', type: 'HISTOGRAM', metric: [{ histogram }] });
  const cache = new EntryCache(100);
  const options = { hasNativeHistograms: true, keepsClassicHistograms: true };
  const cursor = new NhcbCursor(new PrometheusProtobufCursor(cache, options), cache, options);
  assert.deepEqual(
    expositionEntries(cursor, bytes).map(([name]) => name),
    ['help h', 'type h', 'h', 'h_count', 'h_sum', 'h_bucket{le="1.0"}', 'h_bucket{le="+Inf"}'],
  );
  const old = { hasNativeHistograms: false, keepsClassicHistograms: false };
  const converting = new NhcbCursor(new PrometheusProtobufCursor(cache, old), cache, old);
  assert.deepEqual(expositionEntries(converting, bytes).at(-1), [
    'h',
    { ...custom, count: 3, positiveSpans: [{ offset: 0, length: 1 }], positiveBuckets: [3], customValues: [1] },
  ]);
});

test('N6: each histogram of a family has its own start time', () => {
  const set = (name: string, start: number): string[] => [
    `h_bucket{a="${name}",le="0.0"} 1 # {t="${name}"} 0.5 3`,
    `h_bucket{a="${name}",le="+Inf"} 9 # {t="none"} 0.5`,
    `h_count{a="${name}"} 9`,
    `h_sum{a="${name}"} 4.5`,
    `h_created{a="${name}"} ${start}`,
  ];
  assert.deepEqual(read(['# TYPE h histogram', ...set('x', 5), ...set('y', 6)]), [
    ['h{a="x"}', nine, { start: 5000, exemplars: ['{t="x"} 0.5 3000'] }],
    ['h{a="y"}', nine, { start: 6000, exemplars: ['{t="y"} 0.5 3000'] }],
  ]);
});

test('other series pass, also those that only look like parts of a histogram', () => {
  const lines = ['# TYPE h histogram', 'other_count 1', 'h 2', 'h_bucket 3', 'h_sum{le="1"} 4'];
  assert.deepEqual(read(lines), [
    ['other_count', 1],
    ['h', 2],
    ['h_bucket', 3],
    ['h_sum{le="1.0"}', 4],
  ]);
});

test('a histogram without buckets has all of its observations in the last', () => {
  const only = { ...custom, count: 5, sum: 2, positiveSpans: [{ offset: 0, length: 1 }], positiveBuckets: [5] };
  assert.deepEqual(read(['# TYPE h histogram', 'h_count 5', 'h_sum 2 7']), [['h', only, { timestamp: 7000 }]]);
  assert.deepEqual(nativeOf({ count: undefined, sum: 0, buckets: [] }), custom);
});

test('empty buckets are left out, and counts may be fractions', () => {
  const buckets = [[1, 0], [2, 0.5], [3, 0.5], [4, 0.5], [5, 2], [Infinity, 2]] as [number, number][]; // prettier-ignore
  assert.deepEqual(nativeOf({ count: 2, sum: 1, buckets }), {
    ...custom,
    isFloat: true,
    count: 2,
    sum: 1,
    positiveSpans: [{ offset: 1, length: 1 }, { offset: 2, length: 1 }],
    positiveBuckets: [0.5, 1.5],
    customValues: [1, 2, 3, 4, 5],
  }); // prettier-ignore
  assert.equal(nativeOf({ count: 3, sum: 1, buckets }), undefined);
});

test('no exposition makes the cursor throw or go on forever', () => {
  const line = fc.constantFrom(...classic, 'h_bucket{le="nan"} 3', 'h_bucket{le="x"} 3', 'h_sum{a="b"} NaN', 'up 1', 'h_count -1');
  fc.assert(
    fc.property(fc.array(line, { maxLength: 20 }), fc.boolean(), (lines, keepsClassic) => {
      assert.ok(read(lines, keepsClassic).length <= 2 * lines.length);
    }),
  );
}); // prettier-ignore
