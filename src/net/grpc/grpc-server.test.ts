import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as grpc from '@grpc/grpc-js';
import { ByteBudget } from '../../base/byte-budget.ts';
import { noLog } from '../../base/log.ts';
import { DeliveryError } from '../../flow/delivery.ts';
import { CertificateAuthority } from '../../testkit/certificates.ts';
import { libraryCompression, LibraryClient, methodPath, OwnServer } from '../../testkit/grpc-peers.ts';
import { freePort } from '../../testkit/test-server.ts';
import { until } from '../../testkit/until.ts';
import { GrpcServer } from './grpc-server.ts';
import { defaultGrpcLimits, type GrpcCall } from './grpc-service.ts';
import { GrpcError, grpcCodes } from './grpc-status.ts';
import type { ServerTlsSettings } from '../server-tls.ts';
import { textSource } from '../text-source.ts';

function numbers(size: number): Buffer {
  return Buffer.from(Array.from({ length: size }, (_, index) => index % 251));
}

/** What a server needs where nobody looks. */
const ignored = {
  log: noLog,
  memory: new ByteBudget(1024 * 1024),
  observer: {
    connectionsChanged: () => undefined,
    connectionRefused: () => undefined,
    callStarted: () => undefined,
    callEnded: () => undefined,
  },
};

for (const [name, algorithm] of Object.entries(libraryCompression)) {
  test(`messages of any size are answered that come with ${name}`, async () => {
    await using own = await OwnServer.start();
    using client = new LibraryClient(own.port, { 'grpc.default_compression_algorithm': algorithm });
    for (const size of [0, 1, 20_000, 200_000, 4_000_000]) {
      const message = numbers(size);
      const answer = await client.call(message);
      assert.deepEqual(answer.message, message, String(size));
    }
    assert.deepEqual(
      own.results.map(({ code, requestBytes, responseBytes, refusal }) => [code, requestBytes, responseBytes, refusal]),
      [0, 1, 20_000, 200_000, 4_000_000].map((size) => [0, size, size, undefined]),
    );
    assert.equal(own.memory.used, 0);
  });
}

test('a method sees the metadata and the address of its client', async () => {
  const calls: GrpcCall[] = [];
  await using own = await OwnServer.start((call) => {
    calls.push(call);
    return Buffer.alloc(0);
  });
  using client = new LibraryClient(own.port);
  const metadata = { 'x-scope-orgid': 'tenant', 'x-list': ['a', 'b'] };
  assert.equal((await client.call(Buffer.alloc(3), { metadata })).code, grpcCodes.ok);
  const [call] = calls;
  assert.equal(call?.peer, '127.0.0.1');
  assert.equal(call.headers[':authority'], `127.0.0.1:${own.port}`);
  assert.equal(call.headers['x-scope-orgid'], 'tenant');
  assert.deepEqual(call.headers['x-list'], ['a', 'b']);
});

test('what a method throws is the status of the call', async () => {
  const thrown: unknown[] = [
    new GrpcError(grpcCodes.invalidArgument, 'größer als 100 %\nor so'),
    new DeliveryError('later', { retryable: true, retryAfter: 1500 }),
    new DeliveryError('never', { retryable: false }),
    new TypeError('a secret of the program'),
    new GrpcError(grpcCodes.internal, 'x'.repeat(100_000)),
  ];
  await using own = await OwnServer.start(() => {
    throw thrown.shift();
  });
  using client = new LibraryClient(own.port);
  const answers = [];
  for (let count = thrown.length; count > 0; count--) answers.push(await client.call(Buffer.alloc(1)));
  assert.deepEqual(
    answers.map(({ code, details }) => [code, details.slice(0, 30)]),
    [
      [3, 'größer als 100 %\nor so'],
      [14, 'later'],
      [13, 'never'],
      [13, 'internal error'],
      [13, 'x'.repeat(30)],
    ],
  );
  const [details] = answers[1]?.metadata?.get('grpc-status-details-bin') ?? [];
  assert.ok(Buffer.isBuffer(details) && details.includes('google.rpc.RetryInfo'));
  assert.equal(answers[0]?.metadata?.get('grpc-status-details-bin').length, 0);
  assert.equal(own.memory.used, 0);
});

test('methods that are not known are unimplemented', async () => {
  await using own = await OwnServer.start();
  using client = new LibraryClient(own.port);
  const answer = await client.call(numbers(300_000), { path: '/test.Service/Other' });
  assert.deepEqual([answer.code, answer.details], [12, 'unknown method /test.Service/Other']);
  assert.equal((await client.call(numbers(10))).code, grpcCodes.ok);
});

test('messages that are too large are refused before they have come, and the connection goes on', async () => {
  await using own = await OwnServer.start(({ message }) => message, { maxMessageBytes: 100_000 });
  for (const algorithm of [libraryCompression.identity, libraryCompression.gzip]) {
    using client = new LibraryClient(own.port, { 'grpc.default_compression_algorithm': algorithm });
    for (let round = 0; round < 30; round++)
      assert.equal((await client.call(Buffer.alloc(3_000_000))).code, grpcCodes.resourceExhausted);
    assert.equal((await client.call(Buffer.alloc(100_000))).code, grpcCodes.ok);
  }
  assert.equal(own.results.filter(({ refusal }) => refusal === 'too_large').length, 60);
  assert.equal(own.memory.used, 0);
});

test('calls for which there is no memory are refused until there is some', async () => {
  const gate = Promise.withResolvers<void>();
  const memory = new ByteBudget(250_000);
  const handle = async ({ message }: GrpcCall): Promise<Buffer> => {
    await gate.promise;
    return message.subarray(0, 1);
  };
  await using own = await OwnServer.start(handle, {}, { memory });
  using client = new LibraryClient(own.port);
  const first = client.call(numbers(200_000));
  await until(() => memory.used === 200_000);
  const second = await client.call(numbers(200_000));
  assert.equal(second.code, grpcCodes.unavailable);
  assert.equal(second.metadata?.get('grpc-status-details-bin').length, 1);
  gate.resolve();
  assert.equal((await first).code, grpcCodes.ok);
  assert.equal((await client.call(numbers(200_000))).code, grpcCodes.ok);
  await until(() => memory.used === 0);
});

test('a call ends at its deadline, and its method learns of it', async () => {
  const aborted: unknown[] = [];
  await using own = await OwnServer.start(
    ({ signal }) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          aborted.push(signal.reason);
          resolve(Buffer.alloc(0));
        });
      }),
  );
  using client = new LibraryClient(own.port);
  assert.equal((await client.call(Buffer.alloc(1), { timeout: 50 })).code, grpcCodes.deadlineExceeded);
  await until(() => aborted.length === 1);
  const abort = new AbortController();
  const cancelled = client.call(Buffer.alloc(1), { signal: abort.signal });
  await until(() => own.started === 2);
  abort.abort();
  assert.equal((await cancelled).code, grpcCodes.cancelled);
  await until(() => aborted.length === 2);
  assert.ok(aborted.every((reason) => reason instanceof GrpcError));
  assert.ok(own.results.every(({ code }) => code === grpcCodes.cancelled || code === grpcCodes.deadlineExceeded));
});

test('a thousand calls at once are answered', async () => {
  await using own = await OwnServer.start(async ({ message }) => {
    await new Promise((resolve) => setImmediate(resolve));
    return message.subarray(0, 4);
  });
  using client = new LibraryClient(own.port);
  const indices = Array.from({ length: 1000 }, (_, index) => index);
  const answers = await Promise.all(
    indices.map((index) => {
      const message = Buffer.alloc(5000);
      message.writeUInt32BE(index);
      return client.call(message);
    }),
  );
  assert.deepEqual(
    answers.map(({ message }) => message?.readUInt32BE()),
    indices,
  );
});

test('clients wait with more calls than they may have open', async () => {
  let open = 0;
  let most = 0;
  const handle = async ({ message }: GrpcCall): Promise<Buffer> => {
    most = Math.max(most, ++open);
    await new Promise((resolve) => setTimeout(resolve, 5));
    open--;
    return message;
  };
  await using own = await OwnServer.start(handle, { maxConcurrentStreams: 3 });
  using client = new LibraryClient(own.port);
  const answers = await Promise.all(Array.from({ length: 30 }, () => client.call(Buffer.alloc(10))));
  assert.ok(answers.every(({ code }) => code === grpcCodes.ok));
  assert.equal(most, 3);
});

test('closing lets calls end, and clients go elsewhere', async () => {
  const gate = Promise.withResolvers<void>();
  const own = await OwnServer.start(async ({ message }) => {
    await gate.promise;
    return message;
  });
  using client = new LibraryClient(own.port);
  const answer = client.call(Buffer.from('late'));
  await until(() => own.started === 1);
  const closed = own.server.close(60_000);
  gate.resolve();
  assert.deepEqual((await answer).message, Buffer.from('late'));
  await closed;
  await until(() => own.connections === 0);
  assert.equal((await client.call(Buffer.alloc(1))).code, grpcCodes.unavailable);
});

test('closing does not wait for ever', async () => {
  const own = await OwnServer.start(() => new Promise(() => undefined));
  using client = new LibraryClient(own.port);
  const answer = client.call(Buffer.alloc(1));
  await until(() => own.started === 1);
  await own.server.close(20);
  assert.notEqual((await answer).code, grpcCodes.ok);
  await until(() => own.connections === 0);
});

test('another server takes the address over, and no call is refused', async () => {
  const address = { host: '127.0.0.1', port: await freePort() };
  const start = async (name: string): Promise<GrpcServer> => {
    const methods = [{ path: methodPath, handle: () => Buffer.from(name) }];
    const server = new GrpcServer({ methods, ...ignored }, defaultGrpcLimits);
    await server.listen(address);
    return server;
  };
  const first = await start('first');
  using client = new LibraryClient(address.port);
  const answers = new Set<string>();
  let isOver = false;
  const calls = (async () => {
    while (!isOver) answers.add(String((await client.call(Buffer.alloc(1))).message));
  })();
  await until(() => answers.has('first'));
  await first.close(1000);
  const second = await start('second');
  await until(() => answers.has('second'));
  isOver = true;
  await calls;
  await second.close(0);
  assert.deepEqual([...answers], ['first', 'second']);
});

const authority = new CertificateAuthority('Test CA');
const pair = authority.issue('server', 'DNS:localhost');
const clientPair = authority.issue('client');

function tlsSettings(clientAuth: ServerTlsSettings['clientAuth']): ServerTlsSettings {
  const ca = clientAuth === 'NoClientCert' ? undefined : textSource(authority.cert, '');
  return { sources: { cert: textSource(pair.cert, ''), key: textSource(pair.key, ''), ca }, clientAuth, options: {} };
}

test('calls come over TLS, with a certificate of the client if that is wanted', async () => {
  await using own = await OwnServer.start();
  const root = Buffer.from(authority.cert);
  const { createSsl } = grpc.credentials;
  const plain = createSsl(root);
  const known = createSsl(root, Buffer.from(clientPair.key), Buffer.from(clientPair.cert));
  const codeWith = async (credentials: grpc.ChannelCredentials): Promise<number> => {
    using client = new LibraryClient(own.port, { 'grpc.ssl_target_name_override': 'localhost' }, credentials);
    return (await client.call(numbers(100_000))).code;
  };
  own.server.setTls(tlsSettings('NoClientCert'));
  assert.equal(await codeWith(plain), grpcCodes.ok);
  assert.equal(await codeWith(grpc.credentials.createInsecure()), grpcCodes.unavailable);
  own.server.setTls(tlsSettings('RequireAndVerifyClientCert'));
  assert.equal(await codeWith(plain), grpcCodes.unavailable);
  assert.equal(await codeWith(known), grpcCodes.ok);
  own.server.setTls(undefined);
  assert.equal(await codeWith(grpc.credentials.createInsecure()), grpcCodes.ok);
});

test('connections end when they are idle or old, and clients do not notice', async () => {
  for (const ages of [{ maxIdle: 40 }, { maxAge: 40, maxAgeGrace: 1000 }]) {
    const keepalive = { ...defaultGrpcLimits.keepalive, ...ages };
    await using own = await OwnServer.start(({ message }) => message, { keepalive });
    using client = new LibraryClient(own.port);
    for (let round = 0; round < 3; round++) {
      assert.equal((await client.call(Buffer.alloc(1))).code, grpcCodes.ok);
      assert.equal(own.connections, 1);
      await until(() => own.connections === 0);
    }
  }
});

test('a client that pings as often as it may is kept, and one that pings too often is sent away', async () => {
  for (const [minPingInterval, isKept] of [
    [0, true],
    [60_000, false],
  ] as const) {
    const keepalive = { ...defaultGrpcLimits.keepalive, minPingInterval, allowsIdlePings: true };
    const gate = Promise.withResolvers<Buffer>();
    await using own = await OwnServer.start(() => gate.promise, { keepalive });
    using client = new LibraryClient(own.port, {
      'grpc.keepalive_time_ms': 20,
      'grpc.keepalive_permit_without_calls': 1,
    });
    const answer = client.call(Buffer.alloc(1));
    setTimeout(() => gate.resolve(Buffer.alloc(0)), 300);
    assert.equal((await answer).code === grpcCodes.ok, isKept);
  }
});
