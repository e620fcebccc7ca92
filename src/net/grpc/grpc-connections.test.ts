import assert from 'node:assert/strict';
import * as http from 'node:http';
import * as net from 'node:net';
import { test } from 'node:test';
import * as grpc from '@grpc/grpc-js';
import { CertificateAuthority, type KeyPair } from '../../testkit/certificates.ts';
import { LibraryServer, OwnClient, OwnServer, type LibraryHandler } from '../../testkit/grpc-peers.ts';
import { freePort } from '../../testkit/test-server.ts';
import { until } from '../../testkit/until.ts';
import type { ClientTls } from '../client-tls.ts';
import type { GrpcClientSettings } from './grpc-client.ts';
import { defaultGrpcLimits } from './grpc-service.ts';
import { grpcCodes } from './grpc-status.ts';
import { parseGrpcTarget, showGrpcTarget } from './grpc-target.ts';
import { fixedProxy } from '../proxy.ts';
import { textSource } from '../text-source.ts';

const echo: LibraryHandler = (call, answer) => answer(null, call.request);
const message = Buffer.from('hello');

function isAnswered(client: OwnClient): Promise<boolean> {
  return client.call(message).then(
    () => true,
    () => false,
  );
}

test('targets are hosts with a port, and what gRPC allows before them', () => {
  const cases: readonly [text: string, shown: string | undefined][] = [
    ['tempo:4317', 'tempo:4317'],
    ['http://tempo:4317', 'tempo:4317'],
    ['https://tempo:4317/', 'tempo:4317'],
    ['dns:///tempo:4317', 'tempo:4317'],
    ['dns://8.8.8.8/tempo:4317', 'tempo:4317'],
    ['dns:tempo:4317', 'tempo:4317'],
    ['passthrough:///10.0.0.1:4317', '10.0.0.1:4317'],
    ['tempo', 'tempo:443'],
    ['[::1]:4317', '[::1]:4317'],
    ['', undefined],
    ['tempo:99999', undefined],
    ['tempo:4317/path', undefined],
    ['::1:4317', undefined],
    ['[tempo]:4317', undefined],
    ['a b:1', undefined],
  ];
  for (const [text, shown] of cases) {
    const target = parseGrpcTarget(text);
    assert.equal('message' in target ? undefined : showGrpcTarget(target), shown, text);
  }
});

test('a server that goes and comes back is found again', async () => {
  const port = await freePort();
  using own = new OwnClient(port, { waitsForReady: true });
  const early = own.call(message);
  for (let round = 0; round < 3; round++) {
    using server = await LibraryServer.start(echo, {}, undefined, `127.0.0.1:${port}`);
    assert.equal(server.port, port);
    assert.deepEqual(await early, message);
    // The first call may still meet the server that goes.
    await until(() => isAnswered(own));
  }
});

test('calls fail at once while there is no server, unless they wait for one', async () => {
  const port = await freePort();
  using own = new OwnClient(port);
  const failure = await own.failure(message);
  assert.equal(failure.code, grpcCodes.unavailable);
  assert.match(failure.message, new RegExp(`^cannot connect to 127.0.0.1:${port}: .*ECONNREFUSED`));
  using patient = new OwnClient(port, { waitsForReady: true });
  assert.equal((await patient.failure(message, { timeout: 100 })).code, grpcCodes.deadlineExceeded);
  const last = patient.failure(message);
  patient.client.close();
  assert.match((await last).message, /the client is closed/);
});

test('a name that is not known is told', async () => {
  using own = new OwnClient(1, { target: { host: 'no-such-host.invalid', port: 1 } });
  assert.match((await own.failure(message)).message, /^cannot connect to no-such-host.invalid:1: .*no-such-host/);
});

test('a server that closes gracefully loses no call', async () => {
  const port = await freePort();
  using own = new OwnClient(port, { waitsForReady: true });
  let failures = 0;
  let calls = 0;
  let isOver = false;
  const load = Array.from({ length: 8 }, async () => {
    while (!isOver) {
      await own.call(Buffer.alloc(5000)).catch(() => failures++);
      calls++;
    }
  });
  for (let round = 0; round < 2; round++) {
    const server = await LibraryServer.start(echo, {}, undefined, `127.0.0.1:${port}`);
    const before = calls;
    await until(() => calls > before + 100);
    await server.close();
  }
  const last = await LibraryServer.start(echo, {}, undefined, `127.0.0.1:${port}`);
  const before = calls;
  await until(() => calls > before + 10);
  isOver = true;
  await Promise.all(load);
  last[Symbol.dispose]();
  assert.equal(failures, 0);
});

test('calls go around all addresses, or to the first', async () => {
  // Both addresses have the same port, as those of one name have.
  const port = await freePort();
  const counts = [0, 0];
  const server = (index: number, host: string): Promise<LibraryServer> => {
    const handle: LibraryHandler = (call, answer) => {
      counts[index] = (counts[index] ?? 0) + 1;
      answer(null, call.request);
    };
    return LibraryServer.start(handle, {}, undefined, `${host}:${port}`);
  };
  const addresses = ['127.0.0.1', '127.0.0.2'].map((host) => ({ host, port }));
  const resolve = (): Promise<typeof addresses> => Promise.resolve(addresses);
  using first = await server(0, '127.0.0.1');
  using second = await server(1, '127.0.0.2');
  assert.equal(second.port, first.port);
  using around = new OwnClient(port, { resolve });
  await until(async () => {
    await around.call(message);
    return counts.every((count) => count > 0);
  });
  counts.fill(0);
  for (let count = 0; count < 10; count++) await around.call(message);
  assert.deepEqual(counts, [5, 5]);

  using only = new OwnClient(port, { resolve, balancing: 'pick_first' });
  counts.fill(0);
  for (let count = 0; count < 10; count++) await only.call(message);
  assert.deepEqual(counts, [10, 0]);

  first[Symbol.dispose]();
  counts.fill(0);
  for (const client of [only, around]) await until(() => isAnswered(client));
  assert.equal(counts[0], 0);
  assert.ok((counts[1] ?? 0) >= 2);
});

const authority = new CertificateAuthority('Test CA');
const serverPair = authority.issue('server', 'DNS:localhost');
const clientPair = authority.issue('client');

function clientTls(settings: Partial<ClientTls> & { pair?: KeyPair } = {}): ClientTls {
  const { pair, ...rest } = settings;
  const own = pair === undefined ? {} : { cert: textSource(pair.cert, ''), key: textSource(pair.key, '') };
  const sources = { ca: textSource(authority.cert, ''), ...own };
  return { sources, serverName: 'localhost', verifiesServer: true, options: {}, ...rest };
}

function serverCredentials(wantsClients: boolean): grpc.ServerCredentials {
  const pairs = [{ cert_chain: Buffer.from(serverPair.cert), private_key: Buffer.from(serverPair.key) }];
  return grpc.ServerCredentials.createSsl(Buffer.from(authority.cert), pairs, wantsClients);
}

test('calls go over TLS, and what is wrong with that is told', async () => {
  using server = await LibraryServer.start(echo, {}, serverCredentials(false));
  const strangers = new CertificateAuthority('Other CA');
  const cases: readonly [name: string, tls: ClientTls | undefined, problem: RegExp | undefined][] = [
    ['a trusted server', clientTls(), undefined],
    ['any server', clientTls({ sources: {}, verifiesServer: false }), undefined],
    ['another name', clientTls({ serverName: 'elsewhere' }), /altnames|does not match/],
    ['another authority', clientTls({ sources: { ca: textSource(strangers.cert, '') } }), /certificate/],
    ['no TLS', undefined, /closed|ECONNRESET|reset|hang up/i],
  ];
  for (const [name, tls, problem] of cases) {
    using own = new OwnClient(server.port, { tls });
    if (problem === undefined) assert.deepEqual(await own.call(message), message, name);
    else assert.match((await own.failure(message)).message, problem, name);
  }
});

test('a client shows its certificate', async () => {
  using server = await LibraryServer.start(echo, {}, serverCredentials(true));
  using known = new OwnClient(server.port, { tls: clientTls({ pair: clientPair }) });
  assert.deepEqual(await known.call(message), message);
  using unknown = new OwnClient(server.port, { tls: clientTls() });
  const failure = await unknown.failure(message);
  assert.equal(failure.code, grpcCodes.unavailable);
  assert.match(failure.message, /certificate required/);
});

test('calls go through a proxy that is asked to connect', async () => {
  using server = await LibraryServer.start(echo);
  const asked: string[] = [];
  const proxy = http.createServer();
  proxy.on('connect', (request, socket) => {
    asked.push(`${request.url} ${String(request.headers['x-proxy'])}`);
    const onward = net.connect(server.port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
    for (const side of [socket, onward]) side.on('error', () => undefined);
    socket.on('close', () => onward.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const url = new URL(`http://127.0.0.1:${(proxy.address() as net.AddressInfo).port}`);
  const settings: Partial<GrpcClientSettings> = {
    target: { host: 'tempo.example', port: 4317 },
    proxy: fixedProxy(url, '', { 'x-proxy': 'yes' }),
  };
  using own = new OwnClient(0, settings);
  assert.deepEqual(await own.call(Buffer.alloc(300_000)), Buffer.alloc(300_000));
  assert.deepEqual(asked, ['tempo.example:4317 yes']);
  own.client.close();
  await new Promise((resolve) => proxy.close(resolve));
});

/** Leads to a port, until it is told to lead nothing on any more. */
async function startCable(
  port: number,
): Promise<Disposable & { port: number; cut: () => void; connections: () => number }> {
  const sides: net.Socket[] = [];
  let connections = 0;
  const server = net.createServer((socket) => {
    connections++;
    const onward = net.connect(port, '127.0.0.1');
    socket.pipe(onward).pipe(socket);
    for (const side of [socket, onward]) {
      side.on('error', () => undefined);
      sides.push(side);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as net.AddressInfo).port,
    connections: () => connections,
    cut() {
      for (const side of sides) side.unpipe();
    },
    [Symbol.dispose]() {
      for (const side of sides) side.destroy();
      server.close();
    },
  };
}

test('pings find a connection that leads nowhere any more, and the next call is made on another', async () => {
  await using server = await OwnServer.start(undefined, {
    keepalive: { ...defaultGrpcLimits.keepalive, minPingInterval: 0, allowsIdlePings: true },
  });
  using cable = await startCable(server.port);
  using own = new OwnClient(cable.port, { pings: { time: 30, timeout: 30, whileIdle: true }, waitsForReady: true });
  assert.deepEqual(await own.call(message), message);
  cable.cut();
  await until(() => cable.connections() === 2);
  assert.deepEqual(await own.call(message), message);
});

test('a client that pings too often for its server pings less, and goes on', async () => {
  await using server = await OwnServer.start();
  using own = new OwnClient(server.port, { pings: { time: 20, timeout: 1000, whileIdle: true }, waitsForReady: true });
  let isSentAway = false;
  await until(() => server.connections === 1);
  await until(() => (isSentAway ||= server.connections === 0));
  await until(() => isAnswered(own));
});
