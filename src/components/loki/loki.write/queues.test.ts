import assert from 'node:assert/strict';
import { test } from 'node:test';
import { send } from '../../../flow/delivery.ts';
import { batchOf, sendEntries } from '../../../testkit/log-entries.ts';
import { gate, hostOf, labelled, runWrite } from '../../../testkit/loki-endpoints.ts';
import { startLokiReceiver } from '../../../testkit/loki-receiver.ts';
import { until } from '../../../testkit/until.ts';

const smallQueue = (more = '') =>
  `batch_size = "1B"\nqueue_config {\n capacity = "1B"\n drain_timeout = "1s"\n ${more}\n}`;

test('while the queue is full, senders wait', async () => {
  await using receiver = await startLokiReceiver();
  const { answer, isHolding, open } = gate(receiver);
  await using c = await runWrite(receiver, `batch_wait = "1h"\n${smallQueue()}`);
  const accepted: string[] = [];
  const sent = ['a', 'b', 'c', 'd'].map((line) => {
    const { accepted: isAccepted, delivered } = sendEntries(c.exports.receiver, line);
    isAccepted.then(() => accepted.push(line), assert.fail);
    return delivered;
  });
  await isHolding();
  assert.deepEqual(accepted, ['a', 'b']);
  await answer(204);
  await until(() => accepted.length > 2);
  await isHolding();
  assert.deepEqual(accepted, ['a', 'b', 'c']);
  open();
  await until(() => accepted.length === 4);
  await c.stop();
  await Promise.all(sent);
  assert.deepEqual(
    receiver.accepted.map(({ line }) => line),
    ['a', 'b', 'c', 'd'],
  );
});

test('all who wait are let in when there is room for all', async () => {
  await using receiver = await startLokiReceiver();
  const { answer, isHolding } = gate(receiver);
  await using c = await runWrite(
    receiver,
    'batch_size = "100B"\nbatch_wait = "1h"\nqueue_config {\n capacity = "100B"\n drain_timeout = "1ms"\n}',
  );
  await sendEntries(c.exports.receiver, 'x'.repeat(100), 'y').accepted;
  await isHolding();
  const waiting = Array.from({ length: 20 }, () => sendEntries(c.exports.receiver, 'z'));
  let accepted = 0;
  for (const sent of waiting) {
    void sent.accepted.then(() => accepted++);
    sent.delivered.catch(() => undefined);
  }
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(accepted, 0);
  await answer(204);
  await until(() => accepted === 20);
});

test('the queue grows by the batches of those who were let in, and no more', async () => {
  await using receiver = await startLokiReceiver();
  const { answer, isHolding, open } = gate(receiver);
  const config = 'batch_size = "1B"\nqueue_config {\n capacity = "2B"\n}';
  await using c = await runWrite(receiver, config);
  const series = `loki_write_queue_entries{host="${hostOf(receiver)}"}`;
  const sent = Array.from({ length: 8 }, () => sendEntries(c.exports.receiver, 'a', 'b', 'c', 'd', 'e').delivered);
  let most = 0;
  for (let answered = 0; answered < 20; answered++) {
    await isHolding();
    most = Math.max(most, c.metrics()[series] ?? 0);
    await answer(204);
  }
  // Two requests, one that is open, and what the sender brought that saw room for one more.
  assert.ok(most <= 2 + 1 + 5, `${most} entries in the queue`);
  open();
  await Promise.all(sent);
});

test('a sender that gives up while it waits is not served later', async () => {
  await using receiver = await startLokiReceiver();
  const { isHolding, open } = gate(receiver);
  await using c = await runWrite(receiver, smallQueue());
  await sendEntries(c.exports.receiver, 'a', 'b').accepted;
  await isHolding();
  const sender = new AbortController();
  const { accepted } = send(c.exports.receiver, batchOf('given up'), sender.signal);
  const last = sendEntries(c.exports.receiver, 'c');
  sender.abort();
  open();
  await assert.rejects(accepted, { isRetryable: true });
  await last.delivered;
  assert.deepEqual(
    receiver.accepted.map(({ line }) => line),
    ['a', 'b', 'c'],
  );
});

test('where senders must not wait, what comes while the queue is full is dropped', async () => {
  await using receiver = await startLokiReceiver();
  const { isHolding, open } = gate(receiver);
  await using c = await runWrite(receiver, smallQueue('block_on_overflow = false'));
  const sent = ['a', 'b', 'c', 'd'].map((line) => sendEntries(c.exports.receiver, line.repeat(3)));
  for (const { accepted } of sent) await accepted;
  await isHolding();
  const key = `{host="${hostOf(receiver)}",tenant="",reason="queue_is_full"}`;
  assert.equal(c.metrics()[`loki_write_dropped_entries_total${key}`], 2);
  assert.equal(c.metrics()[`loki_write_dropped_bytes_total${key}`], 6);
  open();
  for (const { delivered } of sent) await delivered;
  assert.deepEqual(
    receiver.accepted.map(({ line }) => line),
    ['aaa', 'bbb'],
  );
});

test('when it stops, what is left is sent', async () => {
  await using receiver = await startLokiReceiver();
  receiver.answer([500, 204]);
  await using c = await runWrite(receiver, 'batch_wait = "1h"');
  const { delivered } = sendEntries(c.exports.receiver, 'a', labelled('b', { __tenant_id__: 't' }));
  await c.stop();
  await delivered;
  assert.deepEqual(receiver.accepted.map(({ line }) => line).toSorted(), ['a', 'b']);
  assert.deepEqual(
    c.logged.filter(({ level }) => level === 'warn'),
    [],
  );
  await assert.rejects(sendEntries(c.exports.receiver, 'late').accepted, { isRetryable: true });
});

test('what cannot be sent in time when it stops is lost for now, and told', async () => {
  for (const answer of ['hang', 500] as const) {
    await using receiver = await startLokiReceiver();
    receiver.answer(answer);
    const config = 'batch_size = "1B"\nmin_backoff_period = "1h"\nmax_backoff_period = "1h"';
    await using c = await runWrite(receiver, `${config}\nqueue_config {\n drain_timeout = "20ms"\n}`);
    const sent = ['a', 'b', 'c'].map((line) => sendEntries(c.exports.receiver, line).delivered);
    const answers = Promise.allSettled(sent);
    await receiver.attempts(1);
    await c.stop();
    for (const result of await answers) {
      assert.equal(result.status, 'rejected');
      assert.equal((result.reason as { isRetryable: boolean }).isRetryable, true);
    }
    const told = c.logged.find(({ message }) => message === 'failed to flush all queues during shutdown');
    assert.equal(told?.fields['entries'], 3);
    const lost = Object.entries(c.metrics()).filter(([series, count]) => series.includes('dropped') && count > 0);
    assert.deepEqual(lost, [], 'it is not dropped, since whoever sent it has it still');
  }
});
