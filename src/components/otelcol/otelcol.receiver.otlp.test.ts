import assert from 'node:assert/strict';
import net from 'node:net';
import { test } from 'node:test';
import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { DeliveryError } from '../../flow/delivery.ts';
import { otlp } from '../../formats/otlp/otlp-signal.ts';
import { otlpKinds, type OtlpBatch } from '../../model/otlp-batch.ts';
import { receiverFor } from '../../testkit/arguments.ts';
import { collect, holdBack, refuse } from '../../testkit/collect.ts';
import { otlpMessage } from '../../testkit/otlp-reference.ts';
import { startOtlpReceiver } from '../../testkit/otlp-receiver.ts';
import { logsRequest, metricsRequest, traceRequest } from '../../testkit/otlp-samples.ts';
import { referenceSnappy } from '../../testkit/push-reference.ts';
import { problemsOf } from '../../testkit/run-component.ts';
import { until } from '../../testkit/until.ts';
import { exportedAuthHandler } from './auth-handler.ts';
import { otelcolReceiverOtlp } from './otelcol.receiver.otlp.ts';

const json = { 'content-type': 'application/json' };
const requests = { traces: traceRequest(), metrics: metricsRequest(), logs: logsRequest() };

function statusIn(body: Buffer): unknown {
  return otlpMessage('RpcStatus').decode(body).toJSON();
}

test('each kind is taken at its path, and goes on as the bytes it came in', async () => {
  await using receiver = await startOtlpReceiver({ http: '' });
  for (const kind of otlpKinds) {
    const { status, headers, body } = await receiver.post(`/v1/${kind}`, requests[kind]);
    assert.deepEqual([status, headers['content-type'], body.toString('hex')], [200, 'application/x-protobuf', '0a00']);
  }
  assert.deepEqual(
    receiver.out.batches.map(({ kind, chunks }) => [kind, Buffer.concat(chunks).equals(requests[kind])]),
    otlpKinds.map((kind) => [kind, true]),
  );
  const counted = receiver.component.metrics();
  const labels = '{receiver="otlp/otelcol.receiver.otlp.test",transport="http"}';
  assert.equal(counted[`otelcol_receiver_accepted_spans_total${labels}`], 10);
  assert.equal(counted[`otelcol_receiver_accepted_log_records_total${labels}`], 10);
  assert.ok((counted[`otelcol_receiver_accepted_metric_points_total${labels}`] ?? 0) > 0);
});

test('JSON is answered with JSON', async () => {
  await using receiver = await startOtlpReceiver({ http: '' });
  const span = '{"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"0102030405060708","name":"x"}';
  const text = `{"resourceSpans":[{"scopeSpans":[{"spans":[${span}]}]}]}`;
  const { status, headers, body } = await receiver.post('/v1/traces', text, {
    'content-type': 'application/json; charset=utf-8',
  });
  assert.deepEqual(
    [status, headers['content-type'], body.toString()],
    [200, 'application/json', '{"partialSuccess":{}}'],
  );
  assert.equal(receiver.out.count, 1);
  const broken = await receiver.post('/v1/traces', '{"resourceSpans":[{"scopeSpans":7}]}', json);
  assert.equal(broken.status, 400);
  assert.equal((JSON.parse(broken.body.toString()) as { code: number }).code, 3);
});

test('every compression is understood, and what unpacks to nothing sensible is refused', async () => {
  await using receiver = await startOtlpReceiver({ http: '' });
  const body = requests.traces;
  const packed = {
    gzip: gzipSync(body),
    zstd: zstdCompressSync(body),
    zlib: deflateSync(body),
    deflate: deflateSync(body),
    snappy: Buffer.from(referenceSnappy.compress(body)),
    identity: body,
  };
  for (const [coding, bytes] of Object.entries(packed))
    assert.equal((await receiver.post('/v1/traces', bytes, { 'content-encoding': coding })).status, 200, coding);
  assert.ok(receiver.out.batches.every(({ chunks }) => Buffer.concat(chunks).equals(body)));
  const unknown = await receiver.post('/v1/traces', body, { 'content-encoding': 'br' });
  assert.equal(unknown.status, 400);
  assert.deepEqual(statusIn(unknown.body), { code: 3, message: 'unsupported Content-Encoding: "br"' });
  for (const coding of ['gzip', 'zstd', 'zlib', 'snappy', 'lz4'])
    assert.equal((await receiver.post('/v1/traces', 'rubbish', { 'content-encoding': coding })).status, 400, coding);
});

test('compressions that are not listed are not taken', async () => {
  await using receiver = await startOtlpReceiver({ http: 'compression_algorithms = ["gzip"]' });
  assert.equal((await receiver.post('/v1/traces', requests.traces)).status, 400);
  assert.equal(
    (await receiver.post('/v1/traces', gzipSync(requests.traces), { 'content-encoding': 'gzip' })).status,
    200,
  );
});

test('requests that are none are told so', async () => {
  await using receiver = await startOtlpReceiver({ http: '', output: 'traces = [out]' });
  const path = '/v1/traces';
  assert.equal((await receiver.post('/v1/metrics', requests.metrics)).status, 404);
  assert.equal((await receiver.post('/other', '')).status, 404);
  const get = await receiver.post(path, '', {}, 'GET');
  assert.deepEqual([get.status, get.body.toString()], [405, '405 method not allowed, supported: [POST]']);
  const text = await receiver.post(path, 'x', { 'content-type': 'text/plain' });
  assert.equal(text.status, 415);
  assert.equal(
    text.body.toString(),
    '415 unsupported media type, supported: [application/json, application/x-protobuf]',
  );
  const malformed = await receiver.post(path, Buffer.from('0a05', 'hex'));
  assert.equal(malformed.status, 400);
  assert.equal((statusIn(malformed.body) as { code: number }).code, 3);
  assert.equal((await receiver.post(path, '')).status, 200);
  assert.equal(receiver.out.batches.length, 0);
  assert.equal(
    receiver.component.metrics()['millrace_receiver_otlp_invalid_requests_total{transport="http",reason="malformed"}'],
    1,
  );
});

test('bodies beyond the limit are refused, also when they are small until they are unpacked', async () => {
  await using receiver = await startOtlpReceiver({ http: 'max_request_body_size = "100KiB"' });
  const bomb = gzipSync(Buffer.alloc(50 * 1024 * 1024));
  for (const headers of [{ 'content-encoding': 'gzip' }, { 'content-encoding': 'gzip', ...json }])
    assert.equal((await receiver.post('/v1/traces', bomb, headers)).status, 400);
  assert.equal((await receiver.post('/v1/traces', Buffer.alloc(100 * 1024 + 1))).status, 400);
  assert.equal(receiver.component.metrics()['millrace_receiver_otlp_inflight_bytes{transport="http"}'], 0);
});

test('a refused batch is answered with a status that says whether to try again', async () => {
  const cases = [
    { error: new DeliveryError('full', { retryable: true }), status: 503, code: 14, after: undefined },
    { error: new DeliveryError('full', { retryable: true, retryAfter: 2500 }), status: 503, code: 14, after: '3' },
    { error: new DeliveryError('never', { retryable: false }), status: 500, code: 13, after: undefined },
  ];
  for (const { error, status, code, after } of cases) {
    await using receiver = await startOtlpReceiver({ http: '', to: refuse(error) });
    const answer = await receiver.post('/v1/traces', requests.traces);
    assert.deepEqual([answer.status, answer.headers['retry-after']], [status, after]);
    const { code: actual, message } = statusIn(answer.body) as { code: number; message: string };
    assert.deepEqual([actual, message], [code, error.message]);
    const labels = '{receiver="otlp/otelcol.receiver.otlp.test",transport="http"}';
    assert.equal(receiver.component.metrics()[`otelcol_receiver_refused_spans_total${labels}`], 10);
  }
});

test('an answer comes when the batch is accepted, not when it is delivered', async () => {
  const held = holdBack<OtlpBatch>();
  await using receiver = await startOtlpReceiver({ http: '', to: held });
  assert.equal((await receiver.post('/v1/traces', requests.traces)).status, 200);
  assert.equal(held.held, 1);
  held.deliverAll();
});

test('a client is not kept waiting longer than the write timeout', async () => {
  const never = { consume: () => new Promise<void>(() => undefined) };
  await using receiver = await startOtlpReceiver({ http: 'write_timeout = "50ms"', to: never });
  const { status, body } = await receiver.post('/v1/traces', requests.traces);
  assert.equal(status, 503);
  assert.deepEqual(statusIn(body), { code: 14, message: 'what was sent was not accepted in time' });
});

test('metadata goes along where that is wanted', async () => {
  for (const isWanted of [true, false]) {
    await using receiver = await startOtlpReceiver({ http: `include_metadata = ${isWanted}` });
    await receiver.post('/v1/traces', requests.traces, { 'X-Tenant': ['a', 'b'] });
    const [batch] = receiver.out.batches;
    assert.equal(batch?.client?.address, '127.0.0.1');
    assert.deepEqual(batch.client.metadata.get('host'), isWanted ? [receiver.address] : undefined);
    assert.deepEqual(batch.client.metadata.get('x-tenant'), isWanted ? ['a', 'b'] : undefined);
  }
});

test('pages of allowed origins may send', async () => {
  const cors = 'cors {\nallowed_origins = ["https://*.example.com"]\nallowed_headers = ["X-Key"]\nmax_age = 60\n}';
  await using receiver = await startOtlpReceiver({ http: cors });
  const preflight = (origin: string, headers: string) =>
    receiver.post(
      '/v1/traces',
      '',
      { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': headers },
      'OPTIONS',
    );
  const allowed = await preflight('https://app.example.com', 'x-key');
  assert.equal(allowed.status, 204);
  assert.equal(allowed.headers['access-control-allow-origin'], 'https://app.example.com');
  assert.equal(allowed.headers['access-control-allow-methods'], 'POST');
  assert.equal(allowed.headers['access-control-allow-headers'], 'x-key');
  assert.equal(allowed.headers['access-control-allow-credentials'], 'true');
  assert.equal(allowed.headers['access-control-max-age'], '60');
  for (const [origin, headers] of [
    ['https://example.org', 'x-key'],
    ['https://app.example.com', 'x-other'],
  ] as const)
    assert.equal((await preflight(origin, headers)).headers['access-control-allow-origin'], undefined);
  const sent = await receiver.post('/v1/traces', requests.traces, { origin: 'https://app.example.com' });
  assert.equal(sent.headers['access-control-allow-origin'], 'https://app.example.com');
});

test('a client that sends too slowly is cut off, and others are not disturbed', async () => {
  await using receiver = await startOtlpReceiver({ http: 'read_timeout = "200ms"' });
  const socket = net.connect(Number(receiver.address.split(':')[1]), '127.0.0.1');
  let text = '';
  socket.on('data', (chunk) => (text += String(chunk)));
  socket.on('error', () => undefined);
  socket.write(
    'POST /v1/traces HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-protobuf\r\nContent-Length: 10\r\n\r\n12',
  );
  assert.equal((await receiver.post('/v1/traces', requests.traces)).status, 200);
  await until(() => socket.closed);
  assert.match(text, /^HTTP\/1\.1 408 /);
});

test('mistakes in the arguments are found', () => {
  const out = receiverFor(otlp, collect(otlp));
  const client = { headersFor: () => Promise.resolve({}) };
  const clientOnly = exportedAuthHandler('').type.encode({ id: 'x', client, server: undefined });
  const problems = (text: string): string[] =>
    problemsOf(otelcolReceiverOtlp, `${text}\noutput {\ntraces = [out]\n}`, { out, client_only: clientOnly });
  assert.deepEqual(problems('grpc { }\nhttp { }'), []);
  assert.deepEqual(problems(''), []);
  for (const kind of otlpKinds) {
    assert.match(problems(`http {\n${kind}_url_path = ""\n}`)[0] ?? '', new RegExp(`${kind}_url_path cannot be empty`));
    assert.match(problems(`http {\n${kind}_url_path = "http://["\n}`)[0] ?? '', /is not a path/);
  }
  for (const server of ['grpc', 'http'])
    assert.match(
      problems(`${server} {\nauth = client_only\n}`)[0] ?? '',
      /the component does not support server authentication/,
    );
  assert.match(problems('grpc {\nendpoint = "nowhere"\n}')[0] ?? '', /"nowhere" is not an address, want host:port/);
  assert.match(problems('http {\ncompression_algorithms = ["br"]\n}')[0] ?? '', /unknown algorithm "br"/);
  assert.match(problems('http {\ntls { }\n}')[0] ?? '', /a server needs a certificate and a key/);
});

test('the memory of a request is used again when it was delivered, and not before', async () => {
  const held = holdBack<OtlpBatch>();
  await using receiver = await startOtlpReceiver({ http: '', to: held });
  const body = traceRequest({ spans: 200 });
  const memory: unknown[] = [];
  for (const deliver of [false, true, true]) {
    await receiver.post('/v1/traces', body);
    const chunk = held.batches.at(-1)?.chunks[0];
    assert.ok(chunk?.equals(body) === true && chunk.length > 16 * 1024);
    memory.push(chunk.buffer);
    if (deliver) held.deliver();
  }
  assert.notEqual(memory[1], memory[0]);
  assert.equal(memory[2], memory[0]);
});
