import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endpoint, gate, hostOf, linesOf, metric, runWrite } from '../../../testkit/loki-endpoints.ts';
import { sendEntries } from '../../../testkit/log-entries.ts';
import { startLokiReceiver } from '../../../testkit/loki-receiver.ts';
import { runComponent } from '../../../testkit/run-component.ts';
import { lokiWrite } from '../loki.write.ts';

const small = 'batch_size = "1B"\nqueue_config {\n capacity = "1B"\n drain_timeout = "50ms"\n}';

test('an endpoint with another URL sends what waits for the old one, also what waits at senders', async () => {
  await using broken = await startLokiReceiver();
  broken.answer('hang');
  await using working = await startLokiReceiver();
  await using c = await runWrite(broken, small);
  const first = sendEntries(c.exports.receiver, 'a', 'b');
  await first.accepted;
  await broken.attempts(1);
  const waiting = sendEntries(c.exports.receiver, 'c');
  await c.update(endpoint(working, small));
  await Promise.all([first.delivered, waiting.delivered]);
  assert.deepEqual(linesOf(working), ['a', 'b', 'c']);
  assert.equal(metric(c, 'sent_entries_total', new RegExp(hostOf(working))), 3);
});

test('waits between attempts end when an endpoint is changed', async () => {
  await using receiver = await startLokiReceiver();
  receiver.answer([500]);
  await using c = await runWrite(receiver, 'min_backoff_period = "1h"\nmax_backoff_period = "1h"');
  const { delivered } = sendEntries(c.exports.receiver, 'a');
  await receiver.attempts(1);
  await c.update(endpoint(receiver, 'headers = {"X-More" = "1"}'));
  await delivered;
  assert.equal(receiver.requests[1]?.headers['x-more'], '1');
});

test('an endpoint that is not changed is not disturbed', async () => {
  await using first = await startLokiReceiver();
  await using second = await startLokiReceiver();
  const { isHolding, open } = gate(first);
  await using c = await runComponent(lokiWrite, endpoint(first) + endpoint(second));
  const { delivered } = sendEntries(c.exports.receiver, 'a');
  await isHolding();
  await c.update(endpoint(second, 'tenant_id = "t"') + endpoint(first));
  open();
  await delivered;
  assert.equal(first.requests.length, 1);
  await sendEntries(c.exports.receiver, 'b').delivered;
  assert.deepEqual([first, second].map((receiver) => receiver.accepted.map(({ line, tenant }) => [line, tenant])), [
    [['a', undefined], ['b', undefined]],
    [['a', undefined], ['b', 't']],
  ]); // prettier-ignore
});

test('an endpoint is found again by its name, then by its URL and tenant', async () => {
  await using one = await startLokiReceiver();
  await using two = await startLokiReceiver();
  await using other = await startLokiReceiver();
  one.answer('hang');
  two.answer('hang');
  const short = 'remote_timeout = "100ms"';
  await using c = await runComponent(lokiWrite, endpoint(one, `name = "named"\n${short}`) + endpoint(two, short));
  const { delivered } = sendEntries(c.exports.receiver, 'a');
  await Promise.all([one.attempts(1), two.attempts(1)]);
  // The unnamed one keeps its URL and comes first; the named one has a new URL.
  two.answer(204);
  await c.update(endpoint(two, 'headers = {"X-More" = "1"}') + endpoint(other, 'name = "named"'));
  await delivered;
  assert.deepEqual([linesOf(one), linesOf(two), linesOf(other)], [[], ['a'], ['a']]);
});

test('an endpoint that is removed still sends for a while, and then tells that it did not', async () => {
  await using working = await startLokiReceiver();
  await using broken = await startLokiReceiver();
  broken.answer('hang');
  await using c = await runComponent(lokiWrite, endpoint(working) + endpoint(broken, small));
  const { delivered } = sendEntries(c.exports.receiver, 'a');
  await Promise.all([working.attempts(1), broken.attempts(1)]);
  const lost = assert.rejects(delivered, { isRetryable: true });
  await c.update(endpoint(working));
  await sendEntries(c.exports.receiver, 'b').delivered;
  await lost;
  assert.equal(metric(c, 'unsent_entries_total', new RegExp(hostOf(broken))), 1);
});

test('labels, shards and limits can be changed, and nothing is lost', async () => {
  await using receiver = await startLokiReceiver();
  const { open } = gate(receiver);
  await using c = await runWrite(receiver, 'batch_wait = "1h"');
  const configs = [
    'queue_config {\n min_shards = 4\n}',
    'batch_size = "10B"\nqueue_config {\n min_shards = 2\n}',
    'queue_config {\n min_shards = 1\n block_on_overflow = false\n}',
  ];
  const sent = [sendEntries(c.exports.receiver, 'line 0').delivered];
  for (const [index, config] of configs.entries()) {
    await c.update(`${endpoint(receiver, config)}\nexternal_labels = { version = "${index + 1}" }`);
    sent.push(sendEntries(c.exports.receiver, `line ${index + 1}`).delivered);
  }
  open();
  await Promise.all(sent);
  assert.deepEqual(receiver.accepted.map(({ line, labelText }) => `${line} ${labelText}`).toSorted(), [
    'line 0 {}',
    'line 1 {version="1"}',
    'line 2 {version="2"}',
    'line 3 {version="3"}',
  ]);
});

test('arguments that make no sense change nothing', async () => {
  await using receiver = await startLokiReceiver();
  await using c = await runWrite(receiver);
  await assert.rejects(c.update(endpoint(receiver) + endpoint(receiver)), /duplicate endpoint configs/);
  await sendEntries(c.exports.receiver, 'a').delivered;
  assert.deepEqual(linesOf(receiver), ['a']);
});
