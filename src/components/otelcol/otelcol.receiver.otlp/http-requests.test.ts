import assert from 'node:assert/strict';
import type http from 'node:http';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { DeliveryError } from '../../../flow/delivery.ts';
import { otlp } from '../../../formats/otlp/otlp-signal.ts';
import { compressFramed } from '../../../formats/snappy/framed.ts';
import { xxhash32 } from '../../../formats/lz4/xxhash32.ts';
import { GrpcError, grpcCodes, type GrpcCode } from '../../../net/grpc/grpc-status.ts';
import { receiverFor } from '../../../testkit/arguments.ts';
import { collect, refuse } from '../../../testkit/collect.ts';
import { startOtlpReceiver, type OtlpAnswer } from '../../../testkit/otlp-receiver.ts';
import { otlpMessage } from '../../../testkit/otlp-reference.ts';
import { logsRequest, traceRequest } from '../../../testkit/otlp-samples.ts';
import { runComponent } from '../../../testkit/run-component.ts';
import { AuthRefusal, exportedAuthHandler, type ServerAuth } from '../auth-handler.ts';
import { otelcolReceiverOtlp } from '../otelcol.receiver.otlp.ts';

const body = traceRequest();
const json = { 'content-type': 'application/json' };

function statusIn({ body: status, headers }: OtlpAnswer): unknown {
  if (headers['content-type'] === 'application/json') return JSON.parse(status.toString());
  return otlpMessage('RpcStatus').decode(status).toJSON();
}

function codeIn(answer: OtlpAnswer): number {
  return (statusIn(answer) as { code: number }).code;
}

test('framed snappy and lz4 are understood too, in either letter case', async () => {
  await using receiver = await startOtlpReceiver({ http: '' });
  for (const [coding, packed] of [
    ['snappy', compressFramed(body)],
    ['lz4', lz4Frame(body)],
    ['GZIP', gzipSync(body)],
  ] as const)
    assert.equal((await receiver.post('/v1/traces', packed, { 'content-encoding': coding })).status, 200, coding);
  assert.ok(receiver.out.batches.every(({ chunks }) => Buffer.concat(chunks).equals(body)));
  assert.equal(receiver.out.batches.length, 3);
});

/** A frame with one block that is not compressed. */
function lz4Frame(content: Buffer): Buffer {
  const descriptor = Buffer.from([0x60, 0x40]);
  const check = (xxhash32(descriptor, 0, descriptor.length) >>> 8) & 0xff;
  const size = Buffer.alloc(4);
  size.writeUInt32LE((content.length | 0x80000000) >>> 0);
  return Buffer.concat([
    Buffer.from('04224d18', 'hex'),
    descriptor,
    Buffer.from([check]),
    size,
    content,
    Buffer.alloc(4),
  ]);
}

const unreadable: readonly (readonly [name: string, sent: Buffer | string, headers: http.OutgoingHttpHeaders])[] = [
  ['several compressions at once', gzipSync(gzipSync(body)), { 'content-encoding': 'gzip, gzip' }],
  ['an unknown compression', body, { 'content-encoding': 'br' }],
  ['a compressed body that is cut off', gzipSync(body).subarray(0, 100), { 'content-encoding': 'gzip' }],
  ['a body beyond the limit', Buffer.alloc(1024 * 1024 + 1), {}],
  ['a body that is beyond the limit when it is unpacked', gzipSync(Buffer.alloc(2 ** 21)), { 'content-encoding': 'gzip' }],
  ['a message of another kind', logsRequest(), {}],
  ['text', 'hello', {}],
]; // prettier-ignore
for (const [name, sent, headers] of unreadable) {
  test(`${name} is answered with status 400 and an invalid argument, in the form of the request`, async () => {
    await using receiver = await startOtlpReceiver({ http: 'max_request_body_size = "1MiB"' });
    for (const form of ['application/x-protobuf', 'application/json']) {
      const answer = await receiver.post('/v1/traces', sent, { 'content-type': form, ...headers });
      assert.deepEqual([answer.status, answer.headers['content-type']], [400, form]);
      assert.equal(codeIn(answer), grpcCodes.invalidArgument);
    }
    assert.equal(receiver.out.batches.length, 0);
  });
}

test('what has no items is taken, goes nowhere, and is not counted', async () => {
  await using receiver = await startOtlpReceiver({ http: '' });
  for (const [path, text] of [
    ['/v1/traces', '{}'],
    ['/v1/traces', '{"resourceSpans":[{"scopeSpans":[{"spans":[]}]}]}'],
    ['/v1/metrics', '{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"m","gauge":{"dataPoints":[]}}]}]}]}'],
    ['/v1/logs', '{"resourceLogs":[{"resource":{}}]}'],
  ] as const) {
    const { status, body: answer } = await receiver.post(path, text, json);
    assert.deepEqual([status, answer.toString()], [200, '{"partialSuccess":{}}'], text);
  }
  assert.equal(receiver.out.batches.length, 0);
  const counted = Object.keys(receiver.component.metrics());
  assert.deepEqual(counted.filter((name) => /otelcol_receiver_(?:accepted|refused)/.test(name)), []); // prettier-ignore
  const labels = 'http_request_method="POST",http_route="/v1/traces",http_response_status_code="200"';
  assert.equal(receiver.component.metrics()[`http_server_request_duration_seconds_count{${labels}}`], 2);
});

const statuses: readonly (readonly [name: keyof typeof grpcCodes, status: number])[] = [
  ['invalidArgument', 400],
  ['unauthenticated', 401],
  ['permissionDenied', 403],
  ['unimplemented', 404],
  ['resourceExhausted', 429],
  ['unavailable', 503],
  ['dataLoss', 503],
  ['unknown', 500],
  ['internal', 500],
];
for (const [name, status] of statuses) {
  test(`what follows refuses with the status ${name}, so the client gets ${status} and the same code`, async () => {
    const code: GrpcCode = grpcCodes[name];
    const isLater = status === 429 || status === 503;
    const cause = new GrpcError(code, 'no', { retryDelay: isLater ? 1500 : undefined });
    const to = refuse(new DeliveryError('refused', { retryable: isLater, cause }));
    await using receiver = await startOtlpReceiver({ http: '', to });
    for (const form of ['application/x-protobuf', 'application/json']) {
      const answer = await receiver.post('/v1/traces', form.endsWith('json') ? asJson : body, { 'content-type': form });
      assert.deepEqual([answer.status, answer.headers['retry-after']], [status, isLater ? '2' : undefined]);
      assert.equal(codeIn(answer), code);
    }
  });
}

const asJson = '{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"x"}]}]}]}';

test('who is not known is told so and nothing more, and what is known of others goes along', async () => {
  const server: ServerAuth = {
    authenticate: ({ authorization }, peer) =>
      Promise.resolve(
        authorization === 'secret' ? new Map([['username', `ann of ${peer}`]]) : new AuthRefusal('who are you'),
      ),
  };
  const handler = exportedAuthHandler('').type.encode({ id: 'x', client: undefined, server });
  await using receiver = await startOtlpReceiver({ http: 'auth = handler', names: { handler } });
  for (const method of ['POST', 'GET']) {
    const { status, body: text } = await receiver.post('/v1/traces', '', { authorization: 'guess' }, method);
    assert.deepEqual([status, text.toString()], [401, 'who are you\n']);
  }
  const invalid = 'millrace_receiver_otlp_invalid_requests_total{transport="http",reason="unauthenticated"}';
  assert.equal(receiver.component.metrics()[invalid], 2);
  assert.equal((await receiver.post('/v1/traces', body, { authorization: 'secret' })).status, 200);
  assert.equal(receiver.out.batches[0]?.client?.auth.get('username'), 'ann of 127.0.0.1');
});

test('paths are those of the arguments, and a missing slash is not added', async () => {
  await using receiver = await startOtlpReceiver({ http: 'traces_url_path = "/spans"\nmetrics_url_path = "points"' });
  const statusOf = async (path: string): Promise<number> => (await receiver.post(path, '')).status;
  assert.deepEqual(
    [await statusOf('/spans?x=1'), await statusOf('/v1/traces'), await statusOf('/points'), await statusOf('/v1/logs')],
    [200, 404, 404, 200],
  );
});

test('connections stay open after a request if that is wanted', async () => {
  for (const isKept of [true, false]) {
    await using receiver = await startOtlpReceiver({ http: `keep_alives_enabled = ${isKept}` });
    const { headers } = await receiver.post('/v1/traces', body, { connection: 'keep-alive' });
    assert.equal(headers.connection, isKept ? 'keep-alive' : 'close');
  }
});

test('pages of any origin may send with any header, and read the headers that are exposed', async () => {
  const lines = 'allowed_origins = ["*"]\nallowed_headers = ["*"]\nexposed_headers = ["X-A", "X-B"]';
  await using receiver = await startOtlpReceiver({ http: `cors {\n${lines}\n}` });
  const asked = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-any' };
  const preflight = await receiver.post('/v1/traces', '', { origin: 'https://a.example', ...asked }, 'OPTIONS');
  assert.equal(preflight.headers['access-control-allow-origin'], '*');
  assert.equal(preflight.headers['access-control-allow-headers'], 'x-any');
  assert.equal(preflight.headers['access-control-max-age'], undefined);
  const sent = await receiver.post('/v1/traces', body, { origin: 'https://a.example' });
  assert.equal(sent.headers['access-control-allow-credentials'], 'true');
  assert.equal(sent.headers['access-control-expose-headers'], 'X-A, X-B');
});

test('headers for pages without origins have no effect, which is told', async () => {
  await using receiver = await startOtlpReceiver({ http: 'cors {\nallowed_headers = ["x-a"]\n}' });
  const warnings = receiver.component.logged.filter(({ level }) => level === 'warn');
  assert.deepEqual(warnings.map(({ message }) => message), ['allowed_headers of cors have no effect without allowed_origins']); // prettier-ignore
  const asked = { origin: 'https://a.example', 'access-control-request-method': 'POST' };
  assert.equal((await receiver.post('/v1/traces', '', asked, 'OPTIONS')).status, 405);
  const { headers } = await receiver.post('/v1/traces', body, { origin: 'https://a.example' });
  assert.equal(headers['access-control-allow-origin'], undefined);
});

test('without servers it is there and does not listen', async () => {
  const names = { out: receiverFor(otlp, collect(otlp)) };
  await using c = await runComponent(otelcolReceiverOtlp, 'output {\ntraces = [out]\n}', { names });
  assert.deepEqual([c.logged, c.health], [[], '']);
});
