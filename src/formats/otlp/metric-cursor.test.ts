import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { OtlpBatch } from '../../model/otlp-batch.ts';
import { anyRequest } from '../../testkit/otlp-arbitrary.ts';
import { otlpBatch } from '../../testkit/otlp-batch.ts';
import { readOtlpBatch } from '../../testkit/otlp-reference.ts';
import { AttributeList } from './attribute-list.ts';
import { metricData } from './data-point.ts';
import { MetricCursor } from './metric-cursor.ts';
import type { NumberList } from './number-list.ts';
import type { ByteRange } from './resource-cursor.ts';

type Message = Readonly<Record<string, unknown>>;

const dataNames = ['', 'gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary'] as const;

/** What the cursor sees in a batch. */
function seen(batch: OtlpBatch): unknown[] {
  const cursor = new MetricCursor();
  const attributes = new AttributeList();
  const result: unknown[] = [];
  const text = ({ start, end }: ByteRange): string => cursor.bytes.toString('utf8', start, end);
  cursor.open(batch);
  while (cursor.nextResource()) {
    result.push({ resource: keysIn(cursor.resource) });
    while (cursor.nextScope()) {
      cursor.readScopeAttributes(attributes);
      result.push({ scope: text(cursor.scopeName), version: text(cursor.scopeVersion), keys: keysIn(attributes) });
      while (cursor.nextMetric()) {
        const { name, description, unit, type, temporality, isMonotonic } = cursor;
        const said = type === metricData.gauge || type === metricData.summary ? {} : { temporality };
        const monotonic = type === metricData.sum ? { isMonotonic } : {};
        const data = type === metricData.none ? {} : { ...said, ...monotonic };
        result.push({ name: text(name), help: text(description), unit: text(unit), type: dataNames[type], ...data });
        while (cursor.nextPoint()) result.push(pointOf(cursor));
      }
    }
  }
  return result;
}

function pointOf({ type, point }: MetricCursor): unknown {
  const { exemplars } = point;
  const common = {
    keys: keysIn(point.attributes),
    start: point.startMillis,
    time: point.timeMillis,
    hasNoValue: point.hasNoValue,
  };
  const { count, sum, hasSum, scale, zeroCount, zeroThreshold, positiveOffset, negativeOffset } = point;
  const found: unknown[] = [];
  while (exemplars.next()) {
    const { bytes, value, timeMillis: time, traceId, spanId } = exemplars;
    const id = (at: number, size: number): string => (at < 0 ? '' : bytes.toString('hex', at, at + size));
    found.push({ value, time, traceId: id(traceId, 16), spanId: id(spanId, 8) });
  }
  if (type <= metricData.sum) return { ...common, value: point.value, exemplars: found };
  const counted = { ...common, count, sum, exemplars: found };
  if (type === metricData.summary)
    return { ...counted, quantiles: numbers(point.quantiles), values: numbers(point.quantileValues) };
  if (type === metricData.histogram)
    return { ...counted, hasSum, bounds: numbers(point.bounds), counts: numbers(point.bucketCounts) };
  const [positive, negative] = [exact(numbers(point.positiveCounts)), exact(numbers(point.negativeCounts))];
  return { ...counted, hasSum, scale, zeroCount, zeroThreshold, positiveOffset, positive, negativeOffset, negative };
}

function keysIn({ bytes, count, keyStarts, keyEnds }: AttributeList): string[] {
  return Array.from({ length: count }, (_, index) => bytes.toString('utf8', keyStarts[index], keyEnds[index]));
}

function numbers({ values, count }: NumberList): number[] {
  return [...values.subarray(0, count)];
}

/** What the reference sees. */
function expected(batch: OtlpBatch): unknown[] {
  return list(readOtlpBatch(batch)['resourceMetrics']).flatMap((resource) => [
    { resource: keys(message(resource['resource'])['attributes']) },
    ...list(resource['scopeMetrics']).flatMap((scope) => {
      const { name = '', version = '', attributes } = message(scope['scope']);
      return [{ scope: name, version, keys: keys(attributes) }, ...list(scope['metrics']).flatMap(expectedMetric)];
    }),
  ]);
}

function expectedMetric(metric: Message): unknown[] {
  const { name = '', description: help = '', unit = '' } = metric;
  const type = dataNames.find((one) => metric[one] !== undefined) ?? '';
  const data = message(metric[type]);
  const said = type === '' || type === 'gauge' || type === 'summary' ? {} : { temporality: data['aggregationTemporality'] ?? 0 };
  const monotonic = type === 'sum' ? { isMonotonic: data['isMonotonic'] ?? false } : {};
  const points = list(data['dataPoints']).map((point) => expectedPoint(type, point));
  return [{ name, help, unit, type, ...said, ...monotonic }, ...points];
} // prettier-ignore

function expectedPoint(type: string, point: Message): unknown {
  const common = {
    keys: keys(point['attributes']),
    start: millis(point['startTimeUnixNano']),
    time: millis(point['timeUnixNano']),
    hasNoValue: (Number(point['flags'] ?? 0) & 1) === 1,
  };
  const exemplars = list(point['exemplars']).map((one) => ({
    value: Number(one['asDouble'] ?? one['asInt'] ?? 0),
    time: millis(one['timeUnixNano']),
    traceId: hex(one['traceId']),
    spanId: hex(one['spanId']),
  }));
  if (type === 'gauge' || type === 'sum')
    return { ...common, value: Number(point['asDouble'] ?? point['asInt'] ?? 0), exemplars };
  const counted = { ...common, count: Number(point['count'] ?? 0), sum: point['sum'] ?? 0, exemplars };
  if (type === 'summary') {
    const pairs = list(point['quantileValues']);
    return {
      ...counted,
      quantiles: pairs.map(({ quantile = 0 }) => quantile),
      values: pairs.map(({ value = 0 }) => value),
    };
  }
  const hasSum = point['sum'] !== undefined;
  if (type === 'histogram')
    return { ...counted, hasSum, bounds: point['explicitBounds'] ?? [], counts: counts(point['bucketCounts']) };
  const [positive, negative] = [message(point['positive']), message(point['negative'])];
  return {
    ...counted,
    hasSum,
    scale: point['scale'] ?? 0,
    zeroCount: Number(point['zeroCount'] ?? 0),
    zeroThreshold: point['zeroThreshold'] ?? 0,
    positiveOffset: positive['offset'] ?? 0,
    positive: exact(counts(positive['bucketCounts'])),
    negativeOffset: negative['offset'] ?? 0,
    negative: exact(counts(negative['bucketCounts'])),
  };
}

const list = (value: unknown): readonly Message[] => (value ?? []) as readonly Message[];
const message = (value: unknown): Message => (value ?? {}) as Message;
const keys = (value: unknown): unknown[] => list(value).map(({ key = '' }) => key);
const counts = (value: unknown): number[] => list(value).map(Number);
/** Varints are exact up to here. */
const exact = (values: number[]): number[] => values.map((value) => Math.min(value, 2 ** 53));
const millis = (nanos: unknown): number => Number(BigInt((nanos ?? 0) as string) / 1_000_000n);
const hex = (id: unknown): string => {
  const text = id instanceof Uint8Array ? Buffer.from(id).toString('hex') : '';
  return /^0*$/.test(text) ? '' : text;
};

test('the cursor sees in any request what the reference does', () => {
  fc.assert(
    fc.property(anyRequest('metrics'), (request) => {
      const batch = otlpBatch('metrics', request);
      assert.deepEqual(seen(batch), expected(batch));
    }),
  );
});

test('points can be counted instead of read', () => {
  const points = [{ asInt: '1' }, { asInt: '2' }, { asInt: '3' }];
  const batch = otlpBatch('metrics', {
    resourceMetrics: [{ scopeMetrics: [{ metrics: [{ gauge: { dataPoints: points } }, { name: 'x' }] }] }],
  });
  const cursor = new MetricCursor();
  cursor.open(batch);
  assert.ok(cursor.nextResource() && cursor.nextScope() && cursor.nextMetric() && cursor.nextPoint());
  assert.equal(cursor.skipPoints(), 2);
  assert.ok(!cursor.nextPoint() && cursor.nextMetric());
  assert.equal(cursor.skipPoints(), 0);
  assert.ok(!cursor.nextMetric());
});
