import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestPoint } from '../../../testkit/metric-points.ts';
import { aggregator, start } from '../../../testkit/span-aggregator.ts';
import type { TestSpan } from '../../../testkit/trace-batch.ts';

const plain = 'histogram { explicit { } }';

/** The points after spans came and two flushes, of one metric. */
function pointsOf(text: string, metric: string, ...spans: readonly TestSpan[]): TestPoint[] {
  const { add, flush } = aggregator(text);
  add(0, ...spans);
  flush(1);
  return flush(2).filter((point) => point.metric === `traces.span.metrics.${metric}`);
}

test('equal spans are one series of each metric', () => {
  const { add, flush } = aggregator('histogram { explicit { buckets = ["5m", "10m", "30m"] } }');
  add(0, {}, {}, {});
  flush(1);
  const attributes = {
    'service.name': 'test',
    'span.name': 'operation',
    'span.kind': 'SPAN_KIND_SERVER',
    'status.code': 'STATUS_CODE_UNSET',
  };
  const resource = { 'service.name': 'test' };
  const [calls, duration, ...more] = flush(2);
  assert.deepEqual(more, []);
  assert.deepEqual(
    { ...calls },
    {
      ...calls,
      metric: 'traces.span.metrics.calls',
      unit: '',
      kind: 'sum',
      temporality: 2,
      resource,
      attributes,
      value: 3,
    },
  );
  assert.deepEqual([calls?.start, calls?.time], [start, start + 2000]);
  assert.deepEqual([duration?.metric, duration?.kind], ['traces.span.metrics.duration', 'histogram']);
  assert.deepEqual([duration?.unit, duration?.count, duration?.sum], ['ms', 3, 0]);
  assert.deepEqual(
    [duration?.bounds, duration?.buckets],
    [
      [300_000, 600_000, 1_800_000],
      [3, 0, 0, 0],
    ],
  );
  assert.deepEqual([duration?.attributes, duration?.start], [attributes, start]);
});

test('a duration is in the bucket of the first bound that is not less', () => {
  const bounds = [2, 4, 6, 8, 10, 50, 100, 200, 400, 800, 1000, 1400, 2000, 5000, 10_000, 15_000];
  for (const [duration, bound] of [
    [11, 50],
    [50, 50],
    [0, 2],
    [15_000, 15_000],
    [15_001, Infinity],
  ] as const) {
    const [point] = pointsOf(plain, 'duration', { duration });
    assert.deepEqual(point?.bounds, bounds);
    const index = bound === Infinity ? bounds.length : bounds.indexOf(bound);
    assert.equal(point?.buckets.indexOf(1), index, String(duration));
    assert.equal(point?.sum, duration);
  }
});

test('durations can be in seconds, and none are negative', () => {
  const [point] = pointsOf('histogram { unit = "s" \n explicit { } }', 'duration', { duration: 1500 });
  assert.deepEqual([point?.unit, point?.sum, point?.bounds[0], point?.buckets[12]], ['s', 1.5, 0.002, 1]);
  const [negative] = pointsOf(plain, 'duration', { duration: -5 });
  assert.deepEqual([negative?.count, negative?.sum, negative?.buckets[0]], [1, 0, 1]);
});

test('resources have metrics of their own, and those without a service name none', () => {
  const { add, flush, metric } = aggregator(plain);
  add(0, { service: 'a', name: 'x' }, { service: 'a', name: 'y' }, { service: 'b', name: 'x' });
  add(0, { service: '' }, { service: '', resource: { host: 'h' } });
  const calls = flush(1).filter(({ kind }) => kind === 'sum');
  assert.deepEqual(
    calls.map(({ resource }) => resource['service.name']),
    ['a', 'a', 'b'],
  );
  assert.equal(metric('millrace_connector_skipped_spans_total'), 2);
});

test('exponential histograms adapt', () => {
  const spans = [{ duration: 2 }, { duration: 4 }];
  const [small] = pointsOf('histogram { exponential { max_size = 4 } }', 'duration', ...spans);
  assert.deepEqual([small?.kind, small?.scale, small?.offset], ['exponentialHistogram', 1, 1]);
  assert.deepEqual([small?.buckets, small?.count, small?.sum], [[1, 0, 1], 2, 6]);
  const [usual] = pointsOf('histogram { exponential { } }', 'duration', ...spans);
  assert.deepEqual([usual?.scale, usual?.offset, usual?.buckets.length], [7, 127, 129]);
});

test('a data point has exemplars up to a number, once', () => {
  const { add, flush } = aggregator(`${plain}\nexemplars { enabled = true \n max_per_data_point = 3 }`);
  const id = (index: number): string => `000000000000000${index}`;
  add(0, ...[1, 2, 3, 4, 5].map((index) => ({ spanId: id(index), duration: index })));
  add(0, { traceId: '', duration: 9 });
  for (const { exemplars } of flush(1)) {
    assert.deepEqual(
      exemplars.toSorted((a, b) => a.value - b.value),
      [1, 2, 3].map((index) => ({
        traceId: '0102030405060708090a0b0c0d0e0f10',
        spanId: id(index),
        value: index,
        time: start + 1000,
      })),
    );
  }
  assert.ok(flush(2).every(({ exemplars }) => exemplars.length === 0));
  add(2, { spanId: id(7), duration: 7 });
  assert.ok(flush(3).every(({ exemplars }) => exemplars.length === 1));
});

test('five exemplars are enough unless more are wanted, each metric has its own, and what is beyond a limit has none', () => {
  const events = 'events { enabled = true \n dimension { name = "type" } }';
  for (const [text, expected] of [
    ['', [0, 0, 0]],
    ['exemplars { enabled = true }', [5, 5, 5]],
    ['exemplars { enabled = true \n max_per_data_point = 6 }', [6, 6, 6]],
    ['exemplars { enabled = true \n max_per_data_point = 0 }', [0, 0, 0]],
    ['exemplars { enabled = true }\naggregation_temporality = "DELTA"', [5, 5, 5]],
    ['exemplars { enabled = true }\naggregation_cardinality_limit = 1', [5, 0, 5, 0, 5, 0]],
  ] as const) {
    const { add, flush } = aggregator(`${plain}\n${text}\n${events}`);
    const span = { duration: 4, events: [{ name: 'e', attributes: { type: 'a' } }] };
    add(0, ...Array.from({ length: 8 }, () => span));
    if (expected.length > 3) add(0, { ...span, name: 'other' });
    const points = flush(1);
    const counts = points.map(({ exemplars }) => exemplars.length);
    assert.deepEqual(counts, expected, text);
    assert.ok(points.every(({ exemplars }) => exemplars.every(({ value }) => value === 4)));
  }
});

test('series beyond the limit of a metric are one, for each resource', () => {
  const { add, flush, metric } = aggregator(`${plain}\naggregation_cardinality_limit = 3`);
  for (const service of ['a', 'b']) add(0, ...[1, 2, 3, 4, 5, 4].map((index) => ({ service, name: `name ${index}` })));
  flush(1);
  const calls = flush(2).filter(({ kind, resource }) => kind === 'sum' && resource['service.name'] === 'b');
  assert.deepEqual(
    calls.map(({ value, attributes }) => [attributes['span.name'] ?? attributes, value]),
    [
      ['name 1', 1],
      ['name 2', 1],
      ['name 3', 1],
      [{ 'otel.metric.overflow': true }, 3],
    ],
  );
  assert.equal(metric('millrace_connector_overflowed_items_total'), 6);
});

test('the limit is that of each metric, where they have different dimensions', () => {
  const text = `${plain}\naggregation_cardinality_limit = 2\ncalls_dimension { name = "id" }
    events { enabled = true \n dimension { name = "type" } }`;
  const event = (type: string) => ({ name: 'e', attributes: { type } });
  const spans = ['1', '2', '3'].map((id) => ({ attributes: { id }, events: [event('a'), event(id)] }));
  const { add, flush } = aggregator(text);
  add(0, ...spans);
  flush(1);
  assert.deepEqual(
    flush(2).map(({ metric, value, count, attributes: { id, type, 'otel.metric.overflow': isBeyond } }) => [
      metric.split('.').at(-1),
      value + count,
      id ?? type ?? isBeyond,
    ]),
    [
      ['calls', 1, '1'],
      ['calls', 1, '2'],
      ['calls', 1, true],
      ['duration', 3, undefined],
      ['events', 3, 'a'],
      ['events', 1, '1'],
      ['events', 2, true],
    ],
  );
});

test('dimensions come from the span, its resource or the default, and keep their types', () => {
  const cases: readonly [dimension: string, span: TestSpan, expected: unknown][] = [
    ['name = "region"\ndefault = "us-east-1"', {}, 'us-east-1'],
    ['name = "region"', {}, undefined],
    ['name = "region"\ndefault = ""', {}, ''],
    ['name = "region"', { resource: { region: 'r' } }, 'r'],
    ['name = "region"\ndefault = "d"', { resource: { region: 'r' }, attributes: { region: 's' } }, 's'],
    ['name = "code"', { attributes: { code: 404n } }, '404'],
    ['name = "code"', { attributes: { code: -(2n ** 63n) } }, String(-(2n ** 63n))],
    ['name = "code"', { attributes: { code: 1.5 } }, 1.5],
    ['name = "code"', { attributes: { code: true } }, true],
    ['name = "code"', { attributes: { code: ['a', 2n] } }, { values: [{ stringValue: 'a' }, { intValue: '2' }] }],
    ['name = "code"', { attributes: { code: 'x'.repeat(300) } }, 'x'.repeat(300)],
  ];
  for (const [dimension, span, expected] of cases) {
    const [calls] = pointsOf(`${plain}\ndimension {\n${dimension}\n}`, 'calls', span);
    assert.deepEqual(calls?.attributes['region'] ?? calls?.attributes['code'], expected, dimension);
  }
});

test('values with the same text are one series', () => {
  const values = [200n, '200', 200, 'a', true, 'true', 0n, '0', 12_345_678_901n, '12345678901'];
  const calls = pointsOf(`${plain}\ndimension { name = "v" }`, 'calls', ...values.map((v) => ({ attributes: { v } })));
  assert.deepEqual(
    calls.map(({ value, attributes }) => [attributes['v'], value]),
    [
      ['200', 3],
      ['a', 1],
      [true, 2],
      ['0', 2],
      ['12345678901', 2],
    ],
  );
});

test('a glob adds all attributes with names that match, in any order of theirs', () => {
  const text = `${plain}\ndimension { glob = "http.*" }\ndimension { name = "http.method" }`;
  const resource = { 'http.host': 'h', 'http.route': 'of the resource' };
  const [first, ...rest] = pointsOf(
    text,
    'calls',
    { resource, attributes: { 'http.route': '/', 'http.method': 'GET', other: 'x', 'http.code': 200n } },
    { resource, attributes: { 'http.code': 200n, 'http.method': 'GET', 'http.route': '/', other: 'y' } },
  );
  assert.deepEqual(rest, []);
  const {
    'service.name': service,
    'span.name': name,
    'span.kind': kind,
    'status.code': status,
    ...own
  } = first?.attributes ?? {};
  assert.deepEqual([service, name, kind, status], ['test', 'operation', 'SPAN_KIND_SERVER', 'STATUS_CODE_UNSET']);
  assert.deepEqual(own, { 'http.method': 'GET', 'http.code': '200', 'http.host': 'h', 'http.route': '/' });
  const everything = pointsOf(`${plain}\ndimension { glob = "*" }`, 'calls', { resource, attributes: { a: 'b' } });
  assert.equal(Object.keys(everything[0]?.attributes ?? {}).length, 7);
});

test('built-in attributes can be left out', () => {
  const spans = [{ name: 'a' }, { name: 'b' }];
  const [one, ...none] = pointsOf(`${plain}\nexclude_dimensions = ["span.name"]`, 'calls', ...spans);
  assert.deepEqual(none, []);
  assert.deepEqual([one?.value, one?.attributes['span.name']], [2, undefined]);
  const all = '["span.name", "span.kind", "status.code", "service.name"]';
  const [bare] = pointsOf(`${plain}\nexclude_dimensions = ${all}`, 'calls', { kind: 'client' }, { isError: true });
  assert.deepEqual([bare?.value, bare?.attributes], [2, {}]);
});

test('kinds and statuses have their names', () => {
  const kinds = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const;
  const calls = pointsOf(plain, 'calls', ...kinds.map((kind) => ({ kind, isError: kind === 'client' })));
  assert.deepEqual(
    calls.map(({ attributes }) => attributes['span.kind']),
    kinds.map((kind) => `SPAN_KIND_${kind.toUpperCase()}`),
  );
  assert.equal(calls[3]?.attributes['status.code'], 'STATUS_CODE_ERROR');
});

test('calls and durations can have different dimensions', () => {
  const text = `dimension { name = "a" }\ncalls_dimension { name = "b" }\nhistogram { explicit { }\ndimension { name = "c" } }`;
  const attributes = (index: number) => ({ a: 'a', b: `b${index}`, c: `c${index % 2}` });
  const spans = [1, 2, 3].map((index) => ({ attributes: attributes(index) }));
  const calls = pointsOf(text, 'calls', ...spans);
  const durations = pointsOf(text, 'duration', ...spans);
  assert.deepEqual(
    calls.map(({ value, attributes: { a, b, c } }) => [value, a, b, c]),
    [1, 2, 3].map((index) => [1, 'a', `b${index}`, undefined]),
  );
  assert.deepEqual(
    durations.map(({ count, attributes: { a, b, c } }) => [count, a, b, c]),
    [
      [2, 'a', undefined, 'c1'],
      [1, 'a', undefined, 'c0'],
    ],
  );
});

test('a disabled histogram leaves the calls', () => {
  const { add, flush } = aggregator('histogram { disable = true \n explicit { } }\nnamespace = ""');
  add(0, {});
  assert.deepEqual(
    flush(1).map(({ metric }) => metric),
    ['calls'],
  );
});

test('events are counted by their attributes, those of their span and of their resource', () => {
  const text = `${plain}\ndimension { name = "d" }
    events { enabled = true \n dimension { name = "type" } \n dimension { name = "host" } }`;
  const resource = { host: 'h', type: 'of the resource' };
  const exception = (type: string) => ({ name: 'exception', attributes: { type, d: 'of the event' } });
  const events = pointsOf(
    text,
    'events',
    { resource, attributes: { d: 'e' }, events: [exception('A'), exception('B'), exception('A')] },
    { resource, events: [{ name: 'x', attributes: {} }] },
    { resource, events: [exception('A')] },
  );
  assert.deepEqual(
    events.map(({ value, attributes: { type, d, host } }) => [value, type, d, host]),
    [
      [2, 'A', 'e', 'h'],
      [1, 'B', 'e', 'h'],
      [1, 'of the resource', undefined, 'h'],
      [1, 'A', 'of the event', 'h'],
    ],
  );
});

test('scopes that are named are attributes', () => {
  const text = `${plain}\ninclude_instrumentation_scope = ["lib"]`;
  const calls = pointsOf(
    text,
    'calls',
    { scope: { name: 'lib', version: '1' } },
    { scope: { name: 'other' } },
    {
      scope: { name: 'lib' },
    },
  );
  assert.deepEqual(
    calls.map(({ attributes: { ['span.instrumentation.scope.name']: name, ...rest } }) => [
      name,
      rest['span.instrumentation.scope.version'],
    ]),
    [
      ['lib', '1'],
      [undefined, undefined],
      ['lib', undefined],
    ],
  );
});

test('spans stand for those that their sampler left out', () => {
  const { add, flush } = aggregator(plain, () => 0.99);
  const states = ['ot=th:8', 'ot=th:c', 'x=y, ot=rv:1;th:8', '', 'ot=th:zz', 'ot=rv:12', 'ot=th:ffffffffffffff0'];
  states.forEach((traceState, index) => add(0, { name: `${index}`, traceState, duration: 10 }));
  flush(1);
  const points = flush(2);
  const expected = [2, 4, 2, 1, 1, 1, 1];
  assert.deepEqual(
    points.filter(({ kind }) => kind === 'sum').map(({ value }) => value),
    expected,
  );
  assert.deepEqual(
    points.filter(({ kind }) => kind === 'histogram').map(({ count, sum }) => [count, sum]),
    expected.map((weight) => [weight, 10 * weight]),
  );
  const histogram = 'histogram { exponential { } }\naggregation_temporality = "DELTA"';
  const { add: addAdaptive, flush: flushAdaptive } = aggregator(
    `${histogram}\nevents { enabled = true \n dimension { name = "d" } }`,
  );
  addAdaptive(0, { traceState: 'ot=th:c', duration: 8, events: [{ name: 'e', attributes: {} }] }, { duration: -1 });
  assert.deepEqual(
    flushAdaptive(1).map(({ kind, value, count, sum, zeroCount, buckets }) => [
      kind,
      value + count,
      sum,
      zeroCount,
      buckets,
    ]),
    [
      ['sum', 5, 0, 0, []],
      ['exponentialHistogram', 5, 32, 1, [4]],
      ['sum', 4, 0, 0, []],
    ],
  );
  const third = aggregator(plain, () => 0.3);
  third.add(0, { traceState: 'ot=th:4' });
  third.flush(1);
  assert.equal(third.flush(2)[0]?.value, 2, '1.33 is 2 with a chance of a third');
});

test('a collector can be told apart, and is the same after a restart', () => {
  const text = `${plain}\ninclude_collector_instance_id = true`;
  for (let starts = 0; starts < 2; starts++) {
    const [one] = pointsOf(text, 'calls', {});
    assert.equal(one?.attributes['collector.instance.id'], 'this collector');
  }
  const [without] = pointsOf(plain, 'calls', {});
  assert.equal(without?.attributes['collector.instance.id'], undefined);
});

test('resources can be told apart by some of their attributes', () => {
  const text = `${plain}\nresource_metrics_key_attributes = ["service.name"]\ndimension { name = "pod" }`;
  const calls = pointsOf(
    text,
    'calls',
    { resource: { pod: 'a' } },
    { resource: { pod: 'b' } },
    { resource: { pod: 'a', x: 'y' } },
    { service: 'other', resource: { pod: 'a' } },
  );
  assert.deepEqual(
    calls.map(({ value, resource, attributes }) => [
      resource['service.name'],
      resource['pod'],
      attributes['pod'],
      value,
    ]),
    [
      ['test', 'a', 'a', 2],
      ['test', 'a', 'b', 1],
      ['other', 'a', 'a', 1],
    ],
  );
});

test('the order of the attributes of a resource does not matter', () => {
  const calls = pointsOf(plain, 'calls', { resource: { a: '1', b: '2' } }, { resource: { b: '2', a: '1' } });
  assert.deepEqual(
    calls.map(({ value }) => value),
    [2],
  );
});
