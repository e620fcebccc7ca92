import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as grpc from '@grpc/grpc-js';
import type protobuf from 'protobufjs';
import type { OtlpKind } from '../../model/otlp-batch.ts';
import type { GrpcTarget } from '../../net/grpc/grpc-target.ts';
import { argumentsFrom } from '../../testkit/arguments.ts';
import { CertificateAuthority } from '../../testkit/certificates.ts';
import { deliverOtlp } from '../../testkit/otlp-batch.ts';
import { numberedSpans, partialSuccess, startGrpcCollector, type GrpcAnswer } from '../../testkit/otlp-collector.ts';
import { otlpMessage } from '../../testkit/otlp-reference.ts';
import { logsRequest, metricsRequest } from '../../testkit/otlp-samples.ts';
import { temporaryFolder } from '../../testkit/run-exporter.ts';
import { problemsOf, runComponent } from '../../testkit/run-component.ts';
import { until } from '../../testkit/until.ts';
import { exportedAuthHandler } from './auth-handler.ts';
import { otelcolExporterOtlp } from './otelcol.exporter.otlp.ts';
import { otlpFields, usesTls } from './otelcol.exporter.otlp/fields.ts';
import { otelcolStorageFile } from './otelcol.storage.file.ts';
import { exportedStorageHandler } from './storage-handler.ts';

const once = 'retry_on_failure {\n enabled = false\n}\n';
const soon = 'retry_on_failure {\n initial_interval = "1ms"\n max_interval = "2ms"\n max_elapsed_time = "0s"\n}\n';
const insecure = 'tls {\n insecure = true\n}';

function client(endpoint: string, lines = insecure): string {
  return `client {\n endpoint = "${endpoint}"\n ${lines}\n}\n`;
}

const run = (text: string, names = {}) => runComponent(otelcolExporterOtlp, text, { names });
const exporter = 'exporter="otlp/otelcol.exporter.otlp.test"';

test('each kind goes to its service', async () => {
  await using collector = await startGrpcCollector();
  await using c = await run(client(collector.endpoint));
  const bodies: Readonly<Record<OtlpKind, Buffer>> = {
    traces: Buffer.concat(numberedSpans(2).chunks),
    metrics: metricsRequest(),
    logs: logsRequest(),
  };
  for (const [kind, body] of Object.entries(bodies) as [OtlpKind, Buffer][]) {
    await deliverOtlp(c.exports.input, { kind, chunks: [body], count: 2, client: undefined });
    assert.equal(collector.requests.at(-1)?.kind, kind);
    assert.ok(collector.requests.at(-1)?.body.equals(body));
  }
  const where = `server_address="127.0.0.1",server_port="${collector.port}"`;
  assert.equal(c.metrics()[`otelcol_exporter_sent_spans_total{${exporter},${where}}`], 2);
  assert.equal(c.metrics()[`otelcol_exporter_sent_log_records_total{${exporter},${where}}`], 2);
  const call =
    'rpc_system="grpc",rpc_service="opentelemetry.proto.collector.trace.v1.TraceService",rpc_method="Export"';
  assert.equal(c.metrics()[`rpc_client_duration_milliseconds_count{${call},rpc_grpc_status_code="0"}`], 1);
});

for (const compression of ['gzip', 'deflate', 'none', '']) {
  test(`the collector reads what was compressed with ${JSON.stringify(compression)}`, async () => {
    await using collector = await startGrpcCollector();
    await using c = await run(client(collector.endpoint, `compression = "${compression}"\n${insecure}`));
    await deliverOtlp(c.exports.input, numberedSpans(1000));
    assert.equal(collector.spans.length, 1000);
  });
}

/** A status with RetryInfo, as servers put it into trailers. */
function retryInfo(code: number, seconds: number): grpc.Metadata {
  const duration = Buffer.from([0x08, seconds]);
  const value = Buffer.concat([Buffer.from([0x0a, duration.length]), duration]);
  const details = [{ typeUrl: 'type.googleapis.com/google.rpc.RetryInfo', value }];
  const status = otlpMessage('RpcStatus');
  const metadata = new grpc.Metadata();
  const message = status.fromObject({ code, message: 'later', details });
  metadata.set('grpc-status-details-bin', Buffer.from(status.encode(message as protobuf.Message).finish()));
  return metadata;
}

const forNow = ['CANCELLED', 'DEADLINE_EXCEEDED', 'ABORTED', 'OUT_OF_RANGE', 'UNAVAILABLE', 'DATA_LOSS'] as const;
for (const name of forNow) {
  test(`${name} is a failure for now`, async () => {
    await using collector = await startGrpcCollector();
    collector.answer({ code: grpc.status[name] }, { message: Buffer.alloc(0) });
    await using c = await run(`${soon}${client(collector.endpoint)}`);
    await deliverOtlp(c.exports.input, numberedSpans(2));
    assert.equal(collector.requests.length, 2);
  });
}

const forGood = [
  ['UNKNOWN', 'Unknown'],
  ['INTERNAL', 'Internal'],
  ['UNAUTHENTICATED', 'Unauthenticated'],
  ['PERMISSION_DENIED', 'PermissionDenied'],
  ['INVALID_ARGUMENT', 'InvalidArgument'],
  ['NOT_FOUND', 'NotFound'],
  ['UNIMPLEMENTED', 'Unimplemented'],
  ['FAILED_PRECONDITION', 'FailedPrecondition'],
  ['ALREADY_EXISTS', 'AlreadyExists'],
  ['RESOURCE_EXHAUSTED', 'ResourceExhausted'],
] as const;
for (const [name, type] of forGood) {
  test(`${name} is a failure for good`, async () => {
    await using collector = await startGrpcCollector();
    collector.answer({ code: grpc.status[name], details: 'it says no' });
    await using c = await run(`${soon}${client(collector.endpoint)}`);
    const message = `rpc error: code = ${type} desc = it says no`;
    await assert.rejects(deliverOtlp(c.exports.input, numberedSpans(2)), { message });
    assert.equal(collector.requests.length, 1);
    const where = `server_address="127.0.0.1",server_port="${collector.port}"`;
    const labels = `${exporter},${where},error_type="${type}",error_permanent="true"`;
    assert.equal(c.metrics()[`otelcol_exporter_send_failed_spans_total{${labels}}`], 2);
    const dropped = `millrace_exporter_items_dropped_total{${exporter},data_type="traces",reason="refused"}`;
    assert.equal(c.metrics()[dropped], 2);
  });
}

for (const [name, seconds, isDelivered] of [
  ['RESOURCE_EXHAUSTED', 1, true],
  ['RESOURCE_EXHAUSTED', 100, false],
  ['UNAVAILABLE', 100, false],
] as const) {
  test(`${name} with RetryInfo is waited for, if there is time for ${seconds} s`, async () => {
    await using collector = await startGrpcCollector();
    const code = grpc.status[name];
    collector.answer({ code, metadata: retryInfo(code, seconds) }, { message: Buffer.alloc(0) });
    await using c = await run(`${soon.replace('"0s"', '"50s"')}${client(collector.endpoint)}`);
    const delivered = deliverOtlp(c.exports.input, numberedSpans(1));
    if (isDelivered) await delivered;
    else await assert.rejects(delivered, /no more retries left/);
  });
}

test('a call without an answer in time is a failure for now', async () => {
  await using collector = await startGrpcCollector();
  collector.answer('hang', { message: Buffer.alloc(0) });
  await using c = await run(`timeout = "500ms"\n${soon}${client(collector.endpoint)}`);
  await deliverOtlp(c.exports.input, numberedSpans(2));
  assert.equal(collector.requests.length, 2);
});

test('what the server rejects of a request that it takes is counted and told', async () => {
  await using collector = await startGrpcCollector();
  collector.answer({ message: partialSuccess('Trace', { rejectedSpans: 2, errorMessage: 'no names' }) });
  await using c = await run(client(collector.endpoint));
  await deliverOtlp(c.exports.input, numberedSpans(5));
  assert.deepEqual(c.logged, [
    { level: 'warn', message: 'Partial success response', fields: { message: 'no names', dropped_spans: 2 } },
  ]);
});

const hostile: readonly (readonly [name: string, answer: GrpcAnswer])[] = [
  ['a message that makes no sense', { message: Buffer.from([0x0a, 5, 1]) }],
  ['a message that is longer than 64 KiB', { message: Buffer.alloc(100_000, 1) }],
  ['a code that there is not', { code: 99, details: 'odd' }],
];
for (const [name, answer] of hostile) {
  test(`${name} ends only that request`, async () => {
    await using collector = await startGrpcCollector();
    collector.answer(answer, { message: Buffer.alloc(0) });
    await using c = await run(`${once}${client(collector.endpoint)}`);
    await assert.rejects(deliverOtlp(c.exports.input, numberedSpans(2)));
    await deliverOtlp(c.exports.input, numberedSpans(2));
    assert.equal(collector.requests.length, 2);
  });
}

test('requests go over TLS with headers and those of auth', async () => {
  const authority = new CertificateAuthority('authority');
  const { cert, key } = authority.issue('server', 'IP:127.0.0.1');
  const pair = { cert_chain: Buffer.from(cert), private_key: Buffer.from(key) };
  await using collector = await startGrpcCollector(grpc.ServerCredentials.createSsl(null, [pair]));
  const headersFor = () => Promise.resolve({ authorization: 'Bearer t' });
  const handler = exportedAuthHandler('').type.encode({ id: 'x', client: { headersFor }, server: undefined });
  const tls = `tls {\n ca_pem = ${JSON.stringify(authority.cert)}\n}`;
  const lines = `${tls}\nauth = handler\nheaders = { "X-Scope" = "a" }`;
  await using c = await run(client(collector.endpoint, lines), { handler });
  await deliverOtlp(c.exports.input, numberedSpans(2));
  assert.equal(collector.requests[0]?.headers['authorization'], 'Bearer t');
  assert.equal(collector.requests[0]?.headers['x-scope'], 'a');
  assert.match(String(collector.requests[0]?.headers['user-agent']), /^Test\/v0.0.0/);
});

test('headers that gRPC sets itself are left out', async () => {
  await using collector = await startGrpcCollector();
  const names = ['Content-Type', 'User-Agent', 'TE', 'grpc-encoding', 'grpc-timeout', 'Connection', 'Upgrade', 'x-a'];
  const lines = `headers = {\n${names.map((name) => `"${name}" = "x"`).join(',\n')},\n}\n${insecure}`;
  await using c = await run(client(collector.endpoint, lines));
  await deliverOtlp(c.exports.input, numberedSpans(2));
  assert.deepEqual(collector.requests[0]?.headers, { 'user-agent': 'Test/v0.0.0', 'x-a': 'x' });
});

const endpoints: readonly (readonly [endpoint: string, tls: string, target: GrpcTarget, isSecure: boolean])[] = [
  ['tempo:4317', '', { host: 'tempo', port: 4317 }, true],
  ['tempo', '', { host: 'tempo', port: 443 }, true],
  ['tempo:4317', insecure, { host: 'tempo', port: 4317 }, false],
  ['http://tempo:4317', '', { host: 'tempo', port: 4317 }, true],
  ['http://tempo:4317', insecure, { host: 'tempo', port: 4317 }, false],
  ['https://tempo:4317', '', { host: 'tempo', port: 4317 }, true],
  ['https://tempo:4317/', insecure, { host: 'tempo', port: 4317 }, true],
  ['dns:///tempo:4317', insecure, { host: 'tempo', port: 4317 }, false],
  ['passthrough:///[::1]:4317', insecure, { host: '::1', port: 4317 }, false],
];
for (const [endpoint, tls, target, isSecure] of endpoints) {
  test(`${endpoint} ${tls === '' ? '' : 'that is insecure '}is reached ${isSecure ? 'with' : 'without'} TLS`, () => {
    const { client: args } = argumentsFrom(otlpFields, client(endpoint, tls));
    assert.deepEqual([args.endpoint.target, usesTls(args)], [target, isSecure]);
  });
}

test('a server that is not there is tried again, also when it is at another address after a reload', async () => {
  const gone = await startGrpcCollector();
  await gone[Symbol.asyncDispose]();
  await using c = await run(`${soon}${client(gone.endpoint)}`);
  const delivered = deliverOtlp(c.exports.input, numberedSpans(2));
  await until(() => c.logged.length > 0);
  await using collector = await startGrpcCollector();
  await c.update(`${soon}${client(collector.endpoint)}`);
  await delivered;
  assert.deepEqual(collector.spans, ['span 0', 'span 1']);
});

test('a server that is down for a while loses nothing of what comes, with the queue on disk', async (t) => {
  const directory = temporaryFolder(t);
  await using storage = await runComponent(otelcolStorageFile, `directory = "${directory}"`);
  const disk = exportedStorageHandler('').type.encode(storage.exports.handler);
  const queue = 'sending_queue {\n storage = disk\n}\n';
  const collector = await startGrpcCollector();
  await collector[Symbol.asyncDispose]();
  const count = 200;
  await using c = await run(`${soon}${queue}${client(collector.endpoint)}`, { disk });
  for (let request = 0; request < count; request++)
    await deliverOtlp(c.exports.input, numberedSpans(100, request * 100));
  await using again = await startGrpcCollector(undefined, collector.port);
  await until(() => new Set(again.spans).size === count * 100);
  const dropped = Object.entries(c.metrics()).filter(([name]) => name.startsWith('millrace_exporter_items_dropped'));
  assert.ok(dropped.every(([, value]) => value === 0));
});

const mistakes = [
  [client('http://[x'), /is not an endpoint, want host:port/],
  [client('tempo:4317', 'compression = "zlib"'), /unsupported compression type/],
  [client('tempo:4317', 'balancer_name = "weighted"'), /want one of "round_robin", "pick_first"/],
  [client('tempo:4317', `auth = handler\n${insecure}`), /auth needs TLS/],
  [client('tempo:4317', 'auth = server_only'), /does not support client authentication/],
  [`timeout = "-1s"\n${client('tempo:4317')}`, /must not be negative/],
  ['', /client/],
  [client('tempo:4317', 'tls {\n cert_pem = "x"\n}'), /a certificate needs one of key_pem and key_file/],
] as const;
for (const [text, message] of mistakes) {
  test(`a mistake is found before it runs: ${message.source}`, () => {
    const headersFor = () => Promise.resolve({});
    const handler = exportedAuthHandler('').type.encode({ id: 'x', client: { headersFor }, server: undefined });
    const server = { authenticate: () => Promise.resolve(new Map<string, string>()) };
    const serverOnly = exportedAuthHandler('').type.encode({ id: 'y', client: undefined, server });
    assert.match(problemsOf(otelcolExporterOtlp, text, { handler, server_only: serverOnly }).join('\n'), message);
  });
}
