import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { send } from '../../flow/delivery.ts';
import { CertificateAuthority } from '../../testkit/certificates.ts';
import { batchOf, sendEntries, type TestEntry } from '../../testkit/log-entries.ts';
import { startLokiReceiver, type LokiReceiver } from '../../testkit/loki-receiver.ts';
import { problemsOf, runComponent } from '../../testkit/run-component.ts';
import { until } from '../../testkit/until.ts';
import { lokiWrite } from './loki.write.ts';

/** An endpoint that sends soon and retries at once. */
function endpoint({ url }: { readonly url: string }, more = ''): string {
  const defaults = ['batch_wait = "5ms"', 'min_backoff_period = "1ms"', 'max_backoff_period = "2ms"'];
  const kept = defaults.filter((line) => !more.includes(line.split(' ')[0] ?? ''));
  return `endpoint {\n url = "${url}"\n ${kept.join('\n')}\n ${more}\n}\n`;
}

function run(receiver: { readonly url: string }, more = '', top = '') {
  return runComponent(lokiWrite, endpoint(receiver, more) + top);
}

function hostOf({ url }: { readonly url: string }): string {
  return new URL(url).host;
}

/** Holds requests back, and answers them one after the other as it is told. */
function gate(receiver: LokiReceiver) {
  const waiting: ((status: number) => void)[] = [];
  receiver.answer(() => new Promise((resolve) => waiting.push(resolve)));
  return {
    async answer(status: number): Promise<void> {
      await until(() => waiting.length > 0);
      waiting.shift()?.(status);
    },
    async isHolding(): Promise<void> {
      await until(() => waiting.length > 0);
    },
    /** Answers what waits and all that follows with success. */
    open(): void {
      receiver.answer(204);
      for (const answer of waiting.splice(0)) answer(204);
    },
  };
}

const labelled = (line: string, labels: Readonly<Record<string, string>>): TestEntry => ({ line, labels });

test('entries arrive as they are', async () => {
  await using receiver = await startLokiReceiver();
  await using c = await run(receiver);
  await sendEntries(
    c.exports.receiver,
    {
      line: 'é "quoted"\n',
      labels: { app: 'my-app', env: 'a "b" \\ c\n' },
      time: '2026-01-02T03:04:05.000000006Z',
      metadata: { trace_id: 'x', é: '' },
    },
    { line: '' },
    labelled('dashed', { 'pizza-flavour': 'fugazzeta' }),
  ).delivered;
  assert.deepEqual(
    receiver.accepted.map(({ labels, labelText, timestampNs, line, metadata, tenant }) => {
      return { labels, labelText, timestampNs, line, metadata, tenant };
    }),
    [
      {
        labels: { app: 'my-app', env: 'a "b" \\ c\n' },
        labelText: String.raw`{app="my-app", env="a \"b\" \\ c\n"}`,
        timestampNs: '1767323045000000006',
        line: 'é "quoted"\n',
        metadata: { trace_id: 'x', é: '' },
        tenant: undefined,
      },
      { labels: {}, labelText: '{}', timestampNs: '1767323045000000000', line: '', metadata: {}, tenant: undefined },
      {
        labels: { 'pizza-flavour': 'fugazzeta' },
        labelText: '{pizza-flavour="fugazzeta"}',
        timestampNs: '1767323045000000000',
        line: 'dashed',
        metadata: {},
        tenant: undefined,
      },
    ],
  );
  const { headers } = receiver.requests[0] ?? assert.fail();
  assert.equal(headers['content-type'], 'application/x-protobuf');
  assert.equal(headers['content-encoding'], 'snappy');
  assert.equal(headers['user-agent'], 'Test/v0.0.0');
});

test('lines that are not UTF-8 arrive repaired', async () => {
  await using receiver = await startLokiReceiver();
  await using c = await run(receiver);
  await sendEntries(c.exports.receiver, { line: Buffer.from([0x61, 0xff, 0x62]) }, { line: 'after' }).delivered;
  assert.deepEqual(
    receiver.accepted.map(({ line }) => line),
    ['a\ufffdb', 'after'],
  );
});

test('labels of entries win over external ones, and labels with two underscores are not sent', async () => {
  await using receiver = await startLokiReceiver();
  await using c = await run(receiver, '', 'external_labels = { cluster = "eu", app = "external", __x = "y" }');
  await sendEntries(
    c.exports.receiver,
    labelled('1', { app: 'own', __meta_pod: 'web-1' }),
    labelled('2', {}),
    labelled('3', { _one: 'stays', __path__: '/x' }),
  ).delivered;
  assert.deepEqual(
    receiver.accepted.map(({ line, labelText }) => [line, labelText]),
    [
      ['1', '{app="own", cluster="eu"}'],
      ['2', '{app="external", cluster="eu"}'],
      ['3', '{_one="stays", app="external", cluster="eu"}'],
    ],
  );
});

test('streams that differ in hidden labels only are one, and equal fingerprints are two', async () => {
  await using receiver = await startLokiReceiver();
  await using c = await run(receiver, '', 'max_streams = 3');
  await sendEntries(
    c.exports.receiver,
    labelled('1', { a: 'b', __x: '1' }),
    labelled('2', { a: 'b', __x: '2' }),
    labelled('3', { app: 'l', uniq0: '0', uniq1: '1' }),
    labelled('4', { app: 'm', uniq0: '1', uniq1: '1' }),
  ).delivered;
  assert.deepEqual(
    receiver.accepted.map(({ line, labelText }) => [line, labelText]),
    [
      ['1', '{a="b"}'],
      ['2', '{a="b"}'],
      ['3', '{app="l", uniq0="0", uniq1="1"}'],
      ['4', '{app="m", uniq0="1", uniq1="1"}'],
    ],
  );
});

test('a request is sent when it is full', async () => {
  await using receiver = await startLokiReceiver();
  await using c = await run(receiver, 'batch_size = "10B"\nbatch_wait = "1h"');
  const first = sendEntries(c.exports.receiver, 'line1', 'line2', 'line3');
  await receiver.entries(2);
  assert.deepEqual(
    receiver.requests.map(({ entries }) => entries.map(({ line }) => line)),
    [['line1', 'line2']],
  );
  await sendEntries(c.exports.receiver, 'much longer than a request should be', 'x').accepted;
  await receiver.entries(4);
  await c.stop();
  await first.delivered;
  assert.deepEqual(
    receiver.requests.map(({ entries }) => entries.map(({ line }) => line)),
    [['line1', 'line2'], ['line3'], ['much longer than a request should be'], ['x']],
  );
});

test('metadata counts for the size, labels do not', async () => {
  await using receiver = await startLokiReceiver();
  await using c = await run(receiver, 'batch_size = "10B"\nbatch_wait = "1h"');
  const labels = { a: 'label that is longer than all of this' };
  await sendEntries(
    c.exports.receiver,
    { line: '12345', labels },
    { line: '12345', labels },
    { line: '1', labels, metadata: { k: 'v' } },
    { line: '1234', labels },
    { line: '12345', labels },
  ).accepted;
  await receiver.entries(3);
  assert.deepEqual(
    receiver.requests.map(({ entries }) => entries.length),
    [2, 1],
  );
});

test('a request is sent when its entries have waited', async () => {
  await using receiver = await startLokiReceiver();
  await using c = await run(receiver, 'batch_wait = "20ms"');
  await sendEntries(c.exports.receiver, 'a').accepted;
  await sendEntries(c.exports.receiver, 'b').delivered;
  await sendEntries(c.exports.receiver, 'c').delivered;
  assert.deepEqual(
    receiver.requests.map(({ entries }) => entries.map(({ line }) => line)),
    [['a', 'b'], ['c']],
  );
});

test('each tenant has requests of its own', async () => {
  await using receiver = await startLokiReceiver();
  await using c = await run(receiver, 'tenant_id = "default"', 'external_labels = { cluster = "eu" }');
  await sendEntries(
    c.exports.receiver,
    labelled('1', { __tenant_id__: 'tenant-1' }),
    labelled('2', { __tenant_id__: 'tenant-2' }),
    labelled('3', {}),
    labelled('4', { __tenant_id__: 'tenant-1' }),
    labelled('5', { __tenant_id__: '' }),
    labelled('6', { __tenant_id__: 'müller' }),
  ).delivered;
  const tenant = (text: string | undefined) => (text === undefined ? text : Buffer.from(text, 'latin1').toString());
  assert.deepEqual(
    receiver.requests.map(({ entries }) => [tenant(entries[0]?.tenant), entries.map(({ line }) => line)]),
    [
      ['tenant-1', ['1', '4']],
      ['tenant-2', ['2']],
      ['default', ['3']],
      [undefined, ['5']],
      ['müller', ['6']],
    ],
  );
  assert.ok(receiver.accepted.every(({ labelText }) => labelText === '{cluster="eu"}'));
});

test('an external label may choose the tenant', async () => {
  await using receiver = await startLokiReceiver();
  await using c = await run(receiver, 'tenant_id = "default"', 'external_labels = { __tenant_id__ = "external" }');
  await sendEntries(c.exports.receiver, labelled('1', {}), labelled('2', { __tenant_id__: 'own' })).delivered;
  assert.deepEqual(
    receiver.accepted.map(({ line, tenant }) => [line, tenant]),
    [
      ['1', 'external'],
      ['2', 'own'],
    ],
  );
});

test('a tenant that no header can hold is dropped, and holds up nobody', async () => {
  await using receiver = await startLokiReceiver();
  await using c = await run(receiver);
  const wrong = sendEntries(c.exports.receiver, labelled('1', { __tenant_id__: 'a\nb' }));
  await assert.rejects(wrong.delivered, { isRetryable: false });
  await sendEntries(c.exports.receiver, labelled('2', { __tenant_id__: 'ab' })).delivered;
  const series = `loki_write_dropped_entries_total{host="${hostOf(receiver)}",tenant="a\\nb",reason="ingester_error"}`;
  assert.equal(c.metrics()[series], 1);
});

test('headers are sent, unless they are set anyway', async () => {
  await using receiver = await startLokiReceiver();
  const custom = (more: string) =>
    `headers = { "X-Custom" = "é", "User-Agent" = "me", "content-type" = "text/plain", "x-scope-orgid" = "custom" }\n${more}`;
  {
    await using c = await run(receiver, custom('tenant_id = "own"'));
    await sendEntries(c.exports.receiver, 'x').delivered;
    const skipped = c.logged.filter(({ message }) => message === 'custom header key already exists, skipping');
    assert.deepEqual(
      skipped.map(({ level, fields }) => [level, fields['key'], fields['endpoint']]),
      ['User-Agent', 'content-type', 'x-scope-orgid'].map((key) => ['warn', key, hostOf(receiver)]),
    );
  }
  {
    await using c = await run(receiver, custom(''));
    await sendEntries(c.exports.receiver, labelled('x', {}), labelled('y', { __tenant_id__: 'entry' })).delivered;
  }
  assert.deepEqual(
    receiver.requests.map(({ headers }) => [
      Buffer.from(String(headers['x-custom']), 'latin1').toString(),
      headers['user-agent'],
      headers['content-type'],
      headers['x-scope-orgid'],
    ]),
    ['own', 'custom', 'entry'].map((tenant) => ['é', 'Test/v0.0.0', 'application/x-protobuf', tenant]),
  );
});

test('requests carry the credentials that are configured', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'credentials-'));
  const file = path.join(folder, 'secret');
  await writeFile(file, 'from file\n');
  const cases: readonly [config: string, authorization: string][] = [
    ['basic_auth {\n username = "me"\n password = "pass"\n}', `Basic ${btoa('me:pass')}`],
    [`basic_auth {\n username = "me"\n password_file = "${file}"\n}`, `Basic ${btoa('me:from file')}`],
    ['bearer_token = "t0ken"', 'Bearer t0ken'],
    [`bearer_token_file = "${file}"`, 'Bearer from file'],
    ['authorization {\n type = "Token"\n credentials = "abc"\n}', 'Token abc'],
    ['basic_auth {\n username = "me"\n}\nheaders = { Authorization = "own" }', 'own'],
  ];
  await using receiver = await startLokiReceiver();
  for (const [config] of cases) {
    await using c = await run(receiver, `${config}\nhttp_headers = { "X-More" = ["1"] }`);
    await sendEntries(c.exports.receiver, 'x').delivered;
  }
  await rm(folder, { recursive: true });
  assert.deepEqual(
    receiver.requests.map(({ headers }) => [headers.authorization, headers['x-more']]),
    cases.map(([, authorization]) => [authorization, '1']),
  );
});

test('TLS is used with the certificates that are configured', async () => {
  const authority = new CertificateAuthority('test');
  const server = authority.issue('server', 'IP:127.0.0.1');
  const client = authority.issue('client');
  await using receiver = await startLokiReceiver({ ...server, ca: authority.cert, requestCert: true });
  const pem = (text: string) => JSON.stringify(text);
  const keys = `cert_pem = ${pem(client.cert)}\nkey_pem = ${pem(client.key)}`;
  {
    await using c = await run(receiver, `tls_config {\n ca_pem = ${pem(authority.cert)}\n${keys}\n}`);
    await sendEntries(c.exports.receiver, 'x').delivered;
  }
  {
    await using c = await run(
      receiver,
      `tls_config {\n${keys}\n}\nmax_backoff_retries = 2\nqueue_config {\n drain_timeout = "1ms"\n}`,
    );
    await assert.rejects(sendEntries(c.exports.receiver, 'y').delivered, /certificate/);
  }
  assert.deepEqual(
    receiver.accepted.map(({ line }) => line),
    ['x'],
  );
});

test('an entry is delivered when the receiver has answered, not before', async () => {
  await using receiver = await startLokiReceiver();
  const { isHolding, open } = gate(receiver);
  await using c = await run(receiver);
  let isDelivered = false;
  const { accepted, delivered } = sendEntries(c.exports.receiver, 'x');
  const marked = delivered.then(() => (isDelivered = true));
  await accepted;
  await isHolding();
  assert.equal(isDelivered, false);
  open();
  await marked;
});

test('a batch that is spread over requests is delivered with the last of them', async () => {
  await using receiver = await startLokiReceiver();
  const { answer, isHolding } = gate(receiver);
  await using c = await run(receiver, 'batch_size = "1B"');
  let isDelivered = false;
  const marked = sendEntries(c.exports.receiver, 'a', 'b').delivered.then(() => (isDelivered = true));
  await answer(204);
  await isHolding();
  assert.equal(isDelivered, false);
  await answer(204);
  await marked;
});

test('what fails for now is sent again, byte by byte the same, until it is delivered', async () => {
  await using receiver = await startLokiReceiver();
  const answers = [500, 503, 429, 599, 'hang', 'close', { status: 502, body: 'x'.repeat(100_000) }, 204] as const;
  receiver.answer(answers);
  await using c = await run(receiver, 'remote_timeout = "100ms"\nmax_backoff_retries = 0');
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
  await using c = await run(receiver);
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
  await using c = await run(gone, 'queue_config {\n drain_timeout = "1ms"\n}');
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
    await using c = await run(receiver, 'queue_config {\n drain_timeout = "1ms"\n}');
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
    await using c = await run(receiver, config);
    const label = `${answer} with ${config}`;
    const { accepted, delivered } = sendEntries(c.exports.receiver, 'a', 'b');
    await accepted;
    await assert.rejects(delivered, { isRetryable: false }, label);
    assert.equal(receiver.requests.length, attempts, label);
    const key = `{host="${hostOf(receiver)}",tenant=""`;
    const metrics = c.metrics();
    const reasons = ['ingester_error', 'rate_limited', 'stream_limited', 'queue_is_full'];
    assert.deepEqual(
      reasons.map((one) => metrics[`loki_write_dropped_entries_total${key},reason="${one}"}`]),
      reasons.map((one) => (one === reason ? 2 : 0)),
      label,
    );
    const bytes = receiver.requests[0]?.body.length;
    assert.equal(metrics[`loki_write_dropped_bytes_total${key},reason="${reason}"}`], bytes, label);
    assert.equal(metrics[`loki_write_sent_entries_total${key}}`], 0, label);
    assert.equal(metrics[`loki_write_batch_retries_total${key}}`], retries, label);
    assert.equal(metrics[`loki_write_entry_propagation_latency_seconds_count${key}}`], 2, label);
    const last = c.logged.at(-1);
    assert.equal(last?.message, 'final error sending batch, entries are dropped');
    assert.equal(last.fields['error'], `server returned HTTP status ${answer}: first line`);
    assert.equal(last.fields['entries'], 2);

    receiver.answer(204);
    await sendEntries(c.exports.receiver, 'c').delivered;
    assert.deepEqual(
      receiver.accepted.map(({ line }) => line),
      ['c'],
      label,
    );
  }
});

test('metrics tell what was sent', async () => {
  await using receiver = await startLokiReceiver();
  await using c = await run(receiver, 'batch_wait = "1h"');
  await sendEntries(c.exports.receiver, 'a', 'b', labelled('c', { __tenant_id__: 't' })).accepted;
  const host = hostOf(receiver);
  const shown = (metrics: Readonly<Record<string, number>>) => {
    const of = (name: string, tenant: string) => metrics[`loki_write_${name}{host="${host}",tenant="${tenant}"}`];
    return {
      entries: ['', 't'].map((tenant) => of('sent_entries_total', tenant)),
      bytes: ['', 't'].map((tenant) => of('sent_bytes_total', tenant)),
      sizes: ['', 't'].map((tenant) => of('request_size_bytes_count', tenant)),
      latencies: ['', 't'].map((tenant) => of('entry_propagation_latency_seconds_count', tenant)),
      queued: metrics[`loki_write_queue_entries{host="${host}"}`],
    };
  };
  assert.deepEqual(shown(c.metrics()), {
    entries: [0, 0],
    bytes: [0, 0],
    sizes: [undefined, undefined],
    latencies: [undefined, undefined],
    queued: 3,
  });
  await c.stop();
  assert.deepEqual(shown(c.metrics()), {
    entries: [2, 1],
    bytes: receiver.requests.map(({ body }) => body.length),
    sizes: [1, 1],
    latencies: [2, 1],
    queued: 0,
  });
  assert.equal(c.metrics()[`loki_write_queue_bytes{host="${host}"}`], 0);
});

test('each request has a limited number of streams', async () => {
  await using receiver = await startLokiReceiver();
  await using c = await run(receiver, 'batch_wait = "1h"', 'max_streams = 2');
  const entries = ['a', 'b', 'c', 'a', 'd'].map((app, index) => labelled(`${index}`, { app }));
  const { delivered } = sendEntries(
    c.exports.receiver,
    ...entries,
    labelled('other', { app: 'c', __tenant_id__: 't' }),
  );
  await c.stop();
  await delivered;
  assert.deepEqual(receiver.accepted.map(({ line }) => line).toSorted(), ['0', '1', '3', 'other']);
  const key = `{host="${hostOf(receiver)}",tenant="",reason="stream_limited"}`;
  assert.equal(c.metrics()[`loki_write_dropped_entries_total${key}`], 2);
  assert.equal(c.metrics()[`loki_write_dropped_bytes_total${key}`], 2);
});

test('all endpoints get all entries, and an entry is delivered when all have it', async () => {
  await using first = await startLokiReceiver();
  await using second = await startLokiReceiver();
  const { isHolding, open } = gate(second);
  await using c = await runComponent(
    lokiWrite,
    endpoint(first, 'batch_size = "1B"\nname = "first"') + endpoint(second, 'batch_size = "1B"'),
  );
  const lines = Array.from({ length: 100 }, (_, index) => `line ${index}`);
  let delivered = 0;
  const sent = lines.map((line) => sendEntries(c.exports.receiver, line).delivered.then(() => delivered++));
  await isHolding();
  assert.equal(delivered, 0);
  open();
  await Promise.all(sent);
  for (const receiver of [first, second]) {
    assert.equal(receiver.requests.length, 100);
    assert.deepEqual(
      receiver.accepted.map(({ line }) => line),
      lines,
    );
    assert.equal(c.metrics()[`loki_write_sent_entries_total{host="${hostOf(receiver)}",tenant=""}`], 100);
  }
});

test('with several requests at a time, the entries of a stream stay in order', async () => {
  await using receiver = await startLokiReceiver();
  let underWay = 0;
  let most = 0;
  receiver.answer(async () => {
    most = Math.max(most, ++underWay);
    await new Promise((resolve) => setImmediate(resolve));
    underWay--;
    return 204;
  });
  await using c = await run(receiver, 'batch_size = "20B"\nqueue_config {\n min_shards = 4\n}');
  const streams = Array.from({ length: 12 }, (_, index) => `app-${index}`);
  for (let round = 0; round < 20; round++) {
    const entries = streams.map((app) => labelled(`${round}`, { app }));
    await sendEntries(c.exports.receiver, ...entries).accepted;
  }
  await c.stop();
  for (const app of streams) {
    const lines = receiver.accepted.filter(({ labels }) => labels['app'] === app).map(({ line }) => line);
    assert.deepEqual(
      lines,
      Array.from({ length: 20 }, (_, index) => `${index}`),
    );
  }
  assert.ok(most > 1);
});

const smallQueue = (more = '') =>
  `batch_size = "1B"\nqueue_config {\n capacity = "1B"\n drain_timeout = "1s"\n ${more}\n}`;

test('while the queue is full, senders wait', async () => {
  await using receiver = await startLokiReceiver();
  const { answer, isHolding, open } = gate(receiver);
  await using c = await run(receiver, `batch_wait = "1h"\n${smallQueue()}`);
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
  await using c = await run(
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
  await using c = await run(receiver, config);
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
  await using c = await run(receiver, smallQueue());
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
  await using c = await run(receiver, smallQueue('block_on_overflow = false'));
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
  await using c = await run(receiver, 'batch_wait = "1h"');
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
    await using c = await run(receiver, `${config}\nqueue_config {\n drain_timeout = "20ms"\n}`);
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

test('it can be given other arguments while senders wait', async () => {
  await using broken = await startLokiReceiver();
  broken.answer('hang');
  await using working = await startLokiReceiver();
  const config = 'batch_size = "1B"\nqueue_config {\n capacity = "1B"\n drain_timeout = "20ms"\n}';
  await using c = await run(broken, config);
  const first = sendEntries(c.exports.receiver, 'a', 'b');
  await first.accepted;
  const lost = assert.rejects(first.delivered, { isRetryable: true });
  await broken.attempts(1);
  const waiting = sendEntries(c.exports.receiver, 'c');
  await c.update(endpoint(working, config));
  await assert.rejects(waiting.accepted, { isRetryable: true });
  const again = ['a', 'b', 'c'].map((line) => sendEntries(c.exports.receiver, line).delivered);
  await Promise.all([lost, ...again]);
  assert.deepEqual(
    working.accepted.map(({ line }) => line),
    ['a', 'b', 'c'],
  );
});

test('entries that came to an instance that never ran are sent when it is closed', async () => {
  await using broken = await startLokiReceiver();
  broken.answer('hang');
  await using first = await startLokiReceiver();
  await using second = await startLokiReceiver();
  const draining = 'queue_config {\n drain_timeout = "100ms"\n}';
  await using c = await run(broken, draining);
  const lost = assert.rejects(sendEntries(c.exports.receiver, 'a').delivered, { isRetryable: true });
  await broken.attempts(1);
  await c.update(endpoint(first, draining));
  const taken = sendEntries(c.exports.receiver, 'b');
  await taken.accepted;
  await c.update(endpoint(second, draining));
  await sendEntries(c.exports.receiver, 'c').delivered;
  await Promise.all([lost, taken.delivered]);
  assert.deepEqual(
    [first, second].map(({ accepted }) => accepted.map(({ line }) => line)),
    [['b'], ['c']],
  );
});

test('arguments that make no sense are refused', () => {
  const url = 'url = "http://localhost:3100/loki/api/v1/push"';
  const one = (more: string) => `endpoint {\n${url}\n${more}\n}`;
  const cases: readonly [text: string, problem: string][] = [
    ['', 'at least one endpoint config must be provided'],
    [`${one('')}\n${one('')}`, `duplicate endpoint configs are not allowed, found duplicate for name: `],
    [`${one('name = "a"')}\n${one('name = "a"\ntenant_id = "x"')}`, 'duplicate endpoint configs are not allowed, found duplicate for name: a'],
    [one('bearer_token = "a"\nbearer_token_file = "b"'), 'at most one of basic_auth, authorization, oauth2, bearer_token & bearer_token_file must be configured'],
    [`${one('')}\nwal {\n enabled = true\n}`, 'the wal block cannot be enabled yet'],
    ['endpoint {\n}', 'test.alloy:1:1: missing required attribute "url"'],
    ['endpoint {\n url = "loki:3100"\n}', 'test.alloy:2:8: "loki:3100" is not valid: unsupported scheme "loki", use http or https'],
    [one('headers = { "a b" = "c" }'), 'test.alloy:3:11: "a b" is not a valid header name'],
    [one('headers = { a = "b\\nc" }'), 'test.alloy:3:11: the value of header "a" has characters that headers cannot have'],
    [one('tenant_id = "a\\nb"'), 'test.alloy:3:13: the value of header "X-Scope-OrgID" has characters that headers cannot have'],
    [one('batch_size = "0B"'), 'test.alloy:3:14: batch_size must be at least 1'],
    [one('queue_config {\n min_shards = 0\n}'), 'test.alloy:4:15: min_shards must be at least 1'],
  ]; // prettier-ignore
  for (const [text, problem] of cases) {
    const problems = problemsOf(lokiWrite, text);
    assert.equal(problems.length, 1, `${text}: ${problems.join()}`);
    assert.ok(problems[0]?.startsWith(problem), problems[0]);
  }
  for (const text of [`${one('')}\n${one('basic_auth {\n password = "x"\n}')}`, `${one('basic_auth {\n password = "x"\n}')}\n${one('basic_auth {\n password = "y"\n}')}`]) assert.deepEqual(problemsOf(lokiWrite, text), [], 'endpoints that differ in a secret are two'); // prettier-ignore
});
