import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import * as http from 'node:http';
import * as https from 'node:https';
import * as net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { noLog } from '../base/log.ts';
import { CertificateAuthority, type KeyPair } from '../testkit/certificates.ts';
import { defaultLimits, HttpServer } from './http-server.ts';
import type { ListenAddress } from './listen-address.ts';
import type { ClientAuthType, ServerTlsSettings } from './server-tls.ts';
import { textSource } from './text-source.ts';

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly issuedFor?: unknown;
}

function ask(address: ListenAddress, options: https.RequestOptions & { secure?: boolean } = {}): Promise<Answer> {
  const { secure = false, ...rest } = options;
  return new Promise((resolve, reject) => {
    const request = (secure ? https : http).request(
      { host: '127.0.0.1', port: address.port, agent: false, rejectUnauthorized: false, ...rest },
      (response) => {
        const socket = response.socket as TLSSocket;
        const issuedFor: unknown = secure ? socket.getPeerCertificate().subject.CN : undefined;
        let body = '';
        response.on('data', (chunk) => (body += chunk));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body, issuedFor }));
        response.on('error', reject);
      },
    );
    request.on('error', reject);
    request.end();
  });
}

/** Sends text on a bare connection and resolves with all that comes back until it is closed. */
function exchangeText(address: ListenAddress, ...parts: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(address.port, '127.0.0.1');
    let text = '';
    socket.on('data', (chunk) => (text += String(chunk)));
    socket.on('close', () => resolve(text));
    socket.on('error', reject);
    for (const part of parts) socket.write(part);
  });
}

const anyPort: ListenAddress = { host: '127.0.0.1', port: 0 };

async function start(
  t: TestContext,
  handler: http.RequestListener = (_request, response) => response.end('ok'),
  options: { address?: ListenAddress; limits?: Partial<typeof defaultLimits> } = {},
): Promise<{ server: HttpServer; address: ListenAddress }> {
  const server = new HttpServer(handler, noLog, { ...defaultLimits, ...options.limits });
  await server.listen(options.address ?? anyPort);
  t.after(() => server.close(0));
  assert.ok(server.address);
  return { server, address: server.address };
}

async function freeAddress(): Promise<ListenAddress> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return { host: '127.0.0.1', port };
}

test('requests are answered', async (t) => {
  const { address } = await start(t);
  assert.deepEqual(await ask(address), { status: 200, body: 'ok', issuedFor: undefined });
});

test('an address that is in use is refused', async (t) => {
  const other = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  t.after(() => other.close());
  const address = { host: '127.0.0.1', port: (other.address() as net.AddressInfo).port };
  const server = new HttpServer(() => undefined, noLog);
  await assert.rejects(server.listen(address), /EADDRINUSE/);
  other.close();
  await new Promise((resolve) => other.once('close', resolve));
  await server.listen(address);
  await server.close(0);
});

test('two servers of the program cannot have one address', async (t) => {
  const address = await freeAddress();
  await start(t, undefined, { address });
  const second = new HttpServer(() => undefined, noLog);
  await assert.rejects(second.listen(address), /the program itself uses this address/);
});

test('a server takes the socket over from the one before it, with the connections that came meanwhile', async (t) => {
  const address = await freeAddress();
  const first = await start(t, (_request, response) => response.end('first'), { address });
  assert.equal((await ask(address)).body, 'first');
  await first.server.close(0);
  const between = ask(address);
  await new Promise((resolve) => setTimeout(resolve, 50));
  await start(t, (_request, response) => response.end('second'), { address });
  assert.equal((await between).body, 'second');
  assert.equal((await ask(address)).body, 'second');
});

test('closing lets requests end, and ends connections after them', async (t) => {
  const arrived = Promise.withResolvers<http.ServerResponse>();
  const { server, address } = await start(t, (_request, response) => arrived.resolve(response));
  const answer = ask(address, { agent: new http.Agent({ keepAlive: true }) });
  const response = await arrived.promise;
  const closed = server.close(60_000);
  response.end('late');
  assert.equal((await answer).body, 'late');
  await closed;
  await assert.rejects(ask(address), /ECONNREFUSED|ECONNRESET|socket hang up/);
});

test('closing does not wait for ever', async (t) => {
  const arrived = Promise.withResolvers<void>();
  const { server, address } = await start(t, () => arrived.resolve());
  const failed = assert.rejects(ask(address), /socket hang up|ECONNRESET/);
  await arrived.promise;
  await server.close(20);
  await failed;
});

test('clients that are slow to send their headers are sent away', async (t) => {
  const { address } = await start(t, undefined, { limits: { headersTimeout: 200 } });
  assert.match(await exchangeText(address, 'GET / HTTP/1.1\r\nHost: a\r\n'), /^HTTP\/1\.1 408 /);
});

test('clients that are slow to send a body are sent away', async (t) => {
  const limits = { requestTimeout: 200 };
  const { address } = await start(t, (request) => request.resume(), { limits });
  const text = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf';
  assert.match(await exchangeText(address, text), /^HTTP\/1\.1 408 /);
});

test('headers that are too long are refused', async (t) => {
  const { address } = await start(t, undefined, { limits: { maxHeaderBytes: 1000 } });
  const text = `GET / HTTP/1.1\r\nHost: a\r\nX-Long: ${'x'.repeat(2000)}\r\n\r\n`;
  assert.match(await exchangeText(address, text), /^HTTP\/1\.1 431 /);
});

const authority = new CertificateAuthority('Test CA');
const pairs = { first: authority.issue('first', 'IP:127.0.0.1'), second: authority.issue('second', 'IP:127.0.0.1') };
const known = authority.issue('known');
const unknown = new CertificateAuthority('Other CA').issue('unknown');

function tlsOf(pair: KeyPair, clientAuth: ClientAuthType = 'NoClientCert'): ServerTlsSettings {
  return {
    sources: {
      cert: textSource(pair.cert, ''),
      key: textSource(pair.key, ''),
      ca: clientAuth === 'NoClientCert' ? undefined : textSource(authority.cert, ''),
    },
    clientAuth,
    options: {},
  };
}

test('TLS can be turned on and off while the server listens', async (t) => {
  const { server, address } = await start(t);
  server.setTls(tlsOf(pairs.first));
  assert.equal((await ask(address, { secure: true, ca: authority.cert, rejectUnauthorized: true })).body, 'ok');
  await assert.rejects(ask(address));
  server.setTls(undefined);
  assert.equal((await ask(address)).body, 'ok');
});

test('a certificate is read again when its file changes', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'server-tls-'));
  t.after(() => rm(folder, { recursive: true }));
  const { server, address } = await start(t);
  const files = { cert: path.join(folder, 'cert'), key: path.join(folder, 'key') };
  const sources = { cert: textSource(undefined, files.cert), key: textSource(undefined, files.key) };
  server.setTls({ sources, clientAuth: 'NoClientCert', options: {} });
  await assert.rejects(ask(address, { secure: true }));
  for (const [name, pair] of Object.entries(pairs)) {
    await writeFile(files.cert, pair.cert);
    await writeFile(files.key, pair.key);
    assert.equal((await ask(address, { secure: true })).issuedFor, name);
  }
});

const clientRules: readonly [clientAuth: ClientAuthType, none: boolean, foreign: boolean, own: boolean][] = [
  ['NoClientCert', true, true, true],
  ['RequestClientCert', true, true, true],
  ['RequireAnyClientCert', false, true, true],
  ['VerifyClientCertIfGiven', true, false, true],
  ['RequireAndVerifyClientCert', false, false, true],
];
for (const [clientAuth, none, foreign, own] of clientRules) {
  test(`${clientAuth} ${none ? 'takes' : 'refuses'} no certificate and ${foreign ? 'takes' : 'refuses'} foreign ones`, async (t) => {
    const { server, address } = await start(t);
    server.setTls(tlsOf(pairs.first, clientAuth));
    for (const [pair, isTaken] of [
      [undefined, none],
      [unknown, foreign],
      [known, own],
    ] as const) {
      const answer = ask(address, { secure: true, ...pair });
      if (isTaken) assert.equal((await answer).body, 'ok');
      else await assert.rejects(answer);
    }
  });
}
