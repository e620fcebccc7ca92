import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeliveryError } from '../../flow/delivery.ts';
import { logs } from '../../model/signal.ts';
import { receiverFor } from '../../testkit/arguments.ts';
import { holdBack, refuse } from '../../testkit/collect.ts';
import { entriesIn } from '../../testkit/log-entries.ts';
import { any, attributesOf, entriesOf, recordOf, requestOf, time } from '../../testkit/otlp-logs.ts';
import { deliverOtlp, otlpBatch } from '../../testkit/otlp-batch.ts';
import { runComponent } from '../../testkit/run-component.ts';
import { until } from '../../testkit/until.ts';
import { otelcolExporterLoki } from './otelcol.exporter.loki.ts';

const auth = recordOf({
  severityNumber: 9,
  severityText: 'Info',
  body: 'AUTH log message',
  attributes: { 'attr.1': '12345', 'attr.2': 'fake_token' },
});

interface Case {
  readonly name: string;
  readonly record?: Parameters<typeof recordOf>[0];
  readonly resource?: Readonly<Record<string, unknown>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly line?: string;
}

const one = '11111';
const seven = '77777';
const labelHint = 'loki.attribute.labels';
const resourceHint = 'loki.resource.labels';

const cases: readonly Case[] = [
  {
    name: 'L3: an attribute of the record that is a label disappears from the resource too',
    record: { attributes: { 'attr.1': one, [labelHint]: 'attr.1' } },
    resource: { 'attr.1': seven },
    labels: { exporter: 'OTLP', attr_1: one },
    line: '{}',
  },
  {
    name: 'L4: an attribute of the resource that is a label disappears from the record too',
    record: { attributes: { 'attr.1': one, [resourceHint]: 'attr.1' } },
    resource: { 'attr.1': seven },
    labels: { exporter: 'OTLP', attr_1: seven },
    line: '{}',
  },
  {
    name: 'L5: a hint of the record finds an attribute that only the resource has',
    record: { attributes: { [resourceHint]: 'attr.1' } },
    resource: { 'attr.1': seven },
    labels: { exporter: 'OTLP', attr_1: seven },
    line: '{}',
  },
  {
    name: 'a hint of the resource finds attributes of the resource alone',
    record: { attributes: { a: 'x' } },
    resource: { b: 'y', [resourceHint]: 'a,b' },
    labels: { exporter: 'OTLP', b: 'y' },
    line: '{"attributes":{"a":"x"}}',
  },
  {
    name: 'L7: a hint may be a list',
    record: { attributes: { a: '1', b: 2, [labelHint]: ['a', 'b'] } },
    labels: { exporter: 'OTLP', a: '1', b: '2' },
  },
  {
    name: 'L8: names in a hint may have spaces around them',
    record: { attributes: { a: '1', b: true, [labelHint]: ' a, b ,,' } },
    labels: { exporter: 'OTLP', a: '1', b: 'true' },
  },
  {
    name: 'L9: the severity is a label',
    record: { severityNumber: 8 },
    labels: { exporter: 'OTLP', level: 'DEBUG4' },
    line: '{}',
  },
  {
    name: 'L10: an attribute that is called level counts more than the severity',
    record: { severityNumber: 8, attributes: { level: 'dummy' } },
    labels: { exporter: 'OTLP', level: 'dummy' },
    line: '{}',
  },
  {
    name: 'L11: without a severity there is no level, and an attribute of that name stays in the line',
    record: { attributes: { level: 'dummy' } },
    labels: { exporter: 'OTLP' },
    line: '{"attributes":{"level":"dummy"}}',
  },
  { name: 'a severity that OTLP does not have is none', record: { severityNumber: 99 }, labels: { exporter: 'OTLP' } },
  {
    name: 'L12: the job has the namespace of the service',
    resource: { 'service.name': 'my-service', 'service.namespace': 'my-namespace' },
    labels: { exporter: 'OTLP', job: 'my-namespace/my-service' },
  },
  {
    name: 'the job is the service, and the instance that of the service',
    resource: { 'service.name': 'my-service', 'service.instance.id': 7, job: 'gone' },
    labels: { exporter: 'OTLP', job: 'my-service', instance: '7' },
    line: '{"resources":{"service.instance.id":7,"service.name":"my-service"}}',
  },
  { name: 'L13: a namespace alone is no job', resource: { 'service.namespace': 'n' }, labels: { exporter: 'OTLP' } },
  {
    name: 'L14: a tenant of the resource counts more than one of the record',
    record: { attributes: { 'loki.tenant': 'tenant.id', 'tenant.id': '2' } },
    resource: { 'loki.tenant': 'tenant.id', 'tenant.id': '1' },
    labels: { exporter: 'OTLP', tenant_id: '1' },
    line: '{}',
  },
  {
    name: 'a tenant may be in the record alone',
    record: { attributes: { 'loki.tenant': 'tenant.id', 'tenant.id': '2' } },
    labels: { exporter: 'OTLP', tenant_id: '2' },
  },
  {
    name: 'L15: a hint may replace a label that is always there',
    record: { attributes: { exporter: 'mine', [labelHint]: 'exporter' } },
    labels: { exporter: 'mine' },
    line: '{}',
  },
  {
    name: 'of labels that have one name the record decides, and the tenant before all',
    record: { attributes: { a_b: '2', [labelHint]: 'a_b,t', t: '3', 'loki.tenant': 't' } },
    resource: { 'a.b': '1', [resourceHint]: 'a.b', t: '4' },
    labels: { exporter: 'OTLP', a_b: '2', t: '4' },
    line: '{}',
  },
  {
    name: 'names with dots lead into maps, where the longest name that is there counts',
    record: { attributes: { http: { 'x.y': { z: 'deep' }, x: 1 }, [labelHint]: 'http.x.y.z,http.x,http.q,no.http' } },
    labels: { exporter: 'OTLP', http_x_y_z: 'deep', http_x: '1' },
    line: '{"attributes":{"http":{"x":1,"x.y":{"z":"deep"}}}}',
  },
  {
    name: 'labels are named as Prometheus has it, and those without text are none',
    record: { attributes: { '0a': '1', _b: '2', __c: '3', 'd/é': '4', e: '', [labelHint]: '0a,_b,__c,d/é,e' } },
    labels: { exporter: 'OTLP', key_0a: '1', key_b: '2', __c: '3', d__: '4' },
  },
  {
    name: 'values of labels are text, that of maps JSON',
    record: { attributes: { a: 1.5, b: { y: [1, any.empty], x: '<' }, c: any.bytes('abc'), [labelHint]: 'a,b,c' } },
    labels: { exporter: 'OTLP', a: '1.5', b: String.raw`{"x":"\u003c","y":[1,null]}`, c: 'YWJj' },
  },
];

for (const { name, record = {}, resource = {}, labels, line } of cases) {
  test(name, async () => {
    const [entry] = await entriesOf(requestOf(resource, recordOf(record)));
    if (labels !== undefined) assert.deepEqual(entry?.labels, labels);
    if (line !== undefined) assert.equal(entry?.line, line);
  });
}

test('L1: attributes that a hint names become labels', async () => {
  const record = { ...auth, attributes: [...auth.attributes, ...attributesOf({ [labelHint]: 'attr.1' })] };
  assert.deepEqual(await entriesOf(requestOf({}, record)), [
    {
      line: '{"body":"AUTH log message","severity":"Info","attributes":{"attr.2":"fake_token"}}',
      labels: { exporter: 'OTLP', level: 'INFO', attr_1: '12345' },
      time,
    },
  ]);
});

test('L2: without a hint all attributes are in the line', async () => {
  assert.deepEqual(await entriesOf(requestOf({}, auth)), [
    {
      line: '{"body":"AUTH log message","severity":"Info","attributes":{"attr.1":"12345","attr.2":"fake_token"}}',
      labels: { exporter: 'OTLP', level: 'INFO' },
      time,
    },
  ]);
});

test('L6: records of two scopes are two entries with their own times', async () => {
  const request = {
    resourceLogs: [
      {
        scopeLogs: [
          { scope: { name: 'a' }, logRecords: [{ timeUnixNano: '1700000000123456789' }] },
          { scope: { name: 'b', version: 'v1' }, logRecords: [{ observedTimeUnixNano: '1700000001000000001' }] },
        ],
      },
    ],
  };
  assert.deepEqual(await entriesOf(request), [
    {
      line: '{"instrumentation_scope":{"name":"a"}}',
      labels: { exporter: 'OTLP' },
      time: '2023-11-14T22:13:20.123456789Z',
    },
    {
      line: '{"instrumentation_scope":{"name":"b","version":"v1"}}',
      labels: { exporter: 'OTLP' },
      time: '2023-11-14T22:13:21.000000001Z',
    },
  ]);
});

test('records without a time have that of their conversion, and each its own', async () => {
  const before = new Date().toISOString();
  const entries = await entriesOf({ resourceLogs: [{ scopeLogs: [{ logRecords: [{}, {}, {}] }] }] });
  const times = entries.map(({ time: own }) => (own ?? '').slice(0, -1).padEnd(29, '0'));
  assert.equal(new Set(times).size, 3);
  assert.ok(times.every((own) => own >= before.slice(0, 19)));
  assert.deepEqual(times, times.toSorted());
});

test('all severities have a level', async () => {
  const numbers = Array.from({ length: 24 }, (_, index) => index + 1);
  const entries = await entriesOf(requestOf({}, ...numbers.map((severityNumber) => recordOf({ severityNumber }))));
  const levels = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];
  assert.deepEqual(
    entries.map(({ labels }) => labels?.['level']),
    levels.flatMap((level) => [level, `${level}2`, `${level}3`, `${level}4`]),
  );
});

test('entries of one label set are one stream, also where hints differ', async () => {
  await using c = await runComponent(otelcolExporterLoki, 'forward_to = [out]');
  const records = [{}, { [labelHint]: 'a' }, { b: '1' }, { a: '1', [labelHint]: 'a' }, { a: '1', [labelHint]: ['a'] }];
  const batch = otlpBatch('logs', requestOf({}, ...records.map((attributes) => recordOf({ attributes }))));
  await deliverOtlp(c.exports.input, batch);
  assert.deepEqual(
    c.out.batches.map(({ streams, streamOf }) => [streams.length, [...streamOf]]),
    [[2, [0, 0, 0, 1, 1]]],
  );
});

test('L23: a record in a format that is unknown is dropped, counted and logged once', async () => {
  await using c = await runComponent(otelcolExporterLoki, 'forward_to = [out]');
  const xml = recordOf({ attributes: { 'loki.format': 'xml' } });
  const request = requestOf({}, xml, recordOf({ body: 'x' }), xml);
  await deliverOtlp(c.exports.input, otlpBatch('logs', request));
  assert.deepEqual(
    entriesIn(c.out.batches).map(({ line }) => line),
    ['{"body":"x"}'],
  );
  const metrics = c.metrics();
  assert.equal(metrics['otelcol_exporter_loki_entries_total'], 3);
  assert.equal(metrics['otelcol_exporter_loki_entries_processed'], 1);
  assert.equal(metrics['otelcol_exporter_loki_entries_failed'], 2);
  assert.deepEqual(
    c.logged.map(({ fields }) => fields['error']),
    ['invalid format "xml", want one of "json", "logfmt", "raw"'],
  );
  await deliverOtlp(c.exports.input, otlpBatch('logs', requestOf({}, xml)));
  assert.equal(c.out.batches.length, 1, 'nothing is sent where nothing is left');
});

test('a batch is delivered when its entries are, and what the next consumer answers is the answer', async () => {
  const sink = holdBack<Parameters<typeof logs.count>[0]>();
  await using c = await runComponent(otelcolExporterLoki, 'forward_to = [sink]', {
    names: { sink: receiverFor(logs, sink) },
  });
  let isDelivered = false;
  const delivered = deliverOtlp(c.exports.input, otlpBatch('logs', requestOf({}, auth))).then(
    () => (isDelivered = true),
  );
  await until(() => sink.held === 1);
  assert.equal(isDelivered, false);
  sink.deliverAll();
  await delivered;

  const error = new DeliveryError('not now', { retryable: true });
  await using refusing = await runComponent(otelcolExporterLoki, 'forward_to = [sink]', {
    names: { sink: receiverFor(logs, refuse(error)) },
  });
  await assert.rejects(deliverOtlp(refusing.exports.input, otlpBatch('logs', requestOf({}, auth))), error);
  const traces = otlpBatch('traces', {});
  await assert.rejects(deliverOtlp(refusing.exports.input, traces), { message: 'telemetry type is not supported' });
});

test('a large resource that many records share does not make one huge batch', async () => {
  await using c = await runComponent(otelcolExporterLoki, 'forward_to = [out]');
  const records = Array.from({ length: 30 }, (_, index) => recordOf({ body: `${index}` }));
  await deliverOtlp(c.exports.input, otlpBatch('logs', requestOf({ big: 'x'.repeat(1024 * 1024) }, ...records)));
  assert.ok(c.out.batches.length > 1);
  assert.ok(c.out.batches.every(({ bytes }) => bytes.length < 6 * 1024 * 1024));
  assert.deepEqual(
    entriesIn(c.out.batches).map(({ line }) => String(line).slice(0, 12)),
    records.map((_, index) => `{"body":"${index}",`.slice(0, 12).padEnd(12, '"resources"'.slice(0, 3))),
  );
});
