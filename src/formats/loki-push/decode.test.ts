import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ParseError } from '../../base/parse-error.ts';
import { entriesOf } from '../../model/log-batch.ts';
import { writePushRequest, type PushedStream } from '../../testkit/push-reference.ts';
import { decodePush } from './decode.ts';
import type { PushLimits } from './decoded-push.ts';
import { PushRequestBuilder } from './encode.ts';

const broken = new ParseError('push request is not valid protobuf');
const limits: PushLimits = { maxEntries: 1000, maxStreams: 100 };

function decode(bytes: Buffer) {
  const result = decodePush(bytes, 5, limits);
  assert.ok(!(result instanceof ParseError));
  const entries = [...(result.batch === undefined ? [] : entriesOf(result.batch))];
  return {
    labelError: result.labelError?.message,
    lostEntries: result.lostEntries,
    entries: entries.map(({ labels, ...entry }) => ({ ...entry, labels: labels.toString() })),
  };
}

const text = fc.string({ unit: 'grapheme', maxLength: 200 });
const anyStream = fc.record({
  labels: fc.constantFrom('{}', '{a="b"}', '{a="b", c="d"}', '{e="é"}'),
  entries: fc.array(
    fc.record({
      timestampNs: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
      line: text,
      metadata: fc.array(fc.record({ name: text, value: text }, { noNullPrototype: true }), { maxLength: 3 }),
    }),
    { maxLength: 10 },
  ),
});

test('what an independent library wrote is read', () => {
  fc.assert(
    fc.property(fc.array(anyStream, { maxLength: 4 }), (streams: PushedStream[]) => {
      const { entries } = decode(writePushRequest(streams));
      const expected = streams.flatMap(({ labels, entries: inner }) => inner.map((entry) => ({ ...entry, labels })));
      assert.deepEqual(
        entries.map(({ seconds, nanos, ...rest }) => ({
          timestampNs: String(BigInt(seconds) * 1_000_000_000n + BigInt(nanos)),
          ...rest,
        })),
        expected,
      );
    }),
  );
});

test('what was read can be written again', () => {
  const streams = [
    {
      labels: '{a="b"}',
      entries: [
        { timestampNs: '1700000000123456789', line: 'x', metadata: [{ name: 'k', value: '' }] },
        { timestampNs: '0', line: '', metadata: [] },
      ],
    },
  ];
  const bytes = writePushRequest(streams);
  const result = decodePush(bytes, 5, limits);
  assert.ok(!(result instanceof ParseError) && result.batch !== undefined);
  assert.equal(result.batch.readAt, 5);
  const builder = new PushRequestBuilder();
  for (let index = 0; index < result.batch.count; index++) builder.add(result.batch, index, '{a="b"}');
  const output = Buffer.alloc(builder.encodedSize);
  builder.encode(output, 0);
  assert.deepEqual(output, bytes);
});

test('a request without entries has no batch', () => {
  for (const streams of [[], [{ labels: '{a="b"}', entries: [] }]]) {
    assert.deepEqual(decodePush(writePushRequest(streams), 0, limits), {
      batch: undefined,
      labelError: undefined,
      lostEntries: 0,
    });
  }
});

test('a stream whose labels cannot be read is left out', () => {
  const entries = [{ timestampNs: '1', line: 'x', metadata: [] }];
  const bytes = writePushRequest([
    { labels: '{pizza-flavour="x"}', entries },
    { labels: '{a="b"}', entries },
    { labels: 'nonsense', entries },
  ]);
  const result = decode(bytes);
  assert.deepEqual(
    result.entries.map(({ labels }) => labels),
    ['{a="b"}'],
  );
  assert.equal(result.labelError, String.raw`expected "=" in label set at character 6, found "-flavour=\"x\"}"`);
  assert.equal(result.lostEntries, 2);
});

test('a request may have so many entries and streams, and not more', () => {
  const entry = { timestampNs: '1', line: 'x', metadata: [] };
  const good = { labels: '{a="b"}', entries: [entry, entry] };
  const bad = { labels: 'nonsense', entries: [entry, entry] };
  const decodeAs = (streams: readonly PushedStream[], some: Partial<PushLimits>) =>
    decodePush(writePushRequest(streams), 0, { ...limits, ...some });
  for (const [first, second] of [
    [good, good],
    [good, bad],
    [bad, bad],
  ] as const) {
    // prettier-ignore
    assert.ok(!(decodeAs([first, second], { maxEntries: 4, maxStreams: 2 }) instanceof ParseError));
    assert.deepEqual(
      decodeAs([first, second], { maxEntries: 3 }),
      new ParseError('push request has more than 3 entries'),
    );
    assert.deepEqual(
      decodeAs([first, second], { maxStreams: 1 }),
      new ParseError('push request has more than 1 streams'),
    );
  }
});

test('fields may come in any order, repeatedly and with unknown ones between', () => {
  const line = (value: string) => `12${hex(value)}`;
  const time = '0a060880e2cfaa06'; // 1700000000 s
  const nanos = '0a021005';
  const pair = (name: string, value: string) => `1a${prefixed(`12${hex(value)}0a${hex(name)}`)}`;
  const unknown = '20012a01613101020304050607083d01020304';
  const entry =
    line('old') +
    pair('a', '1') +
    time +
    unknown +
    line('new') +
    nanos +
    pair('b', '2') +
    `1a${prefixed(`0a${hex('c')}2801`)}9a00${prefixed(`0a${hex('d')}`)}`;
  const labels = (value: string) => `0a${hex(value)}`;
  const stream = `${labels('{a="old"}')}${unknown}12${prefixed(entry)}1805${labels('{a="new"}')}`;
  const request = `12${hex('format')}0a${prefixed(stream)}${unknown}`;
  assert.deepEqual(decode(Buffer.from(request, 'hex')).entries, [
    {
      line: 'new',
      seconds: 1_700_000_000,
      nanos: 5,
      metadata: [
        { name: 'a', value: '1' },
        { name: 'b', value: '2' },
        { name: 'c', value: '' },
        { name: 'd', value: '' },
      ],
      labels: '{a="new"}',
    },
  ]);
});

/** Bytes as hex, with their length in front. */
function prefixed(bytes: string): string {
  return Buffer.from([bytes.length / 2]).toString('hex') + bytes;
}

function hex(value: string): string {
  return prefixed(Buffer.from(value).toString('hex'));
}

function inStream(field: string): Buffer {
  return Buffer.from(`0a${prefixed(`0a027b7d${field}`)}`, 'hex');
}

function inEntry(field: string): Buffer {
  return inStream(`12${prefixed(field)}`);
}

test('timestamps may be of the years 1 to 9999', () => {
  const [last] = decode(inEntry('0a0708ff82d1ffaf07')).entries;
  assert.equal(last?.seconds, Date.parse('9999-12-31T23:59:59Z') / 1000);
  const [first] = decode(inEntry('0a0b088092b8c398feffffff01')).entries;
  assert.equal(first?.seconds, Date.parse('0001-01-01T00:00:00Z') / 1000);
});

test('what is no push request gives an error', () => {
  const cases: readonly [name: string, bytes: Buffer][] = [
    ['a field without its value', Buffer.from('0a', 'hex')],
    ['a stream that is longer than the request', Buffer.from('0a05', 'hex')],
    ['a group', Buffer.from('0b', 'hex')],
    ['a broken stream', inStream('12')],
    ['an entry that is longer than its stream', inStream('1205')],
    ['a broken entry', inEntry('12')],
    ['a broken timestamp', inEntry('0a0108')],
    ['a broken pair', inEntry('1a010a')],
    ['nanoseconds of a second or more', inEntry('0a06108094ebdc03')],
    ['negative nanoseconds', inEntry('0a0b10ffffffffffffffffff01')],
    ['a year beyond 9999', inEntry('0a07088083d1ffaf07')],
    ['a year before 1', inEntry('0a0b08ff91b8c398feffffff01')],
  ]; // prettier-ignore
  for (const [name, bytes] of cases) assert.deepEqual(decodePush(bytes, 0, limits), broken, name);
});

test('no bytes make the decoder throw', () => {
  const valid = fc.array(anyStream, { maxLength: 3 }).map(writePushRequest);
  const damaged = fc.tuple(valid, fc.nat(), fc.integer({ min: 0, max: 255 })).map(([bytes, place, byte]) => {
    if (bytes.length > 0) bytes[place % bytes.length] = byte;
    return bytes;
  });
  const random = fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes));
  fc.assert(
    fc.property(fc.oneof(damaged, random), (bytes) => {
      const result = decodePush(bytes, 0, limits);
      if (result instanceof ParseError || result.batch === undefined) return;
      for (const { line } of entriesOf(result.batch)) assert.equal(typeof line, 'string');
    }),
    { numRuns: 500 },
  );
});
