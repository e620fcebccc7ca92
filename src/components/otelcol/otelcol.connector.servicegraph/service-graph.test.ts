import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openMetrics } from '../../../component/metrics.ts';
import { otlp } from '../../../formats/otlp/otlp-signal.ts';
import { argumentsFrom, receiverFor } from '../../../testkit/arguments.ts';
import { collect } from '../../../testkit/collect.ts';
import { metricPoints, type TestPoint } from '../../../testkit/metric-points.ts';
import { traceBatch, type TestSpan } from '../../../testkit/trace-batch.ts';
import { serviceGraphFields } from './fields.ts';
import { serviceGraphMeters } from './meters.ts';
import { ServiceGraph } from './service-graph.ts';

const start = 1_700_000_000_000;
const client = '00000000000000c1';
const server = '00000000000000d1';

/** A graph with a clock of seconds. */
function serviceGraph(text = '') {
  const out = receiverFor(otlp, collect(otlp));
  const args = argumentsFrom(serviceGraphFields, `${text}\noutput { metrics = [out] }`, { out });
  const { meters, collect: families } = openMetrics(serviceGraphMeters);
  const graph = new ServiceGraph(args, meters);
  return {
    graph,
    add: (seconds: number, ...spans: readonly TestSpan[]) => graph.add(traceBatch(...spans), start + seconds * 1000),
    expire: (seconds: number) => graph.expire(start + seconds * 1000),
    clean: (seconds: number) => graph.clean(start + seconds * 1000),
    flush(seconds: number): TestPoint[] {
      const batch = graph.write(start + seconds * 1000);
      graph.settle(true);
      return batch === undefined ? [] : metricPoints(batch);
    },
    metric: (name: string) =>
      families()
        .filter((family) => family.name === `otelcol_connector_servicegraph_${name}_total` || family.name === name)
        .flatMap(({ series }) => series.map(({ meter }) => ('value' in meter ? meter.value : 0)))
        .reduce((sum, value) => sum + value, 0),
  };
}

type Graph = ReturnType<typeof serviceGraph>;

/** The edges after ten seconds: from, to, connection, whether failed, and how often. */
function edges(graph: Graph): unknown[] {
  graph.expire(10);
  return graph
    .flush(11)
    .filter(({ metric }) => metric === 'traces_service_graph_request_total')
    .map(({ value, attributes: { client: from, server: to, connection_type: type, failed } }) => [
      from,
      to,
      type,
      failed,
      value,
    ]);
}

function call(more: TestSpan = {}): TestSpan {
  return { service: 'shop', kind: 'client', spanId: client, duration: 1000, ...more };
}

function answer(more: TestSpan = {}): TestSpan {
  return { service: 'stock', kind: 'server', spanId: server, parentSpanId: client, duration: 2000, ...more };
}

test('a client and a server span are an edge with the latencies of both', () => {
  for (const order of [
    [call({ attributes: { a: 'val' } }), answer()],
    [answer(), call({ attributes: { a: 'val' } })],
  ]) {
    const graph = serviceGraph('dimensions = ["a"]');
    graph.add(0, ...order);
    const points = graph.flush(1);
    const attributes = { client: 'shop', server: 'stock', client_a: 'val', connection_type: '', failed: false };
    assert.deepEqual(
      points.map((point) => [point.metric, point.kind, point.unit, point.value, point.count, point.sum]),
      [
        ['traces_service_graph_request_total', 'sum', '', 1, 0, 0],
        ['traces_service_graph_request_server', 'histogram', 's', 0, 1, 2],
        ['traces_service_graph_request_client', 'histogram', 's', 0, 1, 1],
      ],
    );
    for (const point of points) {
      assert.deepEqual([point.attributes, point.resource, point.temporality], [attributes, {}, 2]);
      assert.deepEqual([point.start, point.time], [start, start + 1000]);
    }
    const bounds = [0.002, 0.004, 0.006, 0.008, 0.01, 0.05, 0.1, 0.2, 0.4, 0.8, 1, 1.4, 2, 5, 10, 15];
    assert.deepEqual(points[1]?.bounds, bounds);
    assert.deepEqual([points[1]?.buckets.indexOf(1), points[2]?.buckets.indexOf(1)], [12, 10]);
  }
});

test('a batch may have many spans, usual ones or not', () => {
  const calls = Array.from({ length: 150 }, (_, number): TestSpan[] => {
    const traceId = (number + 1).toString(16).padStart(32, '0');
    const internal: TestSpan = { service: 'shop', kind: 'internal', traceId };
    return [internal, call({ traceId }), answer({ traceId, isError: number % 3 === 0 }), internal];
  });
  const batch = traceBatch(...calls.flat());
  const unknownField = Buffer.from('f2060100', 'hex');
  for (const chunks of [batch.chunks, [...batch.chunks, unknownField]]) {
    const graph = serviceGraph();
    graph.graph.add({ ...batch, chunks }, start);
    assert.deepEqual(edges(graph), [
      ['shop', 'stock', '', true, 50],
      ['shop', 'stock', '', false, 100],
    ]);
  }
});

test('edges by what spans there are', () => {
  const peers = (attributes: TestSpan['attributes']) => call({ attributes: attributes ?? {} });
  const cases: readonly [what: string, spans: readonly TestSpan[], edges: readonly unknown[], text?: string][] = [
    ['a peer', [peers({ 'peer.service': 'Cache' })], [['shop', 'Cache', 'virtual_node', false, 1]]],
    ['a peer of the second rank', [peers({ 'db.system': 'redis' })], [['shop', 'redis', 'virtual_node', false, 1]]],
    ['a peer without a name', [call()], [['shop', 'unknown', 'virtual_node', false, 1]]],
    ['a root server', [answer({ parentSpanId: '' })], [['user', 'stock', 'virtual_node', false, 1]]],
    ['a server whose client is missing', [answer()], []],
    ['a database', [peers({ 'db.name': 'orders' })], [['shop', 'orders', 'database', false, 1]]],
    ['a database of the resource', [call({ resource: { 'db.name': 'x' } })], [['shop', 'x', 'database', false, 1]]],
    [
      'a database that sends spans',
      [answer({ isError: true }), peers({ 'db.name': 'orders' }), answer()],
      [['shop', 'orders', 'database', true, 1]],
    ],
    ['a database without a name', [peers({ 'db.name': '' }), answer()], [['shop', 'stock', '', false, 1]]],
    [
      'a queue',
      [call({ kind: 'producer' }), answer({ kind: 'consumer' })],
      [['shop', 'stock', 'messaging_system', false, 1]],
    ],
    ['half a queue that is left alone', [call({ kind: 'producer' })], [['shop', 'unknown', 'virtual_node', false, 1]]],
    [
      'a message from nowhere',
      [answer({ kind: 'consumer', parentSpanId: '' })],
      [['user', 'stock', 'virtual_node', false, 1]],
    ],
    [
      'a peer that only the resource names',
      [call({ resource: { 'peer.service': 'x' } })],
      [['shop', 'unknown', 'virtual_node', false, 1]],
    ],
    [
      'the first peer that has a name',
      [peers({ 'db.system': 'redis', 'peer.service': '' })],
      [['shop', 'redis', 'virtual_node', false, 1]],
    ],
    [
      'the first database of a list',
      [peers({ a: 'x', b: 'y', 'db.name': 'z' })],
      [['shop', 'y', 'database', false, 1]],
      'database_name_attributes = ["b", "a"]',
    ],
    [
      'no databases',
      [peers({ 'db.name': 'orders' })],
      [['shop', 'orders', 'virtual_node', false, 1]],
      'database_name_attributes = []',
    ],
    ['half a queue', [call({ kind: 'producer' }), answer()], [['shop', 'stock', 'messaging_system', false, 1]]],
    ['a failed server', [call(), answer({ isError: true })], [['shop', 'stock', '', true, 1]]],
    ['a failed client', [answer(), call({ isError: true })], [['shop', 'stock', '', true, 1]]],
    ['a failed peer', [call({ isError: true })], [['shop', 'unknown', 'virtual_node', true, 1]]],
    ['no virtual nodes', [call(), answer({ parentSpanId: '' })], [], 'virtual_node_peer_attributes = []'],
    ['a span within a service', [call({ kind: 'internal' }), answer({ kind: 'unspecified' })], []],
    ['no name of a service', [call({ service: '' }), answer()], []],
    ['copies', [call(), call(), answer(), answer(), call()], [['shop', 'stock', '', false, 1]]],
    [
      'another database',
      [peers({ table: 't' })],
      [['shop', 't', 'database', false, 1]],
      'database_name_attributes = ["table"]',
    ],
    [
      'a copy of a call to a database',
      [peers({ 'db.name': 'o' }), peers({ 'db.name': 'o' })],
      [['shop', 'o', 'database', false, 1]],
    ],
    [
      'two traces',
      [call(), answer(), call({ traceId: '0'.repeat(31) + '1' }), answer({ traceId: '0'.repeat(31) + '1' })],
      [['shop', 'stock', '', false, 2]],
    ],
  ];
  for (const [what, spans, expected, text] of cases) {
    const graph = serviceGraph(text);
    graph.add(0, ...spans);
    assert.deepEqual(edges(graph), expected, what);
    const each = serviceGraph(text);
    for (const span of spans) each.add(0, span);
    assert.deepEqual(edges(each), expected, `${what}, one by one`);
  }
});

test('failed edges are counted in a metric of their own', () => {
  const graph = serviceGraph();
  graph.add(0, call(), answer({ isError: true }));
  const failed = graph.flush(1).filter(({ metric }) => metric === 'traces_service_graph_request_failed_total');
  assert.deepEqual(
    failed.map(({ value, attributes }) => [value, attributes['failed']]),
    [[1, true]],
  );
});

test('a database has the latency of its client on both sides, and dimensions on one', () => {
  const graph = serviceGraph('dimensions = ["a"]');
  graph.add(0, call({ isError: true, attributes: { 'db.name': 'orders', a: 'x' } }));
  const points = graph.flush(1);
  for (const { attributes } of points) {
    const { client: from, client_a, server_a, failed, connection_type: type } = attributes;
    assert.deepEqual([from, client_a, server_a, failed, type], ['shop', 'x', undefined, true, 'database']);
  }
  assert.ok(points.some(({ metric, value }) => metric === 'traces_service_graph_request_failed_total' && value === 1));
  const sums = points.filter(({ kind }) => kind === 'histogram');
  assert.deepEqual(
    sums.map(({ sum, count }) => [sum, count]),
    [
      [1, 1],
      [1, 1],
    ],
  );
});

test('latencies can be counted by other bounds', () => {
  const graph = serviceGraph('latency_histogram_buckets = ["500ms", "1s", "90s"]');
  graph.add(0, call({ duration: 1000 }), answer({ duration: 100_000 }));
  const [, ofServer, ofClient] = graph.flush(1);
  assert.deepEqual([ofServer?.bounds, ofServer?.buckets], [[0.5, 1, 90], [0, 0, 0, 1]]); // prettier-ignore
  assert.deepEqual(ofClient?.buckets, [0, 1, 0, 0]);
});

test('the side that is invented took no time', () => {
  const graph = serviceGraph();
  graph.add(0, call({ duration: 1000 }));
  graph.expire(2);
  const [, ofServer, ofClient] = graph.flush(3);
  assert.deepEqual([ofServer?.count, ofServer?.sum, ofClient?.count, ofClient?.sum], [1, 0, 1, 1]);
});

test('a span that ends before it starts took no time', () => {
  const graph = serviceGraph('exponential_histogram_max_size = 10');
  graph.add(0, call({ duration: -1000 }), answer({ duration: 500 }));
  const [, ofServer, ofClient] = graph.flush(1);
  assert.deepEqual([ofServer?.kind, ofServer?.sum, ofServer?.time], ['exponentialHistogram', 0.5, start + 1000]);
  assert.deepEqual([ofClient?.sum, ofClient?.zeroCount, ofClient?.time], [0, 1, start + 1000]);
});

test('a dimension that only some spans have is absent elsewhere', () => {
  const graph = serviceGraph('dimensions = ["a", "b", "a"]');
  graph.add(0, call({ attributes: { b: 1n } }), answer({ resource: { a: 'resource' }, attributes: { a: 'span' } }));
  graph.add(1, call({ spanId: '00000000000000c2' }), answer({ parentSpanId: '00000000000000c2' }));
  graph.add(1, call({ spanId: '00000000000000c3', attributes: { 'peer.service': 'p', a: 'x'.repeat(200) } }));
  graph.expire(9);
  const totals = graph.flush(10).filter(({ metric }) => metric.endsWith('request_total'));
  assert.deepEqual(
    totals.map(({ attributes: { client_a, client_b, server_a, server_b } }) => [
      client_a,
      client_b,
      server_a,
      server_b,
    ]),
    [
      [undefined, '1', 'resource', undefined],
      [undefined, undefined, undefined, undefined],
      ['x'.repeat(200), undefined, undefined, undefined],
    ],
  );
});

test('a label tells which side was invented', () => {
  const graph = serviceGraph('virtual_node_extra_label = true');
  graph.add(0, call(), answer({ spanId: server, parentSpanId: '', traceId: 'ff'.repeat(16) }));
  graph.add(0, call({ traceId: 'ee'.repeat(16) }), answer({ traceId: 'ee'.repeat(16) }));
  graph.expire(10);
  const labels = graph.flush(11).map(({ attributes }) => [attributes['client'], attributes['virtual_node']]);
  assert.deepEqual(new Set(labels.map(String)), new Set(['shop,server', 'user,client', 'shop,']));
});

test('what finds no room is dropped and counted, and what waited too long makes room', () => {
  const graph = serviceGraph('store { max_items = 2 \n ttl = "5s" }');
  const spans = [1, 2, 3, 4].map((index) => call({ spanId: `000000000000000${index}`, service: `s${index}` }));
  graph.add(0, ...spans.slice(0, 3));
  assert.deepEqual([graph.metric('dropped_spans'), graph.metric('total_edges')], [1, 2]);
  assert.equal(graph.metric('millrace_connector_waiting_spans'), 2);
  graph.add(5, ...spans.slice(3));
  assert.deepEqual([graph.metric('dropped_spans'), graph.metric('expired_edges')], [1, 1]);
  assert.deepEqual(
    edges(graph),
    [1, 2, 4].map((index) => [`s${index}`, 'unknown', 'virtual_node', false, 1]),
  );
});

test('the other side may come until the first one has waited too long', () => {
  const graph = serviceGraph('store { ttl = "5s" }');
  graph.add(0, call());
  graph.expire(4.9);
  graph.add(4.9, answer());
  assert.deepEqual(edges(graph), [['shop', 'stock', '', false, 1]]);
  assert.equal(graph.metric('expired_edges'), 0);
});

test('a side that comes after the wait is a side of its own, and copies are known for that time', () => {
  const late = serviceGraph('store { ttl = "5s" }');
  late.add(0, call());
  late.expire(5);
  late.add(6, answer());
  assert.deepEqual(edges(late), [['shop', 'unknown', 'virtual_node', false, 1]]);
  late.expire(11);
  assert.deepEqual([late.metric('expired_edges'), late.metric('total_edges')], [2, 2]);
  assert.equal(late.metric('millrace_connector_waiting_spans'), 0);

  const copies = serviceGraph('store { ttl = "5s" }');
  copies.add(0, call());
  copies.add(4, answer());
  copies.add(8.9, call(), answer());
  assert.equal(copies.metric('millrace_connector_skipped_spans_total'), 2);
  copies.add(9, call(), answer());
  assert.deepEqual(edges(copies), [['shop', 'stock', '', false, 2]]);
});

test('a clock that is set back a little ends no wait, and one that is set back far makes none longer', () => {
  const graph = serviceGraph('store { ttl = "5s" \n max_items = 1 }');
  graph.add(3600, call());
  graph.add(3599, answer());
  assert.equal(graph.metric('millrace_connector_waiting_spans'), 0);
  graph.add(3600, call({ traceId: 'aa'.repeat(16) }));
  graph.add(0, call({ traceId: 'bb'.repeat(16) }));
  assert.deepEqual([graph.metric('dropped_spans'), graph.metric('expired_edges')], [0, 1]);
  assert.deepEqual(edges(graph), [
    ['shop', 'stock', '', false, 1],
    ['shop', 'unknown', 'virtual_node', false, 2],
  ]);
});

test('a series without edges ends, and begins anew', () => {
  const graph = serviceGraph();
  graph.add(0, call(), answer());
  graph.flush(1);
  graph.clean(900);
  assert.equal(graph.flush(900).length, 3);
  graph.clean(901);
  assert.deepEqual(graph.flush(902), []);
  graph.add(1000, call({ traceId: 'aa'.repeat(16) }), answer({ traceId: 'aa'.repeat(16) }));
  const [total] = graph.flush(1001);
  assert.deepEqual([total?.value, total?.start], [1, start + 1_000_000]);
});

test('edges beyond any graph are counted in one series', () => {
  const graph = serviceGraph('dimensions = ["a"]');
  graph.add(0, call({ attributes: { a: 'x'.repeat(20_000) } }), answer({ attributes: { a: 'y'.repeat(20_000) } }));
  graph.add(0, call({ traceId: 'aa'.repeat(16), attributes: { a: 'x'.repeat(40_000) } }));
  const [total] = graph.flush(1);
  assert.deepEqual([total?.attributes, total?.value], [{ 'otel.metric.overflow': true }, 1]);
  assert.equal(graph.metric('millrace_connector_overflowed_items_total'), 1);
  assert.equal(graph.metric('millrace_connector_skipped_spans_total'), 1);
});
