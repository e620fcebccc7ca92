import assert from 'node:assert/strict';
import * as http from 'node:http';
import { test, type TestContext } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import { gunzipSync } from 'node:zlib';
import { noLog } from '../../base/log.ts';
import { argumentsFrom, problemsWith } from '../../testkit/arguments.ts';
import { CertificateAuthority } from '../../testkit/certificates.ts';
import { streamResponse, textResponse } from './api-message.ts';
import { httpBlock } from './http-block.ts';
import { HttpService } from './http-service.ts';
import type { Route } from './router.ts';

interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

function ask(service: HttpService, path: string, headers: http.OutgoingHttpHeaders = {}): Promise<Answer> {
  const port = service.address?.port;
  return new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', port, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      );
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end();
  });
}

async function* pieces(): AsyncGenerator<string> {
  yield 'a';
  await new Promise((resolve) => setImmediate(resolve));
  yield '';
  yield 'b';
}

const long = 'x'.repeat(5000);
const routes: readonly Route[] = [
  { path: '/short', handle: () => textResponse(200, 'short') },
  { path: '/long', handle: () => textResponse(200, long) },
  { path: '/pieces', handle: () => streamResponse(pieces()) },
  { path: '/id/{id}', handle: (_request, id) => textResponse(200, id) },
  {
    path: '/bug',
    handle() {
      throw new Error('a bug');
    },
  },
];

async function start(t: TestContext, config?: string): Promise<HttpService> {
  const service = new HttpService(routes, noLog);
  await service.listen({ host: '127.0.0.1', port: 0 });
  t.after(() => service.close(0));
  if (config !== undefined) {
    const block = httpBlock(service);
    block.apply(argumentsFrom(block.arguments, config));
  }
  return service;
}

test('text is compressed where the client takes it and it is worth it', async (t) => {
  const service = await start(t);
  const cases: readonly [path: string, accepted: string, encoding: string | undefined][] = [
    ['/short', 'gzip', undefined],
    ['/long', 'deflate, gzip;q=1.0', 'gzip'],
    ['/long', 'gzip;q=0', undefined],
    ['/long', 'identity', undefined],
  ];
  for (const [path, accepted, encoding] of cases) {
    const { headers, body } = await ask(service, path, { 'accept-encoding': accepted });
    assert.equal(headers['content-encoding'], encoding, `${path} ${accepted}`);
    const text = encoding === 'gzip' ? gunzipSync(body).toString() : body.toString();
    assert.equal(text, path === '/long' ? long : 'short');
  }
});

test('a stream is sent piece by piece', async (t) => {
  const service = await start(t);
  const { status, headers, body } = await ask(service, '/pieces');
  assert.deepEqual([status, headers['transfer-encoding'], body.toString()], [200, 'chunked', 'ab']);
});

test('paths are decoded, and those that cannot be are refused', async (t) => {
  const service = await start(t);
  assert.equal((await ask(service, '/id/a%2Fb%20c?d=e')).body.toString(), 'a/b c');
  assert.equal((await ask(service, '/id/%zz')).status, 400);
  assert.equal((await ask(service, '//short')).status, 404);
});

test('a bug in a handler is answered with 500 and does not tell about it', async (t) => {
  const service = await start(t);
  const { status, body } = await ask(service, '/bug');
  assert.deepEqual([status, body.toString()], [500, 'internal error\n']);
});

test('requests are counted by route, not by path', async (t) => {
  const service = await start(t);
  for (const path of ['/id/1', '/id/2', '/nothing']) await ask(service, path);
  const counted = service
    .collect()
    .flatMap(({ series }) =>
      series.map(({ labels, meter }) => [...labels.map(([, value]) => value), 'value' in meter ? meter.value : 0]),
    );
  assert.deepEqual(counted, [
    ['/id/{id}', '200', 2],
    ['', '404', 1],
  ]);
});

const user = 'basic {\n username = "user"\n password = "pass"\n}\n';
const right = `Basic ${btoa('user:pass')}`;
const wrong = `Basic ${btoa('user:word')}`;
const authCases: readonly [config: string, path: string, authorization: string | undefined, status: number][] = [
  [`auth {\n${user}}`, '/short', undefined, 401],
  [`auth {\n${user}}`, '/short', wrong, 401],
  [`auth {\n${user}}`, '/short', 'Basic', 401],
  [`auth {\n${user}}`, '/short', right.replace('Basic', 'Bearer'), 401],
  [`auth {\n${user}}`, '/short', right, 200],
  [`auth {\n${user}}`, '/short', right.replace('Basic', 'basic'), 200],
  [`auth {\n${user}}`, '/nothing', undefined, 401],
  [`auth {\n${user}filter { }\n}`, '/short', undefined, 401],
  [`auth {\n${user}filter {\n paths = ["/sh"]\n}\n}`, '/short', undefined, 401],
  [`auth {\n${user}filter {\n paths = ["/sh"]\n}\n}`, '/s%68ort', undefined, 401],
  [`auth {\n${user}filter {\n paths = ["/sh"]\n}\n}`, '/long', undefined, 200],
  [`auth {\n${user}filter {\n paths = ["/sh"]\n authenticate_matching_paths = false\n}\n}`, '/short', undefined, 200],
  [`auth {\n${user}filter {\n paths = ["/sh"]\n authenticate_matching_paths = false\n}\n}`, '/long', undefined, 401],
  ['auth { }', '/short', undefined, 200],
  ['', '/short', undefined, 200],
];
for (const [config, path, authorization, status] of authCases) {
  test(`${path} with ${authorization ?? 'no credentials'} and ${config.replaceAll(/\s+/g, ' ')}: ${status}`, async (t) => {
    const service = await start(t, config);
    const answer = await ask(service, path, authorization === undefined ? {} : { authorization });
    assert.equal(answer.status, status);
    assert.equal(answer.headers['www-authenticate'], status === 401 ? 'Basic realm="Restricted"' : undefined);
  });
}

test('a request in memory goes the same way: it is authorized, routed and counted', async () => {
  const service = new HttpService(routes, noLog);
  const block = httpBlock(service);
  block.apply(argumentsFrom(block.arguments, `auth {\n${user}filter {\n paths = ["/short"]\n}\n}`));
  const server = service.memoryServer('alloy.internal:12345');
  const askInMemory = async (target: string, headers = {}, method = 'GET', maxResponseBytes = 100) => {
    const { signal } = new AbortController();
    const { status, body, isTruncated } = await server.request({ method, target, headers, signal, maxResponseBytes });
    return [status, body.toString(), isTruncated];
  };
  assert.equal(server.address, 'alloy.internal:12345');
  assert.deepEqual(await askInMemory('/short'), [401, '', false]);
  assert.deepEqual(await askInMemory('/short', { authorization: right }), [200, 'short', false]);
  assert.deepEqual(await askInMemory('/short', { authorization: right }, 'HEAD'), [200, '', false]);
  assert.deepEqual(await askInMemory('/id/a%20b?x=y'), [200, 'a b', false]);
  assert.deepEqual(await askInMemory('/id/%zz'), [400, 'invalid path\n', false]);
  assert.deepEqual(await askInMemory('/pieces'), [200, 'ab', false]);
  assert.deepEqual(await askInMemory('/pieces', {}, 'GET', 1), [200, 'a', true]);
  assert.deepEqual(await askInMemory('/long', {}, 'GET', 3), [200, 'xxx', true]);
  assert.deepEqual(await askInMemory('/bug'), [500, 'internal error\n', false]);
  const counted = service
    .collect()
    .flatMap(({ series }) => series.map(({ labels }) => labels.map(([, value]) => value)));
  assert.ok(counted.some(([route, status]) => route === '/short' && status === '401'));
});

const tlsProblems: readonly [config: string, problem: string][] = [
  ['key_file = "k"', 'must specify either cert_pem or cert_file'],
  ['cert_file = "c"', 'must specify either key_pem or key_file'],
  ['cert_file = "c"\ncert_pem = "c"\nkey_file = "k"', 'cannot specify both cert_pem and cert_file'],
  ['cert_file = "c"\nkey_pem = "k"\nkey_file = "k"', 'cannot specify both key_pem and key_file'],
  [
    'cert_file = "c"\nkey_file = "k"\nclient_ca_file = "a"\nclient_ca_pem = "a"',
    'cannot specify both client_ca_pem and client_ca_file',
  ],
  [
    'cert_file = "c"\nkey_file = "k"\nclient_ca_file = "a"',
    'cannot specify client_ca_pem or client_ca_file when client_auth_type is NoClientCert',
  ],
];
for (const [config, problem] of tlsProblems) {
  test(`in the tls block, ${config.replaceAll('\n', ' ')} is refused`, () => {
    const block = httpBlock(new HttpService(routes, noLog));
    assert.deepEqual(problemsWith(block.arguments, `tls {\n${config}\n}`), [problem]);
  });
}

function connectTls(port: number): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => resolve(socket));
    socket.on('error', reject);
  });
}

test('the tls block secures new connections, with its ciphers, curves and versions', async (t) => {
  const { cert, key } = new CertificateAuthority('Test CA').issue('server', 'IP:127.0.0.1');
  const service = await start(
    t,
    `tls {
      cert_pem          = ${JSON.stringify(cert)}
      key_pem           = ${JSON.stringify(key)}
      cipher_suites     = ["TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"]
      curve_preferences = ["CurveP384", "X25519"]
      min_version       = "TLS12"
      max_version       = "TLS12"
    }`,
  );
  const socket = await connectTls(service.address?.port ?? 0);
  assert.equal(socket.getProtocol(), 'TLSv1.2');
  assert.equal(socket.getCipher().name, 'ECDHE-ECDSA-AES128-GCM-SHA256');
  socket.destroy();
  await assert.rejects(ask(service, '/short'));
});
