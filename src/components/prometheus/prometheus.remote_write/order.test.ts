import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runRemoteWrite, sample, sendSamples, writeEndpoint, writeMetric } from '../../../testkit/remote-write.ts';
import { startWriteReceiver, type RemoteWriteReceiver } from '../../../testkit/remote-write-receiver.ts';
import { until } from '../../../testkit/until.ts';

const now = Date.now() - 60_000;

/** Fails unless the samples of each series came in the order of their times. */
function assertOrder({ accepted }: RemoteWriteReceiver): void {
  const last = new Map<string, number>();
  for (const { labels, samples } of accepted) {
    const key = JSON.stringify(labels);
    for (const { timestamp } of samples) {
      assert.ok(timestamp > (last.get(key) ?? -Infinity), `${key} went back to ${timestamp}`);
      last.set(key, timestamp);
    }
  }
}

test('several requests are under way with several shards, and each series stays in order', async () => {
  await using receiver = await startWriteReceiver();
  let open = 0;
  let most = 0;
  receiver.answer(async ({ series }) => {
    most = Math.max(most, ++open);
    await new Promise((resolve) => setTimeout(resolve, series.length % 4));
    open--;
    return Math.random() < 0.3 ? 503 : 204;
  });
  const queue = 'min_shards = 4\nmax_shards = 4\nmax_samples_per_send = 7';
  await using c = await runRemoteWrite(writeEndpoint(receiver, '', queue));
  for (let round = 0; round < 30; round++) {
    const samples = Array.from({ length: 20 }, (_, at) => sample('n', round, now + round, { series: `${at}` }));
    await sendSamples(c.exports.receiver, samples).accepted;
  }
  await receiver.series(600);
  assertOrder(receiver);
  assert.equal(receiver.accepted.length, 600);
  assert.ok(most > 1 && most <= 4, `${most} requests were under way`);
});

test('the order stays when the number of shards or the protocol changes', async () => {
  await using receiver = await startWriteReceiver();
  receiver.answer(async () => {
    await new Promise((resolve) => setTimeout(resolve, 2));
    return 204;
  });
  await using c = await runRemoteWrite(writeEndpoint(receiver));
  const configs = [
    ['', 'min_shards = 3'],
    ['protobuf_message = "io.prometheus.write.v2.Request"', 'min_shards = 5'],
    ['', 'max_shards = 1'],
  ] as const;
  let round = 0;
  for (const [more, queue] of configs) {
    for (let end = round + 10; round < end; round++) {
      const samples = Array.from({ length: 10 }, (_, at) => sample('n', round, now + round, { series: `${at}` }));
      await sendSamples(c.exports.receiver, samples).accepted;
    }
    await c.update(writeEndpoint(receiver, more, `${queue}\nmax_samples_per_send = 3`));
  }
  await receiver.series(300);
  assertOrder(receiver);
  assert.equal(writeMetric(c, 'shards'), 1);
});

test('an endpoint that is changed goes on with what waits, and one that is removed sends it before it goes', async () => {
  await using dead = await startWriteReceiver();
  await using other = await startWriteReceiver();
  dead.answer(503);
  await using c = await runRemoteWrite(writeEndpoint(dead));
  for (let at = 0; at < 3; at++) await sendSamples(c.exports.receiver, [sample('n', at, now + at)]).delivered;
  await c.update(writeEndpoint(other));
  await other.series(3);
  assertOrder(other);
  assert.equal(writeMetric(c, 'samples_total', RegExp(new URL(other.url).host)), 3);
  assert.equal(writeMetric(c, 'samples_pending'), 0);

  await sendSamples(c.exports.receiver, [sample('n', 3, now + 3)]).accepted;
  await c.update('');
  await other.series(4);
  await until(() => !Object.keys(c.metrics()).some((key) => key.includes(other.url)));
});
