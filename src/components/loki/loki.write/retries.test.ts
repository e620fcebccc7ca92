import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sendEntries } from '../../../testkit/log-entries.ts';
import { hostOf, labelled, runWrite } from '../../../testkit/loki-endpoints.ts';
import { startLokiReceiver } from '../../../testkit/loki-receiver.ts';
import { until } from '../../../testkit/until.ts';

test('what fails for now is sent again, byte by byte the same, until it is delivered', async () => {
  await using receiver = await startLokiReceiver();
  const answers = [500, 503, 429, 599, 'hang', 'close', { status: 502, body: 'x'.repeat(100_000) }, 204] as const;
  receiver.answer(answers);
  await using c = await runWrite(receiver, 'remote_timeout = "100ms"\nmax_backoff_retries = 0');
  await sendEntries(c.exports.receiver, 'a', labelled('b', { x: 'y' })).delivered;
  const [first, ...others] = receiver.requests;
  assert.equal(others.length, answers.length - 1);
  for (const { body } of others) assert.deepEqual(body, first?.body);
  assert.equal(receiver.accepted.length, 2);
  const host = hostOf(receiver);
  const metrics = c.metrics();
  assert.equal(metrics[`loki_write_batch_retries_total{host="${host}",tenant=""}`], 7);
  const duration = (status: string) =>
    metrics[`loki_write_request_duration_seconds_count{status_code="${status}",host="${host}",tenant=""}`];
  assert.deepEqual(['500', '503', '429', '599', '-1', '502', '204'].map(duration), [1, 1, 1, 1, 2, 1, 1]);
  assert.ok(c.logged.some(({ message }) => message === 'sending batches works again'));
});

test('a failure that lasts is logged once', async () => {
  await using receiver = await startLokiReceiver();
  receiver.answer([500, 500, 500, 503, 503, 204]);
  await using c = await runWrite(receiver);
  await sendEntries(c.exports.receiver, 'a').delivered;
  assert.deepEqual(
    c.logged.map(({ level, message, fields }) => [level, message, fields['status']]),
    [
      ['error', 'error sending batch, will retry', '500'],
      ['error', 'error sending batch, will retry', '503'],
      ['info', 'sending batches works again', undefined],
    ],
  );
});

test('a receiver that is not there is tried again', async () => {
  const gone = { url: '' };
  {
    await using receiver = await startLokiReceiver();
    gone.url = receiver.url;
  }
  await using c = await runWrite(gone, 'queue_config {\n drain_timeout = "1ms"\n}');
  const { delivered } = sendEntries(c.exports.receiver, 'x');
  const series = `loki_write_batch_retries_total{host="${hostOf(gone)}",tenant=""}`;
  await until(() => (c.metrics()[series] ?? 0) >= 3);
  await c.stop();
  await assert.rejects(delivered, { isRetryable: true });
});

test('a receiver that asks to wait is obeyed, within reason', async () => {
  const cases: readonly [header: string, wait: string][] = [
    ['7', '7s'],
    ['999999999', '1h0m0s'],
    ['Fri, 31 Dec 9999 23:59:59 GMT', '1h0m0s'],
  ];
  for (const [header, wait] of cases) {
    await using receiver = await startLokiReceiver();
    receiver.answer({ status: 429, headers: { 'retry-after': header } });
    await using c = await runWrite(receiver, 'queue_config {\n drain_timeout = "1ms"\n}');
    const { delivered } = sendEntries(c.exports.receiver, 'x');
    await until(() => c.logged.length > 0);
    assert.equal(c.logged[0]?.fields['retry_after'], wait);
    await c.stop();
    await assert.rejects(delivered, { isRetryable: true });
    assert.equal(receiver.requests.length, 1);
  }
});

test('what is wrong is dropped at once, and counted with its reason', async () => {
  interface Case {
    readonly answer: number;
    readonly config: string;
    readonly attempts: number;
    readonly retries: number;
    readonly reason: string;
  }
  const cases: readonly Case[] = [
    { answer: 400, config: '', attempts: 1, retries: 0, reason: 'ingester_error' },
    { answer: 413, config: '', attempts: 1, retries: 0, reason: 'line_too_long' },
    { answer: 401, config: '', attempts: 1, retries: 0, reason: 'ingester_error' },
    { answer: 302, config: 'follow_redirects = false', attempts: 1, retries: 0, reason: 'ingester_error' },
    { answer: 429, config: 'retry_on_http_429 = false', attempts: 1, retries: 0, reason: 'rate_limited' },
    { answer: 429, config: 'max_backoff_retries = 3', attempts: 3, retries: 3, reason: 'rate_limited' },
    { answer: 500, config: 'max_backoff_retries = 3', attempts: 3, retries: 3, reason: 'ingester_error' },
    { answer: 500, config: 'max_backoff_retries = 1', attempts: 1, retries: 1, reason: 'ingester_error' },
  ];
  for (const { answer, config, attempts, retries, reason } of cases) {
    await using receiver = await startLokiReceiver();
    receiver.answer({ status: answer, body: 'first line\nsecond line' });
    await using c = await runWrite(receiver, config);
    const label = `${answer} with ${config}`;
    const { accepted, delivered } = sendEntries(c.exports.receiver, 'a');
    await accepted;
    await assert.rejects(delivered, { isRetryable: false }, label);
    assert.equal(receiver.requests.length, attempts, label);
    const key = `{host="${hostOf(receiver)}",tenant=""`;
    const metrics = c.metrics();
    const reasons = ['ingester_error', 'rate_limited', 'stream_limited', 'line_too_long', 'queue_is_full'];
    assert.deepEqual(
      reasons.map((one) => metrics[`loki_write_dropped_entries_total${key},reason="${one}"}`]),
      reasons.map((one) => (one === reason ? 1 : 0)),
      label,
    );
    const bytes = receiver.requests[0]?.body.length;
    assert.equal(metrics[`loki_write_dropped_bytes_total${key},reason="${reason}"}`], bytes, label);
    assert.equal(metrics[`loki_write_sent_entries_total${key}}`], 0, label);
    assert.equal(metrics[`loki_write_batch_retries_total${key}}`], retries, label);
    assert.equal(metrics[`loki_write_entry_propagation_latency_seconds_count${key}}`], 1, label);
    const last = c.logged.at(-1);
    assert.equal(last?.message, 'final error sending batch, entries are dropped');
    assert.equal(last.fields['error'], `server returned HTTP status ${answer}: first line`);
    assert.equal(last.fields['entries'], 1);

    receiver.answer(204);
    await sendEntries(c.exports.receiver, 'c').delivered;
    assert.deepEqual(
      receiver.accepted.map(({ line }) => line),
      ['c'],
      label,
    );
  }
});
