import assert from 'node:assert/strict';
import * as http2 from 'node:http2';
import * as net from 'node:net';
import { test } from 'node:test';
import * as zlib from 'node:zlib';
import { ByteBudget } from '../../base/byte-budget.ts';
import { LibraryClient, methodPath, OwnServer } from '../../testkit/grpc-peers.ts';
import { frame } from '../../testkit/http2-peers.ts';
import { until } from '../../testkit/until.ts';
import { compress } from '../compression.ts';
import { preface } from '../http2/codes.ts';
import { messageHead } from './grpc-framing.ts';
import { defaultGrpcLimits } from './grpc-service.ts';

const usualHeaders = { ':method': 'POST', ':path': methodPath, 'content-type': 'application/grpc', te: 'trailers' };

interface RawAnswer {
  readonly headers: http2.IncomingHttpHeaders & http2.IncomingHttpStatusHeader;
  /** Of the trailers, or of the headers if there is nothing else. */
  readonly code: string | undefined;
  readonly rstCode: number;
}

/** A client that sends what it likes. */
class RawClient {
  readonly session: http2.ClientHttp2Session;

  constructor(port: number) {
    this.session = http2.connect(`http://127.0.0.1:${port}`);
    this.session.on('error', () => undefined);
  }

  /** Opens a stream and sends pieces on it; without `isWhole` it never ends them. */
  call(headers: http2.OutgoingHttpHeaders, pieces: readonly Buffer[], isWhole = true): Promise<RawAnswer> {
    const stream = this.session.request({ ...usualHeaders, ...headers });
    let first: RawAnswer['headers'] = {};
    let last: http2.IncomingHttpHeaders = {};
    stream.on('response', (given) => (first = last = given));
    stream.on('trailers', (given) => (last = given));
    stream.on('error', () => undefined);
    stream.resume();
    for (const piece of pieces) stream.write(piece);
    if (isWhole) stream.end();
    return new Promise((resolve) =>
      stream.on('close', () => {
        const code = last['grpc-status'] as string | undefined;
        resolve({ headers: first, code, rstCode: stream.rstCode });
      }),
    );
  }

  [Symbol.dispose](): void {
    this.session.destroy();
  }
}

const message = (bytes: Buffer, isCompressed = false): Buffer =>
  Buffer.concat([messageHead(bytes.length, isCompressed), bytes]);

/** What a good client is answered while others misbehave. */
async function assertServes(own: OwnServer): Promise<void> {
  using client = new LibraryClient(own.port);
  assert.deepEqual((await client.call(Buffer.from('good'))).message, Buffer.from('good'));
}

test('what is no call of gRPC gets the status of HTTP for it', async () => {
  await using own = await OwnServer.start();
  using raw = new RawClient(own.port);
  const cases: readonly [headers: http2.OutgoingHttpHeaders, status: number][] = [
    [{ 'content-type': 'application/json' }, 415],
    [{ 'content-type': 'application/grpcx' }, 415],
    [{ ':method': 'GET' }, 405],
    [{ 'content-type': 'application/grpc+proto' }, 200],
    [{ 'content-type': 'application/grpc;charset=utf-8' }, 200],
  ];
  for (const [headers, status] of cases)
    assert.equal((await raw.call(headers, [])).headers[':status'], status, JSON.stringify(headers));
});

test('messages are taken in all compressions, also uncompressed where another is announced', async () => {
  await using own = await OwnServer.start();
  using raw = new RawClient(own.port);
  const data = Buffer.alloc(10_000, 'ab');
  for (const [encoding, packed] of [
    ['gzip', zlib.gzipSync(data)],
    ['deflate', zlib.deflateSync(data)],
    ['zstd', zlib.zstdCompressSync(data)],
    ['snappy', await compress('x-snappy-framed', [data])],
    ['snappy', await compress('snappy', [data])],
  ] as const) {
    const headers = { 'grpc-encoding': encoding };
    assert.equal((await raw.call(headers, [message(packed, true)])).code, '0', encoding);
    assert.equal((await raw.call(headers, [message(data)])).code, '0', encoding);
  }
  assert.deepEqual(new Set(own.results.map(({ requestBytes }) => requestBytes)), new Set([10_000]));
});

test('compressions that are not known are unimplemented, and the client learns which are', async () => {
  await using own = await OwnServer.start();
  using raw = new RawClient(own.port);
  const { code, headers } = await raw.call({ 'grpc-encoding': 'brotli' }, [message(Buffer.alloc(3), true)]);
  assert.equal(code, '12');
  assert.equal(headers['grpc-accept-encoding'], 'identity,gzip,zstd,snappy,deflate');
  assert.equal(own.results[0]?.refusal, 'compression');
});

test('streams that hold something else than one message are refused', async () => {
  await using own = await OwnServer.start();
  using raw = new RawClient(own.port);
  const whole = message(Buffer.alloc(100));
  const gzip = { 'grpc-encoding': 'gzip' };
  const cases: readonly [name: string, headers: http2.OutgoingHttpHeaders, pieces: readonly Buffer[], code: string][] =
    [
      ['nothing', {}, [], '12'],
      ['a part of a head', {}, [whole.subarray(0, 3)], '13'],
      ['a head', {}, [whole.subarray(0, 5)], '13'],
      ['a part of a message', {}, [whole.subarray(0, 104)], '13'],
      ['two messages', {}, [whole, whole], '12'],
      ['two messages in one piece', {}, [Buffer.concat([whole, whole])], '12'],
      ['an unknown flag', {}, [Buffer.concat([Buffer.from([2]), whole.subarray(1)])], '13'],
      ['a compressed message without an encoding', {}, [message(Buffer.alloc(10), true)], '13'],
      ['a compressed message that is none', gzip, [message(Buffer.from('not gzip at all'), true)], '13'],
      ['a compressed message that is cut off', gzip, [message(zlib.gzipSync(whole).subarray(0, 20), true)], '13'],
      ['a length that no message has', {}, [Buffer.from([0, 255, 255, 255, 255])], '8'],
    ];
  for (const [name, headers, pieces, code] of cases) assert.equal((await raw.call(headers, pieces)).code, code, name);
  assert.equal(own.memory.used, 0);
  await assertServes(own);
});

test('bombs are refused at the limit', async () => {
  await using own = await OwnServer.start();
  using raw = new RawClient(own.port);
  const zeros = Buffer.alloc(100 * 1024 * 1024);
  for (const [encoding, bomb] of [
    ['gzip', zlib.gzipSync(zeros, { level: 1 })],
    ['deflate', zlib.deflateSync(zeros, { level: 1 })],
    ['zstd', zlib.zstdCompressSync(zeros)],
  ] as const)
    assert.equal((await raw.call({ 'grpc-encoding': encoding }, [message(bomb, true)])).code, '8', encoding);
  assert.ok(own.results.every(({ refusal }) => refusal === 'too_large'));
  assert.equal(own.memory.used, 0);
});

test('messages that never come whole are given up, and take no memory then', async () => {
  const memory = new ByteBudget(100 * 1024 * 1024);
  await using own = await OwnServer.start(undefined, { receiveTimeout: 100 }, { memory });
  using raw = new RawClient(own.port);
  const slow = [
    raw.call({}, [], false),
    raw.call({}, [Buffer.from([0])], false),
    raw.call({}, [messageHead(4_000_000, false), Buffer.alloc(1)], false),
    raw.call({}, [messageHead(4_000_000, false), Buffer.alloc(3_000_000)], false),
  ];
  await until(() => memory.used > 3_000_000);
  const answers = await Promise.all(slow);
  assert.deepEqual(
    answers.map(({ code }) => code),
    ['4', '4', '4', '4'],
  );
  await until(() => memory.used === 0);
  assert.ok(own.results.every(({ refusal }) => refusal === 'timeout'));
  await assertServes(own);
});

test('clients that never take their answers are given up', async () => {
  await using own = await OwnServer.start(undefined, { receiveTimeout: 100 });
  using raw = new RawClient(own.port);
  await until(() => own.connections === 1);
  raw.session.settings({ initialWindowSize: 0 });
  await new Promise((resolve) => raw.session.once('localSettings', resolve));
  assert.deepEqual((await raw.call({}, [message(Buffer.alloc(100))])).code, undefined);
  assert.equal(own.memory.used, 0);
});

test('connections on which nothing is said are given up', async () => {
  await using own = await OwnServer.start(undefined, { receiveTimeout: 100 });
  await Promise.all([sendBytes(own.port, Buffer.alloc(0)), sendBytes(own.port, preface.subarray(0, 10))]);
  await until(() => own.connections === 0);
});

test('many messages that only say they are large take no more memory than there is', async () => {
  const memory = new ByteBudget(8 * 1024 * 1024);
  await using own = await OwnServer.start(undefined, { receiveTimeout: 500 }, { memory });
  using raw = new RawClient(own.port);
  const head = Buffer.concat([messageHead(4_000_000, false), Buffer.alloc(1)]);
  const answers = await Promise.all(Array.from({ length: 50 }, () => raw.call({}, [head], false)));
  assert.deepEqual(new Set(answers.map(({ code }) => code)), new Set(['4', '14']));
  await until(() => memory.used === 0);
  await assertServes(own);
});

test('streams that are reset at once do no harm', async () => {
  await using own = await OwnServer.start();
  for (let round = 0; round < 5; round++) {
    using raw = new RawClient(own.port);
    const { session } = raw;
    for (let count = 0; count < 500; count++) {
      const stream = session.request(usualHeaders);
      stream.on('error', () => undefined);
      stream.close(http2.constants.NGHTTP2_CANCEL);
    }
    await until(() => session.destroyed || own.results.length === own.started);
  }
  await assertServes(own);
  await until(() => own.results.length === own.started);
  assert.equal(own.memory.used, 0);
});

test('headers that are too long are refused, and others go on', async () => {
  await using own = await OwnServer.start(undefined, { maxHeaderBytes: 4096 });
  using raw = new RawClient(own.port);
  // The limit holds when the client knows of it.
  assert.equal((await raw.call({}, [message(Buffer.alloc(1))])).code, '0');
  const { code } = await raw.call({ 'x-long': 'x'.repeat(20_000) }, [message(Buffer.alloc(1))]);
  assert.equal(code, undefined);
  assert.equal(own.started, 1);
  await assertServes(own);
});

/** Connects, sends bytes, and resolves when the server ends the connection. */
function sendBytes(port: number, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.on('close', () => resolve());
    socket.resume();
    socket.write(bytes);
  });
}

const settings = frame(4, 0, 0, Buffer.alloc(0));

test('what is not HTTP/2 ends the connection', async () => {
  await using own = await OwnServer.start();
  const cases: readonly [name: string, bytes: Buffer][] = [
    ['HTTP/1.1', Buffer.from('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello')],
    ['noise', Buffer.alloc(1000, 0xa5)],
    ['a frame that is too large', Buffer.concat([preface, settings, frame(0, 0, 1, Buffer.alloc(100_000))])],
    ['data on a stream that is not there', Buffer.concat([preface, settings, frame(0, 0, 1, Buffer.alloc(10))])],
    ['settings of a wrong length', Buffer.concat([preface, frame(4, 0, 0, Buffer.alloc(5))])],
    ['headers that cannot be read', Buffer.concat([preface, settings, frame(1, 4, 1, Buffer.alloc(50, 0xff))])],
    ['a window update of nothing', Buffer.concat([preface, settings, frame(8, 0, 0, Buffer.alloc(4))])],
  ];
  for (const [name, bytes] of cases) {
    await sendBytes(own.port, bytes);
    assert.equal(own.started, 0, name);
  }
  await until(() => own.connections === 0);
  await assertServes(own);
});

test('a flood of pings ends the connection', async () => {
  await using own = await OwnServer.start();
  const ping = frame(6, 0, 0, Buffer.alloc(8));
  await sendBytes(own.port, Buffer.concat([preface, settings, ...Array.from({ length: 100 }, () => ping)]));
  await assertServes(own);
});

test('a flood of settings ends the connection, or is answered', async () => {
  await using own = await OwnServer.start();
  const socket = net.connect(own.port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(Buffer.concat([preface, ...Array.from({ length: 20_000 }, () => settings)]));
  await assertServes(own);
  socket.destroy();
});

test('a client that does not answer is given up', async () => {
  const keepalive = { ...defaultGrpcLimits.keepalive, time: 40, timeout: 40 };
  await using own = await OwnServer.start(undefined, { keepalive });
  // It never acknowledges the ping that it gets.
  await sendBytes(own.port, Buffer.concat([preface, settings]));
  using raw = new RawClient(own.port);
  let pings = 0;
  raw.session.on('ping', () => pings++);
  await until(() => pings === 5);
  assert.equal(own.connections, 1);
  assert.equal((await raw.call({}, [message(Buffer.alloc(1))])).code, '0');
});
