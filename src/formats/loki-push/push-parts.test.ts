import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ParseError } from '../../base/parse-error.ts';
import { readPushRequest, referenceSnappy, writePushRequest, type PushedStream } from '../../testkit/push-reference.ts';
import { PushParts } from './push-parts.ts';

const never = (): boolean => false;

function bodyOf(streams: readonly PushedStream[]): Buffer {
  return referenceSnappy.compress(writePushRequest(streams));
}

function partsOf(streams: readonly PushedStream[], isLast: (labels: string) => boolean = never): PushParts {
  const parts = PushParts.read(bodyOf(streams), 1_000_000, isLast);
  assert.ok(parts instanceof PushParts);
  return parts;
}

function read(body: Buffer): PushedStream[] {
  return readPushRequest(referenceSnappy.uncompress(body));
}

/** A stream with lines `a0`, `a1` ... */
function stream(name: string, count: number): PushedStream {
  const entries = Array.from({ length: count }, (_, index) => ({
    timestampNs: `${1_700_000_000_000_000_000n + BigInt(index)}`,
    line: `${name}${index}`,
    metadata: [{ name: 'n', value: `${index}` }],
  }));
  return { labels: `{app="${name}"}`, entries };
}

test('parts are cut between streams, and then within one', () => {
  const parts = partsOf([stream('a', 1), stream('b', 2), stream('c', 5)]);
  assert.equal(parts.entryCount, 8);
  assert.equal(parts.middle(0, 8), 3);
  assert.equal(parts.middle(0, 3), 1);
  assert.equal(parts.middle(3, 8), 5);
  assert.equal(parts.middle(3, 5), 4);
  assert.equal(parts.labelsOf(2), '{app="b"}');
  assert.equal(parts.streamEnd(1), 3);
  assert.deepEqual(read(parts.encode(2, 5)), [
    { labels: '{app="b"}', entries: stream('b', 2).entries.slice(1) },
    { labels: '{app="c"}', entries: stream('c', 5).entries.slice(0, 2) },
  ]);
});

test('chosen streams come last', () => {
  const parts = partsOf([stream('a', 1), stream('b', 2), stream('c', 1)], (labels) => labels === '{app="a"}');
  assert.deepEqual([0, 1, 2, 3].map((entry) => parts.labelsOf(entry)), ['{app="b"}', '{app="b"}', '{app="c"}', '{app="a"}']); // prettier-ignore
});

const anyEntry = fc.record({
  timestampNs: fc.bigInt(0n, 10n ** 19n / 2n).map(String),
  line: fc.string(),
  metadata: fc.array(fc.record({ name: fc.string(), value: fc.string() }, { noNullPrototype: true }), { maxLength: 2 }),
});
const anyStream = fc.record({ labels: fc.string(), entries: fc.array(anyEntry, { maxLength: 5 }) });

test('two halves hold what the whole held, down to single entries', () => {
  fc.assert(
    fc.property(fc.array(anyStream, { maxLength: 5 }), (streams) => {
      const parts = partsOf(streams);
      const flat = (all: readonly PushedStream[]) =>
        all.flatMap(({ labels, entries }) => entries.map((entry) => ({ labels, ...entry })));
      const collect = (from: number, to: number): unknown[] => {
        if (to - from <= 1) return to > from ? flat(read(parts.encode(from, to))) : [];
        const middle = parts.middle(from, to);
        assert.ok(middle > from && middle < to);
        return [...collect(from, middle), ...collect(middle, to)];
      };
      assert.deepEqual(collect(0, parts.entryCount), flat(streams));
      assert.deepEqual(flat(read(parts.encode(0, parts.entryCount))), flat(streams));
    }),
  );
});

test('what is no push request is refused', () => {
  assert.ok(PushParts.read(Buffer.from('nonsense'), 1000, never) instanceof ParseError);
  assert.ok(PushParts.read(bodyOf([stream('a', 100)]), 100, never) instanceof ParseError);
  const broken = referenceSnappy.compress(Buffer.from([0x0a, 0x05, 0x12, 0x09]));
  assert.ok(PushParts.read(broken, 1000, never) instanceof ParseError);
});
