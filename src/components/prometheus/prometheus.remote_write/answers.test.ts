import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDuration } from '../../../base/duration.ts';
import { runRemoteWrite, sample, sendSamples, writeEndpoint, writeMetric } from '../../../testkit/remote-write.ts';
import { startWriteReceiver, type WriteAnswer } from '../../../testkit/remote-write-receiver.ts';
import { until } from '../../../testkit/until.ts';

const v2 = 'protobuf_message = "io.prometheus.write.v2.Request"';
const now = 1_700_000_000_000;
const written = (samples: number): Readonly<Record<string, string>> => ({
  'X-Prometheus-Remote-Write-Samples-Written': String(samples),
});

test('what fails for now is sent again, byte by byte the same, until it is delivered', async () => {
  await using receiver = await startWriteReceiver();
  const answers: readonly WriteAnswer[] = [500, 502, 503, 504, 429, 599, 'hang', 'close', 200];
  receiver.answer(answers);
  await using c = await runRemoteWrite(writeEndpoint(receiver, 'remote_timeout = "100ms"'));
  await sendSamples(c.exports.receiver, [sample('up', 1, now), sample('up', 2, now + 1)]).delivered;
  const requests = await receiver.attempts(answers.length);
  assert.equal(requests.length, answers.length);
  for (const { body } of requests) assert.deepEqual(body, requests[0]?.body);
  assert.deepEqual(
    requests.map(({ headers }) => headers['retry-attempt']),
    [undefined, '1', '2', '3', '4', '5', '6', '7', '8'],
  );
  await until(() => writeMetric(c, 'samples_total') === 2);
  assert.equal(writeMetric(c, 'samples_retried_total'), 16);
  assert.equal(writeMetric(c, 'sent_batch_duration_seconds_count'), 9);
  assert.equal(writeMetric(c, 'samples_failed_total'), 0);
});

test('what is refused for good is dropped and counted, and the next is sent', async () => {
  const cases: readonly [answer: WriteAnswer, reason: string, more?: string, queue?: string][] = [
    [400, '400'],
    [401, '401'],
    [404, '404'],
    [413, '413'],
    [415, '415'],
    [304, '304'],
    [{ status: 400, body: 'x'.repeat(1024 * 1024) }, '400'],
    [{ status: 429, headers: { 'Retry-After': '1' } }, '429', '', 'retry_on_http_429 = false'],
    [{ status: 400, headers: written(0), body: 'out of order' }, '400', v2],
    [{ status: 204, headers: {} }, 'not_written', v2],
    [{ status: 204, headers: written(0) }, 'not_written', v2],
    [{ status: 200, headers: { 'X-Prometheus-Remote-Write-Samples-Written': 'junk' }, body: '{}' }, 'not_written', v2],
  ];
  for (const [answer, reason, more, queue] of cases) {
    await using receiver = await startWriteReceiver();
    receiver.answer([answer]);
    await using c = await runRemoteWrite(writeEndpoint(receiver, more, queue));
    await sendSamples(c.exports.receiver, [sample('up', 1, now), sample('up', 2, now + 1)]).delivered;
    await until(() => writeMetric(c, 'samples_failed_total') === 2);
    assert.equal(writeMetric(c, 'refused_samples_total', RegExp(`reason="${reason}"`)), 2, reason);
    await sendSamples(c.exports.receiver, [sample('up', 3, now + 2)]).delivered;
    await receiver.attempts(2);
    await until(() => writeMetric(c, 'samples_total') === 1);
    assert.equal(receiver.requests.length, 2);
    assert.equal(writeMetric(c, 'samples_pending'), 0);
    assert.equal(writeMetric(c, 'queue_highest_sent_timestamp_seconds'), (now + 2) / 1000);
    assert.ok(c.logged.some(({ level }) => level === 'error'));
  }
});

test('what the server says is in the log in full', async () => {
  await using receiver = await startWriteReceiver();
  receiver.answer([{ status: 400, body: 'out of order sample\nseries="up"' }]);
  await using c = await runRemoteWrite(writeEndpoint(receiver));
  await sendSamples(c.exports.receiver, [sample('up', 1, now)]).delivered;
  await until(() => c.logged.some(({ fields }) => fields['body'] === 'out of order sample\nseries="up"'));
  assert.match(JSON.stringify(c.debugInfo()), /server returned HTTP status 400/);
});

test('a partial write is not sent again, and what is missing counts as failed', async () => {
  await using receiver = await startWriteReceiver();
  receiver.answer([{ status: 204, headers: written(1) }]);
  await using c = await runRemoteWrite(writeEndpoint(receiver, v2));
  await sendSamples(c.exports.receiver, [sample('up', 1, now), sample('up', 2, now + 1)]).delivered;
  await until(() => writeMetric(c, 'samples_total') === 1);
  assert.equal(writeMetric(c, 'samples_failed_total'), 1);
  assert.equal(receiver.requests.length, 1);
});

test('version 1 needs no counts of the server', async () => {
  await using receiver = await startWriteReceiver();
  receiver.answer([{ status: 200, headers: {}, body: 'fine' }]);
  await using c = await runRemoteWrite(writeEndpoint(receiver));
  await sendSamples(c.exports.receiver, [sample('up', 1, now)]).delivered;
  await until(() => writeMetric(c, 'samples_total') === 1);
});

test('waits grow up to the longest one, and are as long as the server asks for', async () => {
  await using receiver = await startWriteReceiver();
  const statuses = [500, 501, 502, 503, 504, 505, 506];
  receiver.answer([...statuses, { status: 429, headers: { 'Retry-After': '3600' } }]);
  await using c = await runRemoteWrite(writeEndpoint(receiver, '', 'min_backoff = "4ms"\nmax_backoff = "40ms"'));
  await sendSamples(c.exports.receiver, [sample('up', 1, now)]).delivered;
  // Each failure is logged, since each is another one.
  const waits = (): number[] => c.logged.map(({ fields }) => Number(parseDuration(String(fields['retry_after']))));
  await until(() => waits().length === statuses.length + 1);
  assert.equal(waits().pop(), 3_600_000);
  const growing = waits().slice(0, -1);
  assert.deepEqual(
    growing,
    growing.toSorted((x, y) => x - y),
  );
  assert.ok((growing[0] ?? 0) >= 4 && (growing[0] ?? 0) <= 8);
  assert.equal(growing.at(-1), 40);
  // Other settings end the wait.
  await c.update(writeEndpoint(receiver, 'headers = {"X-Other" = "1"}'));
  await receiver.series(1);
});

test('nothing changes the protocol, whatever the server says', async () => {
  await using receiver = await startWriteReceiver();
  receiver.answer([415, 415, 204]);
  await using c = await runRemoteWrite(writeEndpoint(receiver, v2));
  for (let at = 0; at < 3; at++) {
    await sendSamples(c.exports.receiver, [sample('up', at, now + at)]).delivered;
    await receiver.attempts(at + 1);
  }
  const versions = receiver.requests.map(({ headers }) => headers['x-prometheus-remote-write-version']);
  assert.deepEqual(versions, ['2.0.0', '2.0.0', '2.0.0']);
});

test('a server that is not there is tried until it is', async () => {
  await using receiver = await startWriteReceiver();
  await receiver.down();
  await using c = await runRemoteWrite(writeEndpoint(receiver));
  await sendSamples(c.exports.receiver, [sample('up', 1, now)]).delivered;
  await until(() => writeMetric(c, 'samples_retried_total') >= 3);
  await receiver.up();
  await receiver.series(1);
});

test('each connection may go to another address of the host', async () => {
  await using receiver = await startWriteReceiver();
  const text = writeEndpoint({ url: receiver.url.replace('127.0.0.1', 'localhost') }, 'round_robin_dns = true');
  await using c = await runRemoteWrite(text);
  await sendSamples(c.exports.receiver, [sample('up', 1, now)]).delivered;
  // One of the addresses of localhost may be refused, and the next attempt takes any again.
  await receiver.series(1);
});
