import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeOtlpJson } from '../../formats/otlp/json-decode.ts';
import { ParseError } from '../../base/parse-error.ts';
import { send, type DeliveryError } from '../../flow/delivery.ts';
import type { OtlpKind } from '../../model/otlp-batch.ts';
import { GrpcError, grpcCodes, type GrpcCode } from '../../net/grpc/grpc-status.ts';
import { HttpError } from '../../net/http-error.ts';
import { CertificateAuthority } from '../../testkit/certificates.ts';
import { numberedSpans, partialSuccess, spanNames, startHttpCollector } from '../../testkit/otlp-collector.ts';
import type { HttpAnswer } from '../../testkit/otlp-collector.ts';
import { deliverOtlp } from '../../testkit/otlp-batch.ts';
import { logsRequest, metricsRequest } from '../../testkit/otlp-samples.ts';
import { problemsOf, runComponent } from '../../testkit/run-component.ts';
import { bodyOf, serve } from '../../testkit/test-server.ts';
import { until } from '../../testkit/until.ts';
import { exportedAuthHandler, type AuthHandler } from './auth-handler.ts';
import { otelcolExporterOtlphttp } from './otelcol.exporter.otlphttp.ts';

const once = 'retry_on_failure {\n enabled = false\n}\n';
const soon = 'retry_on_failure {\n initial_interval = "1ms"\n max_interval = "2ms"\n}\n';

function client(endpoint: string, lines = ''): string {
  return `client {\n endpoint = "${endpoint}"\n ${lines}\n}\n`;
}

function authFrom(handler: Omit<AuthHandler, 'id'>) {
  return exportedAuthHandler('').type.encode({ id: 'otelcol.auth.test.x', ...handler });
}

const run = (text: string, names = {}) => runComponent(otelcolExporterOtlphttp, text, { names });

test('each kind goes to its path below the endpoint, compressed with gzip', async () => {
  await using collector = await startHttpCollector();
  await using c = await run(client(`${collector.endpoint}base/`));
  const bodies: Readonly<Record<OtlpKind, Buffer>> = {
    traces: Buffer.concat(numberedSpans(2).chunks),
    metrics: metricsRequest(),
    logs: logsRequest(),
  };
  for (const [kind, body] of Object.entries(bodies) as [OtlpKind, Buffer][]) {
    await deliverOtlp(c.exports.input, { kind, chunks: [body], count: 2, client: undefined });
    const request = collector.requests.at(-1);
    assert.equal(request?.path, `/base/v1/${kind}`);
    assert.ok(request.body.equals(body));
    assert.equal(request.headers['content-encoding'], 'gzip');
    assert.equal(request.headers['content-type'], 'application/x-protobuf');
    assert.equal(request.headers['user-agent'], 'Test/v0.0.0');
  }
  const where = `server_address="127.0.0.1",server_port="${collector.port}"`;
  const exporter = 'exporter="otlphttp/otelcol.exporter.otlphttp.test"';
  const metrics = c.metrics();
  assert.equal(metrics[`otelcol_exporter_sent_spans_total{${exporter},${where},url_path="/base/v1/traces"}`], 2);
  assert.equal(
    metrics[`otelcol_exporter_sent_metric_points_total{${exporter},${where},url_path="/base/v1/metrics"}`],
    2,
  );
  const asked = `http_request_method="POST",http_response_status_code="200",${where}`;
  assert.equal(metrics[`http_client_request_duration_seconds_count{${asked}}`], 3);
});

for (const compression of ['gzip', 'zlib', 'deflate', 'snappy', 'zstd', 'none', '']) {
  test(`the collector reads what was compressed with ${JSON.stringify(compression)}`, async () => {
    await using collector = await startHttpCollector();
    await using c = await run(client(collector.endpoint, `compression = "${compression}"`));
    await deliverOtlp(c.exports.input, numberedSpans(1000));
    assert.equal(collector.spans.length, 1000);
    const expected = compression === '' || compression === 'none' ? undefined : compression;
    assert.equal(collector.requests[0]?.headers['content-encoding'], expected);
  });
}

for (const [compression, level] of [
  ['gzip', 9],
  ['zlib', -1],
  ['deflate', -2],
  ['zstd', 22],
  ['zstd', 1000],
  ['zstd', -7],
  ['zstd', 1],
] as const) {
  // prettier-ignore
  test(`${compression} has level ${level}`, async () => {
    await using collector = await startHttpCollector();
    const lines = `compression = "${compression}"\n compression_params {\n level = ${level}\n}`;
    await using c = await run(client(collector.endpoint, lines));
    await deliverOtlp(c.exports.input, numberedSpans(10));
    assert.equal(collector.spans.length, 10);
  });
}

test('with the encoding json requests are JSON', async () => {
  await using collector = await startHttpCollector();
  await using c = await run(`encoding = "json"\n${client(collector.endpoint)}`);
  await deliverOtlp(c.exports.input, numberedSpans(3));
  const [request] = collector.requests;
  assert.equal(request?.headers['content-type'], 'application/json');
  const read = decodeOtlpJson('traces', request.body);
  assert.ok(!(read instanceof ParseError));
  assert.deepEqual(spanNames(Buffer.concat(read.chunks)), ['span 0', 'span 1', 'span 2']);
});

test('endpoints of kinds are used as they are, and what has none is refused for good', async () => {
  await using collector = await startHttpCollector();
  await using c = await run(`traces_endpoint = "${collector.endpoint}spans?x=1"\n${client('')}`);
  await deliverOtlp(c.exports.input, numberedSpans(1));
  assert.equal(collector.requests[0]?.path, '/spans?x=1');
  await assert.rejects(deliverOtlp(c.exports.input, { ...numberedSpans(1), kind: 'logs' }), /type is not supported/);
});

const proto = { 'content-type': 'application/x-protobuf' };
const taken: readonly (readonly [name: string, answer: HttpAnswer])[] = [
  ['status 200', 200],
  ['status 202 without a body', 202],
  ['an empty response', { status: 200, headers: proto, body: '' }],
  ['a whole success', { status: 200, headers: proto, body: partialSuccess('Trace', {}) }],
  ['a body of another type', { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>' }],
];
for (const [name, answer] of taken) {
  test(`${name} means that it was delivered`, async () => {
    await using collector = await startHttpCollector();
    collector.answer(answer, 400);
    await using c = await run(`${once}${client(collector.endpoint)}`);
    await deliverOtlp(c.exports.input, numberedSpans(2));
    assert.deepEqual(c.logged, []);
  });
}

const forNow: readonly (readonly [name: string, answer: HttpAnswer])[] = [
  ...[408, 429, 500, 502, 503, 504].map((status) => [`status ${status}`, status] as const),
  ['a connection that is lost', (response) => void response.destroy()],
  ['a response that breaks off', (response) => {
    response.writeHead(200, { 'content-length': '10' }).write('x');
    setImmediate(() => response.destroy());
  }],
  ['no response in time', 'hang'],
]; // prettier-ignore
for (const [name, answer] of forNow) {
  test(`${name} is a failure for now`, async () => {
    await using collector = await startHttpCollector();
    collector.answer(answer, 200);
    await using c = await run(`${soon}${client(collector.endpoint, 'timeout = "500ms"')}`);
    await deliverOtlp(c.exports.input, numberedSpans(2));
    assert.equal(collector.requests.length, 2);
  });
}

const forGood: readonly (readonly [name: string, answer: HttpAnswer])[] = [
  ...[301, 302, 303, 400, 401, 403, 404, 413, 501, 505].map((status) => [`status ${status}`, status] as const),
  ['a redirect that would change the request', { status: 302, headers: { location: '/elsewhere' } }],
  ['a success whose body makes no sense', { status: 200, headers: proto, body: Buffer.from([0x0a, 0x05, 1]) }],
  [
    'a success with a long body that makes no sense',
    { status: 200, headers: proto, body: Buffer.alloc(1_000_000, 0xff) },
  ],
];
for (const [name, answer] of forGood) {
  test(`${name} is a failure for good`, async () => {
    await using collector = await startHttpCollector();
    collector.answer(answer, 200);
    await using c = await run(`${soon}${client(collector.endpoint)}`);
    await assert.rejects(deliverOtlp(c.exports.input, numberedSpans(2)));
    assert.equal(collector.requests.length, 1);
    const labels = 'exporter="otlphttp/otelcol.exporter.otlphttp.test",data_type="traces",reason="refused"';
    assert.equal(c.metrics()[`millrace_exporter_items_dropped_total{${labels}}`], 2);
    assert.equal(c.logged[0]?.message, 'exporting failed, dropping data');
  });
}

const types: readonly (readonly [status: number, type: string, isPermanent: boolean])[] = [
  [400, 'InvalidArgument', true],
  [401, 'Unauthenticated', true],
  [403, 'PermissionDenied', true],
  [404, 'Unimplemented', true],
  [413, 'Unknown', true],
  [429, 'ResourceExhausted', false],
  [500, 'Unknown', false],
  [502, 'Unavailable', false],
  [503, 'Unavailable', false],
  [504, 'Unavailable', false],
];
for (const [status, type, isPermanent] of types) {
  test(`status ${status} is counted as ${type}, and is what a sender without a queue is told`, async () => {
    await using collector = await startHttpCollector();
    collector.answer(status);
    await using c = await run(`sending_queue {\n enabled = false\n}\n${once}${client(collector.endpoint)}`);
    const { accepted } = send(c.exports.input, numberedSpans(2), new AbortController().signal);
    await assert.rejects(accepted, ({ cause, isRetryable }: DeliveryError) => {
      return isRetryable !== isPermanent && cause instanceof GrpcError && codeName(cause.code) === type;
    });
    const failed = Object.entries(c.metrics()).filter(([name]) => name.includes('send_failed_spans'));
    const labels = `url_path="/v1/traces",error_type="${type}",error_permanent="${isPermanent}"}`;
    assert.deepEqual(failed.map(([name, value]) => [name.endsWith(labels), value]), [[true, 2]]); // prettier-ignore
  });
}

function codeName(code: GrpcCode): string {
  const [name = ''] = Object.entries(grpcCodes).find(([, value]) => value === code) ?? [];
  return name.charAt(0).toUpperCase() + name.slice(1);
}

test('a server that cannot be reached is one for now', async () => {
  const collector = await startHttpCollector();
  await collector[Symbol.asyncDispose]();
  await using c = await run(`${soon}${client(collector.endpoint)}`);
  const delivered = deliverOtlp(c.exports.input, numberedSpans(2));
  await until(() => c.logged.length > 0);
  await using again = await startHttpCollector(undefined, collector.port);
  await delivered;
  assert.equal(again.spans.length, 2);
});

for (const [status, headers, isHonoured] of [
  [429, { 'retry-after': '600' }, true],
  [503, { 'retry-after': new Date(Date.now() + 600_000).toUTCString() }, true],
  [502, { 'retry-after': '600' }, false],
  [503, { 'retry-after': 'soon' }, false],
] as const) {
  test(`Retry-After ${headers['retry-after']} with ${status} is ${isHonoured ? 'honoured' : 'nothing'}`, async () => {
    await using collector = await startHttpCollector();
    collector.answer({ status, headers }, 200);
    await using c = await run(`${soon}${client(collector.endpoint)}`);
    const delivered = deliverOtlp(c.exports.input, numberedSpans(1));
    // That is longer than it is sent again at all.
    if (isHonoured) await assert.rejects(delivered, /no more retries left/);
    else await delivered;
  });
}

test('what the server says of a failure is told, without the password in the URL', async () => {
  await using collector = await startHttpCollector();
  const said = Buffer.concat([Buffer.from([0x08, 3, 0x12, 8]), Buffer.from('too long')]);
  collector.answer({ status: 400, headers: proto, body: said });
  const endpoint = collector.endpoint.replace('://', '://ann:hunter2@');
  await using c = await run(`${once}${client(endpoint)}`);
  const path = `${collector.endpoint}v1/traces`;
  const message = `error exporting items, request to ${path} responded with HTTP Status Code 400, Message=too long`;
  await assert.rejects(deliverOtlp(c.exports.input, numberedSpans(1)), { message });
  assert.doesNotMatch(JSON.stringify([c.logged, c.debugInfo(), c.metrics()]), /hunter2/);
  assert.equal(collector.requests[0]?.headers.authorization, `Basic ${btoa('ann:hunter2')}`);
});

const partials = [
  [
    'proto',
    { status: 200, headers: proto, body: partialSuccess('Trace', { rejectedSpans: 2, errorMessage: 'no names' }) },
  ],
  [
    'json',
    {
      status: 200,
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: '{"partialSuccess":{"rejectedSpans":"2","errorMessage":"no names"}}',
    },
  ],
] as const;
for (const [encoding, answer] of partials) {
  test(`what the server rejects of a request that it takes is counted and told, in ${encoding}`, async () => {
    await using collector = await startHttpCollector();
    collector.answer(answer);
    await using c = await run(`encoding = "${encoding}"\n${once}${client(collector.endpoint)}`);
    await deliverOtlp(c.exports.input, numberedSpans(5));
    assert.deepEqual(c.logged, [
      { level: 'warn', message: 'Partial success response', fields: { message: 'no names', dropped_spans: 2 } },
    ]);
    const labels = 'exporter="otlphttp/otelcol.exporter.otlphttp.test",data_type="traces",reason="partial_success"';
    assert.equal(c.metrics()[`millrace_exporter_items_dropped_total{${labels}}`], 2);
  });
}

test('a server cannot reject more than it got', async () => {
  await using collector = await startHttpCollector();
  collector.answer({
    status: 200,
    headers: proto,
    body: partialSuccess('Trace', { rejectedSpans: '9007199254740991' }),
  });
  await using c = await run(client(collector.endpoint));
  await deliverOtlp(c.exports.input, numberedSpans(5));
  const labels = 'exporter="otlphttp/otelcol.exporter.otlphttp.test",data_type="traces",reason="partial_success"';
  assert.equal(c.metrics()[`millrace_exporter_items_dropped_total{${labels}}`], 5);
});

test('headers are sent, and those of auth, which may take others away', async () => {
  await using collector = await startHttpCollector();
  const seen: unknown[] = [];
  const auth = authFrom({
    client: {
      headersFor: ({ method, url, client: sender }) => {
        seen.push([method, url.pathname, sender?.address]);
        return Promise.resolve({ authorization: 'Bearer t', 'x-gone': undefined });
      },
    },
    server: undefined,
  });
  const lines = 'auth = handler\nheaders = { "X-Key" = "é", "x-gone" = "1" }';
  await using c = await run(client(collector.endpoint, lines), { handler: auth });
  const sender = { address: '10.0.0.1', metadata: new Map(), auth: new Map() };
  await deliverOtlp(c.exports.input, { ...numberedSpans(1), client: sender });
  const headers = collector.requests[0]?.headers;
  assert.equal(headers?.authorization, 'Bearer t');
  assert.equal(Buffer.from(String(headers['x-key']), 'latin1').toString(), 'é');
  assert.equal(headers['x-gone'], undefined);
  assert.deepEqual(seen, [['POST', '/v1/traces', '10.0.0.1']]);
});

test('the server is called as the header Host says, and TLS still asks for that of the endpoint', async () => {
  const authority = new CertificateAuthority('authority');
  await using collector = await startHttpCollector(authority.issue('server', 'IP:127.0.0.1'));
  const tls = `tls {\n ca_pem = ${JSON.stringify(authority.cert)}\n}`;
  for (const [host, seen] of [
    ['otlp.example', 'otlp.example'],
    ['', `127.0.0.1:${collector.port}`],
  ] as const) {
    await using c = await run(client(collector.endpoint, `headers = { "Host" = "${host}" }\n${tls}`));
    await deliverOtlp(c.exports.input, numberedSpans(1));
    assert.equal(collector.requests.at(-1)?.headers.host, seen);
  }
});

test('credentials that cannot be had are a failure for now, and such that are not accepted are told', async () => {
  await using collector = await startHttpCollector();
  let attempts = 0;
  let rejected = 0;
  const headersFor = (): Promise<Record<string, string>> =>
    attempts++ === 0 ? Promise.reject(new HttpError('credentials', 'no token yet')) : Promise.resolve({});
  const auth = authFrom({ client: { headersFor, rejected: () => rejected++ }, server: undefined });
  collector.answer(401);
  await using c = await run(`${soon}${client(collector.endpoint, 'auth = handler')}`, { handler: auth });
  await assert.rejects(deliverOtlp(c.exports.input, numberedSpans(1)), /Status Code 401/);
  assert.deepEqual([attempts, rejected], [2, 1]);
});

test('cookies come back to the server if that is wanted', async () => {
  for (const [block, expected] of [
    ['cookies { }', 'route=a'],
    ['cookies {\n enabled = false\n}', undefined],
    ['', undefined],
  ] as const) {
    await using collector = await startHttpCollector();
    collector.answer({ status: 200, headers: { 'set-cookie': 'route=a; Path=/v1; HttpOnly' } });
    await using c = await run(client(collector.endpoint, block));
    for (const number of [0, 1]) await deliverOtlp(c.exports.input, numberedSpans(1, number));
    assert.equal(collector.requests[1]?.headers.cookie, expected);
  }
});

test('requests go to where a redirect with the same method leads', async () => {
  await using target = await startHttpCollector();
  await using from = await startHttpCollector();
  from.answer({ status: 308, headers: { location: `${target.endpoint}v1/traces` } });
  await using c = await run(client(from.endpoint));
  await deliverOtlp(c.exports.input, numberedSpans(2));
  assert.deepEqual(target.spans, ['span 0', 'span 1']);
});

test('requests go over TLS, and through a proxy', async () => {
  const authority = new CertificateAuthority('authority');
  await using collector = await startHttpCollector(authority.issue('server', 'IP:127.0.0.1'));
  const ca = JSON.stringify(authority.cert);
  await using c = await run(client(collector.endpoint, `tls {\n ca_pem = ${ca}\n}`));
  await deliverOtlp(c.exports.input, numberedSpans(2));
  assert.equal(collector.spans.length, 2);

  const asked: string[] = [];
  await using proxy = await serve((request, response) => {
    asked.push(request.url ?? '');
    void bodyOf(request).then(() => response.end());
  });
  await using proxied = await run(client('http://collector.example:4318', `proxy_url = "${proxy.url.href}"`));
  await deliverOtlp(proxied.exports.input, numberedSpans(1));
  assert.deepEqual(asked, ['http://collector.example:4318/v1/traces']);
});

test('a reload sends what waits to the new server', async () => {
  await using before = await startHttpCollector();
  before.answer(503);
  await using after = await startHttpCollector();
  await using c = await run(client(before.endpoint));
  const delivered = deliverOtlp(c.exports.input, numberedSpans(3));
  await before.got(1);
  await c.update(client(after.endpoint));
  await delivered;
  const [request] = after.requests;
  assert.deepEqual(spanNames(request?.body ?? Buffer.alloc(0)), ['span 0', 'span 1', 'span 2']);
});

const mistakes = [
  ['', /client/],
  ['client { }', /endpoint/],
  [`traces_endpoint = "ftp://x"\n${client('http://x')}`, /unsupported scheme "ftp"/],
  [client('http://x', 'timeout = "-1s"'), /must not be negative/],
  [client('http://x', 'max_idle_conns = -1'), /must not be negative/],
  [client(''), /at least one endpoint must be specified/],
  [client('localhost:4318'), /unsupported scheme "localhost"/],
  [client('no url'), /not an absolute URL/],
  [`encoding = "xml"\n${client('http://x')}`, /want one of "proto", "json"/],
  [client('http://x', 'compression = "br"'), /want one of "gzip"/],
  [client('http://x', 'compression_params {\n level = 10\n}'), /unsupported parameters \{Level:10\} for .* "gzip"/],
  [client('http://x', 'compression = "snappy"\ncompression_params {\n level = 1\n}'), /unsupported parameters/],
  [client('http://x', 'headers = { "a b" = "c" }'), /not a valid header name/],
  [client('http://x', 'tls {\n ca_pem = "a"\n ca_file = "b"\n}'), /at most one of ca_pem and ca_file/],
  [client('http://x', 'auth = server_only'), /does not support client authentication/],
] as const;
for (const [text, message] of mistakes) {
  test(`a mistake is found before it runs: ${message.source}`, () => {
    const serverOnly = authFrom({ client: undefined, server: { authenticate: () => Promise.resolve(new Map()) } });
    assert.match(problemsOf(otelcolExporterOtlphttp, text, { server_only: serverOnly }).join('\n'), message);
  });
}
