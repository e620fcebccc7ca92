import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { DeliveryError } from '../../../flow/delivery.ts';
import type { OtlpBatch } from '../../../model/otlp-batch.ts';
import { DurableQueue } from '../../../storage/durable-queue.ts';
import { problemsWith } from '../../../testkit/arguments.ts';
import { numberedSpans } from '../../../testkit/otlp-collector.ts';
import { temporaryFolder, TestExporter } from '../../../testkit/run-exporter.ts';
import { ScriptedTransport, sendFailure } from '../../../testkit/scripted-transport.ts';
import { until } from '../../../testkit/until.ts';
import { exportedStorageHandler } from '../storage-handler.ts';
import { sendingQueueBlock } from './fields.ts';
import { decodeBatch, encodeBatch } from './queue-record.ts';

const later = 'retry_on_failure {\n initial_interval = "1h"\n max_elapsed_time = "0s"\n}';
const soon = 'retry_on_failure {\n initial_interval = "1ms"\n max_interval = "5ms"\n max_elapsed_time = "0s"\n}';

function onDisk(...lines: readonly string[]): string {
  return `sending_queue {\nstorage = disk\n${lines.join('\n')}\n}\n`;
}

function failing(): ScriptedTransport {
  const transport = new ScriptedTransport();
  transport.script = sendFailure();
  return transport;
}

function isRefused(message: RegExp): (error: unknown) => boolean {
  return (error) => error instanceof DeliveryError && message.test(error.message) && error.isRetryable;
}

test('requests are delivered to their sender when they are on disk, and leave it when the server has them', async (t) => {
  const directory = temporaryFolder(t);
  const transport = failing();
  await using c = new TestExporter(transport, `${onDisk()}${soon}`, { directory });
  await c.send(numberedSpans(3)).delivered;
  assert.equal(c.metric('queue_size'), 1);
  assert.ok(c.metric('queue_disk_bytes') > 0);
  await transport.tried(2);
  transport.script = 'deliver';
  await until(() => c.metric('queue_size') === 0);
  assert.deepEqual(transport.spans, ['span 0', 'span 1', 'span 2']);
});

test('what was not sent is sent by the next run, with who sent it, and nothing is dropped', async (t) => {
  const directory = temporaryFolder(t);
  const client = {
    address: '10.0.0.7',
    metadata: new Map([['x-tenant', ['a', 'b']]]),
    auth: new Map([['username', 'ann']]),
  };
  const first = failing();
  {
    await using c = new TestExporter(first, `${onDisk('num_consumers = 1')}${later}`, { directory });
    for (const number of [0, 1, 2]) await c.send({ ...numberedSpans(1, number), client }).delivered;
    await first.tried(1);
    await c.stop();
    assert.equal(c.metric('items_dropped'), 0);
    assert.ok(c.logged.includes('requests are left in a queue on disk'));
  }
  // One last attempt of what was under way, and none of the others.
  assert.equal(first.attempts.length, 2);
  const second = new ScriptedTransport();
  await using c = new TestExporter(second, onDisk('num_consumers = 1'), { directory });
  await until(() => second.spans.length === 3);
  assert.deepEqual(second.spans, ['span 0', 'span 1', 'span 2']);
  assert.deepEqual(second.delivered[2]?.client, client);
  await until(() => c.metric('queue_size') === 0);
});

test('after a crash everything is sent that was told to be delivered, while it was being sent too', async (t) => {
  const [directory, after] = [temporaryFolder(t), temporaryFolder(t)];
  const hanging = new ScriptedTransport();
  hanging.script = 'wait';
  const crashed = new TestExporter(hanging, `${onDisk('num_consumers = 2')}${later}`, { directory });
  for (let number = 0; number < 20; number++) await crashed.send(numberedSpans(5, 5 * number)).delivered;
  await hanging.tried(2);
  // What is on the disk at this moment is all that the next run has.
  cpSync(directory, after, { recursive: true });
  const transport = new ScriptedTransport();
  await using c = new TestExporter(transport, onDisk(), { directory: after });
  await until(() => transport.spans.length === 100);
  assert.equal(new Set(transport.spans).size, 100);
  await until(() => c.metric('queue_size') === 0);
  hanging.script = 'deliver';
  hanging.letGo();
  await crashed[Symbol.asyncDispose]();
});

test('requests are acknowledged in any order, and only those that are not come again', async (t) => {
  const directory = temporaryFolder(t);
  const first = failing();
  {
    await using c = new TestExporter(first, `${onDisk('num_consumers = 2')}${later}`, { directory });
    await c.send(numberedSpans(1, 0)).delivered;
    await first.tried(1);
    first.script = 'deliver';
    for (const number of [1, 2, 3]) await c.send(numberedSpans(1, number)).delivered;
    await until(() => first.spans.length === 3);
    first.script = sendFailure();
  }
  const second = new ScriptedTransport();
  await using c = new TestExporter(second, onDisk('num_consumers = 1'), { directory });
  await c.send(numberedSpans(1, 9)).delivered;
  await until(() => second.spans.length === 2);
  assert.deepEqual(second.spans, ['span 0', 'span 9']);
});

test('what the server does not take leaves the disk and is counted', async (t) => {
  const transport = new ScriptedTransport();
  transport.script = sendFailure({ isRetryable: false });
  await using c = new TestExporter(transport, onDisk(), { directory: temporaryFolder(t) });
  await c.send(numberedSpans(2)).delivered;
  await until(() => c.metric('reason=refused') === 2);
  await until(() => c.metric('queue_size') === 0);
});

for (const [name, lines, storage] of [
  ['queue_size', ['queue_size = 2'], {}],
  ['queue_size in items', ['queue_size = 10', 'sizer = "items"'], {}],
  ['the space on disk', [], { maxBytes: 1000 }],
] as const) {
  test(`when ${name} is used up, senders are told to try again, or wait`, async (t) => {
    const transport = failing();
    const directory = temporaryFolder(t);
    await using c = new TestExporter(transport, `${onDisk(...lines)}${later}`, { directory, storage });
    const accepted: number[] = [];
    const isFull = async (): Promise<boolean> => {
      try {
        await c.send(numberedSpans(5)).accepted;
        accepted.push(5);
        return accepted.length > 100;
      } catch (error) {
        return isRefused(/sending queue is full/)(error);
      }
    };
    while (!(await isFull()));
    assert.ok(accepted.length >= 2 && accepted.length < 100);
    assert.equal(c.metric('enqueue_failed_spans'), 5);
    const after = new ScriptedTransport();
    c.update(after, `${onDisk(...lines, 'block_on_overflow = true')}${later}`);
    await Promise.all([1, 2, 3, 4].map((number) => c.send(numberedSpans(5, 5 * number)).delivered));
    await until(() => after.spans.length === 5 * (accepted.length + 4));
    assert.equal(c.metric('items_dropped'), 0);
  });
}

test('while the disk cannot be written, senders wait until the server has their request', async (t) => {
  const directory = path.join(temporaryFolder(t), 'queues');
  writeFileSync(directory, 'a file where the folder should be');
  const transport = new ScriptedTransport();
  await using c = new TestExporter(transport, `${onDisk()}${soon}`, { directory });
  await c.send(numberedSpans(1, 0)).delivered;
  assert.deepEqual(transport.spans, ['span 0']);
  assert.match(c.health, /^unhealthy: cannot write to the queue/);
  transport.script = sendFailure({ isRetryable: false });
  await assert.rejects(c.send(numberedSpans(1)).accepted, /it fails/);
  transport.script = 'deliver';
  rmSync(directory);
  mkdirSync(directory);
  await c.send(numberedSpans(1, 1)).delivered;
  assert.match(c.health, /^healthy/);
  await until(() => transport.spans.includes('span 1'));
});

test('records that are none of ours are counted and passed over', async (t) => {
  const directory = temporaryFolder(t);
  const queue = await DurableQueue.open({
    directory: path.join(directory, 'otelcol.exporter.otlp.test-traces'),
    maxBytes: 1_000_000,
    whenFull: 'refuse',
    report: () => undefined,
  });
  const junk = [Buffer.alloc(0), Buffer.from('junk'), encodeBatch({ ...numberedSpans(1), kind: 'logs' }, 'run')];
  for (const record of [...junk, encodeBatch(numberedSpans(1, 7), 'run')]) await queue.append(record);
  await queue.close();
  const transport = new ScriptedTransport();
  await using c = new TestExporter(transport, onDisk(), { directory });
  await until(() => transport.spans.length === 1);
  assert.deepEqual(transport.spans, ['span 7']);
  assert.equal(c.metric('queue_corrupted'), 3);
});

test('if the queue moves elsewhere, the old one is sent until it is empty', async (t) => {
  const directory = temporaryFolder(t);
  const before = failing();
  await using c = new TestExporter(before, `${onDisk()}${later}`, { directory });
  for (const number of [0, 1, 2]) await c.send(numberedSpans(1, number)).delivered;
  const after = new ScriptedTransport();
  c.update(after, later);
  await c.send(numberedSpans(1, 3)).delivered;
  await until(() => after.spans.length === 4);
  assert.deepEqual(after.spans.toSorted(), ['span 0', 'span 1', 'span 2', 'span 3']);
  c.update(after, onDisk());
  await c.send(numberedSpans(1, 4)).delivered;
  await until(() => after.spans.length === 5);
});

test('files on disk are for the user of the program only, in a directory with the wanted permissions', async (t) => {
  const directory = path.join(temporaryFolder(t), 'queues');
  const storage = { newDirectoryMode: 0o700, isSynced: false };
  await using c = new TestExporter(failing(), `${onDisk()}${later}`, { directory, storage });
  await c.send(numberedSpans(1)).delivered;
  assert.equal(statSync(directory).mode & 0o777, 0o700);
  const folder = path.join(directory, 'otelcol.exporter.otlp.test-traces');
  const [file = ''] = readdirSync(folder).filter((name) => name.endsWith('.log'));
  assert.equal(statSync(path.join(folder, file)).mode & 0o777, 0o600);
});

test('batches are joined from disk too, and leave it when all their parts are delivered', async (t) => {
  const transport = new ScriptedTransport();
  const batch = 'batch {\n flush_timeout = "1h"\n min_size = 10\n max_size = 10\n}';
  await using c = new TestExporter(transport, onDisk(batch), { directory: temporaryFolder(t) });
  for (const number of [0, 1, 2]) await c.send(numberedSpans(7, 7 * number)).delivered;
  await until(() => transport.delivered.length === 2);
  // Of the last request one span waits for others.
  await until(() => c.metric('queue_size') === 1);
  assert.deepEqual(
    transport.delivered.map(({ count }) => count),
    [10, 10],
  );
});

test('a server that is down for a while loses nothing of what comes at 10000 spans a second', async (t) => {
  const transport = failing();
  await using c = new TestExporter(transport, `${onDisk()}${soon}`, { directory: temporaryFolder(t) });
  const count = 200;
  for (let request = 0; request < count; request++) await c.send(numberedSpans(100, request * 100)).accepted;
  assert.equal(c.metric('queue_size'), count);
  transport.script = 'deliver';
  await until(() => transport.delivered.length === count);
  assert.equal(new Set(transport.spans).size, count * 100);
  assert.equal(c.metric('items_dropped'), 0);
  assert.equal(c.metric('enqueue_failed'), 0);
});

test('a record is read as it was written', () => {
  const client = { address: undefined, metadata: new Map(), auth: new Map() };
  for (const batch of [numberedSpans(3), { ...numberedSpans(0), client }] satisfies OtlpBatch[]) {
    assert.deepEqual(decodeBatch(encodeBatch(batch, 'a run')), { batch, run: 'a run' });
  }
});

test('storage and wait_for_result exclude each other', () => {
  const handler = { id: 'x', directory: '', newDirectoryMode: 0o750, maxBytes: 1, isSynced: true };
  const disk = exportedStorageHandler('').type.encode(handler);
  const text = 'sending_queue {\n storage = disk\n wait_for_result = true\n}';
  assert.match(problemsWith({ sending_queue: sendingQueueBlock }, text, { disk })[0] ?? '', /cannot be used with/);
  const wrong = problemsWith({ sending_queue: sendingQueueBlock }, 'sending_queue {\n storage = "disk"\n}');
  assert.match(wrong[0] ?? '', /should be otelcol storage handler, got string/);
});
