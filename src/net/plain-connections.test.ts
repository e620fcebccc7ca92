import assert from 'node:assert/strict';
import * as net from 'node:net';
import { test } from 'node:test';
import { bodyOf, serve, type TestServer } from '../testkit/test-server.ts';
import { until } from '../testkit/until.ts';
import type { HttpResponse } from './http-message.ts';
import { PlainConnections, type ConnectionLimits, type HostRequest } from './plain-connections.ts';

const usual: ConnectionLimits = { keepAlive: true, timeout: 60_000 };

function connections(limits: Partial<ConnectionLimits> = {}): PlainConnections & Disposable {
  const all = new PlainConnections({ ...usual, ...limits }, {});
  return Object.assign(all, { [Symbol.dispose]: () => all.close() });
}

function ask(all: PlainConnections, { url }: Pick<TestServer, 'url'>, more: Partial<HostRequest> = {}) {
  return all.request({
    host: url.hostname,
    port: url.port,
    method: 'GET',
    path: '/',
    headers: { host: url.host },
    body: undefined,
    signal: new AbortController().signal,
    maxResponseBytes: 1_000_000,
    ...more,
  });
}

/** A server that does what it is told with the text that comes. */
async function rawServer(answer: (text: string, socket: net.Socket) => void) {
  let count = 0;
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    count++;
    sockets.add(socket);
    socket.on('data', (bytes) => answer(bytes.toString('latin1'), socket));
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  return {
    url: new URL(`http://127.0.0.1:${port}/`),
    get connections() {
      return count;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

test('no more connections are made to a host than there may be, and requests wait for one', async () => {
  const waiting: (() => void)[] = [];
  await using server = await serve((_request, response) => void waiting.push(() => response.end('ok')));
  using all = connections({ maxSockets: 2 });
  const asked = Array.from({ length: 5 }, () => ask(all, server));
  await until(() => waiting.length === 2);
  const gone = new AbortController();
  const givenUp = ask(all, server, { signal: gone.signal });
  gone.abort(new Error('given up'));
  await assert.rejects(givenUp, /given up/);
  for (let answered = 0; answered < 5; answered++) {
    await until(() => waiting.length > 0);
    waiting.shift()?.();
  }
  for (const { body } of await Promise.all(asked)) assert.equal(body.toString(), 'ok');
  assert.equal(server.connections, 2);
});

test('a connection is not kept for longer than the peer says, nor where that is not wanted', async () => {
  await using server = await serve((_request, response) => response.setHeader('Keep-Alive', 'timeout=1').end('ok'));
  using kept = connections();
  for (let request = 0; request < 2; request++) await ask(kept, server);
  assert.equal(server.connections, 2);
  using never = connections({ keepAlive: false });
  for (let request = 0; request < 2; request++) await ask(never, server);
  assert.equal(server.connections, 4);
});

test('idle connections end after a while', async () => {
  let ended = 0;
  await using server = await serve((_request, response) => response.end('ok'));
  server.server.keepAliveTimeout = 0;
  server.server.on('connection', (socket) => socket.on('close', () => ended++));
  using all = connections({ timeout: 20 });
  await Promise.all([ask(all, server), ask(all, server)]);
  await until(() => ended === 2);
  await ask(all, server);
  assert.equal(server.connections, 3);
});

test('a connection on which something comes that nobody has asked for is not used again', async () => {
  await using server = await rawServer((_text, socket) => socket.write(`${ok}and more`));
  using all = connections();
  for (let request = 0; request < 3; request++) assert.equal((await ask(all, server)).body.toString(), 'ok');
  assert.equal(server.connections, 3);
});

test('an answer that comes before everything was sent is taken', async () => {
  await using server = await rawServer((text, socket) => {
    if (!text.startsWith('POST')) return;
    socket.pause();
    socket.write('HTTP/1.1 413 Payload Too Large\r\nContent-Length: 0\r\n\r\n');
  });
  using all = connections();
  const response = await ask(all, server, { method: 'POST', body: Buffer.alloc(30_000_000) });
  assert.equal(response.status, 413);
});

test('what is no response, or none that ends, is an error', async () => {
  const answers = ['nonsense\r\n\r\n', '', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok'];
  await using server = await rawServer((_text, socket) => socket.end(answers.shift() ?? ''));
  using all = connections();
  await assert.rejects(ask(all, server), /does not answer in HTTP\/1/);
  for (let time = 0; time < 2; time++) await assert.rejects(ask(all, server), /socket hang up/);
});

test('requests that are under way fail when the connections are closed', async () => {
  let asked = 0;
  await using server = await serve(() => void asked++);
  using all = connections();
  const rejected = assert.rejects(ask(all, server), /socket hang up/);
  await until(() => asked === 1);
  all.close();
  await rejected;
});

test('a request says how long it is, and what a header cannot hold is refused', async () => {
  const seen: string[] = [];
  await using server = await serve((request, response) => {
    void bodyOf(request).then((body) => {
      const { connection, 'content-length': length, 'transfer-encoding': coding } = request.headers;
      seen.push(`${request.method} ${length} ${connection} ${coding} ${body.toString()}`);
      response.end();
    });
  });
  using all = connections();
  const own = { host: server.url.host, connection: 'close', 'content-length': '7', 'transfer-encoding': 'chunked' };
  await ask(all, server, { headers: own });
  await ask(all, server, { headers: own, method: 'POST', body: Buffer.from('body') });
  await ask(all, server, { headers: own, method: 'POST' });
  assert.deepEqual(seen, [
    'GET undefined keep-alive undefined ',
    'POST 4 keep-alive undefined body',
    'POST 0 keep-alive undefined ',
  ]);
  const wrong = [{ 'a\r\nb': 'c' }, { a: 'b\r\nc: d' }, { a: ['b', 'c\n'] }, { a: '\u0100' }];
  for (const headers of wrong) await assert.rejects(ask(all, server, { headers }), { code: /^ERR_INVALID/ });
});

test('many requests at once share connections and get their own answers', async () => {
  await using server = await serve((request, response) => response.end(`${request.url}${'x'.repeat(100_000)}`));
  using all = connections({ maxFreeSockets: 5 });
  for (let round = 0; round < 3; round++) {
    const answers = await Promise.all(
      Array.from({ length: 20 }, async (_, index): Promise<[number, HttpResponse]> => [
        index,
        await ask(all, server, { path: `/${index}/` }),
      ]),
    );
    for (const [index, { body }] of answers) {
      assert.equal(body.length, `/${index}/`.length + 100_000);
      assert.ok(body.toString().startsWith(`/${index}/x`));
    }
  }
  assert.ok(server.connections <= 20 + 15 + 15);
});
