import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { DeliveryError } from '../../flow/delivery.ts';
import { otlp } from '../../formats/otlp/otlp-signal.ts';
import type { OtlpBatch } from '../../model/otlp-batch.ts';
import { receiverFor } from '../../testkit/arguments.ts';
import { collect, holdBack, refuse } from '../../testkit/collect.ts';
import { batchOf, entriesIn, sendEntries, type TestEntry } from '../../testkit/log-entries.ts';
import { valueOf } from '../../testkit/otlp-logs.ts';
import { readOtlpBatch } from '../../testkit/otlp-reference.ts';
import { runComponent } from '../../testkit/run-component.ts';
import { until } from '../../testkit/until.ts';
import { otelcolExporterLoki } from './otelcol.exporter.loki.ts';
import { otelcolReceiverLoki } from './otelcol.receiver.loki.ts';

interface TestRecord {
  readonly timeUnixNano?: string;
  readonly observedTimeUnixNano: string;
  readonly body: unknown;
  readonly attributes?: readonly { readonly key: string; readonly value: { readonly stringValue: string } }[];
}

async function batchesOf(...entries: readonly TestEntry[]): Promise<readonly OtlpBatch[]> {
  const sink = collect(otlp);
  await using c = await runComponent(otelcolReceiverLoki, 'output { logs = [sink] }', {
    names: { sink: receiverFor(otlp, sink) },
  });
  await sendEntries(c.exports.receiver, ...entries).delivered;
  return sink.batches;
}

async function recordsOf(...entries: readonly TestEntry[]): Promise<readonly TestRecord[]> {
  const batches = await batchesOf(...entries);
  assert.deepEqual(
    batches.map(({ kind, count }) => [kind, count]),
    [['logs', entries.length]],
    'one batch has all records',
  );
  const { resourceLogs } = readOtlpBatch(batches[0] as OtlpBatch) as {
    resourceLogs: { scopeLogs: { logRecords: TestRecord[] }[] }[];
  };
  return resourceLogs.flatMap(({ scopeLogs }) => scopeLogs.flatMap(({ logRecords }) => logRecords));
}

function attributesIn(record: TestRecord | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries((record?.attributes ?? []).map(({ key, value }) => [key, value.stringValue]));
}

test('an entry becomes a record with its line, its time and its labels', async () => {
  const before = BigInt(Date.now()) * 1_000_000n;
  const time = '2023-11-14T22:13:20.123456789Z';
  const [record] = await recordsOf({ line: 'hello <world>', labels: { app: 'shop', zone: 'a' }, time });
  assert.deepEqual(record?.body, valueOf('hello <world>'));
  assert.equal(record?.timeUnixNano, '1700000000123456789');
  const observed = BigInt(record?.observedTimeUnixNano ?? 0);
  assert.ok(observed >= before && observed <= BigInt(Date.now()) * 1_000_000n);
  assert.deepEqual(attributesIn(record), { 'loki.attribute.labels': 'app,zone', app: 'shop', zone: 'a' });
});

test('all entries of a batch become one batch, in their order and each with its labels', async () => {
  const records = await recordsOf(
    { line: '1', labels: { a: 'x' } },
    { line: '2' },
    { line: '', labels: { a: 'y' } },
    { line: '4', labels: { a: 'x' } },
  );
  assert.deepEqual(
    records.map(({ body }) => body),
    ['1', '2', '', '4'].map(valueOf),
  );
  assert.deepEqual(
    records.map((record) => attributesIn(record)['a']),
    ['x', undefined, 'y', 'x'],
  );
  assert.deepEqual(attributesIn(records[1]), {}, 'without labels there is no hint');
});

const files = [
  ['/var/log/app.log', 'app.log'],
  ['app.log', 'app.log'],
  ['/var/log/', 'log'],
  ['', '.'],
] as const;

for (const [filename, name] of files) {
  test(`the file name of ${JSON.stringify(filename)} is ${name}`, async () => {
    const [record] = await recordsOf({ line: 'x', labels: { filename } });
    assert.deepEqual(attributesIn(record), {
      'log.file.path': filename,
      'log.file.name': name,
      'loki.attribute.labels': 'filename',
      filename,
    });
  });
}

test('structured metadata becomes attributes that are no labels', async () => {
  const [first, second] = await recordsOf(
    { line: 'x', labels: { app: 'shop' }, metadata: { trace: '1', app: 'other' } },
    { line: 'y', labels: { app: 'shop' } },
  );
  const ofStream = { 'loki.attribute.labels': 'app', app: 'shop' };
  assert.deepEqual(attributesIn(first), { ...ofStream, trace: '1', app_extracted: 'other' });
  assert.deepEqual(attributesIn(second), ofStream);
});

test('an entry from before 1970 has no time but that of its observation', async () => {
  const [record] = await recordsOf({ line: 'x', time: '1969-12-31T23:59:59Z' });
  assert.equal(record?.timeUnixNano, undefined);
});

test('any lines, labels and times come out again at otelcol.exporter.loki', async () => {
  const text = fc.string({ unit: 'binary', maxLength: 10 }).map((value) => value.toWellFormed());
  const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,5}$/).filter((label) => label !== 'exporter');
  const entry = fc.record({
    line: text,
    labels: fc.dictionary(name, text.filter(Boolean), { maxKeys: 4, noNullPrototype: true }),
    time: fc
      .date({ min: new Date(1000), max: new Date('2200-01-01'), noInvalidDate: true })
      .map((date) => date.toISOString().replace(/\.?0*Z$/, 'Z')),
  });
  const property = fc.asyncProperty(fc.array(entry, { minLength: 1, maxLength: 8 }), async (entries) => {
    await using exporter = await runComponent(otelcolExporterLoki, 'forward_to = [out]');
    await using c = await runComponent(otelcolReceiverLoki, 'output { logs = [sink] }', {
      names: { sink: receiverFor(otlp, exporter.exports.input) },
    });
    await sendEntries(c.exports.receiver, ...entries).delivered;
    const expected = entries.map(({ line, labels, time }) => ({
      line,
      labels: { ...labels, exporter: 'OTLP' },
      time,
    }));
    const found = entriesIn(exporter.out.batches).map((each) => ({
      ...each,
      line: (JSON.parse(String(each.line)) as { body: string }).body,
    }));
    assert.deepEqual(found, entriesIn([batchOf(...expected)]));
  });
  await fc.assert(property, { numRuns: 60 });
});

test('labels of any size do not make one huge batch', async () => {
  const entries = Array.from({ length: 30 }, (_, index) => ({
    line: `${index}`,
    labels: { big: 'x'.repeat(1024 * 1024) },
  }));
  const batches = await batchesOf(...entries);
  assert.ok(batches.length > 1);
  assert.equal(
    batches.reduce((sum, { count }) => sum + count, 0),
    30,
  );
});

test('a batch is delivered when its records are, and what the next consumer answers is the answer', async () => {
  const sink = holdBack<OtlpBatch>();
  await using c = await runComponent(otelcolReceiverLoki, 'output { logs = [sink] }', {
    names: { sink: receiverFor(otlp, sink) },
  });
  let isDelivered = false;
  const delivered = sendEntries(c.exports.receiver, 'x').delivered.then(() => (isDelivered = true));
  await until(() => sink.held === 1);
  assert.equal(isDelivered, false);
  sink.deliverAll();
  await delivered;

  const error = new DeliveryError('not now', { retryable: true });
  await using refusing = await runComponent(otelcolReceiverLoki, 'output { logs = [sink] }', {
    names: { sink: receiverFor(otlp, refuse(error)) },
  });
  await assert.rejects(sendEntries(refusing.exports.receiver, 'x').delivered, error);
});

test('without a consumer for logs entries are gone', async () => {
  await using c = await runComponent(otelcolReceiverLoki, 'output { }');
  await sendEntries(c.exports.receiver, 'x').delivered;
});
