import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { openMetrics } from '../../../component/metrics.ts';
import { send } from '../../../flow/delivery.ts';
import { otlp } from '../../../formats/otlp/otlp-signal.ts';
import { argumentsFrom, receiverFor } from '../../../testkit/arguments.ts';
import { bucketsOf, callGraph, callKey, disturbed, seededRandom } from '../../../testkit/call-graph.ts';
import { collect } from '../../../testkit/collect.ts';
import { metricPoints, type TestPoint } from '../../../testkit/metric-points.ts';
import { runComponent } from '../../../testkit/run-component.ts';
import { traceBatch, type TestSpan } from '../../../testkit/trace-batch.ts';
import { serviceGraphFields } from '../otelcol.connector.servicegraph/fields.ts';
import { serviceGraphMeters } from '../otelcol.connector.servicegraph/meters.ts';
import { ServiceGraph } from '../otelcol.connector.servicegraph/service-graph.ts';
import { otelcolConnectorSpanmetrics } from '../otelcol.connector.spanmetrics.ts';

/** Sends spans in batches of any size while metrics are flushed, and returns all points. */
async function spanMetricsOf(text: string, spans: readonly TestSpan[], random: () => number): Promise<TestPoint[]> {
  const out = collect(otlp);
  const names = { out: receiverFor(otlp, out) };
  const body = `histogram { explicit { } }\nmetrics_flush_interval = "2ms"\n${text}\noutput { metrics = [out] }`;
  await using running = await runComponent(otelcolConnectorSpanmetrics, body, { names });
  for (let at = 0; at < spans.length;) {
    const size = 1 + Math.floor(random() * 20);
    const batch = traceBatch(...spans.slice(at, at + size));
    at += size;
    await send(running.exports.input, batch, new AbortController().signal).delivered;
    if (random() < 0.3) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await running.stop();
  return out.batches.flatMap((batch) => metricPoints(batch));
}

function seriesOf({ metric, resource, attributes }: TestPoint): string {
  return JSON.stringify([metric, resource, attributes]);
}

/** No series has two points of one time, and totals never fall. */
function assertOrderly(points: readonly TestPoint[], isDelta: boolean): void {
  for (const series of Map.groupBy(points, seriesOf).values()) {
    for (const [index, point] of series.entries()) {
      const before = series[index - 1];
      assert.ok(point.start <= point.time);
      if (before === undefined) continue;
      assert.ok(point.time > before.time, 'times go on');
      assert.equal(point.start, isDelta ? before.time : before.start);
      if (!isDelta) assert.ok(point.value >= before.value && point.count >= before.count, 'totals do not fall');
    }
  }
}

function last(points: readonly TestPoint[]): TestPoint[] {
  return [...new Map(points.map((point) => [seriesOf(point), point])).values()];
}

function assertClose(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) <= 1e-6 * Math.max(1, Math.abs(expected)), `${actual} is not ${expected}`);
}

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

function nameOf({ attributes }: TestPoint): string {
  const kind = String(attributes['span.kind']).replace('SPAN_KIND_', '').toLowerCase();
  const isError = attributes['status.code'] === 'STATUS_CODE_ERROR';
  return [attributes['service.name'], attributes['span.name'], kind, isError].join(' ');
}

const anySeed = fc.nat({ max: 2 ** 31 });

test('spans, errors and latencies are counted as they were made, each copy too', async () => {
  const property = fc.asyncProperty(anySeed, fc.integer({ min: 1, max: 15 }), async (seed, traces) => {
    const random = seededRandom(seed);
    const graph = callGraph(random, traces);
    const received = disturbed(graph.spans, random);
    const points = await spanMetricsOf('', received, random);
    assertOrderly(points, false);
    const byKey = Map.groupBy(received, callKey);
    const calls = last(points).filter(({ kind }) => kind === 'sum');
    assert.equal(calls.length, graph.calls.size);
    for (const point of calls) assert.equal(point.value, byKey.get(nameOf(point))?.length, nameOf(point));
    for (const point of last(points).filter(({ kind }) => kind === 'histogram')) {
      const values = (byKey.get(nameOf(point)) ?? []).map(({ duration = 0 }) => duration);
      assert.deepEqual(point.buckets, bucketsOf(values, point.bounds));
      assert.equal(point.count, values.length);
      assertClose(point.sum, total(values));
    }
  });
  await fc.assert(property, { numRuns: 20 });
});

test('deltas add up to what was made', async () => {
  const property = fc.asyncProperty(anySeed, async (seed) => {
    const random = seededRandom(seed);
    const { spans, calls } = callGraph(random, 10);
    const points = await spanMetricsOf('aggregation_temporality = "DELTA"', spans, random);
    assertOrderly(points, true);
    for (const kind of ['sum', 'histogram'] as const) {
      const found = Map.groupBy(
        points.filter((point) => point.kind === kind),
        nameOf,
      );
      const counts = [...found].map(([key, list]): [string, number] => [
        key,
        total(list.map(({ value, count }) => value + count)),
      ]);
      for (const [key, count] of counts) assert.equal(count, calls.get(key)?.count, key);
      assert.equal(counts.length, calls.size);
    }
  });
  await fc.assert(property, { numRuns: 15 });
});

test('deltas with a limit of series add up to what was made, and each request keeps to the limit', async () => {
  const limit = 2;
  const property = fc.asyncProperty(anySeed, async (seed) => {
    const random = seededRandom(seed);
    const { spans } = callGraph(random, 10);
    const text = `aggregation_temporality = "DELTA"\naggregation_cardinality_limit = ${limit}`;
    const points = await spanMetricsOf(text, spans, random);
    for (const kind of ['sum', 'histogram'] as const) {
      const those = points.filter((point) => point.kind === kind);
      assert.equal(total(those.map(({ value, count }) => value + count)), spans.length);
      for (const list of Map.groupBy(those, ({ resource, time }) => `${JSON.stringify(resource)} ${time}`).values()) {
        assert.ok(list.filter(({ attributes }) => attributes['otel.metric.overflow'] === undefined).length <= limit);
        assert.ok(list.every(({ value, count }) => value + count > 0));
      }
      for (const series of Map.groupBy(those, seriesOf).values())
        for (const [index, { start, time }] of series.entries())
          assert.ok(start <= time && start >= (series[index - 1]?.time ?? 0), 'no time is told twice');
    }
  });
  await fc.assert(property, { numRuns: 15 });
});

function edgeOf({ attributes: { client, server, connection_type: type, failed } }: TestPoint): string {
  return [client, server, type, failed].join(' ');
}

/** Takes spans within the time that they may wait, with requests between them, and then tells the edges. */
function edgesOf(received: readonly TestSpan[], random: () => number): TestPoint[] {
  const out = receiverFor(otlp, collect(otlp));
  const ttl = 5000;
  const { meters } = openMetrics(serviceGraphMeters);
  const text = `store { ttl = "5s" }\noutput { metrics = [out] }`;
  const graph = new ServiceGraph(argumentsFrom(serviceGraphFields, text, { out }), meters);
  const points: TestPoint[] = [];
  const flush = (time: number): void => {
    const batch = graph.write(time);
    graph.settle(random() < 0.7);
    points.push(...(batch === undefined ? [] : metricPoints(batch)));
  };
  for (let at = 0; at < received.length;) {
    const now = 1 + Math.floor((at / received.length) * ttl);
    const size = 1 + Math.floor(random() * 40);
    graph.add(traceBatch(...received.slice(at, at + size)), now);
    at += size;
    if (random() < 0.3) graph.expire(now);
    if (random() < 0.3 && points.at(-1)?.time !== now) flush(now);
  }
  graph.expire(2 * ttl + 1);
  flush(2 * ttl + 2);
  assert.equal(meters.dropped.value, 0);
  assert.equal(meters.waiting.value, 0);
  assertOrderly(points, false);
  return last(points);
}

test('edges are counted as they were made, with late, repeated and disordered spans', () => {
  const property = fc.property(anySeed, (seed) => {
    const random = seededRandom(seed);
    const graph = callGraph(random, 15);
    const points = edgesOf(disturbed(graph.spans, random), random);
    const requests = points.filter(({ metric }) => metric === 'traces_service_graph_request_total');
    for (const point of requests) assert.equal(point.value, graph.edges.get(edgeOf(point))?.count, edgeOf(point));
    assert.equal(requests.length, graph.edges.size);
    const failed = points.filter(({ metric }) => metric === 'traces_service_graph_request_failed_total');
    assert.equal(
      total(failed.map(({ value }) => value)),
      total([...graph.edges].filter(([key]) => key.endsWith('true')).map(([, { count }]) => count)),
    );
    for (const point of points.filter(({ kind }) => kind === 'histogram')) {
      const stats = graph.edges.get(edgeOf(point));
      const isServer = point.metric.endsWith('_server');
      const values = (isServer ? stats?.serverDurations : stats?.clientDurations)?.map((value) => value / 1000) ?? [];
      assert.deepEqual(point.buckets, bucketsOf(values, point.bounds), point.metric + edgeOf(point));
      assertClose(point.sum, total(values));
    }
  });
  fc.assert(property, { numRuns: 50 });
});
