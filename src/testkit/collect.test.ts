import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeliveryError, send } from '../flow/delivery.ts';
import type { Signal } from '../model/signal.ts';
import { collect, holdBack, refuse, slow } from './collect.ts';

const words: Signal<string> = {
  name: 'words',
  items: 'words',
  count: (batch) => batch.split(' ').length,
  describe: (batch) => batch.split(' '),
};
const { signal } = new AbortController();
const lost = new DeliveryError('lost', { retryable: true });

test('a collector keeps batches and shows their items', async () => {
  const collector = collect(words);
  await send(collector, 'a b', signal).delivered;
  await send(collector, 'c', signal).delivered;
  assert.deepEqual(collector.batches, ['a b', 'c']);
  assert.deepEqual(collector.texts, ['a', 'b', 'c']);
  assert.equal(collector.count, 3);
});

test('a refusing consumer rejects with its error', async () => {
  const { accepted, delivered } = send(refuse<string>(lost), 'a', signal);
  await assert.rejects(accepted, lost);
  await assert.rejects(delivered, lost);
});

test('a slow consumer accepts later, unless the sender gives up', async () => {
  const collector = collect(words);
  const consumer = slow(1, collector);
  const { accepted } = send(consumer, 'a', signal);
  assert.deepEqual(collector.batches, []);
  await accepted;
  assert.deepEqual(collector.batches, ['a']);
  const sender = new AbortController();
  const { accepted: never } = send(slow(60_000, collector), 'b', sender.signal);
  sender.abort();
  await assert.rejects(never, { message: 'the sender gave up', isRetryable: true });
  assert.deepEqual(collector.batches, ['a']);
});

test('a consumer that holds back delivers when told', async () => {
  const consumer = holdBack<string>();
  const [first, second, third] = [
    send(consumer, 'a', signal),
    send(consumer, 'b', signal),
    send(consumer, 'c', signal),
  ];
  await third.accepted;
  assert.deepEqual(consumer.batches, ['a', 'b', 'c']);
  assert.equal(consumer.held, 3);
  consumer.deliver();
  await first.delivered;
  assert.equal(consumer.held, 2);
  consumer.deliverAll(lost);
  await assert.rejects(second.delivered, lost);
  await assert.rejects(third.delivered, lost);
  assert.equal(consumer.held, 0);
});
