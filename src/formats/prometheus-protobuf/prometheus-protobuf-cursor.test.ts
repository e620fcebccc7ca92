import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { emptyHistogram } from '../../model/native-histogram.ts';
import { expositionEntries, type ExpositionEntry } from '../../testkit/exposition-entries.ts';
import { metricFamilyMessage, type ProtobufMessage } from '../../testkit/metrics-reference.ts';
import { EntryCache } from '../exposition/entry-cache.ts';
import type { HistogramOptions } from './metric-reader.ts';
import { PrometheusProtobufCursor } from './prometheus-protobuf-cursor.ts';

const classic: HistogramOptions = { hasNativeHistograms: false, keepsClassicHistograms: false };
const native: HistogramOptions = { hasNativeHistograms: true, keepsClassicHistograms: false };
const both: HistogramOptions = { hasNativeHistograms: true, keepsClassicHistograms: true };

function read(bytes: Buffer, options: HistogramOptions): ExpositionEntry[] {
  const cursor = new PrometheusProtobufCursor(new EntryCache(1000), options);
  const entries = expositionEntries(cursor, bytes);
  assert.deepEqual(expositionEntries(cursor, bytes), entries);
  return entries;
}

/** Reads families without what is said of them first. */
function series(families: readonly ProtobufMessage[], options = classic): ExpositionEntry[] {
  const bytes = Buffer.concat(families.map((family) => metricFamilyMessage.encodeDelimited(family)));
  return read(bytes, options).filter(([what]) => !/^(type|help|unit) /.test(what));
}

const a = [{ name: 'a', value: 'b' }];
const time = { seconds: 1_700_000_000, nanos: 123_999_999 };

test('families tell their help, type and unit, and the values of their metrics', () => {
  const metric = [{ label: a, gauge: { value: 1.5 }, timestamp_ms: 12 }, { gauge: { value: Number.NaN } }];
  const family = { name: 'm_s', help: 'some help', type: 'GAUGE', unit: 's', metric };
  assert.deepEqual(read(metricFamilyMessage.encodeDelimited(family), classic), [
    ['help m_s', 'some help'],
    ['type m_s', 'gauge'],
    ['unit m_s', 's'],
    ['m_s{a="b"}', 1.5, { timestamp: 12 }],
    ['m_s', Number.NaN],
  ]);
  assert.deepEqual(read(metricFamilyMessage.encodeDelimited({ name: 'none', type: 'GAUGE' }), classic), []);
  assert.deepEqual(read(Buffer.alloc(0), classic), []);
});

test('counters have start times and exemplars', () => {
  const exemplar = { label: [{ name: 'id', value: 'x' }], value: 3, timestamp: time };
  const counter = { value: 4, exemplar, created_timestamp: { seconds: 5 } };
  assert.deepEqual(series([{ name: 'c_total', type: 'COUNTER', metric: [{ counter }] }]), [
    ['c_total', 4, { start: 5000, exemplars: ['{id="x"} 3 1700000000123'] }],
  ]);
  assert.deepEqual(series([{ name: 'u.v', type: 'UNTYPED', metric: [{ untyped: { value: 2 } }] }]), [['u.v', 2]]);
});

test('N4: summaries have a count, a sum and the quantiles that there are', () => {
  const quantile = [
    { quantile: 0.5, value: 1 },
    { quantile: 1, value: Number.NaN },
  ];
  const summary = { sample_count: 7, sample_sum: 8.5, quantile, created_timestamp: { seconds: 1 } };
  assert.deepEqual(
    series([
      { name: 's', type: 'SUMMARY', metric: [{ label: a, summary }] },
      { name: 't', type: 'SUMMARY', metric: [{ summary: { sample_count: 1 } }] },
    ]),
    [
      ['s_count{a="b"}', 7, { start: 1000 }],
      ['s_sum{a="b"}', 8.5, { start: 1000 }],
      ['s{a="b",quantile="0.5"}', 1, { start: 1000 }],
      ['s{a="b",quantile="1.0"}', Number.NaN, { start: 1000 }],
      ['t_count', 1],
      ['t_sum', 0],
    ],
  );
});

const bucket = [
  { cumulative_count: 2, upper_bound: 1, exemplar: { label: a, value: 0.5, timestamp: { seconds: 9 } } },
  { cumulative_count: 3, upper_bound: 1e6, exemplar: { label: a, value: 0.7 } },
];

test('classic histograms have their buckets, and the last one in any case', () => {
  const expected: ExpositionEntry[] = [
    ['h_count', 4],
    ['h_sum', 9],
    ['h_bucket{le="1.0"}', 2, { exemplars: ['{a="b"} 0.5 9000'] }],
    ['h_bucket{le="1e+06"}', 3, { exemplars: ['{a="b"} 0.7'] }],
    ['h_bucket{le="+Inf"}', 4],
  ];
  const histogram = { sample_count: 4, sample_sum: 9, bucket };
  assert.deepEqual(series([{ name: 'h', type: 'HISTOGRAM', metric: [{ histogram }] }]), expected);
  const last = { cumulative_count: 4, upper_bound: Infinity };
  const whole = { ...histogram, bucket: [...bucket, last] };
  assert.deepEqual(series([{ name: 'h', type: 'HISTOGRAM', metric: [{ histogram: whole }] }]), expected);
  const floats = [{ cumulative_count_float: 1.5, upper_bound: 2 }];
  const float = { sample_count_float: 2.5, sample_sum: 1, bucket: floats };
  assert.deepEqual(series([{ name: 'h', type: 'GAUGE_HISTOGRAM', metric: [{ histogram: float }] }]), [
    ['h_count', 2.5],
    ['h_sum', 1],
    ['h_bucket{le="2.0"}', 1.5],
    ['h_bucket{le="+Inf"}', 2.5],
  ]);
});

const nativeParts = {
  schema: 3,
  zero_threshold: 0.001,
  zero_count: 1,
  negative_span: [{ offset: -2, length: 1 }],
  negative_delta: [1],
  positive_span: [{ offset: 1, length: 2 }, { offset: 3, length: 1 }],
  positive_delta: [2, -1, 5],
}; // prettier-ignore
const expectedNative = {
  ...emptyHistogram,
  count: 10,
  sum: 4.5,
  schema: 3,
  zeroThreshold: 0.001,
  zeroCount: 1,
  negativeSpans: [{ offset: -2, length: 1 }],
  negativeBuckets: [1],
  positiveSpans: nativeParts.positive_span,
  positiveBuckets: [2, -1, 5],
};

test('native histograms are read as such where that is wanted', () => {
  const histogram = { sample_count: 10, sample_sum: 4.5, bucket, ...nativeParts, created_timestamp: { seconds: 2 } };
  const family = [{ name: 'h', type: 'HISTOGRAM', metric: [{ label: a, histogram }] }];
  const entry: ExpositionEntry = ['h{a="b"}', expectedNative, { start: 2000, exemplars: ['{a="b"} 0.5 9000'] }];
  assert.deepEqual(series(family, native), [entry]);
  const old = series(family, classic);
  assert.deepEqual(
    old.map(([name]) => name),
    ['h_count{a="b"}', 'h_sum{a="b"}', 'h_bucket{a="b",le="1.0"}', 'h_bucket{a="b",le="1e+06"}', 'h_bucket{a="b",le="+Inf"}'],
  ); // prettier-ignore
  assert.deepEqual(series(family, both), [entry, ...old]);
  const alone = [{ name: 'h', type: 'HISTOGRAM', metric: [{ histogram: { ...histogram, bucket: [] } }] }];
  assert.deepEqual(series(alone, classic), []);
  assert.equal(series(alone, both).length, 1);
});

test('a native histogram has its own exemplars that have times, or else those of its buckets', () => {
  const exemplars = [
    { label: [], value: 1 },
    { label: [{ name: 'x', value: 'y' }], value: 2, timestamp: time },
  ];
  const histogram = { sample_count: 10, sample_sum: 4.5, bucket, ...nativeParts, exemplars };
  const [entry] = series([{ name: 'h', type: 'HISTOGRAM', metric: [{ histogram }] }], native);
  assert.deepEqual(entry?.[2], { exemplars: ['{x="y"} 2 1700000000123'] });
});

test('native histograms of floats, and those that are gauges', () => {
  const histogram = {
    sample_count_float: 2.5,
    sample_sum: -1,
    zero_count_float: 0.5,
    schema: -1,
    positive_span: [{ offset: 0, length: 2 }],
    positive_count: [1.5, 0.5],
  };
  const [entry] = series([{ name: 'h', type: 'GAUGE_HISTOGRAM', metric: [{ histogram }] }], native);
  assert.deepEqual(entry?.[1], {
    ...emptyHistogram,
    isFloat: true,
    count: 2.5,
    sum: -1,
    zeroCount: 0.5,
    schema: -1,
    resetHint: 3,
    positiveSpans: [{ offset: 0, length: 2 }],
    positiveBuckets: [1.5, 0.5],
  });
});

test('native histograms that are finer than Prometheus stores them are made coarser', () => {
  const schemaOf = (schema: number): number | undefined => {
    const histogram = {
      sample_count: 1,
      zero_threshold: 0.1,
      schema,
      positive_span: [{ offset: 9, length: 1 }],
      positive_delta: [1],
    };
    const [entry] = series([{ name: 'h', type: 'HISTOGRAM', metric: [{ histogram }] }], native);
    return typeof entry?.[1] === 'object' ? entry[1].schema : undefined;
  };
  assert.deepEqual([8, 9, 52].map(schemaOf), [8, 8, 8]);
});

test('what is not valid ends with an error', () => {
  const delimited = (hex: string): Buffer =>
    Buffer.from(`${(hex.length / 2).toString(16).padStart(2, '0')}${hex}`, 'hex');
  const withHistogram = (parts: ProtobufMessage): Buffer =>
    metricFamilyMessage.encodeDelimited({
      name: 'h',
      type: 'HISTOGRAM',
      metric: [{ histogram: { sample_count: 1, ...nativeParts, ...parts } }],
    });
  const withLabel = (label: readonly ProtobufMessage[]): Buffer =>
    metricFamilyMessage.encodeDelimited({ name: 'g', type: 'GAUGE', metric: [{ label, gauge: { value: 1 } }] });
  const cases: readonly [name: string, bytes: Buffer, what: string][] = [
    ['a length that is cut off', Buffer.from('80', 'hex'), 'no valid length'],
    ['a length beyond the end', Buffer.from('05 0a', 'hex'), 'fewer bytes than it should have'],
    ['broken fields', delimited('0a05'), 'no valid fields'],
    ['an unknown type', delimited('18092200'), 'an unknown type'],
    ['no name', delimited('2200'), 'no name'],
    ['a broken name', delimited('0a01ff2200'), 'a name that is not UTF-8'],
    ['a broken metric', delimited('0a0161220108'), 'a metric that is not valid'],
    ['N5', withHistogram({ positive_delta: [1, 2] }), 'a metric that is not valid'],
    ['an unknown schema', withHistogram({ schema: 53 }), 'a metric that is not valid'],
    ['a label without a name', withLabel([{ value: 'x' }]), 'a label that is not valid'],
    ['a label twice', withLabel([...a, ...a]), 'label "a" twice'],
    ['a name as label', withLabel([{ name: '__name__', value: 'x' }]), 'label "__name__" twice'],
  ]; // prettier-ignore
  for (const [name, bytes, what] of cases)
    assert.deepEqual(read(bytes, native).at(-1), ['error', `family 1 of the protobuf exposition has ${what}`], name);
});

test('no bytes make the cursor throw or go on forever', () => {
  const exemplar = { label: a, value: 1, timestamp: time };
  const families = [
    { name: 'c', help: 'h', type: 'COUNTER', metric: [{ label: a, counter: { value: 4, exemplar } }] },
    { name: 's', type: 'SUMMARY', metric: [{ summary: { sample_count: 1, quantile: [{ quantile: 1, value: 2 }] } }] },
    { name: 'h', type: 'HISTOGRAM', metric: [{ histogram: { sample_count: 1, bucket, ...nativeParts } }] },
  ];
  const valid = Buffer.concat(families.map((family) => metricFamilyMessage.encodeDelimited(family)));
  const cursor = new PrometheusProtobufCursor(new EntryCache(50), both);
  const edits = fc.array(fc.tuple(fc.nat({ max: valid.length - 1 }), fc.nat({ max: 255 })), { maxLength: 4 });
  fc.assert(
    fc.property(edits, fc.nat({ max: valid.length }), (changes, length) => {
      const bytes = Buffer.from(valid);
      for (const [at, byte] of changes) bytes[at] = byte;
      const part = changes.length === 1 ? bytes.subarray(0, length) : bytes;
      assert.ok(expositionEntries(cursor, part).length < 100);
    }),
    { numRuns: 3000 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => void expositionEntries(cursor, Buffer.from(bytes))),
  );
});
