import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labelled, linesOf, metric, runWrite } from '../../../testkit/loki-endpoints.ts';
import { sendEntries } from '../../../testkit/log-entries.ts';
import { startLokiReceiver, type LokiReceiver, type ReceivedEntry } from '../../../testkit/loki-receiver.ts';

/** Refuses requests with such entries as a whole, as a server does that checks before it takes anything. */
function refuse(receiver: LokiReceiver, isWrong: (entry: ReceivedEntry) => boolean, status = 400): void {
  receiver.answer(({ entries }) => {
    const wrong = entries.find(isWrong);
    return wrong === undefined ? 204 : { status, body: `no good: ${wrong.line}\nmore` };
  });
}

function lines(app: string, count: number) {
  return Array.from({ length: count }, (_, index) => labelled(`${app}${index}`, { app }));
}

test('entries that are refused are found, and all others are delivered in their order', async () => {
  await using receiver = await startLokiReceiver();
  refuse(receiver, ({ line }) => line === 'b17' || line === 'b60');
  await using c = await runWrite(receiver);
  const { delivered } = sendEntries(c.exports.receiver, ...lines('a', 50), ...lines('b', 64), ...lines('c', 50));
  await assert.rejects(delivered, { isRetryable: false, message: /no good: b/ });
  const expected = ['a', 'b', 'c'].map((app) => lines(app, app === 'b' ? 64 : 50).map(({ line }) => String(line)));
  assert.deepEqual(linesOf(receiver), expected.flat().filter((line) => line !== 'b17' && line !== 'b60')); // prettier-ignore
  assert.equal(metric(c, 'dropped_entries_total', /ingester_error/), 2);
  assert.equal(metric(c, 'sent_entries_total'), 162);
  assert.equal(metric(c, 'split_requests_total'), 1);
  assert.equal(metric(c, 'entry_propagation_latency_seconds_count'), 164);
  assert.equal(metric(c, 'sent_bytes_total'), receiver.requests.filter(({ answer }) => answer === 204).reduce((sum, { body }) => sum + body.length, 0)); // prettier-ignore
  assert.ok(receiver.requests.length < 40, `${receiver.requests.length} requests`);
  assert.deepEqual(receiver.duplicates(), []);
});

test('a stream that is refused is found, and dropped without another search when it comes again', async () => {
  await using receiver = await startLokiReceiver();
  refuse(receiver, ({ labels }) => labels['app'] === 'bad');
  await using c = await runWrite(receiver);
  const send = () =>
    sendEntries(c.exports.receiver, ...lines('a', 20), ...lines('bad', 4), ...lines('b', 20), ...lines('c', 20));
  await assert.rejects(send().delivered, { isRetryable: false });
  assert.equal(receiver.accepted.length, 60);
  assert.equal(metric(c, 'dropped_entries_total', /ingester_error/), 4);
  const before = receiver.requests.length;
  await assert.rejects(send().delivered, { isRetryable: false });
  assert.equal(receiver.accepted.length, 120);
  assert.equal(receiver.requests.length, before + 3, 'all of it, the others, and the bad stream');
  await assert.rejects(sendEntries(c.exports.receiver, ...lines('bad', 4)).delivered, { isRetryable: false });
  assert.equal(receiver.requests.length, before + 4);
  receiver.answer(204);
  await send().delivered;
  assert.equal(metric(c, 'dropped_entries_total', /ingester_error/), 12);
});

test('however much is wrong, the number of requests is limited', async () => {
  await using receiver = await startLokiReceiver();
  refuse(receiver, ({ line }) => Number(line.slice(1)) % 2 === 0);
  await using c = await runWrite(receiver);
  const apps = Array.from({ length: 26 }, (_, index) => String.fromCharCode(97 + index));
  for (let round = 0; round < 3; round++) {
    const { delivered } = sendEntries(c.exports.receiver, ...apps.flatMap((app) => lines(app, 20)));
    await assert.rejects(delivered, { isRetryable: false });
  }
  assert.ok(receiver.requests.length < 250, `${receiver.requests.length} requests`);
  assert.equal(metric(c, 'dropped_entries_total') + metric(c, 'sent_entries_total'), 3 * 26 * 20);
  assert.equal(receiver.accepted.length, metric(c, 'sent_entries_total'));
  assert.equal(c.debugInfo()?.rejected.length, 10);
});

test('what is too large is sent in parts, and a single entry that is still too large is dropped', async () => {
  await using receiver = await startLokiReceiver();
  receiver.answer(({ entries }) => (entries.reduce((size, { line }) => size + line.length, 0) > 100 ? 413 : 204));
  await using c = await runWrite(receiver);
  const sizes = [30, 30, 30, 30, 30, 101, 30, 30, 99];
  const { delivered } = sendEntries(c.exports.receiver, ...sizes.map((size) => 'x'.repeat(size)));
  await assert.rejects(delivered, { isRetryable: false });
  assert.deepEqual(linesOf(receiver).map((line) => line.length), sizes.filter((size) => size <= 100)); // prettier-ignore
  assert.equal(metric(c, 'dropped_entries_total', /line_too_long/), 1);
  assert.equal(metric(c, 'dropped_entries_total'), 1);
});

test('a part that fails for now is tried again, and a server that breaks meanwhile is waited for', async () => {
  await using receiver = await startLokiReceiver();
  let count = 0;
  receiver.answer(({ entries }) => {
    if (count++ % 2 === 1) return 503;
    return entries.some(({ line }) => line === 'bad') ? 400 : 204;
  });
  await using c = await runWrite(receiver);
  await assert.rejects(sendEntries(c.exports.receiver, 'a', 'bad', 'b', 'c').delivered, { isRetryable: false });
  assert.deepEqual(linesOf(receiver), ['a', 'b', 'c']);
  assert.ok(metric(c, 'batch_retries_total') > 0);
});

test('answers that are not about the entries do not make it search', async () => {
  for (const status of [401, 403, 404, 405]) {
    await using receiver = await startLokiReceiver();
    receiver.answer(status);
    await using c = await runWrite(receiver);
    await assert.rejects(sendEntries(c.exports.receiver, 'a', 'b').delivered, { isRetryable: false });
    assert.equal(receiver.requests.length, 1);
    assert.equal(metric(c, 'dropped_entries_total', /ingester_error/), 2);
  }
});

test('the last reasons are shown, and the state of the endpoints', async () => {
  await using receiver = await startLokiReceiver();
  refuse(receiver, ({ line }) => line === 'bad');
  await using c = await runWrite(receiver, 'name = "main"\ntenant_id = "t"');
  await assert.rejects(sendEntries(c.exports.receiver, labelled('bad', { app: 'x' }), 'b').delivered);
  const { endpoints, rejected } = c.debugInfo() ?? assert.fail();
  const [{ time, ...rest }] = rejected as unknown as [{ time: string }];
  assert.match(time, /^\d{4}-\d\d-\d\dT.*Z$/);
  assert.deepEqual(rest, {
    endpoint: 'main',
    tenant: 't',
    reason: 'ingester_error',
    entries: 1,
    labels: '{app="x"}',
    error: 'server returned HTTP status 400: no good: bad',
  });
  assert.deepEqual(endpoints, [
    { name: 'main', url: receiver.url, queued_entries: 0, logged_requests: 0, last_error: '' },
  ]);
});

test('when it stops within a search, the rest is told to be not delivered', async () => {
  await using receiver = await startLokiReceiver();
  receiver.answer(({ entries }) => (entries.length > 2 ? 400 : 'hang'));
  await using c = await runWrite(receiver, 'queue_config {\n drain_timeout = "20ms"\n}');
  const { delivered } = sendEntries(c.exports.receiver, 'a', 'b', 'c');
  const refused = assert.rejects(delivered, { isRetryable: true });
  await receiver.attempts(2);
  await c.stop();
  await refused;
  assert.equal(metric(c, 'unsent_entries_total'), 3);
});
