import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { readOtlpBatch } from '../../testkit/otlp-reference.ts';
import { AttributeWriter } from './attribute-writer.ts';
import { MetricWriter, packedDoubles, temporality, type EncodedAttributes, type PointHead } from './metric-writer.ts';

function attributes(pairs: Readonly<Record<string, string | boolean>>): EncodedAttributes {
  const writer = new AttributeWriter();
  for (const [key, value] of Object.entries(pairs)) {
    if (typeof value === 'string') writer.text(key, value);
    else writer.bool(key, value);
  }
  return writer.copy();
}

function decoded(pairs: Readonly<Record<string, string | boolean>>): unknown[] {
  return Object.entries(pairs).map(([key, value]) => ({
    key,
    value: typeof value === 'string' ? { stringValue: value } : { boolValue: value },
  }));
}

const none = attributes({});
const calls = { name: 'calls', description: '', unit: '' };
const head: PointHead = { attributes: none, startTime: 1_700_000_000_000, time: 1_700_000_000_001 };
const times = { startTimeUnixNano: '1700000000000000000', timeUnixNano: '1700000000001000000' };

/** What the reference reads of the metrics of one resource and scope. */
function written(write: (writer: MetricWriter) => void): unknown {
  const writer = new MetricWriter();
  writer.resource(none);
  writer.scope('test');
  write(writer);
  const batch = writer.finish();
  assert.ok(batch);
  const { resourceMetrics } = readOtlpBatch(batch) as {
    resourceMetrics: { scopeMetrics: { metrics: unknown[] }[] }[];
  };
  return resourceMetrics[0]?.scopeMetrics[0]?.metrics;
}

test('resources, scopes and metrics nest as they are begun', () => {
  const writer = new MetricWriter();
  const long = 'x'.repeat(300);
  writer.resource(attributes({ 'service.name': long }), 'https://schema');
  writer.scope('one', '1.0', attributes({ a: 'b' }));
  writer.sum({ name: 'calls', description: 'How often.', unit: '1', metadata: attributes({ m: 'n' }) }, 2, true);
  writer.integerPoint({ ...head, attributes: attributes({ k: long, is: true }) }, 3);
  writer.integerPoint(head, 2 ** 53 - 1);
  writer.gauge(calls);
  writer.doublePoint({ ...head, startTime: 0 }, -1.5);
  writer.scope('');
  writer.sum(calls, temporality.delta, false);
  writer.integerPoint(head, -7);
  writer.resource(none);
  assert.equal(writer.count, 4);
  const batch = writer.finish();
  assert.ok(batch);
  assert.equal(batch.count, 4);
  assert.deepEqual(readOtlpBatch(batch), {
    resourceMetrics: [
      {
        resource: { attributes: decoded({ 'service.name': long }) },
        schemaUrl: 'https://schema',
        scopeMetrics: [
          {
            scope: { name: 'one', version: '1.0', attributes: decoded({ a: 'b' }) },
            metrics: [
              {
                name: 'calls',
                description: 'How often.',
                unit: '1',
                metadata: decoded({ m: 'n' }),
                sum: {
                  aggregationTemporality: 2,
                  isMonotonic: true,
                  dataPoints: [
                    { ...times, attributes: decoded({ k: long, is: true }), asInt: '3' },
                    { ...times, asInt: String(2 ** 53 - 1) },
                  ],
                },
              },
              { name: 'calls', gauge: { dataPoints: [{ timeUnixNano: times.timeUnixNano, asDouble: -1.5 }] } },
            ],
          },
          {
            scope: {},
            metrics: [{ name: 'calls', sum: { aggregationTemporality: 1, dataPoints: [{ ...times, asInt: '-7' }] } }],
          },
        ],
      },
      { resource: {} },
    ],
  });
  assert.equal(writer.finish(), undefined);
});

test('a histogram has its buckets, bounds and exemplars', () => {
  const ids = Buffer.from(Array.from({ length: 24 }, (_, index) => index + 1));
  const metrics = written((writer) => {
    writer.histogram(calls, temporality.cumulative);
    writer.histogramPoint(
      { ...head, attributes: attributes({ a: 'b' }) },
      { count: 6, sum: 1.5, buckets: [9, 1, 2, 3], firstBucket: 1, bounds: packedDoubles([1, 2.5]), min: 0, max: 3 },
    );
    writer.exemplar({
      time: head.time,
      value: 2,
      bytes: ids,
      traceId: 0,
      spanId: 16,
      attributes: attributes({ c: 'd' }),
    });
    writer.exemplar({ time: head.time, value: 0, bytes: ids, traceId: -1, spanId: -1 });
    writer.histogramPoint(head, { count: 2, sum: undefined, buckets: [], firstBucket: 0, bounds: packedDoubles([]) });
  });
  const { timeUnixNano } = times;
  assert.deepEqual(metrics, [
    {
      name: 'calls',
      histogram: {
        aggregationTemporality: 2,
        dataPoints: [
          {
            ...times,
            attributes: decoded({ a: 'b' }),
            count: '6',
            sum: 1.5,
            bucketCounts: ['1', '2', '3'],
            explicitBounds: [1, 2.5],
            min: 0,
            max: 3,
            exemplars: [
              {
                timeUnixNano,
                asDouble: 2,
                traceId: ids.subarray(0, 16),
                spanId: ids.subarray(16),
                filteredAttributes: decoded({ c: 'd' }),
              },
              { timeUnixNano, asDouble: 0 },
            ],
          },
          { ...times, count: '2' },
        ],
      },
    },
  ]);
});

test('exponential histograms and summaries are written', () => {
  const metrics = written((writer) => {
    writer.exponentialHistogram(calls, temporality.delta);
    writer.exponentialPoint(
      { ...head, attributes: attributes({ a: 'b' }) },
      {
        count: 2 ** 40,
        sum: 6,
        scale: -3,
        zeroCount: 1,
        zeroThreshold: 0.5,
        positive: { offset: -4, counts: [7, 300, 0, 2 ** 40], first: 1, length: 3 },
        negative: { offset: 0, counts: [], first: 0, length: 0 },
        min: 1,
        max: 4,
      },
    );
    writer.exemplar({ time: head.time, value: 1, bytes: Buffer.alloc(0), traceId: -1, spanId: -1 });
    writer.summary(calls);
    writer.summaryPoint(head, 3, 4.5, [
      [0.5, 1],
      [0.99, Number.NaN],
    ]);
    writer.gauge(calls);
    writer.doublePoint({ ...head, isStale: true }, 1);
  });
  assert.deepEqual(metrics, [
    {
      name: 'calls',
      exponentialHistogram: {
        aggregationTemporality: 1,
        dataPoints: [
          {
            ...times,
            attributes: decoded({ a: 'b' }),
            count: String(2 ** 40),
            sum: 6,
            scale: -3,
            zeroCount: '1',
            zeroThreshold: 0.5,
            positive: { offset: -4, bucketCounts: ['300', '0', String(2 ** 40)] },
            negative: {},
            min: 1,
            max: 4,
            exemplars: [{ timeUnixNano: times.timeUnixNano, asDouble: 1 }],
          },
        ],
      },
    },
    {
      name: 'calls',
      summary: {
        dataPoints: [
          {
            ...times,
            count: '3',
            sum: 4.5,
            quantileValues: [
              { quantile: 0.5, value: 1 },
              { quantile: 0.99, value: Number.NaN },
            ],
          },
        ],
      },
    },
    { name: 'calls', gauge: { dataPoints: [{ ...times, flags: 1 }] } },
  ]);
});

test('any attributes and times come out as the reference reads them', () => {
  const anyText = fc.string({ minLength: 1, maxLength: 200, unit: 'binary' });
  const anyPairs = fc.dictionary(anyText, fc.oneof(anyText, fc.boolean()), { noNullPrototype: true, maxKeys: 5 });
  const anyTime = fc.integer({ min: 1, max: 4_000_000_000_000 });
  fc.assert(
    fc.property(anyPairs, anyTime, (pairs, time) => {
      const at = { attributes: attributes(pairs), startTime: 0, time };
      const point = { timeUnixNano: String(BigInt(time) * 1_000_000n) };
      const all = Object.keys(pairs).length === 0 ? {} : { attributes: decoded(pairs) };
      const metrics = written((writer) => {
        writer.gauge(calls);
        writer.integerPoint(at, time);
        writer.exponentialHistogram(calls, temporality.cumulative);
        writer.exponentialPoint(at, {
          count: 1,
          sum: undefined,
          scale: 2,
          zeroCount: 3,
          positive: { offset: 1 + (time % 1000), counts: [], first: 0, length: 0 },
        });
      });
      assert.deepEqual(metrics, [
        { name: 'calls', gauge: { dataPoints: [{ ...point, ...all, asInt: String(time) }] } },
        {
          name: 'calls',
          exponentialHistogram: {
            aggregationTemporality: 2,
            dataPoints: [
              { ...point, ...all, count: '1', scale: 2, zeroCount: '3', positive: { offset: 1 + (time % 1000) } },
            ],
          },
        },
      ]);
    }),
  );
});
