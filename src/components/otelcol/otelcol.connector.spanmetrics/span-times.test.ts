import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestPoint } from '../../../testkit/metric-points.ts';
import { aggregator, start } from '../../../testkit/span-aggregator.ts';

const plain = 'histogram { explicit { } }';
const delta = `${plain}\naggregation_temporality = "DELTA"`;

/** Points as metric, value or count, and seconds from start to time. */
function brief(points: readonly TestPoint[]): string[] {
  const seconds = (time: number): number => (time - start) / 1000;
  return points.map(
    ({ metric, kind, value, count, start: from, time }) =>
      `${metric.replace('traces.span.metrics.', '')} ${kind === 'sum' ? value : count} ${seconds(from)}-${seconds(time)}`,
  );
}

test('the first total of calls is zero, and the real one follows', () => {
  const { spans, add, flush } = aggregator(plain);
  add(0, {}, {});
  assert.deepEqual(brief(flush(15)), ['calls 0 0-15', 'duration 2 0-15']);
  assert.ok(spans.hasMore);
  add(20, {});
  assert.deepEqual(brief(flush(30)), ['calls 3 0-30', 'duration 3 0-30']);
  assert.ok(!spans.hasMore);
  assert.deepEqual(brief(flush(45)), ['calls 3 0-45', 'duration 3 0-45']);
});

test('totals of events begin with zero, too', () => {
  const { add, flush } = aggregator(`histogram { disable = true \n explicit { } }
    events { enabled = true \n dimension { name = "d" } }`);
  const event = { name: 'e', attributes: {} };
  add(0, { events: [event, event] });
  assert.deepEqual(brief(flush(15)), ['calls 0 0-15', 'events 0 0-15']);
  assert.deepEqual(brief(flush(30)), ['calls 1 0-30', 'events 2 0-30']);
  add(31, { events: [] });
  add(32, { name: 'other', events: [event] });
  assert.deepEqual(brief(flush(45)), ['calls 2 0-45', 'calls 0 32-45', 'events 2 0-45', 'events 0 32-45']);
});

test('deltas follow each other without a gap', () => {
  const { add, flush } = aggregator(delta);
  add(1, {}, {});
  assert.deepEqual(brief(flush(15)), ['calls 2 1-15', 'duration 2 1-15']);
  add(20, {});
  assert.deepEqual(brief(flush(30)), ['calls 1 15-30', 'duration 1 15-30']);
  assert.deepEqual(flush(45), []);
  add(50, {});
  add(50, { name: 'new' });
  assert.deepEqual(brief(flush(60)), ['calls 1 30-60', 'calls 1 50-60', 'duration 1 30-60', 'duration 1 50-60']);
});

test('of deltas the times of some series are remembered, those with spans first', () => {
  const { add, flush, metric } = aggregator(`${delta}\nmetric_timestamp_cache_size = 2`);
  add(0, { name: 'a' }, { name: 'b' });
  flush(10);
  add(11, { name: 'c' });
  flush(20);
  assert.equal(metric('millrace_connector_series'), 2);
  add(21, { name: 'c' });
  assert.deepEqual(brief(flush(30)), ['calls 1 20-30', 'duration 1 20-30']);
});

test('of deltas the limit of series is that of each request, and what has no new spans gives way', () => {
  const { add, flush, metric } = aggregator(`${delta}\naggregation_cardinality_limit = 2`);
  const calls = (seconds: number) =>
    flush(seconds)
      .filter(({ kind }) => kind === 'sum')
      .map((point) => [point.attributes['span.name'] ?? 'beyond', point.value, (point.start - start) / 1000]);
  add(0, { name: 'a' }, { name: 'b' }, { name: 'c' });
  assert.deepEqual(calls(10), [['a', 1, 0], ['b', 1, 0], ['beyond', 1, 0]]); // prettier-ignore
  add(11, { name: 'b' }, { name: 'c' }, { name: 'd' }, { name: 'b' });
  assert.deepEqual(calls(20), [['c', 1, 11], ['b', 2, 10], ['beyond', 1, 10]]); // prettier-ignore
  add(21, { name: 'a' }, { name: 'd' }, { name: 'c' });
  assert.deepEqual(calls(30), [['a', 1, 21], ['d', 1, 21], ['beyond', 1, 20]]); // prettier-ignore
  assert.equal(metric('millrace_connector_overflowed_items_total'), 3);
});

test('what a refused request had is in the next one', () => {
  const { add, flush } = aggregator(plain);
  add(0, {});
  flush(15, false);
  add(20, {});
  assert.deepEqual(brief(flush(30)), ['calls 0 0-30', 'duration 2 0-30']);
  assert.deepEqual(brief(flush(45, false)), ['calls 2 0-45', 'duration 2 0-45']);
  assert.deepEqual(brief(flush(60)), ['calls 2 0-60', 'duration 2 0-60']);
});

test('resources without spans end, but not before everything was told', () => {
  const { add, flush, metric } = aggregator(`${plain}\nmetrics_expiration = "20s"`);
  add(0, { service: 'a' });
  add(0, { service: 'b' });
  flush(10);
  add(19, { service: 'b' });
  assert.equal(flush(20, false).length, 4);
  assert.equal(flush(21).length, 4);
  assert.equal(metric('millrace_connector_resources'), 1);
  assert.deepEqual(brief(flush(30)), ['calls 2 0-30', 'duration 2 0-30']);
  add(40, { service: 'a' });
  assert.deepEqual(brief(flush(41)).slice(2), ['calls 0 40-41', 'duration 1 40-41']);
  assert.deepEqual(brief(flush(42)), ['calls 1 40-42', 'duration 1 40-42']);
});

test('series without spans end alone', () => {
  const { add, flush, metric } = aggregator(`${plain}\nseries_expiration = "20s"`);
  add(0, { name: 'a' }, { name: 'b' });
  flush(1);
  add(15, { name: 'b' });
  flush(20);
  assert.deepEqual(brief(flush(21)), ['calls 2 0-21', 'duration 2 0-21']);
  assert.equal(metric('millrace_connector_series'), 1);
  add(30, { name: 'a' });
  assert.deepEqual(brief(flush(31)), ['calls 0 30-31', 'calls 2 0-31', 'duration 1 30-31', 'duration 2 0-31']);
});

test('the resource that had no spans for the longest time gives way', () => {
  const { add, flush, metric } = aggregator(`${plain}\nresource_metrics_cache_size = 2`);
  add(0, { service: 'a' });
  add(1, { service: 'b' });
  flush(2);
  flush(3);
  add(4, { service: 'a' });
  flush(5);
  add(6, { service: 'c' });
  const services = (points: readonly TestPoint[]) => new Set(points.map(({ resource }) => resource['service.name']));
  assert.deepEqual(services(flush(7)), new Set(['a', 'c']));
  add(8, { service: 'b' });
  assert.deepEqual(brief(flush(9)).slice(-1), ['duration 1 8-9']);
  assert.equal(metric('millrace_connector_lost_data_points_total'), 0);
});

test('resources with something to tell are kept beyond the number, within a bound', () => {
  const { add, flush, metric } = aggregator(`${plain}\nresource_metrics_cache_size = 2`);
  for (const service of ['a', 'b', 'c', 'd']) add(0, { service });
  assert.equal(flush(1).length, 8);
  assert.equal(flush(2).length, 8);
  assert.equal(metric('millrace_connector_resources'), 2);
  for (let index = 0; index < 100; index++) add(3, { service: `s${index}` });
  assert.equal(metric('millrace_connector_resources'), 4);
  assert.equal(metric('millrace_connector_lost_data_points_total'), 96);
});

test('many forms of resources do not hide those that are there', () => {
  const { add, flush } = aggregator(
    `${plain}\nresource_metrics_cache_size = 1\nresource_metrics_key_attributes = ["service.name"]`,
  );
  for (let index = 0; index < 50; index++) add(index, { resource: { pod: `${index % 9}` } });
  assert.deepEqual(brief(flush(60)), ['calls 0 0-60', 'duration 50 0-60']);
});

test('a clock that is set back makes no series that ends before it begins', () => {
  const { add, flush } = aggregator(plain);
  add(100, {});
  assert.deepEqual(brief(flush(10)), ['calls 0 10-10', 'duration 1 10-10']);
  assert.deepEqual(brief(flush(11)), ['calls 1 10-11', 'duration 1 10-11']);
});

test('keys, names and resources of any size are no harm', () => {
  const { add, flush, metric } = aggregator(`${plain}\ndimension { name = "a" }`);
  add(
    0,
    { name: 'x'.repeat(40_000) },
    { attributes: { a: 'x'.repeat(1_000_000) } },
    { resource: { a: 'y'.repeat(40_000) } },
  );
  add(0, { resource: { a: 'y'.repeat(70_000) } });
  const durations = flush(1).filter(({ kind }) => kind === 'histogram');
  assert.deepEqual(
    durations.map(({ count, attributes }) => [count, attributes]),
    [
      [2, { 'otel.metric.overflow': true }],
      [1, { 'otel.metric.overflow': true }],
    ],
  );
  assert.equal(metric('millrace_connector_overflowed_items_total'), 3);
  assert.equal(metric('millrace_connector_skipped_spans_total'), 1);
});
