import assert from 'node:assert/strict';
import * as http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import * as zlib from 'node:zlib';
import * as grpc from '@grpc/grpc-js';
import { LibraryServer, methodPath, OwnClient, OwnServer, type LibraryHandler } from '../../testkit/grpc-peers.ts';
import { until } from '../../testkit/until.ts';
import { encodeStatus, grpcCodes } from './grpc-status.ts';

const echo: LibraryHandler = (call, answer) => answer(null, call.request);

function numbers(size: number): Buffer {
  return Buffer.from(Array.from({ length: size }, (_, index) => index % 251));
}

for (const compression of [undefined, 'gzip', 'deflate'] as const) {
  test(`another server answers messages of any size that come ${compression === undefined ? 'plain' : `with ${compression}`}`, async () => {
    using server = await LibraryServer.start(echo, { 'grpc.max_send_message_length': -1 });
    using own = new OwnClient(server.port, { compression });
    for (const size of [0, 1, 20_000, 200_000, 5_000_000]) {
      const message = numbers(size);
      assert.deepEqual(await own.call(message), message, String(size));
      const parts = [message.subarray(0, size >> 2), Buffer.alloc(0), message.subarray(size >> 2)];
      assert.deepEqual(await own.call(parts), message, String(size));
    }
  });
}

for (const compression of ['zstd', 'snappy', 'gzip', 'deflate'] as const) {
  test(`our own server takes what comes with ${compression}`, async () => {
    await using server = await OwnServer.start();
    using own = new OwnClient(server.port, { compression });
    for (const size of [0, 1, 200_000, 2_000_000]) assert.deepEqual(await own.call(numbers(size)), numbers(size));
  });
}

test('answers may be compressed', async () => {
  for (const algorithm of [grpc.compressionAlgorithms.gzip, grpc.compressionAlgorithms.deflate]) {
    using server = await LibraryServer.start(echo, { 'grpc.default_compression_algorithm': algorithm });
    using own = new OwnClient(server.port);
    assert.deepEqual(await own.call(numbers(100_000)), numbers(100_000));
    using modest = new OwnClient(server.port, { maxResponseBytes: 50_000 });
    assert.equal((await modest.failure(numbers(100_000))).code, grpcCodes.resourceExhausted);
  }
});

test('a server sees the headers, the time and the name that it is called by', async () => {
  const seen: Record<string, unknown>[] = [];
  using server = await LibraryServer.start((call, answer) => {
    seen.push({ ...call.metadata.getMap(), authority: call.getHost(), deadline: call.getDeadline() });
    answer(null, Buffer.alloc(0));
  });
  using own = new OwnClient(server.port, { authority: 'traces.example.com' });
  await own.call(numbers(1), { headers: { authorization: 'Bearer x', 'x-list': ['a', 'b'] }, timeout: 5000 });
  const [{ authority, authorization, deadline, ...rest } = {}] = seen;
  assert.deepEqual([authority, authorization, rest['user-agent']], ['traces.example.com', 'Bearer x', 'Millrace/test']);
  assert.ok(Math.abs(Number(deadline) - Date.now() - 5000) < 4000);
});

test('a status tells what went wrong, and when to try again', async () => {
  const metadata = new grpc.Metadata();
  const status = { code: grpcCodes.resourceExhausted, message: 'slow down', retryDelay: 2500 };
  metadata.set('grpc-status-details-bin', encodeStatus(status));
  using server = await LibraryServer.start((call, answer) => {
    if (call.request.length === 1) answer({ code: grpc.status.INVALID_ARGUMENT, details: 'größer als\n100 %' });
    else answer({ code: grpc.status.RESOURCE_EXHAUSTED, details: 'slow down', metadata });
  });
  using own = new OwnClient(server.port);
  const invalid = await own.failure(numbers(1));
  assert.deepEqual([invalid.code, invalid.message, invalid.retryDelay], [3, 'größer als\n100 %', undefined]);
  const exhausted = await own.failure(numbers(2));
  assert.deepEqual([exhausted.code, exhausted.message, exhausted.retryDelay], [8, 'slow down', 2500]);
  assert.equal((await own.failure(numbers(1), { path: '/test.Service/Other' })).code, grpcCodes.unimplemented);
});

test('a call ends when its time is over or nobody wants it, and its server learns of it', async () => {
  let cancelled = 0;
  let started = 0;
  using server = await LibraryServer.start((call) => {
    started++;
    call.on('cancelled', () => cancelled++);
  });
  using own = new OwnClient(server.port);
  assert.equal((await own.failure(numbers(1), { timeout: 50 })).code, grpcCodes.deadlineExceeded);
  await until(() => cancelled === 1);
  const abort = new AbortController();
  const failure = own.failure(numbers(1), { signal: abort.signal });
  await until(() => started === 2);
  abort.abort();
  assert.equal((await failure).code, grpcCodes.cancelled);
  await until(() => cancelled === 2);
  assert.equal((await own.failure(numbers(1), { signal: abort.signal })).code, grpcCodes.cancelled);
});

test('a thousand calls at once are answered, also by a server that takes few', async () => {
  for (const most of [1000, 10]) {
    using server = await LibraryServer.start(echo, { 'grpc.max_concurrent_streams': most });
    using own = new OwnClient(server.port);
    const indices = Array.from({ length: 1000 }, (_, index) => index);
    const answers = await Promise.all(
      indices.map((index) => {
        const message = Buffer.alloc(20_000);
        message.writeUInt32BE(index);
        return own.call(message);
      }),
    );
    assert.deepEqual(
      answers.map((answer) => answer.readUInt32BE()),
      indices,
    );
  }
});

test('a header that cannot be sent fails its call only', async () => {
  using server = await LibraryServer.start(echo);
  using own = new OwnClient(server.port);
  assert.equal((await own.failure(numbers(1), { headers: { 'no header': 'x' } })).code, grpcCodes.internal);
  assert.deepEqual(await own.call(numbers(1)), numbers(1));
});

/** A server of HTTP/2 that answers as it likes. */
async function rawServer(handle: (stream: http2.ServerHttp2Stream) => void): Promise<Disposable & { port: number }> {
  const server = http2.createServer();
  const sessions = new Set<http2.Http2Session>();
  server.on('session', (session) => {
    sessions.add(session);
    session.on('error', () => undefined);
  });
  server.on('stream', (stream: http2.ServerHttp2Stream) => {
    stream.on('error', () => undefined);
    stream.resume();
    stream.on('end', () => handle(stream));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.dispose]() {
      for (const session of sessions) session.destroy();
      server.close();
    },
  };
}

const ok = { ':status': 200, 'content-type': 'application/grpc' };

/** Answers with a body and trailers. */
function reply(
  stream: http2.ServerHttp2Stream,
  body: Buffer,
  trailers: http2.OutgoingHttpHeaders = { 'grpc-status': '0' },
  headers = {},
): void {
  stream.respond({ ...ok, ...headers }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers(trailers));
  stream.end(body);
}

const head = (length: number, flag = 0): Buffer => Buffer.from([flag, 0, 0, length >> 8, length & 255]);

test('answers that make no sense fail their calls', async () => {
  const zstd = { 'grpc-encoding': 'zstd' };
  const cases: readonly [name: string, code: number, handle: (stream: http2.ServerHttp2Stream) => void][] = [
    ['no message', 13, (stream) => reply(stream, Buffer.alloc(0))],
    ['a part of a message', 13, (stream) => reply(stream, head(10))],
    ['two messages', 12, (stream) => reply(stream, Buffer.concat([head(0), head(0)]))],
    ['an unknown flag', 13, (stream) => reply(stream, head(0, 7))],
    ['a compression of no name', 13, (stream) => reply(stream, Buffer.concat([head(1, 1), head(1)]).subarray(0, 6))],
    [
      'a compressed message that is none',
      13,
      (stream) => reply(stream, Buffer.concat([head(3, 1), Buffer.from('abc')]), undefined, zstd),
    ],
    [
      'a bomb',
      8,
      (stream) => {
        const bomb = zlib.zstdCompressSync(Buffer.alloc(20_000_000));
        reply(stream, Buffer.concat([head(bomb.length, 1), bomb]), undefined, zstd);
      },
    ],
    ['a message that is too large', 8, (stream) => reply(stream, Buffer.from([0, 127, 0, 0, 0]))],
    ['no status', 2, (stream) => reply(stream, head(0), {})],
    ['a status that is none', 2, (stream) => reply(stream, head(0), { 'grpc-status': 'good' })],
    [
      'details that are none',
      14,
      (stream) => reply(stream, Buffer.alloc(0), { 'grpc-status': '14', 'grpc-status-details-bin': '%%%' }),
    ],
    [
      'a page of a proxy',
      14,
      (stream) => {
        stream.respond({ ':status': 503, 'content-type': 'text/html' });
        stream.end('<html>');
      },
    ],
    ['a page of a wrong server', 12, (stream) => stream.respond({ ':status': 404 }, { endStream: true })],
    ['a reset', 14, (stream) => stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR)],
    ['a lost connection', 14, (stream) => stream.session?.destroy()],
  ];
  let handle: (typeof cases)[number][2] = () => undefined;
  using server = await rawServer((stream) => handle(stream));
  using own = new OwnClient(server.port, { waitsForReady: true });
  for (const [name, code, given] of cases) {
    handle = given;
    assert.equal((await own.failure(numbers(10))).code, code, name);
  }
});

test('a call that a server refuses before it begins is made again, but not for ever', async () => {
  let refusals = 3;
  let calls = 0;
  using server = await rawServer((stream) => {
    calls++;
    if (refusals-- > 0) stream.close(http2.constants.NGHTTP2_REFUSED_STREAM);
    else reply(stream, head(0));
  });
  using own = new OwnClient(server.port);
  assert.deepEqual(await own.call(numbers(10)), Buffer.alloc(0));
  assert.equal(calls, 4);
  refusals = Infinity;
  assert.equal((await own.failure(numbers(10))).code, grpcCodes.unavailable);
  assert.equal(calls, 9);
});

test('an answer that comes before the message was sent is taken', async () => {
  const server = http2.createServer();
  server.on('stream', (stream: http2.ServerHttp2Stream) => {
    stream.on('error', () => undefined);
    stream.respond({ ...ok, 'grpc-status': '8', 'grpc-message': 'too large' }, { endStream: true });
    stream.close(http2.constants.NGHTTP2_NO_ERROR);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  using own = new OwnClient((server.address() as AddressInfo).port);
  const failure = await own.failure(numbers(5_000_000));
  assert.deepEqual([failure.code, failure.message], [8, 'too large']);
  own.client.close();
  await new Promise((resolve) => server.close(resolve));
});

test('a closed client makes no calls', async () => {
  using server = await LibraryServer.start(echo);
  const own = new OwnClient(server.port);
  assert.deepEqual(await own.call(numbers(1)), numbers(1));
  own.client.close();
  const failure = await own.failure(numbers(1), { path: methodPath });
  assert.deepEqual(
    [failure.code, failure.message],
    [14, `cannot connect to 127.0.0.1:${server.port}: the client is closed`],
  );
});
