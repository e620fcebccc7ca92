import assert from 'node:assert/strict';
import { appendFile, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { DeliveryError, type Consumer, type Settle } from '../../../flow/delivery.ts';
import type { LogBatch } from '../../../model/log-batch.ts';
import { logs } from '../../../model/signal.ts';
import { receiverFor } from '../../../testkit/arguments.ts';
import { runComponent } from '../../../testkit/run-component.ts';
import { until } from '../../../testkit/until.ts';
import { lokiSourceFile } from '../loki.source.file.ts';

// Every line that was read is delivered, dropped with a reason, or held, at any moment.

const lost = new DeliveryError('connection reset', { retryable: true });

async function source(t: TestContext) {
  const folder = await mkdtemp(path.join(tmpdir(), 'accounting-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = path.join(folder, 'a.log');
  await writeFile(file, '');
  const holds: Settle[] = [];
  const sink: Consumer<LogBatch> = { consume: (_batch, delivery) => void holds.push(delivery.hold()) };
  const component = await runComponent(
    lokiSourceFile,
    `targets = [{ __path__ = ${JSON.stringify(file)} }]
     forward_to = [sink]
     file_watch {
       min_poll_frequency = "10ms"
       max_poll_frequency = "10ms"
     }`,
    { names: { sink: receiverFor(logs, sink) } },
  );
  const account = (): { read: number; delivered: number; held: number; dropped: Record<string, number> } => {
    const metrics = component.metrics();
    const value = (name: string): number => metrics[`millrace_source_file_lines_${name}`] ?? 0;
    const dropped = Object.entries(metrics).flatMap(([name, count]) => {
      const reason = /^millrace_source_file_lines_dropped_total\{reason="(.*)"\}$/.exec(name)?.[1];
      return reason === undefined ? [] : [[reason, count]];
    });
    const found = {
      read: value('read_total'),
      delivered: value('delivered_total'),
      held: value('held'),
      dropped: Object.fromEntries(dropped) as Record<string, number>,
    };
    const gone = Object.values(found.dropped).reduce((sum, count) => sum + count, 0);
    assert.equal(found.read, found.delivered + found.held + gone);
    return found;
  };
  return { component, file, holds, account };
}

test('lines are held until they are delivered, also while they are sent again', async (t) => {
  const { component, file, holds, account } = await source(t);
  await appendFile(file, 'one\ntwo\n');
  await until(() => holds.length === 1);
  assert.deepEqual(account(), { read: 2, delivered: 0, held: 2, dropped: {} });
  holds[0]?.(lost);
  assert.deepEqual(account(), { read: 2, delivered: 0, held: 2, dropped: {} });
  await until(() => holds.length === 2);
  holds[1]?.();
  assert.deepEqual(account(), { read: 2, delivered: 2, held: 0, dropped: {} });
  await component[Symbol.asyncDispose]();
});

test('lines that cannot be read again are dropped with the reason', async (t) => {
  const { component, file, holds, account } = await source(t);
  await appendFile(file, 'one\ntwo\n');
  await until(() => holds.length === 1);
  await truncate(file);
  await appendFile(file, 'x\n');
  holds[0]?.(lost);
  await until(() => account().dropped.file_truncated === 2);
  await until(() => holds.length === 2);
  holds[1]?.();
  assert.deepEqual(account(), { read: 3, delivered: 1, held: 0, dropped: { file_truncated: 2 } });
  await component[Symbol.asyncDispose]();
});

test('what is not delivered at the end is left to the next run', async (t) => {
  const { component, file, holds, account } = await source(t);
  await appendFile(file, 'one\n');
  await until(() => holds.length === 1);
  await component.stop();
  assert.equal(account().held, 1);
  holds[0]?.(lost);
  assert.deepEqual(account(), { read: 1, delivered: 0, held: 0, dropped: { stopped: 1 } });
  await component[Symbol.asyncDispose]();
});
