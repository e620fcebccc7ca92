import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { DeliveryError } from '../../flow/delivery.ts';
import { LogfmtReader } from '../../formats/logfmt/logfmt.ts';
import { otlp } from '../../formats/otlp/otlp-signal.ts';
import type { OtlpBatch } from '../../model/otlp-batch.ts';
import { receiverFor } from '../../testkit/arguments.ts';
import { collect, refuse } from '../../testkit/collect.ts';
import { deliverOtlp, otlpBatch } from '../../testkit/otlp-batch.ts';
import { readOtlpBatch } from '../../testkit/otlp-reference.ts';
import { runComponent } from '../../testkit/run-component.ts';
import { otelcolConnectorSpanlogs } from './otelcol.connector.spanlogs.ts';

type Value = Readonly<Record<string, unknown>>;
type Attributes = readonly (readonly [key: string, value: Value])[];

interface TestSpan {
  readonly name?: string;
  readonly traceId?: string;
  readonly parentSpanId?: string;
  readonly start?: string;
  readonly end?: string;
  readonly status?: number;
  readonly attributes?: Attributes;
  readonly events?: readonly Attributes[];
}

interface TestRecord {
  readonly line: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

const traceId = '7bba9f33312b3dbb8b2c2c62bb7abe2d';
const int = (value: number): Value => ({ intValue: value });
const text = (value: string): Value => ({ stringValue: value });
const keyValues = (attributes: Attributes = []): unknown[] => attributes.map(([key, value]) => ({ key, value }));

function resourceOf(attributes: Attributes, ...scopes: readonly (readonly TestSpan[])[]): unknown {
  return {
    resource: { attributes: keyValues(attributes) },
    scopeSpans: scopes.map((spans) => ({
      spans: spans.map((span) => ({
        traceId: Buffer.from(span.traceId ?? traceId, 'hex'),
        spanId: Buffer.from('086e83747d0e381e', 'hex'),
        parentSpanId: Buffer.from(span.parentSpanId ?? '', 'hex'),
        name: span.name ?? 'TestSpan',
        startTimeUnixNano: span.start ?? '0',
        endTimeUnixNano: span.end ?? '0',
        attributes: keyValues(span.attributes),
        events: span.events?.map((event) => ({ attributes: keyValues(event) })),
        status: { code: span.status ?? 0 },
      })),
    })),
  };
}

function batchOf(...resourceSpans: readonly unknown[]): OtlpBatch {
  return otlpBatch('traces', { resourceSpans });
}

async function recordsOf(config: string, batch: OtlpBatch): Promise<readonly TestRecord[]> {
  const sink = collect(otlp);
  await using c = await runComponent(otelcolConnectorSpanlogs, `${config}\noutput { logs = [sink] }`, {
    names: { sink: receiverFor(otlp, sink) },
  });
  await deliverOtlp(c.exports.input, batch);
  const records = sink.batches.flatMap(recordsIn);
  assert.equal(sink.count, records.length, 'the batch tells how many records it has');
  return records;
}

interface ReadRecord {
  readonly body: { readonly stringValue: string };
  readonly attributes?: readonly { readonly key: string; readonly value: Value }[];
}

function recordsIn(batch: OtlpBatch): TestRecord[] {
  const { resourceLogs } = readOtlpBatch(batch) as {
    resourceLogs: { scopeLogs: { logRecords: ReadRecord[] }[] }[];
  };
  return resourceLogs
    .flatMap(({ scopeLogs }) => scopeLogs.flatMap(({ logRecords }) => logRecords))
    .map((record) => {
      assert.deepEqual(
        Object.keys(record).toSorted(),
        ['attributes', 'body'],
        'records have no times, severity or ids',
      );
      return {
        line: record.body.stringValue,
        attributes: Object.fromEntries((record.attributes ?? []).map(({ key, value }) => [key, value])),
      };
    });
}

const usual = resourceOf(
  [
    ['service.name', text('TestSvcName')],
    ['res_attribute1', int(78)],
  ],
  [{ attributes: [['attribute1', int(78)]] }],
);
const usualLists = `
span_attributes    = ["attribute1"]
process_attributes = ["res_attribute1"]`;
const processLine = `svc=TestSvcName res_attribute1=78 tid=${traceId}`;
const spanLine = `span=TestSpan dur=0ns attribute1=78 ${processLine}`;

test('SL1: a span can make a record as part of a process, as a span and as a root', async () => {
  const config = `
    spans     = true
    processes = true
    roots     = true
    labels    = ["attribute1", "res_attribute1"]
    ${usualLists}`;
  const spanLabels = { attribute1: { intValue: '78' }, res_attribute1: { intValue: '78' } };
  assert.deepEqual(await recordsOf(config, batchOf(usual)), [
    { line: processLine, attributes: { traces: text('process'), res_attribute1: { intValue: '78' } } },
    { line: spanLine, attributes: { traces: text('span'), ...spanLabels } },
    { line: spanLine, attributes: { traces: text('root'), ...spanLabels } },
  ]);
});

test('SL2: all keys can have other names', async () => {
  const config = `
    spans = true
    ${usualLists}
    overrides {
      logs_instance_tag = "override-traces"
      service_key       = "override-svc"
      span_name_key     = "override-span"
      status_key        = "override-status"
      duration_key      = "override-dur"
      trace_id_key      = "override-tid"
    }`;
  const line = `override-span=TestSpan override-dur=0ns override-status=Ok override-svc= override-tid=${traceId}`;
  assert.deepEqual(await recordsOf(config, batchOf(resourceOf([], [{ status: 1 }]))), [
    { line, attributes: { 'override-traces': text('span') } },
  ]);
});

test('SL3: a label that is not in the line is no attribute', async () => {
  const config = 'spans = true\nlabels = ["attribute1", "res_attribute1", "span"]';
  assert.deepEqual(await recordsOf(config, batchOf(usual)), [
    {
      line: `span=TestSpan dur=0ns svc=TestSvcName tid=${traceId}`,
      attributes: { traces: text('span'), span: text('TestSpan') },
    },
  ]);
});

test('SL4: a span with a parent is no root', async () => {
  const batch = batchOf(resourceOf([], [{ parentSpanId: '0102030405060708' }]));
  assert.deepEqual(await recordsOf('roots = true', batch), []);
});

test('spans behind one without a record have theirs', async () => {
  const batch = batchOf(
    resourceOf(
      [],
      [
        { name: 'a', parentSpanId: '0102030405060708' },
        { name: 'b' },
        { name: 'c', parentSpanId: '0102030405060708' },
        { name: 'd' },
      ],
    ),
  );
  const lines = (await recordsOf('roots = true', batch)).map(({ line }) => line.slice(0, 6));
  assert.deepEqual(lines, ['span=b', 'span=d']);
});

test('SL5: the status is in the line if it is set', async () => {
  const batch = batchOf(resourceOf([], [{ status: 2 }, { status: 1 }, { status: 0 }, { status: 7 }]));
  const lines = (await recordsOf('spans = true', batch)).map(({ line }) => line.slice(0, line.indexOf(' svc')));
  assert.deepEqual(lines, [
    'span=TestSpan dur=0ns status=Error',
    'span=TestSpan dur=0ns status=Ok',
    'span=TestSpan dur=0ns',
    'span=TestSpan dur=0ns status=',
  ]);
});

test('SL6: the records of two resources are apart', async () => {
  const sink = collect(otlp);
  await using c = await runComponent(otelcolConnectorSpanlogs, 'spans = true\noutput { logs = [sink] }', {
    names: { sink: receiverFor(otlp, sink) },
  });
  const none = resourceOf([['service.name', text('none')]], [], []);
  const batch = batchOf(usual, none, resourceOf([['service.name', text('other')]], [{}], [], [{}]));
  await deliverOtlp(c.exports.input, batch);
  const { resourceLogs } = readOtlpBatch(sink.batches[0] as OtlpBatch) as { resourceLogs: { scopeLogs: unknown[] }[] };
  assert.deepEqual(
    resourceLogs.map(({ scopeLogs }) => scopeLogs.length),
    [1, 2],
  );
});

test('SL7: each event has the line of its span and its own attributes', async () => {
  const config = `
    events           = true
    event_attributes = ["log.severity", "log.message"]`;
  const events = [
    [
      ['log.severity', text('INFO')],
      ['log.message', text('TestLogMessage')],
    ],
    [],
  ] as const;
  const line = `span=TestSpan dur=0ns svc= tid=${traceId}`;
  assert.deepEqual(await recordsOf(config, batchOf(resourceOf([], [{ events }]))), [
    { line: `${line} log.severity=INFO log.message=TestLogMessage`, attributes: { traces: text('event') } },
    { line, attributes: { traces: text('event') } },
  ]);
});

test('a process is told once for spans of one trace that follow each other', async () => {
  const [a, b, none] = ['0'.repeat(31) + '1', '0'.repeat(31) + '2', ''];
  const ids = [none, none, a, a, b, a, none, a];
  const scope = ids.map((id) => ({ traceId: id }));
  const lines = (await recordsOf('processes = true', batchOf(resourceOf([], scope, scope.slice(3, 4))))).map(
    ({ line }) => line.slice('svc= tid='.length),
  );
  assert.deepEqual(lines, [a, b, a, none, a, a]);
});

const values: readonly (readonly [what: string, value: Value, written: string])[] = [
  ['text', text('plain'), 'plain'],
  ['text with spaces', text('a b'), '"a b"'],
  ['text with quotes and breaks', text('a"b\\c\nd\u0001'), String.raw`"a\"b\\c\nd\u0001"`],
  ['the word null', text('null'), '"null"'],
  ['no text', text(''), ''],
  ['text beyond ASCII', text('grüße'), 'grüße'],
  ['an integer', { intValue: '-9223372036854775808' }, '-9223372036854775808'],
  ['a large integer', { intValue: '9223372036854775807' }, '9223372036854775807'],
  ['a float', { doubleValue: 1.5 }, '1.5'],
  ['a large float', { doubleValue: 1e21 }, '1e+21'],
  ['no number', { doubleValue: Number.NaN }, 'NaN'],
  ['infinity', { doubleValue: Infinity }, '+Inf'],
  ['a bool', { boolValue: true }, 'true'],
  ['bytes', { bytesValue: Buffer.from('abc') }, 'abc'],
  ['bytes that are no text', { bytesValue: Buffer.from([0xff, 0x61]) }, String.raw`"\ufffda"`],
  ['an array', { arrayValue: { values: [] } }, '"unsupported value type"'],
  ['a map', { kvlistValue: { values: [] } }, '"unsupported value type"'],
  ['nothing', {}, 'null'],
];

for (const [what, value, written] of values) {
  test(`a value that is ${what} is written as go-logfmt does`, async () => {
    const batch = batchOf(resourceOf([], [{ attributes: [['k', value]] }]));
    const [record] = await recordsOf('spans = true\nspan_attributes = ["k"]', batch);
    assert.equal(record?.line, `span=TestSpan dur=0ns k=${written} svc= tid=${traceId}`);
  });
}

test('durations are exact, and negative if a span ends before it starts', async () => {
  const times = [
    ['1700000000000000001', '1700000000123456790'],
    ['2', '1'],
    ['0', '18446744073709551615'],
    ['0', '1700000000123456789'],
  ] as const;
  const batch = batchOf(
    resourceOf(
      [],
      times.map(([start, end]) => ({ start, end })),
    ),
  );
  const durations = (await recordsOf('spans = true', batch)).map(({ line }) => line.split(' ')[1]);
  assert.deepEqual(durations, ['dur=123456789ns', 'dur=-1ns', 'dur=-1ns', 'dur=1700000000123456789ns']);
});

test('attributes are in the order of the span, and a key that comes again gets the new value in its place', async () => {
  const config = `
    events             = true
    span_attributes    = ["a", "b", "svc", "span"]
    process_attributes = ["a"]
    event_attributes   = ["b", "tid"]
    labels             = ["traces", "a", "b"]`;
  const span = {
    attributes: [
      ['b', int(1)],
      ['a', int(2)],
      ['svc', text('x')],
    ],
    events: [[['b', int(3)]], [['tid', text('y')]]],
  } as const;
  const records = await recordsOf(config, batchOf(resourceOf([['a', int(9)]], [span])));
  assert.deepEqual(
    records.map(({ line }) => line),
    [`span=TestSpan dur=0ns b=3 a=9 svc= tid=${traceId}`, `span=TestSpan dur=0ns b=1 a=9 svc= tid=y`],
  );
  assert.deepEqual(records[0]?.attributes, {
    traces: text('event'),
    a: { intValue: '9' },
    b: { intValue: '3' },
  });
});

test('a label can take the place of what says what the record is of', async () => {
  const config = 'spans = true\nspan_attributes = ["traces"]\nlabels = ["traces"]';
  const batch = batchOf(resourceOf([], [{ attributes: [['traces', text('mine')]] }, {}]));
  assert.deepEqual(
    (await recordsOf(config, batch)).map(({ attributes }) => attributes),
    [{ traces: text('mine') }, { traces: text('span') }],
  );
});

test('a key of which nothing is left costs the records that have it, and they are counted', async () => {
  const sink = collect(otlp);
  const config = 'spans = true\nspan_attributes = ["= \\""]\noutput { logs = [sink] }';
  await using c = await runComponent(otelcolConnectorSpanlogs, config, { names: { sink: receiverFor(otlp, sink) } });
  const batch = batchOf(resourceOf([], [{ name: 'a', attributes: [['= "', int(1)]] }, { name: 'b' }]));
  await deliverOtlp(c.exports.input, batch);
  assert.deepEqual(
    sink.batches.flatMap(recordsIn).map(({ line }) => line.slice(0, 6)),
    ['span=b'],
  );
  assert.equal(c.metrics()['otelcol_connector_spanlogs_dropped_records_total{reason="invalid_key"}'], 1);
});

test('hostile names and values stay in their pair', async () => {
  const anyText = fc.string({ unit: 'binary', maxLength: 20 });
  const property = fc.asyncProperty(anyText, anyText, async (name, value) => {
    const batch = batchOf(resourceOf([], [{ name, attributes: [['k', text(value)]] }]));
    const [record] = await recordsOf('spans = true\nspan_attributes = ["k"]', batch);
    const line = Buffer.from(record?.line ?? '');
    const reader = new LogfmtReader();
    reader.start(line, 0, line.length);
    const pairs: [string, string][] = [];
    while (reader.next()) pairs.push([reader.key, reader.value]);
    assert.equal(reader.error, undefined);
    assert.deepEqual(pairs, [
      ['span', name.toWellFormed()],
      ['dur', '0ns'],
      ['k', value.toWellFormed()],
      ['svc', ''],
      ['tid', traceId],
    ]);
  });
  await fc.assert(property, { numRuns: 100 });
});

test('a large resource that many spans share does not make one huge batch', async () => {
  const sink = collect(otlp);
  const config = 'spans = true\nprocesses = true\nprocess_attributes = ["big"]\noutput { logs = [sink] }';
  await using c = await runComponent(otelcolConnectorSpanlogs, config, { names: { sink: receiverFor(otlp, sink) } });
  const spans = Array.from({ length: 20 }, (_, index) => ({ name: `${index}` }));
  const big = resourceOf([['big', text('x'.repeat(1024 * 1024))]], spans.slice(0, 15), spans.slice(15));
  await deliverOtlp(c.exports.input, batchOf(big));
  assert.ok(sink.batches.length > 1);
  assert.deepEqual(
    sink.batches.flatMap(recordsIn).map(({ line }) => line.split(' ')[0]),
    ['svc=', ...spans.slice(0, 15), 'svc=', ...spans.slice(15)].map((each) =>
      typeof each === 'string' ? each : `span=${each.name}`,
    ),
  );
});

test('what is no traces is refused, and what the next consumer answers is the answer', async () => {
  const error = new DeliveryError('not now', { retryable: true });
  await using c = await runComponent(otelcolConnectorSpanlogs, 'spans = true\noutput { logs = [sink] }', {
    names: { sink: receiverFor(otlp, refuse(error)) },
  });
  await assert.rejects(deliverOtlp(c.exports.input, batchOf(usual)), error);
  const logs = otlpBatch('logs', {});
  await assert.rejects(deliverOtlp(c.exports.input, logs), { message: 'telemetry type is not supported' });
});
