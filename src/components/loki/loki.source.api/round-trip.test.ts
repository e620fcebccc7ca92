import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { lokiWrite } from '../loki.write.ts';
import { entriesIn, sendEntries } from '../../../testkit/log-entries.ts';
import { pushBody, startPushApi } from '../../../testkit/push-client.ts';
import { runComponent } from '../../../testkit/run-component.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 50 });
const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,5}$/).filter((candidate) => !candidate.startsWith('__'));
const anyStream = fc.record(
  {
    labels: fc.dictionary(name, fc.stringMatching(/^[ -~é]{1,10}$/), { minKeys: 1, maxKeys: 3, noNullPrototype: true }),
    entries: fc.array(
      fc.record(
        {
          nanos: fc.bigInt({ min: 0n, max: 2n ** 62n }),
          line: text,
          metadata: fc.dictionary(name, text, { maxKeys: 3, noNullPrototype: true }),
        },
        { noNullPrototype: true },
      ),
      { maxLength: 5 },
    ),
  },
  { noNullPrototype: true },
);
type AnyStream = typeof anyStream extends fc.Arbitrary<infer T> ? T : never;

function protobufOf(streams: readonly AnyStream[]): Buffer {
  return pushBody(
    ...streams.map(({ labels, entries }) => ({
      labels: `{${Object.entries(labels)
        .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
        .join(',')}}`,
      entries: entries.map(({ nanos, line, metadata }) => ({
        timestampNs: String(nanos),
        line,
        metadata: Object.entries(metadata).map(([key, value]) => ({ name: key, value })),
      })),
    })),
  );
}

function jsonOf(streams: readonly AnyStream[]): unknown {
  return {
    streams: streams.map(({ labels, entries }) => ({
      stream: labels,
      values: entries.map(({ nanos, line, metadata }) => [String(nanos), line, metadata]),
    })),
  };
}

async function start() {
  const api = await startPushApi('use_incoming_timestamp = true\nmax_send_message_size = "1MiB"');
  let seen = 0;
  return {
    api,
    /** What came since this was asked last. */
    newEntries() {
      const batches = api.component.out.batches.slice(seen);
      seen = api.component.out.batches.length;
      return entriesIn(batches);
    },
    [Symbol.asyncDispose]: () => api[Symbol.asyncDispose](),
  };
}

test('JSON and protobuf of the same entries give the same entries, which are those that were sent', async () => {
  await using started = await start();
  const { api, newEntries } = started;
  await fc.assert(
    fc.asyncProperty(fc.array(anyStream, { maxLength: 3 }), async (streams) => {
      assert.equal((await api.push(protobufOf(streams))).status, 204);
      const fromProtobuf = newEntries();
      assert.equal((await api.pushJson(jsonOf(streams))).status, 204);
      assert.deepEqual(newEntries(), fromProtobuf);
      const sent = streams.flatMap(({ labels, entries }) => entries.map((entry) => ({ labels, ...entry })));
      assert.deepEqual(
        fromProtobuf.map(({ line, labels, metadata = {} }) => ({ line, labels, metadata })),
        sent.map(({ line, labels, metadata }) => ({ line, labels, metadata })),
      );
    }),
    { numRuns: 60 },
  );
});

test('what loki.write sends is taken, with its tenant', async () => {
  await using started = await start();
  const { api, newEntries } = started;
  await using writer = await runComponent(
    lokiWrite,
    `endpoint {
      url        = "${api.url}/loki/api/v1/push"
      tenant_id  = "team"
      batch_wait = "10ms"
    }`,
  );
  const entry = { line: 'a "line"', time: '2026-01-02T03:04:05.000000006Z', metadata: { trace: 'x' } };
  await sendEntries(writer.exports.receiver, { ...entry, labels: { a: 'b\n"c"' } }).delivered;
  assert.deepEqual(newEntries(), [{ ...entry, labels: { a: 'b\n"c"', __tenant_id__: 'team' } }]);
});

const damage = fc.array(
  fc.record({
    place: fc.double({ min: 0, max: 1, noNaN: true }),
    remove: fc.nat({ max: 3 }),
    put: fc.uint8Array({ maxLength: 3 }),
  }),
  { minLength: 1, maxLength: 5 },
);

test('whatever is wrong with a body, it is answered, and the server goes on', async () => {
  await using started = await start();
  const { api, newEntries } = started;
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyStream, { maxLength: 3 }),
      damage,
      fc.constantFrom('protobuf', 'json', 'raw', 'gzip', 'deflate'),
      async (streams, places, kind) => {
        const isJson = kind === 'json' || kind === 'deflate';
        const whole = isJson ? Buffer.from(JSON.stringify(jsonOf(streams))) : protobufOf(streams);
        let body = kind === 'gzip' ? gzipSync(whole) : whole;
        for (const { place, remove, put } of places) {
          const at = Math.floor(place * body.length);
          body = Buffer.concat([body.subarray(0, at), put, body.subarray(at + remove)]);
        }
        const answer = await api.push(
          body,
          {
            'content-type': isJson ? 'application/json' : 'application/x-protobuf',
            'content-encoding': kind === 'gzip' || kind === 'deflate' ? kind : '',
          },
          kind === 'raw' ? '/loki/api/v1/raw' : undefined,
        );
        assert.ok(answer.status === 204 || answer.status === 400 || answer.status === 413, JSON.stringify(answer));
        // What came out can be read, whatever it is.
        newEntries();
      },
    ),
    { numRuns: 400 },
  );
  assert.equal((await api.push(protobufOf([]))).status, 204);
  assert.equal(api.component.metrics()['loki_source_api_inflight_bytes'], 0);
  assert.deepEqual(
    api.component.logged.filter(({ level }) => level === 'error'),
    [],
  );
});
