import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeliveryError, send } from '../../flow/delivery.ts';
import { otlp } from '../../formats/otlp/otlp-signal.ts';
import { metricType, type MetricFamily, type MetricType } from '../../model/metric-family.ts';
import { customBoundsSchema, emptyHistogram } from '../../model/native-histogram.ts';
import type { OtlpBatch } from '../../model/otlp-batch.ts';
import { receiverFor } from '../../testkit/arguments.ts';
import { sampleBatch, testSeries, type PlainSample, type PlainSamples } from '../../testkit/metric-samples.ts';
import { bridge } from '../../testkit/metric-bridge.ts';
import { readOtlpBatch } from '../../testkit/otlp-reference.ts';
import { runComponent } from '../../testkit/run-component.ts';
import { Sink } from '../../testkit/sink.ts';
import { otelcolReceiverPrometheus } from './otelcol.receiver.prometheus.ts';

type Message = Record<string, unknown>;

const time = 1_700_000_000_000;
const target = { job: 'shop', instance: 'host:8888' };

function sample(name: string, value: PlainSample['value'], labels: Readonly<Record<string, string>> = {}): PlainSample {
  return { labels: { __name__: name, ...target, ...labels }, value, timestamp: time };
}

function family(name: string, type: MetricType, more: Partial<MetricFamily> = {}): MetricFamily {
  return { name, type, help: '', unit: '', ...more };
}

/** What becomes of batches of samples: requests as the reference reads them, and the metrics of the component. */
async function received(...batches: readonly PlainSamples[]) {
  const sink = new Sink<OtlpBatch>();
  const names = { out: receiverFor(otlp, sink) };
  const table = testSeries();
  await using c = await runComponent(otelcolReceiverPrometheus, 'output {\nmetrics = [out]\n}', { names });
  for (const plain of batches) {
    const batch = sampleBatch(table, plain);
    assert.ok(batch !== undefined);
    await send(c.exports.receiver, batch, new AbortController().signal).delivered;
  }
  const resources = sink.batches.flatMap((batch) => readOtlpBatch(batch)['resourceMetrics'] as Message[]);
  const scopes = resources.flatMap((resource) => resource['scopeMetrics'] as Message[]);
  const all = scopes.flatMap((scope) => scope['metrics'] as Message[]);
  return { batches: sink.batches, resources, scopes, metrics: all, meters: c.metrics() };
}

function pairs(attributes: unknown): Record<string, unknown> {
  const list = (attributes ?? []) as { key: string; value: { stringValue: string } }[];
  return Object.fromEntries(list.map(({ key, value }) => [key, value.stringValue]));
}

const attributesOfResource = (resource: Message | undefined) =>
  pairs((resource?.['resource'] as Message | undefined)?.['attributes']);

/** The only point of a metric. */
function pointOf(metric: Message | undefined, type: string): Message {
  const points = (metric?.[type] as Message | undefined)?.['dataPoints'] as Message[] | undefined;
  assert.equal(points?.length, 1);
  return points[0] ?? {};
}

const dropped = (meters: Readonly<Record<string, number>>, reason: string) =>
  meters[`millrace_receiver_prometheus_samples_dropped_total{reason="${reason}"}`];

for (const [instance, server] of [
  ['hostname:8888', { 'server.address': 'hostname', 'net.host.name': 'hostname', 'server.port': '8888', 'net.host.port': '8888' }],
  ['localhost:8888', { 'server.port': '8888', 'net.host.port': '8888' }],
  ['0.0.0.0:8888', { 'server.port': '8888', 'net.host.port': '8888' }],
  ['127.0.0.1:1', { 'server.port': '1', 'net.host.port': '1' }],
  ['[::1]:1', { 'server.port': '1', 'net.host.port': '1' }],
  ['[2001:db8::1]:1', { 'server.address': '2001:db8::1', 'net.host.name': '2001:db8::1', 'server.port': '1', 'net.host.port': '1' }],
  ['hostname', { 'server.address': 'hostname', 'net.host.name': 'hostname', 'server.port': '', 'net.host.port': '' }],
] as const) {
  test(`the instance ${instance} says who the server is`, async () => {
    const { resources } = await received({ samples: [sample('a', 1, { instance })] });
    const expected = { 'service.name': 'shop', 'service.instance.id': instance, ...server };
    assert.deepEqual(attributesOfResource(resources[0]), expected);
  });
} // prettier-ignore

test('series of one target are one resource, with what target_info says', async () => {
  const samples = [
    sample('a', 1),
    sample('target_info', 1, { cloud: 'x', 'service.name': 'y' }),
    sample('a', 2, { job: 'b' }),
    { labels: { __name__: 'a' }, value: 3, timestamp: time },
  ];
  const { resources, metrics } = await received({ samples });
  const [first, second, third] = resources.map(attributesOfResource);
  assert.deepEqual([first?.['cloud'], first?.['service.name'], second?.['service.name']], ['x', 'y', 'b']);
  assert.deepEqual(third, {});
  assert.equal(metrics.length, 3);
});

test('scopes are those that labels name, or that of the component', async () => {
  const scope = { otel_scope_name: 'lib', otel_scope_version: '2', otel_scope_schema_url: 'http://s' };
  const samples = [sample('a', 1, scope), sample('otel_scope_info', 1, { ...scope, extra: 'e' }), sample('b', 1)];
  const { scopes } = await received({ samples });
  const [first, second] = scopes as [Message, Message];
  const { name, version, attributes } = first['scope'] as Message;
  assert.deepEqual([name, version, pairs(attributes), first['schemaUrl']], ['lib', '2', { extra: 'e' }, 'http://s']);
  assert.equal((second['scope'] as Message)['name'], 'otelcol/prometheusreceiver');
});

test('what nothing is known of becomes gauges whose names stay', async () => {
  const { metrics } = await received({ samples: [sample('x_total', 5, { le: '1', empty: '', k: 'v' })] });
  const [metric] = metrics;
  assert.equal(metric?.['name'], 'x_total');
  const point = pointOf(metric, 'gauge');
  assert.deepEqual([point['asDouble'], point['timeUnixNano']], [5, `${time}000000`]);
  assert.deepEqual(pairs(point['attributes']), { le: '1', k: 'v' });
  assert.deepEqual(pairs(metric?.['metadata']), { 'prometheus.type': 'unknown' });
});

test('types, help and units are remembered from batch to batch', async () => {
  const families = [
    family('c_total', metricType.counter, { help: 'Help.', unit: 'bytes_per_second' }),
    family('i', metricType.info, { unit: 'seconds' }),
  ];
  const samples = [sample('c_total', 5), sample('i_info', 1), sample('up', 1), sample('scrape_duration_seconds', 0.5)];
  const { metrics } = await received({ families }, { samples });
  const [counter, info, up, duration] = metrics;
  assert.deepEqual(counter, {
    name: 'c_total',
    description: 'Help.',
    unit: 'By/s',
    metadata: [{ key: 'prometheus.type', value: { stringValue: 'counter' } }],
    sum: { aggregationTemporality: 2, isMonotonic: true, dataPoints: [pointOf(counter, 'sum')] },
  });
  assert.equal((info?.['sum'] as Message | undefined)?.['isMonotonic'], undefined);
  assert.deepEqual([info?.['unit'], up?.['unit'], duration?.['unit']], ['s', undefined, 's']);
  assert.equal(pairs(up?.['metadata'])['prometheus.type'], 'gauge');
});

for (const [type, kind, isMonotonic] of [
  ['unknown', 'gauge'],
  ['counter', 'sum', true],
  ['gauge', 'gauge'],
  ['gaugehistogram', 'gauge'],
  ['info', 'sum'],
  ['stateset', 'sum'],
] as const) {
  test(`a metric of the type ${type} becomes a ${kind}`, async () => {
    const families = [family('m', metricType[type])];
    const { metrics } = await received({ samples: [sample('m', 3)], families });
    const data = metrics[0]?.[kind] as Message | undefined;
    assert.deepEqual([data?.['isMonotonic'], data?.['aggregationTemporality']], [isMonotonic, kind === 'sum' ? 2 : undefined]);
    assert.equal(pointOf(metrics[0], kind)['asDouble'], 3);
    assert.equal(pairs(metrics[0]?.['metadata'])['prometheus.type'], type);
  });
} // prettier-ignore

const h = family('h', metricType.histogram);
const classic = [
  sample('h_bucket', 5, { le: '+Inf', k: 'v' }),
  sample('h_bucket', 3, { le: '2', k: 'v' }),
  sample('h_bucket', 1, { le: '0.5', k: 'v' }),
  sample('h_count', 5, { k: 'v' }),
  sample('h_sum', 7.5, { k: 'v' }),
];

test('buckets, sum and count become a histogram, in any order', async () => {
  const { metrics, batches } = await received({ samples: classic, families: [h] });
  const point = pointOf(metrics[0], 'histogram');
  assert.equal(metrics[0]?.['name'], 'h');
  const { count, sum, bucketCounts, explicitBounds, attributes } = point;
  assert.deepEqual({ count, sum, bucketCounts, explicitBounds }, {
    count: '5',
    sum: 7.5,
    bucketCounts: ['1', '2', '2'],
    explicitBounds: [0.5, 2],
  }); // prettier-ignore
  assert.deepEqual(pairs(attributes), { k: 'v' });
  assert.equal(batches[0]?.count, 1);
});

test('a histogram may have no sum, nor buckets but the last', async () => {
  const samples = [sample('h_bucket', 5, { le: '+Inf' }), sample('h_count', 5)];
  const { metrics } = await received({ samples, families: [h] });
  const { count, sum, bucketCounts, explicitBounds } = pointOf(metrics[0], 'histogram');
  assert.deepEqual([count, sum, bucketCounts, explicitBounds ?? []], ['5', undefined, ['5'], []]);
});

test('histograms and summaries without count, and buckets without a bound, are dropped and counted', async () => {
  const s = family('s', metricType.summary);
  const samples = [
    ...classic.filter(({ labels }) => labels['__name__'] !== 'h_count'),
    sample('s_sum', 1),
    sample('s', 2, { quantile: '0.5' }),
    sample('h_bucket', 1),
    sample('h_bucket', 1, { le: 'x' }),
    { labels: target, value: 1, timestamp: time },
  ];
  const { batches, meters } = await received({ samples, families: [h, s] });
  assert.deepEqual(batches, []);
  assert.deepEqual(
    ['no_count', 'no_bound', 'no_name'].map((reason) => dropped(meters, reason)),
    [6, 2, 1],
  );
});

test('a summary may have no sum', async () => {
  const samples = [sample('s', 2, { quantile: '0.5' }), sample('s', 1, { quantile: '0.1' }), sample('s_count', 9)];
  const { metrics } = await received({ samples, families: [family('s', metricType.summary)] });
  const { count, sum, quantileValues } = pointOf(metrics[0], 'summary');
  assert.deepEqual([count, sum ?? 0], ['9', 0]);
  assert.deepEqual(quantileValues, [
    { quantile: 0.1, value: 1 },
    { quantile: 0.5, value: 2 },
  ]);
});

test('native and classic histograms of one name are two metrics', async () => {
  const native = {
    ...emptyHistogram,
    count: 13,
    sum: 2,
    schema: 3,
    zeroCount: 1,
    zeroThreshold: 0.5,
    positiveSpans: [{ offset: -1, length: 2 }, { offset: 3, length: 1 }],
    positiveBuckets: [2, 1, 2],
    negativeSpans: [{ offset: 4, length: 1 }],
    negativeBuckets: [2],
  }; // prettier-ignore
  const { metrics } = await received({ samples: [...classic, sample('h', native)], families: [h] });
  assert.deepEqual(
    metrics.map((metric) => Object.keys(metric).find((key) => /istogram/.test(key))),
    ['histogram', 'exponentialHistogram'],
  );
  const point = pointOf(metrics[1], 'exponentialHistogram');
  assert.deepEqual(point['positive'], { offset: -2, bucketCounts: ['2', '3', '0', '0', '0', '5'] });
  assert.deepEqual(point['negative'], { offset: 3, bucketCounts: ['2'] });
  const { scale, zeroCount, zeroThreshold, count, sum } = point;
  assert.deepEqual([scale, zeroCount, zeroThreshold, count, sum], [3, '1', 0.5, '13', 2]);
});

test('native histograms with bounds in a list become histograms', async () => {
  const native = { ...emptyHistogram, count: 6, sum: 2, schema: customBoundsSchema, positiveSpans: [{ offset: 1, length: 2 }], positiveBuckets: [4, -2], customValues: [1, 2] };
  const { metrics } = await received({ samples: [sample('n', native)] });
  const { bucketCounts, explicitBounds, count } = pointOf(metrics[0], 'histogram');
  assert.deepEqual([bucketCounts, explicitBounds, count], [['0', '4', '2'], [1, 2], '6']);
}); // prettier-ignore

test('a native histogram with too many buckets is dropped', async () => {
  const spans = [{ offset: 0, length: 1 }, { offset: 2 ** 31 - 1, length: 1 }];
  const native = { ...emptyHistogram, count: 2, positiveSpans: spans, positiveBuckets: [1, 0] };
  const { batches, meters } = await received({ samples: [sample('n', native)] });
  assert.deepEqual([batches.length, dropped(meters, 'invalid_histogram')], [0, 1]);
}); // prettier-ignore

test('series that have ended become points without a recorded value', async () => {
  const ended = classic.map((one): PlainSample => ({ ...one, value: 'stale' }));
  const ofSummary = [sample('s_count', 'stale'), sample('s_sum', 'stale'), sample('s', 'stale', { quantile: '0.5' })];
  const samples = [sample('g', 'stale'), ...ended, sample('n', { ...emptyHistogram, isStale: true }), ...ofSummary];
  const { metrics } = await received({ samples, families: [h, family('s', metricType.summary)] });
  const kinds = ['gauge', 'histogram', 'exponentialHistogram', 'summary'];
  const byName = new Map(metrics.map((metric) => [metric['name'], metric]));
  const points = ['g', 'h', 'n', 's'].map((name, index) => pointOf(byName.get(name), kinds[index] ?? ''));
  assert.deepEqual(
    points.map(({ flags }) => flags),
    [1, 1, 1, 1],
  );
  assert.deepEqual(points[3]?.['quantileValues'], [{ quantile: 0.5 }]);
  const { count, bucketCounts } = points[1] ?? {};
  assert.deepEqual([count ?? '0', bucketCounts], ['0', ['0', '0', '0']]);
});

test('starts come from _created series and from samples that say them', async () => {
  const samples: PlainSample[] = [
    sample('c_total', 5),
    sample('c_created', time / 1000 - 5),
    sample('h_created', time / 1000 - 6, { k: 'v' }),
    ...classic,
    { ...sample('z_total', 0), timestamp: time - 7000 },
    { ...sample('z_total', 3), start: time - 7000 },
  ];
  const families = [family('c', metricType.counter), family('z', metricType.counter), h];
  const { metrics } = await received({ samples, families });
  const starts = [pointOf(metrics[0], 'sum'), pointOf(metrics[1], 'histogram'), pointOf(metrics[2], 'sum')];
  assert.deepEqual(
    starts.map(({ startTimeUnixNano }) => time - Number(BigInt(startTimeUnixNano as string) / 1_000_000n)),
    [5000, 6000, 7000],
  );
});

test('exemplars have their ids, whatever the digits', async () => {
  const labels = { __name__: 'c_total', ...target };
  const exemplar = (ids: Readonly<Record<string, string>>) => ({ labels, exemplar: ids, value: 0.5, timestamp: time });
  const exemplars = [
    exemplar({ Trace_ID: 'AB'.repeat(16), span_id: '0102' }),
    exemplar({ trace_id: 'ff'.repeat(20), span_id: 'xyz', k: 'v' }),
    { ...exemplar({}), labels: { __name__: 'other' } },
  ];
  const { metrics, meters } = await received({ samples: [sample('c_total', 1)], exemplars });
  const found = (pointOf(metrics[0], 'gauge')['exemplars'] as Message[]).map((one) => ({
    trace: Buffer.from(one['traceId'] as Uint8Array).toString('hex'),
    span: one['spanId'] === undefined ? '' : Buffer.from(one['spanId'] as Uint8Array).toString('hex'),
    attributes: pairs(one['filteredAttributes']),
  }));
  assert.deepEqual(found, [
    { trace: 'ab'.repeat(16), span: '0000000000000102', attributes: {} },
    { trace: 'ff'.repeat(16), span: '', attributes: { span_id: 'xyz', k: 'v' } },
  ]);
  assert.equal(meters['millrace_receiver_prometheus_exemplars_dropped_total'], 1);
});

test('what is refused is refused, and nothing is sent for nothing', async () => {
  const sink = new Sink<OtlpBatch>();
  sink.error = new DeliveryError('not now', { retryable: true });
  const names = { out: receiverFor(otlp, sink) };
  const c = await runComponent(otelcolReceiverPrometheus, 'output {\nmetrics = [out]\n}', { names });
  const table = testSeries();
  const batch = sampleBatch(table, { samples: [sample('a', 1), { labels: { x: 'y' }, value: 1, timestamp: time }] });
  const families = sampleBatch(table, { families: [h] });
  assert.ok(batch !== undefined && families !== undefined);
  const { signal } = new AbortController();
  const refused = send(c.exports.receiver, batch, signal);
  await assert.rejects(refused.accepted, sink.error);
  await assert.rejects(refused.delivered, sink.error);
  assert.equal(dropped(c.metrics(), 'no_name'), undefined, 'it may come again');
  await send(c.exports.receiver, families, signal).delivered;
  const { receiver } = c.exports;
  await c[Symbol.asyncDispose]();
  await assert.rejects(send(receiver, batch, signal).accepted, { isRetryable: true });
});

test('samples come out of otelcol.exporter.prometheus as they went in', async () => {
  const samples = [sample('c_total', 5, { k: 'v' }), ...classic, sample('g', -1.5), sample('s_sum', 3), sample('s_count', 2), sample('s', 1, { quantile: '0.5' })];
  const types = [family('c_total', metricType.counter), h, family('s', metricType.summary)];
  const { batches } = await received({ samples, families: types });
  const [batch] = batches;
  assert.ok(batch);
  const { samples: lines } = await bridge('', readOtlpBatch(batch));
  const labels = (more: string): string => `{instance="host:8888",job="shop"${more}}`;
  const k = labels(',k="v"');
  const buckets = [['0.5', 1], ['2', 3], ['+Inf', 5]].map(([le, count]) => `h_bucket${labels(`,k="v",le="${le}"`)} ${count}`);
  assert.deepEqual(lines, [`c_total${k} 5`, `h_sum${k} 7.5`, `h_count${k} 5`, ...buckets, `g${labels('')} -1.5`, `s_sum${labels('')} 3`, `s_count${labels('')} 2`, `s${labels(',quantile="0.5"')} 1`]);
}); // prettier-ignore
