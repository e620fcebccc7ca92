import assert from 'node:assert/strict';
import * as https from 'node:https';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { CertificateAuthority } from './certificates.ts';
import { startLokiReceiver, type LokiReceiver } from './loki-receiver.ts';

/** Built by hand: stream `{a="b"}` with an entry of 1700000000.000000005 s, the line `hi`, and the pair k = v. */
const message = Buffer.from(
  `0a 21 0a07 7b613d2262227d 12 16 0a08 0880e2cfaa06 1005 1202 6869 1a06 0a016b 120176`.replaceAll(' ', ''),
  'hex',
);
/** One snappy literal. */
const body = Buffer.concat([Buffer.from([message.length, (message.length - 1) << 2]), message]);
const protobuf = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' };

async function push(
  receiver: LokiReceiver,
  content: Buffer | string = body,
  headers: Record<string, string> = protobuf,
) {
  const response = await fetch(receiver.url, { method: 'POST', body: content, headers });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

function jsonOf(...lines: string[]): string {
  return JSON.stringify({ streams: [{ stream: { b: '2', a: 'x"' }, values: lines.map((line) => ['5', line]) }] });
}

const json = { 'content-type': 'application/json; charset=utf-8' };

test('a protobuf request becomes entries', async () => {
  await using receiver = await startLokiReceiver();
  const { status } = await push(receiver, body, { ...protobuf, 'x-scope-orgid': 'me', authorization: 'Basic eDp5' });
  assert.equal(status, 204);
  const [{ headers, ...entry } = assert.fail()] = await receiver.entries(1);
  assert.deepEqual(entry, {
    labels: { a: 'b' },
    labelText: '{a="b"}',
    timestampNs: '1700000000000000005',
    line: 'hi',
    metadata: { k: 'v' },
    tenant: 'me',
  });
  assert.equal(headers.authorization, 'Basic eDp5');
  assert.equal(receiver.requests.length, 1);
  assert.equal(receiver.bytes, body.length);
});

test('a JSON request becomes entries, with gzip and without', async () => {
  await using receiver = await startLokiReceiver();
  await push(receiver, jsonOf('one'), json);
  await push(receiver, gzipSync(jsonOf('two')), { ...json, 'content-encoding': 'gzip' });
  const entries = await receiver.entries(2);
  assert.deepEqual(
    entries.map(({ line, labels, labelText }) => [line, labels, labelText]),
    ['one', 'two'].map((line) => [line, { a: 'x"', b: '2' }, String.raw`{a="x\"", b="2"}`]),
  );
});

test('what cannot be read is answered with 400 and kept as a problem', async () => {
  await using receiver = await startLokiReceiver();
  receiver.answer(500);
  const { status, text } = await push(receiver, 'nonsense');
  assert.equal(status, 400);
  const [request] = await receiver.attempts(1);
  assert.equal(request?.problem, text);
  assert.deepEqual(receiver.accepted, []);
  const response = await fetch(new URL('/other', receiver.url), { method: 'POST' });
  assert.equal(response.status, 404);
  assert.equal(receiver.requests.length, 1);
});

test('answers are given as told', async () => {
  await using receiver = await startLokiReceiver();
  receiver.answer([500, { status: 429, headers: { 'retry-after': '3' }, body: 'too much', delay: 1 }]);
  assert.equal((await push(receiver)).status, 500);
  const { status, headers, text } = await push(receiver);
  assert.deepEqual([status, headers.get('retry-after'), text], [429, '3', 'too much']);
  assert.equal((await push(receiver)).status, 204);
  assert.equal((await push(receiver)).status, 204);
  receiver.answer((request) => (request.entries[0]?.line === 'hi' ? 418 : 204));
  assert.equal((await push(receiver)).status, 418);
  const requests = await receiver.attempts(5);
  assert.deepEqual(
    requests.map(({ answer }) => answer),
    [500, 429, 204, 204, 418],
  );
  assert.equal(receiver.accepted.length, 2);
});

test('a connection may be closed or left without an answer', async () => {
  await using receiver = await startLokiReceiver();
  receiver.answer(['close', 'hang']);
  await assert.rejects(push(receiver), TypeError);
  const hanging = push(receiver);
  hanging.catch(() => undefined);
  const requests = await receiver.attempts(2);
  assert.deepEqual(
    requests.map(({ answer }) => answer),
    ['close', 'hang'],
  );
  assert.deepEqual(receiver.accepted, []);
  await receiver[Symbol.asyncDispose]();
  await assert.rejects(hanging, TypeError);
});

test('waiting in vain fails with everything that came', async () => {
  await using receiver = await startLokiReceiver();
  await assert.rejects(receiver.entries(1, 1), {
    message: 'expected 1 entries within 1 ms, got 0 entries:\nnothing came',
  });
  await push(receiver, body, { ...protobuf, 'x-scope-orgid': 'me' });
  receiver.answer(500);
  await push(receiver, jsonOf('one', 'two'), json);
  await assert.rejects(receiver.entries(2, 1), {
    message: [
      'expected 2 entries within 1 ms, got 1 entries:',
      '  request 1 of tenant me, 204:',
      '    1700000000000000005 {a="b"} "hi" {"k":"v"}',
      '  request 2, 500:',
      String.raw`    5 {a="x\"", b="2"} "one" {}`,
      String.raw`    5 {a="x\"", b="2"} "two" {}`,
    ].join('\n'),
  });
});

test('entries that were accepted twice are duplicates', async () => {
  await using receiver = await startLokiReceiver();
  receiver.answer([500]);
  await push(receiver);
  await push(receiver);
  assert.deepEqual(receiver.duplicates(), []);
  await push(receiver, body, { ...protobuf, 'x-scope-orgid': 'other' });
  assert.deepEqual(receiver.duplicates(), []);
  await push(receiver);
  assert.deepEqual(
    receiver.duplicates().map(({ line }) => line),
    ['hi'],
  );
});

test('the receiver speaks TLS and can ask for certificates', async () => {
  const authority = new CertificateAuthority('authority');
  const server = authority.issue('server', 'IP:127.0.0.1');
  const client = authority.issue('client');
  await using receiver = await startLokiReceiver({ ...server, ca: authority.cert, requestCert: true });
  const post = (pair: object) =>
    new Promise<number | undefined>((resolve, reject) => {
      const options = { method: 'POST', headers: protobuf, ca: authority.cert, ...pair };
      const request = https.request(receiver.url, options, (response) => resolve(response.resume().statusCode));
      request.on('error', reject).end(body);
    });
  assert.match(receiver.url, /^https:/);
  assert.equal(await post(client), 204);
  await assert.rejects(post({}));
  assert.equal(receiver.accepted.length, 1);
});

test('a receiver that is down refuses connections, and is back at the same address', async () => {
  await using receiver = await startLokiReceiver();
  const { url } = receiver;
  await receiver.down();
  await assert.rejects(push(receiver));
  await receiver.up();
  await receiver.up();
  assert.equal(receiver.url, url);
  await push(receiver);
  assert.equal(receiver.requests.length, 1);
});
