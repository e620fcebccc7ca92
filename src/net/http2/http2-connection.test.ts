import assert from 'node:assert/strict';
import * as http2 from 'node:http2';
import * as net from 'node:net';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { EchoServer, http2Limits, Kept, quiet } from '../../testkit/http2-peers.ts';
import { until } from '../../testkit/until.ts';
import { http2Codes } from './codes.ts';
import { encodeHeaderBlock } from './header-block.ts';
import { Http2Connection } from './http2-connection.ts';

const post = encodeHeaderBlock({ ':method': 'POST', ':path': '/', ':scheme': 'http' });

const header = fc.tuple(
  fc.stringMatching(/^x-[a-z0-9-]{0,20}$/),
  fc.string({
    unit: fc
      .integer({ min: 0x21, max: 0xff })
      .filter((code) => code !== 0x7f)
      .map((code) => String.fromCharCode(code)),
    maxLength: 100,
  }),
);

test('the client of Node.js gets back what it says, whatever it is, many times on one connection', async () => {
  using server = await EchoServer.start({ maxHeaderBytes: 100_000 });
  const session = http2.connect(`http://127.0.0.1:${server.port}`);
  const ask = async (headers: Record<string, string>, body: Buffer): Promise<void> => {
    const stream = session.request({ ':method': 'POST', ...headers });
    const parts: Buffer[] = [];
    let answer: http2.IncomingHttpHeaders = {};
    let last: http2.IncomingHttpHeaders = {};
    stream.on('response', (given) => (answer = given));
    stream.on('trailers', (given) => (last = given));
    stream.on('data', (part: Buffer) => parts.push(part));
    stream.end(body);
    await new Promise((resolve, reject) => stream.on('close', resolve).on('error', reject));
    assert.equal(last['x-sum'], 'done');
    assert.ok(Buffer.concat(parts).equals(body));
    for (const [name, value] of Object.entries(headers)) assert.equal(answer[name], value);
  };
  const request = fc.tuple(fc.array(header, { maxLength: 8 }), fc.nat({ max: 300_000 }));
  await fc.assert(
    fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 8 }), async (requests) => {
      await Promise.all(
        requests.map(([headers, size]) => ask(Object.fromEntries(headers), Buffer.alloc(size, `${size}-`))),
      );
    }),
    { numRuns: 30 },
  );
  session.close();
});

for (const window of [1000, 65_535, 1_000_000])
  test(`the server of Node.js gets what it is sent, with windows of ${window} bytes`, async () => {
    const server = http2.createServer({ settings: { initialWindowSize: window, maxConcurrentStreams: 3 } });
    server.on('stream', (stream, headers) => {
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', () => {
        stream.respond({ ':status': 200, 'x-size': headers['x-size'] }, { waitForTrailers: true });
        stream.on('wantTrailers', () => stream.sendTrailers({ 'x-sum': 'done' }));
        stream.end(Buffer.concat(parts));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const socket = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1');
    const isReady = Promise.withResolvers<void>();
    const owner = { ...quiet, ready: () => isReady.resolve() };
    const client = new Http2Connection(socket, 'client', { ...http2Limits, maxStreams: 0 }, owner);
    await isReady.promise;
    const ask = async (sizes: readonly number[]): Promise<void> => {
      const parts = sizes.map((size) => Buffer.alloc(size, `${size}+`));
      const whole = Buffer.concat(parts);
      const headers = {
        ':method': 'POST',
        ':path': '/',
        ':scheme': 'http',
        ':authority': 'a',
        'x-size': String(whole.length),
      };
      const kept = new Kept();
      client.request(encodeHeaderBlock(headers), parts, kept);
      assert.deepEqual(await kept.closing, { code: 0, isUnprocessed: false, error: undefined });
      assert.deepEqual([kept.all[0]?.['x-size'], kept.all[1]?.['x-sum']], [String(whole.length), 'done']);
      assert.ok(kept.body.equals(whole));
    };
    const requests = fc.array(fc.array(fc.nat({ max: 60_000 }), { maxLength: 4 }), { minLength: 1, maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(requests, async (all) => void (await Promise.all(all.map(ask)))),
      { numRuns: 15 },
    );
    assert.ok(!client.isBusy);
    client.close();
    server.close();
    await new Promise((resolve) => socket.on('close', resolve));
  });

test('there is room for more as data comes, on the stream and the connection', async () => {
  using server = await EchoServer.start({ streamWindow: 70_000, connectionWindow: 100_000 });
  const session = http2.connect(`http://127.0.0.1:${server.port}`);
  const stream = session.request({ ':method': 'POST' });
  stream.resume();
  stream.end(Buffer.alloc(1_000_000));
  await new Promise((resolve) => stream.on('close', resolve));
  assert.equal(stream.rstCode, 0);
  session.close();
});

test('calls that were not begun when the server leaves can be made again, others end as they would', async () => {
  using server = await EchoServer.start();
  const socket = net.connect(server.port, '127.0.0.1');
  let left: number | undefined;
  const client = new Http2Connection(
    socket,
    'client',
    { ...http2Limits, maxStreams: 0 },
    { ...quiet, goingAway: (code) => (left = code) },
  );
  const request = (): Kept => {
    const kept = new Kept();
    client.request(post, [Buffer.from('x')], kept);
    return kept;
  };
  const first = request();
  assert.equal((await first.closing).code, 0);
  server.connections[0]?.goaway(http2Codes.noError);
  await until(() => left !== undefined);
  assert.ok(!client.isOpen);
  assert.deepEqual(await request().closing, { code: http2Codes.refusedStream, isUnprocessed: true, error: undefined });
});

test('streams end with their connection, with what was wrong with it', async () => {
  using server = await EchoServer.start();
  const socket = net.connect(server.port, '127.0.0.1');
  const client = new Http2Connection(socket, 'client', { ...http2Limits, maxStreams: 0 }, quiet);
  const kept = new Kept();
  client.request(post, [Buffer.alloc(1_000_000)], kept);
  await until(() => server.streams.length === 1);
  client.destroy(http2Codes.noError, new Error('nobody is there'));
  const end = await kept.closing;
  assert.deepEqual([end.code, end.isUnprocessed, end.error?.message], [http2Codes.cancel, false, 'nobody is there']);
  await until(() => server.streams[0]?.isClosed === true);
});

test('a call that is given up is not read any more, and the connection goes on', async () => {
  using server = await EchoServer.start({}, 1000);
  const socket = net.connect(server.port, '127.0.0.1');
  const client = new Http2Connection(socket, 'client', { ...http2Limits, maxStreams: 0 }, quiet);
  const body = Buffer.alloc(1_000_000, 'a');
  for (let round = 0; round < 20; round++) {
    const kept = new Kept();
    const stream = client.request(post, [body], kept);
    const isOpened = round % 2 === 0;
    if (isOpened) await until(() => server.streams.length > round / 2);
    stream.reset(http2Codes.cancel);
    body.fill(round);
    assert.equal((await kept.closing).code, http2Codes.cancel);
  }
  const kept = new Kept();
  client.request(post, [Buffer.from('hello')], kept);
  assert.equal((await kept.closing).code, 0);
  assert.equal(kept.body.toString(), 'hello');
  client.close();
});

test('a sign of life is answered, until the connection is over', async () => {
  using server = await EchoServer.start();
  const socket = net.connect(server.port, '127.0.0.1');
  const client = new Http2Connection(socket, 'client', { ...http2Limits, maxStreams: 0 }, quiet);
  await new Promise<void>((resolve) => assert.ok(client.ping(resolve)));
  client.close();
  assert.ok(!client.ping(() => assert.fail('nobody is there')));
});
