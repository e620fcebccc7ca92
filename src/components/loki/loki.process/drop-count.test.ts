import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeliveryError, type Consumer } from '../../../flow/delivery.ts';
import type { LogBatch } from '../../../model/log-batch.ts';
import { logs } from '../../../model/signal.ts';
import { receiverFor } from '../../../testkit/arguments.ts';
import { sendEntries } from '../../../testkit/log-entries.ts';
import { runComponent } from '../../../testkit/run-component.ts';
import { lokiProcess } from '../loki.process.ts';

test('lines that stages drop are counted once, also if their batch is refused first and comes again', async () => {
  let isRefusing = true;
  const sink: Consumer<LogBatch> = {
    consume: () => {
      if (isRefusing) throw new DeliveryError('not now', { retryable: true });
    },
  };
  await using c = await runComponent(
    lokiProcess,
    `stage.drop { expression = "^a" }
     stage.json {
       expressions    = {x = ""}
       drop_malformed = true
     }
     forward_to = [sink]`,
    { names: { sink: receiverFor(logs, sink) } },
  );
  const entries = ['a', 'a', 'no JSON', '{"x":1}'];
  const dropped = (): unknown =>
    ['drop_stage', 'json_malformed'].map(
      (reason) => c.metrics()[`loki_process_dropped_lines_total{reason="${reason}"}`],
    );
  assert.deepEqual(dropped(), [0, 0]);
  for (let attempt = 0; attempt < 3; attempt++) {
    await assert.rejects(sendEntries(c.exports.receiver, ...entries).accepted);
    assert.deepEqual(dropped(), [0, 0]);
  }
  isRefusing = false;
  await sendEntries(c.exports.receiver, ...entries).delivered;
  assert.deepEqual(dropped(), [2, 1]);
  await sendEntries(c.exports.receiver, 'a').delivered;
  assert.deepEqual(dropped(), [3, 1]);
});
