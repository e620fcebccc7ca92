import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noLog } from '../../base/log.ts';
import { openMetrics } from '../../component/metrics.ts';
import { DeliveryError, deliver, send, type Consumer } from '../../flow/delivery.ts';
import { otlp } from '../../formats/otlp/otlp-signal.ts';
import { otlpSize, type OtlpBatch, type OtlpClient, type OtlpKind } from '../../model/otlp-batch.ts';
import { receiverFor } from '../../testkit/arguments.ts';
import { collect, holdBack } from '../../testkit/collect.ts';
import { numberedSpans, spanNames } from '../../testkit/otlp-collector.ts';
import { readOtlpBatch } from '../../testkit/otlp-reference.ts';
import { logsRequest, metricsRequest } from '../../testkit/otlp-samples.ts';
import { problemsOf, runComponent } from '../../testkit/run-component.ts';
import { settled, Sink, watch } from '../../testkit/sink.ts';
import { until } from '../../testkit/until.ts';
import { otelcolProcessorBatch } from './otelcol.processor.batch.ts';
import { BatchProcessor } from './otelcol.processor.batch/batch-processor.ts';
import { batchMetrics } from './otelcol.processor.batch/metrics.ts';

const outputs = 'output {\nmetrics = [out]\nlogs = [out]\ntraces = [out]\n}';
const processor = '{processor="batch/otelcol.processor.batch.test"}';
const sizeTriggers = `otelcol_processor_batch_batch_size_trigger_send_total${processor}`;
const timeoutTriggers = `otelcol_processor_batch_timeout_trigger_send_total${processor}`;

const signal = new AbortController().signal;

function start(args: string, out: Consumer<OtlpBatch>) {
  return runComponent(otelcolProcessorBatch, `${args}\n${outputs}`, { names: { out: receiverFor(otlp, out) } });
}

/** Gives batches one after the other, and waits until each is accepted. */
async function give(to: Consumer<OtlpBatch>, ...batches: readonly OtlpBatch[]): Promise<void> {
  for (const batch of batches) await deliver(to, batch, signal, () => undefined);
}

function requests(count: number, items: number): OtlpBatch[] {
  return Array.from({ length: count }, (_, index) => numberedSpans(items, index * items));
}

function counts({ batches }: { readonly batches: readonly OtlpBatch[] }): number[] {
  return batches.map(({ count }) => count);
}

function namesIn({ batches }: { readonly batches: readonly OtlpBatch[] }): string[] {
  return batches.flatMap(({ chunks }) => spanNames(Buffer.concat(chunks)));
}

function spans(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `span ${index}`);
}

function times<T>(count: number, value: T): T[] {
  return Array.from({ length: count }, () => value);
}

function resourcesIn(batch: OtlpBatch | undefined): number {
  const [resources] = batch === undefined ? [] : Object.values(readOtlpBatch(batch));
  return Array.isArray(resources) ? resources.length : 0;
}

function ofKind(kind: OtlpKind, body: Buffer, count: number): OtlpBatch {
  return { kind, chunks: [body], count, client: undefined };
}

test('all that comes goes into batches, in its order', async () => {
  const cases: readonly [args: string, given: OtlpBatch[], wanted: number[], atSize: number][] = [
    ['send_batch_size = 128\nsend_batch_max_size = 0', [...requests(1000, 100), numberedSpans(0)], times(500, 200), 500],
    ['send_batch_size = 128\nsend_batch_max_size = 130', requests(1000, 150), [...times(1153, 130), 110], 1153],
    ['send_batch_size = 20\nsend_batch_max_size = 0\ntimeout = "500s"', requests(100, 5), times(25, 20), 25],
    ['send_batch_size = 20\nsend_batch_max_size = 37\ntimeout = "500s"', requests(1, 500), [...times(13, 37), 19], 13],
    ['send_batch_size = 1000\ntimeout = "300s"', requests(10, 10), [100], 0],
    ['send_batch_size = 0\nsend_batch_max_size = 0\ntimeout = "0s"', requests(5, 7), times(5, 7), 5],
    ['send_batch_size = 0\nsend_batch_max_size = 10', requests(5, 100), times(50, 10), 50],
    ['timeout = "0s"', requests(3, 7), times(3, 7), 3],
  ]; // prettier-ignore
  for (const [args, given, wanted, atSize] of cases) {
    const out = collect(otlp);
    await using running = await start(args, out);
    await give(running.exports.input, ...given);
    await running.stop();
    assert.deepEqual(counts(out), wanted, args);
    const total = wanted.reduce((sum, count) => sum + count, 0);
    assert.deepEqual(namesIn(out), spans(total), args);
    const metrics = running.metrics();
    assert.equal(metrics[sizeTriggers] ?? 0, atSize, args);
    assert.equal(metrics[timeoutTriggers] ?? 0, wanted.length - atSize, args);
    assert.equal(metrics[`otelcol_processor_batch_batch_send_size_count${processor}`], wanted.length);
    assert.equal(metrics[`otelcol_processor_batch_batch_send_size_bytes_count${processor}`], wanted.length);
    assert.equal(metrics[`otelcol_processor_batch_metadata_cardinality${processor}`], 1);
    assert.equal(metrics[`millrace_processor_batch_pending_items${processor}`], 0);
    assert.equal(metrics[`millrace_processor_batch_pending_bytes${processor}`], 0);
  }
});

test('each request stays a resource of its own', async () => {
  const out = collect(otlp);
  await using running = await start('send_batch_size = 20\ntimeout = "500s"', out);
  await give(running.exports.input, ...requests(8, 5));
  await until(() => out.batches.length === 2);
  assert.deepEqual(out.batches.map(resourcesIn), [4, 4]);
});

test('what is not enough for a batch is sent when its time has come', async () => {
  const out = collect(otlp);
  await using running = await start('send_batch_size = 100\ntimeout = "50ms"', out);
  await give(running.exports.input, ...requests(5, 10));
  assert.equal(out.batches.length, 0);
  await until(() => out.batches.length > 0);
  assert.deepEqual(counts(out), [50]);
  assert.equal(resourcesIn(out.batches[0]), 5);
  assert.equal(running.metrics()[timeoutTriggers], 1);
  await give(running.exports.input, ...requests(2, 10));
  await until(() => out.batches.length > 1);
  assert.deepEqual(counts(out), [50, 20]);
});

test('metrics are counted by data point, and logs by record', async () => {
  const out = collect(otlp);
  await using running = await start('send_batch_size = 50\nsend_batch_max_size = 50\ntimeout = "500s"', out);
  await give(running.exports.input, ...times(100, ofKind('metrics', metricsRequest({ metrics: 5 }), 10)));
  await until(() => out.count === 1000);
  assert.deepEqual(counts(out), times(20, 50));
  assert.deepEqual(out.batches.map(resourcesIn), times(20, 5));
  await give(running.exports.input, ...times(10, ofKind('logs', logsRequest({ records: 5 }), 5)));
  await until(() => out.count === 1050);
  assert.deepEqual(out.batches.at(-1)?.kind, 'logs');
});

test('clients with different metadata have batches of their own', async () => {
  const out = collect(otlp);
  const args = 'send_batch_size = 1000\ntimeout = "500s"\nmetadata_keys = ["token1", "Token2", "token2"]';
  await using running = await start(args, out);
  const metadata: readonly (readonly [string, readonly string[]])[][] = [
    [['token1', ['single']], ['token3', ['n/a']]],
    [['token1', ['single']], ['token2', ['one', 'two']], ['token4', ['n/a']]],
    [['token2', ['single']]],
    [['token1', ['one', 'two', 'three']], ['token2', ['single']]],
    [['token1', ['single']], ['token2', []]],
  ]; // prettier-ignore
  for (let round = 0; round < 10; round++) {
    for (const [index, pairs] of metadata.entries()) {
      const client: OtlpClient = { address: '10.0.0.1', metadata: new Map(pairs), auth: new Map([['username', 'u']]) };
      await give(running.exports.input, { ...numberedSpans(3, 1000 * index + 3 * round), client });
    }
  }
  await running.stop();
  assert.deepEqual(counts(out), times(5, 30));
  for (const [index, batch] of out.batches.entries()) {
    const wanted = metadata[index]?.filter(([key]) => key === 'token1' || key === 'token2');
    assert.deepEqual(batch.client, { address: undefined, metadata: new Map(wanted), auth: new Map() });
    assert.deepEqual(spanNames(Buffer.concat(batch.chunks)), spans(30).map((_, span) => `span ${1000 * index + span}`)); // prettier-ignore
  }
  assert.equal(running.metrics()[`otelcol_processor_batch_metadata_cardinality${processor}`], 5);
});

test('too many combinations of metadata are refused for good', async () => {
  const out = collect(otlp);
  await using running = await start('metadata_keys = ["token"]\nmetadata_cardinality_limit = 10', out);
  const from = (token: string): OtlpBatch => {
    const client: OtlpClient = { address: undefined, metadata: new Map([['token', [token]]]), auth: new Map() };
    return { ...numberedSpans(1), client };
  };
  for (let index = 0; index < 10; index++) await give(running.exports.input, from(String(index)));
  const { accepted } = send(running.exports.input, from('10'), signal);
  await assert.rejects(accepted, (error: DeliveryError) => !error.isRetryable && error.message.startsWith('too many'));
  await give(running.exports.input, from('3'));
});

test('what knows nothing of clients goes on without them', async () => {
  const out = collect(otlp);
  await using running = await start('send_batch_size = 0', out);
  const client: OtlpClient = { address: '10.0.0.1', metadata: new Map([['a', ['b']]]), auth: new Map() };
  await give(running.exports.input, { ...numberedSpans(1), client });
  await until(() => out.count === 1);
  assert.equal(out.batches[0]?.client, undefined);
});

test('senders learn that their items were delivered when all of them are', async () => {
  const out = holdBack<OtlpBatch>();
  await using running = await start('send_batch_size = 10\nsend_batch_max_size = 10\ntimeout = "500s"', out);
  const answers = [15, 10, 4, 1].map((items) => watch(send(running.exports.input, numberedSpans(items), signal)));
  const states = (): string[] => answers.map(({ state }) => state);
  await until(() => out.held === 3);
  // The batches have 10 of the first; 5 of it and 5 of the second; and 5, 4 and 1 of the others.
  out.deliver();
  await settled();
  assert.deepEqual(states(), ['under way', 'under way', 'under way', 'under way']);
  out.deliver();
  await settled();
  assert.deepEqual(states(), ['delivered', 'under way', 'under way', 'under way']);
  out.deliver(new DeliveryError('gone', { retryable: true }));
  await settled();
  assert.deepEqual(states(), ['delivered', 'lost for now', 'lost for now', 'lost for now']);
});

test('a batch that is refused for now is kept and offered again', async () => {
  const out = new Sink<OtlpBatch>();
  out.error = new DeliveryError('queue is full', { retryable: true, retryAfter: 1 });
  await using running = await start('send_batch_size = 10\ntimeout = "500s"', out);
  const answer = watch(send(running.exports.input, numberedSpans(10), signal));
  await until(() => out.refused === 2);
  assert.equal(answer.state, 'under way');
  out.error = undefined;
  await until(() => answer.state === 'delivered');
  assert.deepEqual(namesIn(out), spans(10));
  assert.equal(running.metrics()[`millrace_processor_batch_refusals_total${processor}`], out.refused);
  assert.deepEqual(
    running.logged.map(({ message, fields }) => [message, fields['error']]),
    [['a batch was refused and is offered again', 'queue is full']],
  );
});

test('while a batch is refused, senders wait', async () => {
  const out = new Sink<OtlpBatch>();
  out.error = new DeliveryError('queue is full', { retryable: true });
  await using running = await start('send_batch_size = 10\ntimeout = "500s"', out);
  let accepted = 0;
  const sending = requests(10, 1000).map((batch) =>
    Promise.resolve(deliver(running.exports.input, batch, signal, () => undefined)).then(() => accepted++),
  );
  await until(() => out.refused > 0);
  // One batch is under way, and twice as much as one has at most waits.
  assert.ok(accepted >= 6 && accepted <= 8, String(accepted));
  const gone = new AbortController();
  const { accepted: late } = send(running.exports.input, numberedSpans(1), gone.signal);
  gone.abort();
  await assert.rejects(late, (error: DeliveryError) => error.isRetryable && error.message === 'the sender has gone');
  out.error = undefined;
  await Promise.all(sending);
  await running.stop();
  assert.deepEqual(namesIn(out).length, 10_000);
});

test('where much memory waits, batches are sent before they are full', async () => {
  const out = collect(otlp);
  await using running = await start('send_batch_size = 100000000\nsend_batch_max_size = 0\ntimeout = "500s"', out);
  const one = numberedSpans(1);
  const count = Math.ceil(1e7 / otlpSize(one));
  const large: OtlpBatch = { ...one, chunks: times(count, one.chunks[0] ?? Buffer.alloc(0)), count };
  const bytes = (): number => running.metrics()[`millrace_processor_batch_pending_bytes${processor}`] ?? 0;
  await give(running.exports.input, ...times(6, large));
  assert.deepEqual([out.count, bytes()], [0, 6 * otlpSize(large)]);
  await give(running.exports.input, large);
  assert.deepEqual([out.count, bytes()], [6 * count, otlpSize(large)]);
});

test('a batch that is refused for good is dropped and counted, and the cause is logged once', async () => {
  const out = new Sink<OtlpBatch>();
  out.error = new DeliveryError('not wanted', { retryable: false });
  await using running = await start('send_batch_size = 10\ntimeout = "500s"', out);
  const answers = requests(3, 10).map((batch) => watch(send(running.exports.input, batch, signal)));
  await until(() => answers.every(({ state }) => state === 'lost'));
  const dropped = 'millrace_processor_batch_dropped_items_total{processor="batch/otelcol.processor.batch.test",reason="refused"}'; // prettier-ignore
  assert.equal(running.metrics()[dropped], 30);
  assert.deepEqual(
    running.logged.map(({ message }) => message),
    ['a batch was refused and is dropped'],
  );
});

test('what nobody takes before the component stops is dropped and counted, and its sender is told', async () => {
  const out = new Sink<OtlpBatch>();
  out.error = new DeliveryError('queue is full', { retryable: true });
  const sizes = { timeout: 200, send_batch_size: 10, send_batch_max_size: 10 };
  const output = { traces: out, metrics: out, logs: out };
  const args = { ...sizes, metadata_keys: [], metadata_cardinality_limit: 0, output };
  const metrics = openMetrics(batchMetrics);
  const stopping = new BatchProcessor('test', args, metrics.meters, noLog);
  const answer = watch(send(stopping, numberedSpans(25), signal));
  await stopping.run(AbortSignal.abort(), 10);
  assert.equal(answer.state, 'lost for now');
  assert.equal(metrics.meters.dropped.with('batch/test', 'shutdown').value, 25);
  assert.equal(metrics.meters.pendingItems.with('batch/test').value, 0);
});

test('a kind that goes nowhere is refused for good, and all is refused after the end', async () => {
  const out = collect(otlp);
  const options = { names: { out: receiverFor(otlp, out) } };
  await using running = await runComponent(otelcolProcessorBatch, 'output {\nlogs = [out]\n}', options);
  const { accepted } = send(running.exports.input, numberedSpans(1), signal);
  await assert.rejects(accepted, (error: DeliveryError) => !error.isRetryable && error.message === 'telemetry type is not supported'); // prettier-ignore
  await running.stop();
  const late = send(running.exports.input, ofKind('logs', logsRequest({ records: 1 }), 1), signal);
  await assert.rejects(late.accepted, (error: DeliveryError) => error.isRetryable);
});

test('what waits is sent with new arguments in effect too', async () => {
  const out = collect(otlp);
  await using running = await start('send_batch_size = 100\ntimeout = "500s"', out);
  await give(running.exports.input, numberedSpans(10));
  await running.update(`send_batch_size = 5\n${outputs}`);
  await give(running.exports.input, numberedSpans(10, 10));
  await until(() => out.count === 20);
});

test('sizes that make no sense are refused', () => {
  const cases: readonly [args: string, problem: string][] = [
    ['send_batch_size = 10\nsend_batch_max_size = 9', 'send_batch_max_size must be greater or equal to send_batch_size when not 0'],
    ['send_batch_size = 8192', 'send_batch_max_size must be greater or equal to send_batch_size when not 0'],
    ['send_batch_size = -1', 'sizes and limits must not be negative'],
  ]; // prettier-ignore
  const names = { out: receiverFor(otlp, collect(otlp)) };
  for (const [args, problem] of cases)
    assert.deepEqual(problemsOf(otelcolProcessorBatch, `${args}\n${outputs}`, names), [problem]);
  for (const args of ['send_batch_size = 8192\nsend_batch_max_size = 0', 'debug_metrics {\nlevel = "none"\n}'])
    assert.deepEqual(problemsOf(otelcolProcessorBatch, `${args}\n${outputs}`, names), []);
});
