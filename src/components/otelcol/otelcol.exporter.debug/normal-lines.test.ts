import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OtlpKind } from '../../../model/otlp-batch.ts';
import { otlpBatch } from '../../../testkit/otlp-batch.ts';
import { normalLines } from './normal-lines.ts';

type Message = Readonly<Record<string, unknown>>;

const text = (value: string): Message => ({ stringValue: value });
const map = (...pairs: readonly (readonly [key: string, value: Message])[]): Message[] =>
  pairs.map(([key, value]) => ({ key, value }));

const resource = { attributes: map(['host', text('a b')], ['cores', { intValue: '9007199254740993' }]) };
const scope = { name: 'lib', version: '1.2.3', attributes: map(['tested', { boolValue: true }]) };
const schemaUrl = 'https://example.com/schema';
const ids = {
  traceId: Buffer.from('0102030405060708090a0b0c0d0e0f10', 'hex'),
  spanId: Buffer.from('1112131415161718', 'hex'),
};
const attributes = map(['k1', text('v1')], ['k2', { doubleValue: 0.5 }]);

/** The lines of a metric, without those of its resource and scope. */
function pointLines(metric: Message): string[] {
  const batch = otlpBatch('metrics', { resourceMetrics: [{ scopeMetrics: [{ metrics: [metric] }] }] });
  return [...normalLines(batch)].slice(2);
}

const batches: readonly [name: string, kind: OtlpKind, request: Message, lines: readonly string[]][] = [
  ['nothing', 'logs', {}, []],
  [
    'a span with all that is said of it',
    'traces',
    { resourceSpans: [{ resource, schemaUrl, scopeSpans: [{ scope, schemaUrl, spans: [{ name: 'op', ...ids, attributes }] }] }] },
    [
      'ResourceTraces #0 [https://example.com/schema] host=a b cores=9007199254740993',
      'ScopeTraces #0 lib@1.2.3 [https://example.com/schema] tested=true',
      'op 0102030405060708090a0b0c0d0e0f10 1112131415161718 k1=v1 k2=0.5',
    ],
  ],
  [
    'spans of several scopes and resources, with little said of them',
    'traces',
    {
      resourceSpans: [
        { scopeSpans: [{ spans: [{ name: 'a', ...ids }] }, { scope: { version: '2' }, spans: [{ name: 'b', ...ids }] }] },
        { scopeSpans: [{ scope: { name: 'lib' } }] },
      ],
    },
    [
      'ResourceTraces #0',
      'ScopeTraces #0',
      'a 0102030405060708090a0b0c0d0e0f10 1112131415161718',
      'ScopeTraces #1 @2',
      'b 0102030405060708090a0b0c0d0e0f10 1112131415161718',
      'ResourceTraces #1',
      'ScopeTraces #0 lib',
    ],
  ],
  [
    'log records',
    'logs',
    {
      resourceLogs: [
        {
          resource,
          scopeLogs: [
            {
              logRecords: [
                { body: text('first\nsecond'), attributes },
                { body: { intValue: '-7' } },
                { attributes },
                { body: { bytesValue: Buffer.from('abc') }, attributes: [{ key: 'none' }] },
                { body: { kvlistValue: { values: map(['b', { arrayValue: { values: [text('x"'), {}] } }], ['a', { intValue: '1' }]) } } },
                { body: { doubleValue: Number.NaN } },
              ],
            },
          ],
        },
      ],
    },
    [
      'ResourceLog #0 host=a b cores=9007199254740993',
      'ScopeLog #0',
      'first\nsecond k1=v1 k2=0.5',
      '-7',
      ' k1=v1 k2=0.5',
      'YWJj none=',
      '{"a":1,"b":["x\\"",null]}',
      'NaN',
    ],
  ],
]; // prettier-ignore
for (const [name, kind, request, lines] of batches) {
  test(`there are lines for ${name}`, () => {
    assert.deepEqual([...normalLines(otlpBatch(kind, request))], lines);
  });
}

const points: readonly [name: string, metric: Message, lines: readonly string[]][] = [
  [
    'a gauge',
    { name: 'g', gauge: { dataPoints: [{ attributes, asDouble: 1e9 }, { asDouble: Infinity }, {}] } },
    ['g{k1=v1,k2=0.5} 1e+09', 'g{} +Inf', 'g{} '],
  ],
  ['a sum', { name: 's', sum: { dataPoints: [{ asInt: '9007199254740993' }] } }, ['s{} 9007199254740993']],
  [
    'a histogram',
    {
      name: 'h',
      histogram: {
        dataPoints: [
          { attributes, count: 6, sum: 7.5, min: 1, max: 2.5, bucketCounts: [1, 2, 3], explicitBounds: [0.5, 10] },
          { count: 0 },
        ],
      },
    },
    ['h{k1=v1,k2=0.5} count=6 sum=7.5 min=1 max=2.5 le0.5=1 le10=2 3', 'h{} count=0'],
  ],
  [
    'an exponential histogram',
    {
      name: 'e',
      exponentialHistogram: {
        dataPoints: [
          {
            count: 9,
            sum: 4,
            scale: 0,
            zeroCount: 2,
            zeroThreshold: 0.25,
            positive: { offset: 1, bucketCounts: [3, 4] },
            negative: { offset: -1, bucketCounts: [1] },
          },
        ],
      },
    },
    ['e{} count=9 sum=4 le0.5=1 le2=3 le4=4 zero_count0.25=2'],
  ],
  [
    'a summary',
    {
      name: 'q',
      summary: { dataPoints: [{ count: 2, sum: 1.5, quantileValues: [{ quantile: 0.5, value: 3 }, { value: 1 }] }] },
    },
    ['q{} count=2 sum=1.500000 q0.5=3 q0=1'],
  ],
  ['nothing', { name: 'n' }, []],
];
for (const [name, metric, lines] of points) {
  test(`a metric that is ${name} has lines`, () => {
    assert.deepEqual(pointLines(metric), lines);
  });
}
