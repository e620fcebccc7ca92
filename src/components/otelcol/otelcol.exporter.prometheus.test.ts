import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeliveryError } from '../../flow/delivery.ts';
import { metricType } from '../../model/metric-family.ts';
import { allSeries } from '../../model/series-table.ts';
import { metrics } from '../../model/signal.ts';
import { receiverFor } from '../../testkit/arguments.ts';
import { SampleSink } from '../../testkit/exposed-metrics.ts';
import { attributesOf, bridge, metricsOf, nanos, pointTime } from '../../testkit/metric-bridge.ts';
import { plainSamples } from '../../testkit/metric-samples.ts';
import { deliverOtlp, otlpBatch } from '../../testkit/otlp-batch.ts';
import { problemsOf, runComponent } from '../../testkit/run-component.ts';
import { Sink } from '../../testkit/sink.ts';
import type { SampleBatch } from '../../model/sample-batch.ts';
import { otelcolExporterPrometheus } from './otelcol.exporter.prometheus.ts';

const cumulative = { aggregationTemporality: 2 };
const time = { timeUnixNano: nanos() };
const dropped = 'millrace_exporter_prometheus_data_points_dropped_total';

function gauge(name: string, ...dataPoints: object[]) {
  return { name, gauge: { dataPoints } };
}

function counter(name: string, ...dataPoints: object[]) {
  return { name, sum: { ...cumulative, isMonotonic: true, dataPoints } };
}

function point(value: number, labels: Readonly<Record<string, string>> = {}, after = 0) {
  return { asDouble: value, timeUnixNano: nanos(after), attributes: attributesOf(labels) };
}

const buckets = { ...time, count: '333', sum: 100, bucketCounts: ['0', '111', '0', '222'] };
const bounds = [0.25, 0.5, 0.75, 1];

test('gauges and sums become samples with the labels of their resource and attributes', async () => {
  const resource = {
    'service.name': 'shop',
    'service.namespace': 'prod',
    'service.instance.id': 'a1',
    'host.name': 'n',
  };
  const request = metricsOf(
    [
      { ...gauge('system.filesystem.usage', point(1.5, { 'file.system': 'ext4' })), unit: 'By' },
      { ...counter('requests', { ...time, asInt: '-3' }), unit: '1' },
      { name: 'level', sum: { ...cumulative, dataPoints: [point(NaN)] } },
    ],
    resource,
  );
  const { samples, batches } = await bridge('', request);
  assert.deepEqual(samples, [
    'system_filesystem_usage_bytes{file_system="ext4",instance="a1",job="prod/shop"} 1.5',
    'requests_total{instance="a1",job="prod/shop"} -3',
    'level{instance="a1",job="prod/shop"} NaN',
  ]);
  assert.deepEqual([...(batches[0]?.timestamps ?? [])], [pointTime, pointTime, pointTime]);
});

test('attributes count more than job and instance, the last of one name counts, and empty ones are none', async () => {
  const labels = { 'a.b': '1', a_b: '2', instance: '', job: 'own', __name__: 'x', '': 'y' };
  const { samples } = await bridge('', metricsOf([gauge('m', point(1, labels))], { 'service.name': 's', 'service.instance.id': 'i' }));
  assert.deepEqual(samples, ['m{a_b="2",job="own"} 1']);
}); // prettier-ignore

test('points of one series find it whatever the order of their attributes', async () => {
  const request = metricsOf([gauge('m', point(1, { a: '1', b: '2' }), point(2, { b: '2', a: '1' }))]);
  const { samples, metrics: meters } = await bridge('', request, request);
  assert.deepEqual(new Set(samples), new Set(['m{a="1",b="2"} 1', 'm{a="1",b="2"} 2']));
  assert.equal(samples.length, 4);
  assert.equal(meters['millrace_exporter_prometheus_cache_entries'], 4, 'a resource, a metric and two points');
});

for (const [name, explicitBounds, values] of [
  ['a histogram', bounds, ['0.25 0', '0.5 111', '0.75 111', '1 333']],
  ['one with bounds out of order', [0.5, 1, 0.25, 0.75], ['0.25 0', '0.5 0', '0.75 222', '1 333']],
  ['one with a bound twice, and others that are none', [1, 1, Infinity, NaN], ['1 111']],
] as const) {
  test(`${name} becomes sum, count and cumulative buckets`, async () => {
    const data = { ...cumulative, dataPoints: [{ ...buckets, explicitBounds }] };
    const { samples } = await bridge('', metricsOf([{ name: 'h', unit: 's', histogram: data }]));
    const expected = [...values, '+Inf 333'].map((text) => `h_seconds_bucket{le="${text.replace(' ', '"} ')}`);
    assert.deepEqual(samples, ['h_seconds_sum 100', 'h_seconds_count 333', ...expected]);
  });
}

test('bounds are plain decimals, a sum may be missing, and attributes do not replace the bound', async () => {
  const dataPoints = [
    { ...time, count: '3', bucketCounts: ['1', '2'], explicitBounds: [1e21], attributes: attributesOf({ le: 'x' }) },
  ];
  const { samples } = await bridge('', metricsOf([{ name: 'h', histogram: { ...cumulative, dataPoints } }]));
  const large = '1000000000000000000000';
  assert.deepEqual(samples, ['h_count{le="x"} 3', `h_bucket{le="${large}"} 1`, 'h_bucket{le="+Inf"} 3']);
});

test('summaries become sum, count and quantiles', async () => {
  const quantileValues = [
    { quantile: 0.5, value: 10 },
    { quantile: 0.999, value: 20 },
    { quantile: 0.5, value: 11 },
  ];
  const dataPoints = [{ ...time, count: '7', sum: 5, quantileValues }];
  const { samples } = await bridge('', metricsOf([{ name: 's', summary: { dataPoints } }]));
  assert.deepEqual(samples, ['s_sum 5', 's_count 7', 's{quantile="0.999"} 20', 's{quantile="0.5"} 11']);
});

test('points without a recorded value mark their series as ended', async () => {
  const ended = { ...time, flags: 1 };
  const { samples, histograms } = await bridge(
    '',
    metricsOf([
      gauge('g', ended),
      { name: 'h', histogram: { ...cumulative, dataPoints: [ended] } },
      { name: 's', summary: { dataPoints: [{ ...ended, quantileValues: [{ quantile: 1 }] }] } },
      { name: 'e', exponentialHistogram: { ...cumulative, dataPoints: [ended] } },
    ]),
  );
  const names = ['g', 'h_sum', 'h_count', 's_sum', 's_count', 's{quantile="1"}'];
  assert.deepEqual(
    samples,
    names.map((name) => `${name} stale`),
  );
  assert.deepEqual(
    histograms.map(({ isStale }) => isStale),
    [true],
  );
});

const traceId = Buffer.from('0102030405060708090a0b0c0d0e0f10', 'hex');
const spanId = Buffer.from('0102030405060708', 'hex');

test('exemplars of a histogram go to the bucket that their value is in', async () => {
  const exemplars = [0.3, 1.5, 0.5].map((value) => ({ timeUnixNano: nanos(), asDouble: value, traceId, spanId }));
  const dataPoints = [{ ...buckets, explicitBounds: bounds, exemplars }];
  const { exemplars: found } = await bridge('', metricsOf([{ name: 'h', histogram: { ...cumulative, dataPoints } }]));
  assert.deepEqual(
    found.map(({ labels, value }) => `${labels['le']} ${value}`),
    ['0.5 0.3', '0.75 0.5', '+Inf 1.5'],
  );
  assert.deepEqual(found[0]?.exemplar, { span_id: spanId.toString('hex'), trace_id: traceId.toString('hex') });
});

test('exemplars that are older than the last one of their series are dropped, and known ones not sent again', async () => {
  const exemplars = [0, -5].map((after) => ({ timeUnixNano: nanos(after), asDouble: 0.3 }));
  const histogram = { ...cumulative, dataPoints: [{ ...buckets, explicitBounds: bounds, exemplars }] };
  const sum = counter('c', { ...point(1), exemplars: [{ timeUnixNano: nanos(3), asInt: '4', traceId }] });
  const request = metricsOf([{ name: 'h', histogram }, sum]);
  const { exemplars: found, metrics: meters } = await bridge('', request, request);
  assert.deepEqual(
    found.map(({ value, timestamp }) => [value, timestamp - pointTime]),
    [
      [0.3, 0],
      [4, 3],
    ],
  );
  assert.equal(meters['millrace_exporter_prometheus_exemplars_dropped_total'], 2);
});

test('exemplars of one time in one series are all sent, in the order of their values, and once', async () => {
  const exemplars = [0.4, 0.3, 0.45].map((value) => ({ timeUnixNano: nanos(), asDouble: value, traceId }));
  const data = { ...buckets, exemplars: [...exemplars, { timeUnixNano: nanos(-1), asDouble: 0.5, traceId }] };
  const request = metricsOf([
    { name: 'h', histogram: { ...cumulative, dataPoints: [{ ...data, explicitBounds: bounds }] } },
    { name: 'e', exponentialHistogram: { ...cumulative, dataPoints: [{ ...data, zeroCount: '333' }] } },
  ]);
  const { exemplars: found } = await bridge('', request, request);
  assert.deepEqual(
    found.map(({ labels, value }) => `${labels['__name__']} ${labels['le'] ?? ''} ${value}`),
    ['h_bucket 0.5 0.3', 'h_bucket 0.5 0.4', 'h_bucket 0.5 0.45', 'h_bucket 0.75 0.5', 'e  0.5', 'e  0.3', 'e  0.4', 'e  0.45'],
  );
}); // prettier-ignore

const identity = { 'service.name': 'myservice', 'service.namespace': 'myns', 'service.instance.id': 'i' };

for (const [text, resource, expected] of [
  ['', { ...identity, custom_attr: 'v' }, 'target_info{custom_attr="v",instance="i",job="myns/myservice"} 1'],
  ['', {}, 'target_info 1'],
  ['', { 'service.namespace': 'myns' }, 'target_info 1'],
  [
    'keep_identifying_resource_attributes = true',
    identity,
    'target_info{instance="i",job="myns/myservice",service_instance_id="i",service_name="myservice",service_namespace="myns"} 1',
  ],
] as const) {
  test(`a resource with ${JSON.stringify(resource)} becomes ${expected}`, async () => {
    const { resourceMetrics } = metricsOf([], resource) as { resourceMetrics: object[] };
    const request = { resourceMetrics: [...resourceMetrics, ...resourceMetrics] };
    const { samples } = await bridge(`include_target_info = true\n${text}`, request);
    assert.deepEqual(samples, [expected], 'once at a time');
  });
}

test('scopes become series on demand', async () => {
  const scope = { name: 'lib', version: '1.2', attributes: attributesOf({ 'something.extra': 'x' }) };
  const resource = { attributes: attributesOf({ 'service.name': 's', 'service.instance.id': 'i', other: 'o' }) };
  const scopeMetrics = [{ scope }, { scope }];
  const request = { resourceMetrics: [{ resource, scopeMetrics }, { scopeMetrics }] };
  const { samples } = await bridge('include_scope_info = true\ninclude_target_info = false', request);
  const labels = 'otel_scope_name="lib",otel_scope_version="1.2",something_extra="x"';
  assert.deepEqual(samples, [`otel_scope_info{instance="i",job="s",${labels}} 1`, `otel_scope_info{${labels}} 1`]);
});

test('attributes of the resource become labels of every series on demand, and count more than others', async () => {
  const resource = { 'service.name': 's', 'service.instance.id': 'i', custom: 'v', k: 'resource' };
  const { samples } = await bridge(
    'resource_to_telemetry_conversion = true',
    metricsOf([gauge('m', point(1, { k: 'point' }))], resource),
  );
  const labels = 'custom="v",instance="i",job="s",k="resource",service_instance_id="i",service_name="s"';
  assert.deepEqual(samples, [`m{${labels}} 1`]);
});

test('names keep their form without suffixes', async () => {
  const { samples } = await bridge('add_metric_suffixes = false', metricsOf([{ ...counter(':a::b', point(1)), unit: 's' }]));
  assert.deepEqual(samples, [':a::b 1']);
}); // prettier-ignore

test('types, units and descriptions go along on demand', async () => {
  const request = metricsOf([
    { ...counter('c', point(1)), unit: 's', description: 'Seconds.' },
    { name: 'e', exponentialHistogram: { ...cumulative, dataPoints: [{ ...time, count: '0' }] } },
  ]);
  const { batches } = await bridge('honor_metadata = true', request, request);
  for (const batch of batches) {
    const { families, samples } = plainSamples(batch);
    assert.deepEqual(families, [
      { name: 'c_seconds_total', type: metricType.counter, help: 'Seconds.', unit: 's' },
      { name: 'e', type: metricType.histogram, help: '', unit: '' },
    ]);
    assert.deepEqual(
      samples.map(({ family }) => family),
      [1, 2],
    );
  }
  assert.deepEqual((await bridge('', request)).batches[0]?.families, []);
});

test('the series about resources and scopes have a type, too', async () => {
  const { batches } = await bridge(
    'honor_metadata = true\ninclude_scope_info = true',
    metricsOf([gauge('g', point(1))]),
  );
  const [batch] = batches;
  assert.ok(batch);
  const { families, samples } = plainSamples(batch);
  assert.deepEqual(
    samples.map(({ labels, family = 0 }) => [labels['__name__'], families[family - 1]]),
    [
      ['target_info', { name: 'target_info', type: metricType.gauge, help: 'Target metadata', unit: '' }],
      ['otel_scope_info', { name: 'otel_scope_info', type: metricType.gauge, help: '', unit: '' }],
      ['g', { name: 'g', type: metricType.gauge, help: '', unit: '' }],
    ],
  );
});

test('what cannot be converted is counted by its reason, and each reason is logged once', async () => {
  const points = [point(1), point(2)];
  const delta = { aggregationTemporality: 1, dataPoints: points };
  const exponential = (more: object) => ({ ...cumulative, dataPoints: [{ ...time, ...more }] });
  const request = metricsOf([
    { name: 'd1', sum: delta },
    { name: 'd2', histogram: { ...delta, dataPoints: [buckets] } },
    { name: 'u', sum: { dataPoints: points } },
    gauge('...', point(1)),
    gauge('t', { asInt: '1' }),
    gauge('o', point(1, {}, 10), point(1, {}, 9), point(1, {}, 10)),
    { name: 'e1', exponentialHistogram: exponential({ scale: -5 }) },
    { name: 'e2', exponentialHistogram: exponential({ count: '3', positive: { bucketCounts: ['1'] } }) },
  ]);
  const { samples, metrics: meters, messages } = await bridge('', request, request);
  assert.deepEqual(samples, ['o 1', 'o 1', 'o 1', 'o 1']);
  const expected = { delta: 6, no_temporality: 4, no_name: 2, no_time: 2, out_of_order: 2, unsupported_scale: 2, invalid_histogram: 2 };
  for (const [reason, count] of Object.entries(expected)) assert.equal(meters[`${dropped}{reason="${reason}"}`], count, reason);
  const told = messages.map((message) => message.split(': ')[1]);
  assert.deepEqual(told, ['delta, d1', 'no_temporality, u', 'no_name, ...', 'no_time, t', 'out_of_order, o', 'unsupported_scale, e1', 'invalid_histogram, e2']);
}); // prettier-ignore

test('zeros are sent for when something began, where that is wanted and known', async () => {
  const begun = { ...point(5), startTimeUnixNano: nanos(-1000) };
  const histogram = { ...buckets, startTimeUnixNano: nanos(-1000), explicitBounds: [] };
  const request = metricsOf([
    counter('c', begun, point(6, { a: 'b' })),
    gauge('g', begun),
    { name: 'h', histogram: { ...cumulative, dataPoints: [histogram] } },
    { name: 's', summary: { dataPoints: [{ ...histogram, quantileValues: [{ quantile: 1, value: 4 }] }] } },
  ]);
  const { samples, batches } = await bridge('start_timestamp_zero_ingestion = true', request, request);
  const plain = ['c_total 5', 'c_total{a="b"} 6', 'g 5', 'h_sum 100', 'h_count 333', 'h_bucket{le="+Inf"} 333'];
  const rest = [...plain, 's_sum 100', 's_count 333', 's{quantile="1"} 4'];
  const zeros = new Set(['c_total', 'h_sum', 'h_count', 'h_bucket{le="+Inf"}', 's_sum', 's_count']);
  const first = rest.flatMap((line) => {
    const name = line.slice(0, line.lastIndexOf(' '));
    return zeros.has(name) ? [`${name} 0`, line] : [line];
  });
  assert.deepEqual(samples, [...first, ...rest]);
  assert.equal(batches[0]?.timestamps[0], pointTime - 1000);
  assert.deepEqual((await bridge('', request)).samples, rest);
});

test('zeros are sent of native histograms, and again when something began anew', async () => {
  const at = (after: number, start: number) => ({
    ...buckets,
    bucketCounts: ['0', '333'],
    explicitBounds: [1],
    zeroCount: '333',
    timeUnixNano: nanos(after),
    startTimeUnixNano: nanos(start),
  });
  const request = (after: number, start: number) => {
    const data = { ...cumulative, dataPoints: [at(after, start)] };
    return metricsOf([
      { name: 'e', exponentialHistogram: data },
      { name: 'h', histogram: data },
      { name: 'c', sum: { ...cumulative, isMonotonic: true, dataPoints: [{ ...at(after, start), asInt: '5' }] } },
    ]);
  };
  const text = 'start_timestamp_zero_ingestion = true\nconvert_classic_histograms_to_nhcb = true';
  const { batches } = await bridge(text, request(0, -9), request(10, -9), request(20, 15), request(30, 25));
  const counts = batches.flatMap(plainSamples).flatMap(({ samples }) =>
    samples.map(({ labels, value, timestamp }) => {
      const count = typeof value === 'object' ? value.count : value;
      return `${labels['__name__']} ${count} at ${timestamp - pointTime}`;
    }),
  );
  const name = (wanted: string) => counts.filter((line) => line.startsWith(`${wanted} `)).map((line) => line.slice(2));
  const natives = ['0 at -9', '333 at 0', '333 at 10', '0 at 15', '333 at 20', '0 at 25', '333 at 30'];
  assert.deepEqual([name('e'), name('h')], [natives, natives]);
  assert.deepEqual(
    counts.filter((line) => line.startsWith('c_total')).map((line) => line.slice(8)),
    natives.map((line) => line.replace('333', '5')),
  );
});

test('a batch that is refused becomes the same samples when it comes again', async () => {
  const sink = new Sink<SampleBatch>();
  const text = 'include_target_info = false\nstart_timestamp_zero_ingestion = true\nforward_to = [sink]';
  await using c = await runComponent(otelcolExporterPrometheus, text, { names: { sink: receiverFor(metrics, sink) } });
  const exemplars = [{ timeUnixNano: nanos(), asInt: '1' }];
  const later = counter('c', { ...point(2, {}, 5), startTimeUnixNano: nanos(-1), exemplars });
  const batch = otlpBatch('metrics', metricsOf([{ name: 'd', sum: { dataPoints: [point(1)] } }, later]), 2);
  const leases = allSeries.openLeases;
  sink.error = new DeliveryError('not now', { retryable: true });
  await assert.rejects(deliverOtlp(c.exports.input, batch), sink.error);
  assert.equal(c.metrics()[`${dropped}{reason="no_temporality"}`], undefined);
  sink.error = undefined;
  await deliverOtlp(c.exports.input, batch);
  const [first] = sink.batches.map(plainSamples);
  assert.deepEqual(
    first?.samples.map(({ value }) => value),
    [0, 2],
  );
  assert.equal(first?.exemplars.length, 1);
  assert.equal(c.metrics()[`${dropped}{reason="no_temporality"}`], 1);
  assert.equal(c.metrics()['prometheus_forwarded_samples_total'], 2);
  assert.equal(allSeries.openLeases, leases);
});

test('traces and logs are refused for good, and everything is once it has ended', async () => {
  const sink = new SampleSink();
  const c = await runComponent(otelcolExporterPrometheus, 'forward_to = [sink]', { names: { sink: sink.receiver } });
  for (const kind of ['traces', 'logs'] as const)
    await assert.rejects(deliverOtlp(c.exports.input, otlpBatch(kind, {})), { message: 'telemetry type is not supported', isRetryable: false });
  await deliverOtlp(c.exports.input, otlpBatch('metrics', {}));
  assert.equal(sink.batches.length, 0);
  const { input } = c.exports;
  await c[Symbol.asyncDispose]();
  await assert.rejects(deliverOtlp(input, otlpBatch('metrics', {})), { isRetryable: true });
}); // prettier-ignore

test('what is remembered of series outlives a change of arguments that say the same of them', async () => {
  const sink = new SampleSink();
  const names = { sink: sink.receiver };
  await using c = await runComponent(otelcolExporterPrometheus, 'forward_to = [sink]', { names });
  const send = (after: number) =>
    deliverOtlp(c.exports.input, otlpBatch('metrics', metricsOf([gauge('g', point(1, {}, after))]), 1));
  await send(10);
  await c.update('forward_to = [sink]\ngc_frequency = "1m"');
  await send(5);
  assert.equal(c.metrics()[`${dropped}{reason="out_of_order"}`], 1);
  await c.update('forward_to = [sink]\nadd_metric_suffixes = false');
  await send(5);
  assert.equal(sink.valuesOf('__name__="g"').length, 2);
});

test('arguments that make no sense or need another level are found', () => {
  const names = { sink: new SampleSink().receiver };
  const problems = (text: string, level: 'generally-available' | 'experimental' = 'generally-available') =>
    problemsOf(otelcolExporterPrometheus, `forward_to = [sink]\n${text}`, names, level).join();
  assert.match(problems('gc_frequency = "0s"'), /gc_frequency.* must be greater than 0/);
  for (const name of ['convert_classic_histograms_to_nhcb', 'start_timestamp_zero_ingestion']) {
    assert.match(problems(`${name} = true`), new RegExp(`${name} requires stability.level`));
    assert.equal(problems(`${name} = false`) + problems(`${name} = true`, 'experimental'), '');
  }
});
