import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import * as net from 'node:net';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import type { LogBatch } from '../../../model/log-batch.ts';
import { logs } from '../../../model/signal.ts';
import { receiverFor } from '../../../testkit/arguments.ts';
import { holdBack } from '../../../testkit/collect.ts';
import { pushBody, startPushApi, streamOf, type PushAnswer } from '../../../testkit/push-client.ts';
import { until } from '../../../testkit/until.ts';

const json = { 'content-type': 'application/json' };
const gzip = { 'content-encoding': 'gzip' };
const raw = '/loki/api/v1/raw';
const mebibyte = 1024 * 1024;

test('messages beyond the limit are refused in every form', async () => {
  await using api = await startPushApi('max_send_message_size = "1B"');
  const text = Buffer.from('{"streams":[]}');
  const answers = [
    await api.push(pushBody(streamOf('{a="b"}', 'x'))),
    await api.push(Buffer.from([0x05])),
    await api.push(text, json),
    await api.push(gzipSync(text), { ...json, ...gzip }),
    await api.push(text, {}, raw),
  ];
  const tooLarge = { status: 413, text: 'message size too large, at most 1 bytes are allowed\n', retryAfter: null };
  assert.deepEqual(
    answers,
    Array.from(answers, () => tooLarge),
  );
  assert.deepEqual(await api.push(Buffer.from('x'), {}, raw), { status: 204, text: '', retryAfter: null });
});

test('what is small when packed and large when unpacked is refused', async () => {
  await using api = await startPushApi('max_send_message_size = "1MiB"');
  const packed = gzipSync(Buffer.alloc(100 * mebibyte));
  assert.ok(packed.length < mebibyte);
  for (const headers of [gzip, { ...gzip, ...json }]) assert.equal((await api.push(packed, headers)).status, 413);
  assert.equal((await api.push(packed, gzip, raw)).status, 413);
  const claims = Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, 0x00]);
  assert.equal((await api.push(claims)).status, 413);
  assert.equal((await api.push(Buffer.concat([Buffer.from([0x80, 0x80, 0x40]), claims]))).status, 400);
  assert.equal(api.component.metrics()['loki_source_api_inflight_bytes'], 0);
});

test('many of them at once take no more memory than there is for all', async () => {
  await using api = await startPushApi('max_send_message_size = "32MiB"');
  const packed = gzipSync(Buffer.alloc(100 * mebibyte));
  let highest = 0;
  const inflight = (): number => api.component.metrics()['loki_source_api_inflight_bytes'] ?? 0;
  const watch = setInterval(() => (highest = Math.max(highest, inflight())), 1).unref();
  const answers = await Promise.all(Array.from({ length: 12 }, () => api.push(packed, gzip)));
  clearInterval(watch);
  assert.deepEqual(new Set(answers.map(({ status }) => status)).difference(new Set([413, 429])), new Set());
  assert.ok(highest <= 97 * mebibyte, `${highest} bytes`);
  assert.equal(inflight(), 0);
});

test('a request may not have more entries, streams or labels than memory is meant for', async () => {
  await using api = await startPushApi('max_send_message_size = "4MiB"');
  const streams = Array.from({ length: 50_001 }, () => streamOf('{a="b"}'));
  assert.match((await api.push(pushBody(...streams))).text, /^push request has more than 50000 streams/);
  const values = `[["1",""]${',["1",""]'.repeat(200_000)}]`;
  const many = Buffer.from(`{"streams":[{"stream":{"a":"b"},"values":${values}}]}`);
  assert.match((await api.push(many, json)).text, /^push request has more than 131072 entries/);
  assert.match(
    (await api.push(Buffer.alloc(400_000, 'x\n'), {}, raw)).text,
    /^push request has more than 131072 entries/,
  );
  const long = pushBody(streamOf(`{a="${'x'.repeat(40_000)}"}`, 'x'));
  assert.match((await api.push(long)).text, /^label set is 40006 characters long/);
  const deep = Buffer.from(`{"streams":[{"x":${'['.repeat(1_000_000)}`);
  assert.match((await api.push(deep, json)).text, /^push request is not a valid JSON object/);
});

/** Sends a head and then pieces until the server ends the connection; all that came back. */
async function stream(url: string, head: string, piece: () => Buffer | undefined): Promise<string> {
  const { port } = new URL(url);
  const socket = net.connect(Number(port), '127.0.0.1');
  let text = '';
  socket.on('data', (chunk) => (text += String(chunk)));
  // The connection may be cut while something is on its way.
  socket.on('error', () => undefined);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.write(`POST /loki/api/v1/push HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n${head}\r\n\r\n`);
  while (!socket.destroyed) {
    const bytes = piece();
    if (bytes === undefined) break;
    if (!socket.write(bytes)) await new Promise((resolve) => socket.once('drain', resolve).once('close', resolve));
    else await new Promise((resolve) => setImmediate(resolve));
  }
  await closed;
  return text;
}

test('a body without end is answered at the limit, and its connection is closed', async () => {
  await using api = await startPushApi('max_send_message_size = "1MiB"');
  const chunk = Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(65_536, ' '), Buffer.from('\r\n')]);
  const answer = await stream(api.url, 'Transfer-Encoding: chunked', () => chunk);
  assert.match(answer, /^HTTP\/1\.1 413 [^]*message size too large/);
  const announced = await stream(api.url, 'Content-Length: 99999999', () => undefined);
  assert.match(announced, /^HTTP\/1\.1 413 [^]*message size too large/);
});

test('a body that comes too slowly is not waited for', async () => {
  await using api = await startPushApi('', { http: 'server_read_timeout = "200ms"' });
  const answer = await stream(api.url, 'Content-Length: 10', () => undefined);
  assert.match(answer, /^HTTP\/1\.1 408 /);
  await until(() => api.component.metrics()['loki_source_api_inflight_bytes'] === 0);
  const gone =
    'loki_source_api_request_duration_seconds_count{method="POST",route="loki_api_v1_push",status_code="499",ws="false"}';
  await until(() => api.component.metrics()[gone] === 1);
});

test('connections beyond the limit are closed and counted', async () => {
  await using api = await startPushApi('', { http: 'conn_limit = 1' });
  const port = Number(new URL(api.url).port);
  const first = net.connect(port, '127.0.0.1');
  const open = 'loki_source_api_tcp_connections{protocol="http"}';
  await until(() => api.component.metrics()[open] === 1);
  const second = net.connect(port, '127.0.0.1');
  second.on('error', () => undefined);
  await new Promise((resolve) => second.once('close', resolve));
  assert.equal(api.component.metrics()['loki_source_api_refused_connections_total'], 1);
  first.destroy();
  await until(() => api.component.metrics()[open] === 0);
  assert.equal((await fetch(`${api.url}/ready`)).status, 200);
});

test('while downstream is slow, requests take bounded memory, and the others are told to come later', async () => {
  const held = holdBack<LogBatch>();
  const names = { held: receiverFor(logs, held) };
  const text = 'max_send_message_size = "2MiB"';
  await using api = await startPushApi(text, { names, forwardTo: '[held]' });
  const body = pushBody(streamOf('{a="b"}', randomBytes(mebibyte).toString('base64')));
  let highest = 0;
  const inflight = (): number => api.component.metrics()['loki_source_api_inflight_bytes'] ?? 0;
  const watch = setInterval(() => (highest = Math.max(highest, inflight())), 1).unref();
  const answers: PushAnswer[] = [];
  const pushes = Array.from({ length: 120 }, async () => answers.push(await api.push(body)));
  await until(() => answers.length + held.held === pushes.length);
  assert.ok(held.held >= 40, 'most of what there is room for is accepted');
  assert.ok(answers.length > 0);
  for (const { status, retryAfter, text: why } of answers) {
    assert.deepEqual([status, retryAfter], [429, '5']);
    assert.match(why, /^too many (?:requests|bytes|entries) are under way/);
  }
  held.deliverAll();
  await Promise.all(pushes);
  clearInterval(watch);
  assert.ok(highest > 40 * mebibyte && highest <= 64 * mebibyte, `${highest} bytes`);
  assert.equal(answers.filter(({ status }) => status === 204).length, held.batches.length);
  assert.equal(inflight(), 0);
  assert.equal(
    (await Promise.all([api.push(body), until(() => held.held === 1).then(() => held.deliver())]))[0].status,
    204,
  );
});

test('curl is answered before it has sent a body that is too large', async () => {
  await using api = await startPushApi('max_send_message_size = "1KiB"');
  const run = promisify(execFile);
  const curl = (size: string, ...more: readonly string[]): Promise<{ stdout: string }> =>
    run('sh', [
      '-c',
      `head -c ${size} /dev/zero | tr '\\0' 'x' | curl -sS -m 20 -w ' %{http_code}' --data-binary @- ${more.join(' ')} ${api.url}${raw}`,
    ]);
  assert.equal((await curl('1000')).stdout, ' 204');
  assert.match((await curl('20000000')).stdout, /^message size too large.*\n 413$/);
  assert.match((await curl('20000000', "-H 'Expect:'")).stdout, /^message size too large.*\n 413$/);
});
