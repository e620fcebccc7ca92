import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refuse, holdBack, slow, collect } from '../testkit/collect.ts';
import { batchOf } from '../testkit/log-entries.ts';
import { until } from '../testkit/until.ts';
import type { LogBatch } from '../model/log-batch.ts';
import { logs } from '../model/signal.ts';
import { AwaitedDeliveries } from './awaited-deliveries.ts';
import { DeliveryError, type Consumer } from './delivery.ts';

const batch = batchOf('x');

function open(timeout = Infinity) {
  const deliveries = new AwaitedDeliveries<LogBatch>();
  const sender = new AbortController();
  let settledCount = 0;
  return {
    deliveries,
    sender,
    settled: () => settledCount,
    send: (to: Consumer<LogBatch>) =>
      deliveries.send(to, batch, { signal: sender.signal, timeout }, () => settledCount++),
  };
}

test('the sender hears when its batch is delivered, or why not', async () => {
  const { send, settled, deliveries } = open();
  const held = holdBack<LogBatch>();
  const first = send(held);
  const second = send(held);
  assert.deepEqual([deliveries.count, settled()], [2, 0]);
  held.deliver();
  assert.equal(await first, undefined);
  const error = new DeliveryError('lost', { retryable: false });
  held.deliver(error);
  assert.equal(await second, error);
  assert.equal(await send(refuse(error)), error);
  assert.equal(await send(collect(logs)), undefined);
  assert.deepEqual([deliveries.count, settled()], [0, 4]);
});

test('a sender that has gone, or waited for too long, waits no more, though its batch may still settle', async () => {
  const { send, sender, settled } = open();
  const held = holdBack<LogBatch>();
  const answer = send(held);
  sender.abort();
  assert.equal((await answer)?.message, 'the sender has gone');
  assert.equal(settled(), 0);
  held.deliver();
  assert.equal(settled(), 1);
  assert.equal((await send(held))?.message, 'the sender has gone');

  const late = open(5);
  assert.equal((await late.send(held))?.message, 'entries were not delivered in time');
});

test('stopping gives up what was not accepted, and abandoning the rest', async () => {
  const { send, deliveries, settled } = open();
  const held = holdBack<LogBatch>();
  const accepted = send(held);
  const waiting = send(slow(60_000, held));
  deliveries.stop();
  assert.deepEqual([(await waiting)?.message, (await waiting)?.isRetryable], ['the component is stopping', true]);
  assert.equal((await send(held))?.message, 'the component is stopping');
  await until(() => settled() === 2);
  assert.equal(deliveries.count, 1);
  deliveries.abandon();
  assert.equal((await accepted)?.message, 'the component has stopped');
});
