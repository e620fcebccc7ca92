import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sendEntries } from '../../testkit/log-entries.ts';
import { endpoint, gate, hostOf, labelled, runWrite } from '../../testkit/loki-endpoints.ts';
import { startLokiReceiver } from '../../testkit/loki-receiver.ts';
import { problemsOf, runComponent } from '../../testkit/run-component.ts';
import { lokiWrite } from './loki.write.ts';

test('entries arrive as they are', async () => {
  await using receiver = await startLokiReceiver();
  await using c = await runWrite(receiver);
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
  await using c = await runWrite(receiver);
  await sendEntries(c.exports.receiver, { line: Buffer.from([0x61, 0xff, 0x62]) }, { line: 'after' }).delivered;
  assert.deepEqual(
    receiver.accepted.map(({ line }) => line),
    ['a\ufffdb', 'after'],
  );
});

test('labels of entries win over external ones, and labels with two underscores are not sent', async () => {
  await using receiver = await startLokiReceiver();
  await using c = await runWrite(receiver, '', 'external_labels = { cluster = "eu", app = "external", __x = "y" }');
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
  await using c = await runWrite(receiver, '', 'max_streams = 3');
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
  await using c = await runWrite(receiver, 'batch_size = "12B"\nbatch_wait = "1h"');
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

test('metadata counts for the size, and labels once for a request', async () => {
  await using receiver = await startLokiReceiver();
  await using c = await runWrite(receiver, 'batch_size = "20B"\nbatch_wait = "1h"');
  const labels = { a: '1234' };
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
  await using c = await runWrite(receiver, 'batch_wait = "20ms"');
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
  await using c = await runWrite(receiver, 'tenant_id = "default"', 'external_labels = { cluster = "eu" }');
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
  await using c = await runWrite(receiver, 'tenant_id = "default"', 'external_labels = { __tenant_id__ = "external" }');
  await sendEntries(c.exports.receiver, labelled('1', {}), labelled('2', { __tenant_id__: 'own' })).delivered;
  assert.deepEqual(
    receiver.accepted.map(({ line, tenant }) => [line, tenant]),
    [
      ['1', 'external'],
      ['2', 'own'],
    ],
  );
});

test('an entry is delivered when the receiver has answered, not before', async () => {
  await using receiver = await startLokiReceiver();
  const { isHolding, open } = gate(receiver);
  await using c = await runWrite(receiver);
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
  await using c = await runWrite(receiver, 'batch_size = "1B"');
  let isDelivered = false;
  const marked = sendEntries(c.exports.receiver, 'a', 'b').delivered.then(() => (isDelivered = true));
  await answer(204);
  await isHolding();
  assert.equal(isDelivered, false);
  await answer(204);
  await marked;
});

test('metrics tell what was sent', async () => {
  await using receiver = await startLokiReceiver();
  await using c = await runWrite(receiver, 'batch_wait = "1h"');
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
  await using c = await runWrite(receiver, 'batch_wait = "1h"', 'max_streams = 2');
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
  await using c = await runWrite(receiver, 'batch_size = "20B"\nqueue_config {\n min_shards = 4\n}');
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

test('arguments that make no sense are refused', () => {
  const url = 'url = "http://localhost:3100/loki/api/v1/push"';
  const one = (more: string) => `endpoint {\n${url}\n${more}\n}`;
  const cases: readonly [text: string, problem: string][] = [
    ['', 'at least one endpoint config must be provided'],
    [`${one('')}\n${one('')}`, `duplicate endpoint configs are not allowed, found duplicate for name: `],
    [`${one('name = "a"')}\n${one('name = "a"\ntenant_id = "x"')}`, 'duplicate endpoint configs are not allowed, found duplicate for name: a'],
    [one('bearer_token = "a"\nbearer_token_file = "b"'), 'at most one of basic_auth, authorization, oauth2, bearer_token & bearer_token_file must be configured'],
    [`${one('')}\nwal {\n min_read_frequency = "2s"\n}`, 'test.alloy:5:1: WAL min read frequency should be lower than max read frequency'],
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

test('a queue that is not as by default needs the experimental level', () => {
  const one = (more: string) => `endpoint {\n url = "http://localhost/"\n queue_config {\n ${more}\n }\n}`;
  const level = 'changing queue_config requires stability.level flag to be experimental';
  for (const more of ['capacity = "1MiB"', 'min_shards = 2', 'drain_timeout = "1s"', 'block_on_overflow = false']) {
    assert.deepEqual(problemsOf(lokiWrite, one(more)), []);
    assert.deepEqual(problemsOf(lokiWrite, one(more), {}, 'generally-available'), [level], more);
  }
  assert.deepEqual(problemsOf(lokiWrite, one('capacity = "10MiB"'), {}, 'generally-available'), []);
});
