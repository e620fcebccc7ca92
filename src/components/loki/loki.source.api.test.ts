import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { lokiRelabel } from './loki.relabel.ts';
import { lokiSourceApi } from './loki.source.api.ts';
import { entriesIn, linesIn } from '../../testkit/log-entries.ts';
import { pushBody, startPushApi, streamOf } from '../../testkit/push-client.ts';
import { problemsOf } from '../../testkit/run-component.ts';
import { headerText } from '../../net/http-message.ts';
import { compileRules, rulesCapsule } from '../../schema/relabel-rules.ts';
import { argumentsFrom, receiverFor } from '../../testkit/arguments.ts';
import { collect } from '../../testkit/collect.ts';
import { logs } from '../../model/signal.ts';
import { Capsule } from '../../syntax/value.ts';

const delivered = { status: 204, text: '', retryAfter: null };
const nanos = 1_700_000_000_123_456_789n;
const time = '2023-11-14T22:13:20.123456789Z';

/** Relabelling rules as `loki.relabel` exports them, from the blocks in a text. */
function rules(text: string): Capsule<unknown> {
  const names = { out: receiverFor(logs, collect(logs)) };
  const { rule } = argumentsFrom(lokiRelabel.arguments, `forward_to = [out]\n${text}`, names);
  return new Capsule(rulesCapsule, compileRules(rule));
}

test('entries of a protobuf request come out as they are, apart from their timestamps', async () => {
  await using api = await startPushApi();
  const before = Date.now();
  const entry = { timestampNs: String(nanos), line: 'one', metadata: [{ name: 'trace', value: 'x' }] };
  const body = pushBody({ labels: '{a="b"}', entries: [entry, { ...entry, line: 'two', metadata: [] }] });
  assert.deepEqual(await api.push(body), delivered);
  const [first, second] = entriesIn(api.component.out.batches);
  assert.deepEqual({ ...first, time: '' }, { line: 'one', labels: { a: 'b' }, time: '', metadata: { trace: 'x' } });
  assert.deepEqual({ ...second, time: '' }, { line: 'two', labels: { a: 'b' }, time: '' });
  assert.ok(Date.parse(first?.time ?? '') >= before && Date.parse(first?.time ?? '') <= Date.now());
  const [batch] = api.component.out.batches;
  assert.equal((batch?.nanos[1] ?? 0) - (batch?.nanos[0] ?? 0), 1, 'in the order they came');
  assert.equal(api.component.metrics()['loki_source_api_entries_written'], 2);
});

test('entries of a JSON request keep their timestamps if they shall', async () => {
  await using api = await startPushApi('use_incoming_timestamp = true');
  const data = { streams: [{ stream: { a: 'b' }, values: [[String(nanos), 'a "line"\n', { trace: 'x' }]] }] };
  assert.deepEqual(await api.pushJson(data), delivered);
  assert.deepEqual(entriesIn(api.component.out.batches), [
    { line: 'a "line"\n', labels: { a: 'b' }, time, metadata: { trace: 'x' } },
  ]);
});

test('every path of the push API takes both forms', async () => {
  await using api = await startPushApi();
  for (const path of ['/loki/api/v1/push', '/api/v1/push', '/api/prom/push', '/loki/api/v1/push?x=y']) {
    assert.deepEqual(await api.push(pushBody(streamOf('{a="b"}', path)), {}, path), delivered, path);
    const newer = { stream: { a: 'b' }, values: [['1', `${path} newer`]] };
    const older = { labels: '{a="b"}', entries: [{ ts: time, line: `${path} older` }] };
    assert.deepEqual(await api.pushJson({ streams: [newer, older] }, {}, path), delivered, path);
    assert.deepEqual(linesIn(api.component.out.batches).slice(-3), [path, `${path} newer`, `${path} older`]);
  }
});

const body = pushBody(streamOf('{a="b"}', 'x'));
const json = Buffer.from(JSON.stringify({ streams: [{ stream: { a: 'b' }, values: [['1', 'x']] }] }));
const jsonType = 'application/json; charset=utf-8';
const encodings: readonly [name: string, body: Buffer, headers: Record<string, string>, status: number, text: RegExp][] = [
  ['protobuf without an encoding', body, {}, 204, /^$/],
  ['protobuf that names snappy', body, { 'content-encoding': 'snappy' }, 204, /^$/],
  ['protobuf in gzip', gzipSync(body), { 'content-encoding': 'gzip' }, 204, /^$/],
  ['protobuf in deflate', deflateSync(body), { 'content-encoding': 'deflate' }, 204, /^$/],
  ['protobuf of any type', body, { 'content-type': 'text/plain' }, 204, /^$/],
  ['JSON', json, { 'content-type': jsonType }, 204, /^$/],
  ['JSON that names snappy', json, { 'content-type': 'Application/JSON', 'content-encoding': 'snappy' }, 204, /^$/],
  ['JSON in gzip', gzipSync(json), { 'content-type': jsonType, 'content-encoding': 'GZIP' }, 204, /^$/],
  ['JSON in bare deflate', deflateRawSync(json), { 'content-type': jsonType, 'content-encoding': 'deflate' }, 204, /^$/],
  ['another encoding', body, { 'content-encoding': 'br' }, 400, /^Content-Encoding "br" not supported\n$/],
  ['what is not gzip', body, { 'content-encoding': 'gzip' }, 400, /^the body is not valid gzip: incorrect header check\n$/],
  ['a part of gzip', gzipSync(body).subarray(0, 20), { 'content-encoding': 'gzip' }, 400, /^the body is not valid gzip: /],
  ['nothing in gzip', Buffer.alloc(0), { 'content-encoding': 'gzip' }, 400, /^the body is not valid gzip: /],
  ['no type', body, { 'content-type': '' }, 400, /^Content-Type is missing or not valid\n$/],
  ['a type that is none', body, { 'content-type': ';x' }, 400, /^Content-Type is missing or not valid\n$/],
  ['nothing', Buffer.alloc(0), {}, 400, /^snappy block ends within its size\n$/],
  ['what is not snappy', Buffer.from('hello'), {}, 400, /^snappy block /],
  ['what is not protobuf', Buffer.from([2, 4, 0xff, 0xff]), {}, 400, /^push request is not valid protobuf\n$/],
  ['JSON by the wrong type', json, {}, 400, /^snappy block /],
  ['what is not JSON', Buffer.from('{'), { 'content-type': jsonType }, 400, /^push request is not a valid JSON object\n$/],
  ['a request without entries', pushBody(), {}, 204, /^$/],
]; // prettier-ignore

test('bodies are read by their type and encoding, and what cannot be read is answered with the reason', async () => {
  await using api = await startPushApi();
  let count = 0;
  for (const [name, content, headers, status, text] of encodings) {
    const answer = await api.push(content, headers);
    assert.deepEqual([answer.status, text.test(answer.text)], [status, true], `${name}: ${answer.text}`);
    if (status === 204 && name !== 'a request without entries') count++;
    assert.equal(api.component.out.count, count, name);
  }
  assert.equal(api.component.metrics()['loki_source_api_inflight_bytes'], 0);
});

test('labels: the configured ones win, rules see all of them, and those with two underscores go', async () => {
  const names = {
    rules: rules(`
      rule {
        action = "labeldrop"
        regex  = "dropped"
      }
      rule {
        source_labels = ["__internal", "fixed"]
        target_label  = "made"
      }
      rule {
        source_labels = ["a"]
        regex         = "secret"
        action        = "drop"
      }`),
  };
  const text = `
    labels        = { fixed = "yes", b = "fixed" }
    relabel_rules = rules`;
  await using api = await startPushApi(text, { names });
  const streams = [
    { ...streamOf('{a="1", b="own", dropped="x", __internal="y"}', 'kept') },
    { ...streamOf('{a="secret"}', 'no', 'no') },
    { ...streamOf('{}', 'fixed only') },
  ];
  assert.deepEqual(await api.push(pushBody(...streams)), delivered);
  assert.deepEqual(
    entriesIn(api.component.out.batches).map(({ line, labels }) => [line, labels]),
    [
      ['kept', { a: '1', b: 'fixed', fixed: 'yes', made: 'y;yes' }],
      ['fixed only', { b: 'fixed', fixed: 'yes', made: ';yes' }],
    ],
  );
  assert.equal(api.component.metrics()['loki_source_api_dropped_entries_total{reason="relabel"}'], 2);
});

test('a stream without any label is dropped and counted', async () => {
  await using api = await startPushApi();
  assert.deepEqual(await api.push(pushBody(streamOf('{}', 'x'))), delivered);
  assert.equal(api.component.out.count, 0);
  assert.equal(api.component.metrics()['loki_source_api_dropped_entries_total{reason="relabel"}'], 1);
});

test('the tenant of a request becomes a label, whatever the rules do', async () => {
  const names = { rules: rules('rule {\naction = "labelkeep"\nregex = "a"\n}') };
  await using api = await startPushApi('relabel_rules = rules', { names });
  const one = pushBody(streamOf('{a="b", __tenant_id__="spoofed"}', 'x'));
  await api.push(one, { 'x-scope-orgid': headerText('team-é') });
  await api.push(one, { 'x-scope-orgid': '' });
  await api.push(one, { 'x-scope-orgid': 'other' });
  assert.deepEqual(
    entriesIn(api.component.out.batches).map(({ labels }) => labels),
    [{ a: 'b', __tenant_id__: 'team-é' }, { a: 'b' }, { a: 'b', __tenant_id__: 'other' }],
  );
});

test('a stream whose labels cannot be read gives 400, and the others are sent on', async () => {
  await using api = await startPushApi();
  const answer = await api.push(pushBody(streamOf('{pizza-flavour="x"}', 'no', 'no'), streamOf('{a="b"}', 'yes')));
  assert.equal(answer.status, 400);
  assert.match(answer.text, /^expected "=" in label set at character 6/);
  assert.deepEqual(linesIn(api.component.out.batches), ['yes']);
  assert.equal(api.component.metrics()['loki_source_api_dropped_entries_total{reason="invalid_labels"}'], 2);
});

test('lines of text become entries with the configured labels and nothing else', async () => {
  const names = { rules: rules('rule {\ntarget_label = "no"\nreplacement = "no"\n}') };
  await using api = await startPushApi(
    'labels = {from = "raw"}\nrelabel_rules = rules\nuse_incoming_timestamp = true',
    { names },
  );
  for (const path of ['/loki/api/v1/raw', '/api/v1/raw']) {
    const text = Buffer.from('line0\nline1\r\n\n\r\n  {"a": 1}\r\r\nlast');
    assert.deepEqual(await api.push(text, { 'x-scope-orgid': 'x', 'content-type': '' }, path), delivered);
  }
  const entries = entriesIn(api.component.out.batches);
  assert.deepEqual(entries.slice(0, 4).map(({ line }) => line), ['line0', 'line1', '  {"a": 1}', 'last']); // prettier-ignore
  assert.equal(entries.length, 8);
  for (const { labels, time: at } of entries) {
    assert.deepEqual(labels, { from: 'raw' });
    assert.ok(Math.abs(Date.parse(at ?? '') - Date.now()) < 60_000);
  }
  assert.deepEqual(await api.push(gzipSync('zipped'), { 'content-encoding': 'gzip' }, '/api/v1/raw'), delivered);
  assert.deepEqual(await api.push(Buffer.from('\n\r\n'), {}, '/api/v1/raw'), delivered);
  assert.equal(linesIn(api.component.out.batches).at(-1), 'zipped');
});

test('other paths and methods are refused', async () => {
  await using api = await startPushApi();
  const cases: readonly [method: string, path: string, status: number, text: string][] = [
    ['GET', '/ready', 200, 'ready'],
    ['POST', '/ready', 405, 'method not allowed\n'],
    ['GET', '/loki/api/v1/push', 405, 'method not allowed\n'],
    ['PUT', '/api/v1/raw', 405, 'method not allowed\n'],
    ['POST', '/loki/api/v1/push/', 404, '404 page not found\n'],
    ['GET', '/', 404, '404 page not found\n'],
  ];
  for (const [method, path, status, text] of cases) {
    const response = await fetch(api.url + path, { method });
    assert.deepEqual([response.status, await response.text()], [status, text], `${method} ${path}`);
  }
});

test('requests are counted by their routes, and by few others', async () => {
  await using api = await startPushApi();
  await api.push(body);
  await api.push(Buffer.from('x'));
  await fetch(`${api.url}/${'x'.repeat(50)}`);
  const route = 'method="POST",route="loki_api_v1_push"';
  const metrics = api.component.metrics();
  assert.equal(metrics[`loki_source_api_request_duration_seconds_count{${route},status_code="204",ws="false"}`], 1);
  assert.equal(metrics[`loki_source_api_request_duration_seconds_count{${route},status_code="400",ws="false"}`], 1);
  assert.equal(metrics[`loki_source_api_request_message_bytes_count{${route}}`], 2);
  assert.equal(metrics[`loki_source_api_response_message_bytes_count{${route}}`], 2);
  assert.equal(metrics[`loki_source_api_inflight_requests{${route}}`], 0);
  assert.equal(metrics['loki_source_api_inflight_requests{method="GET",route="other"}'], 0);
  assert.ok((metrics['loki_source_api_tcp_connections{protocol="http"}'] ?? 0) > 0);
  assert.equal(metrics['loki_source_api_tcp_connections_limit{protocol="http"}'], 0);
});

test('mistakes in the arguments are found', () => {
  const problems = (text: string): string[] =>
    problemsOf(lokiSourceApi, `${text}\nforward_to = [out]`).map((problem) =>
      problem.replace(/^test.alloy:\d+:\d+: /, ''),
    );
  const cert = 'cert_pem = "x"';
  const cases: readonly [text: string, ...messages: string[]][] = [
    [''],
    ['http { }\ngrpc {\nlisten_port = 4317\nserver_max_recv_msg_size = "4MB"\n}'],
    ['http {\nhttp2 {\nenabled = true\n}\n}'],
    ['http {\nlisten_port = 70000\n}', 'listen_port must be from 0 to 65535'],
    ['http {\nconn_limit = -1\n}', 'conn_limit must not be negative'],
    ['http {\nserver_read_timeout = "-1s"\n}', 'server_read_timeout must not be negative'],
    ['max_send_message_size = "0"', 'max_send_message_size must be greater than 0'],
    ['graceful_shutdown_timeout = "0s"', 'graceful_shutdown_timeout must be greater than 0'],
    ['relabel_rules = "x"', '"x" should be relabel rules, got string'],
    ['http {\ntls { }\n}', 'must specify either cert_pem or cert_file'],
    [`http {\ntls {\n${cert}\n}\n}`, 'must specify either key_pem or key_file'],
    [`http {\ntls {\n${cert}\nkey_pem = "x"\nmin_version = "VersionTLS12"\ncipher_suites = "TLS_AES_128_GCM_SHA256, TLS_AES_256_GCM_SHA384"\n}\n}`],
    [`http {\ntls {\n${cert}\nkey_pem = "x"\ncipher_suites = "rot13"\n}\n}`, '"rot13" is not valid: unknown cipher suite "rot13"'],
    [`http {\ntls {\n${cert}\nkey_pem = "x"\nclient_ca = "y"\n}\n}`, 'cannot specify client_ca_pem or client_ca_file when client_auth_type is NoClientCert'],
    [`http {\ntls {\n${cert}\nkey_pem = "x"\nclient_ca = "y"\nclient_ca_pem = "y"\n}\n}`, 'cannot specify both client_ca and client_ca_pem'],
  ]; // prettier-ignore
  for (const [text, ...messages] of cases) assert.deepEqual(problems(text), messages, text);
});
