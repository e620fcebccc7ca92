import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ParseError } from '../../base/parse-error.ts';
import { entriesOf } from '../../model/log-batch.ts';
import { decodeJsonPush } from './json.ts';

function decode(request: unknown) {
  const result = decodeJsonPush(JSON.stringify(request), 5);
  assert.ok(!(result instanceof ParseError));
  const entries = result === undefined ? [] : [...entriesOf(result)];
  return entries.map(({ labels, ...entry }) => ({ ...entry, labels: labels.toString() }));
}

test('streams, lines and metadata are read', () => {
  const entries = decode({
    streams: [
      {
        stream: { b: '2', a: 'é', empty: '' },
        values: [
          ['1700000000123456789', 'first', { trace: 'x', span: 'y' }],
          ['1700000000123456790', ''],
        ],
      },
      { stream: {}, values: [['5', 'third', {}]] },
      { values: null },
    ],
  });
  assert.deepEqual(entries, [
    {
      line: 'first',
      seconds: 1_700_000_000,
      nanos: 123_456_789,
      metadata: [
        { name: 'trace', value: 'x' },
        { name: 'span', value: 'y' },
      ],
      labels: '{a="é", b="2"}',
    },
    { line: '', seconds: 1_700_000_000, nanos: 123_456_790, metadata: [], labels: '{a="é", b="2"}' },
    { line: 'third', seconds: 0, nanos: 5, metadata: [], labels: '{}' },
  ]);
});

test('a request without entries gives no batch', () => {
  for (const request of [{}, { streams: null }, { streams: [] }, { streams: [{ stream: { a: 'b' }, values: [] }] }]) {
    assert.equal(decodeJsonPush(JSON.stringify(request), 0), undefined);
  }
});

test('timestamps keep every nanosecond', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (nanos) => {
      const [entry] = decode({ streams: [{ values: [[String(nanos), 'x']] }] });
      assert.ok(entry !== undefined && entry.nanos >= 0 && entry.nanos < 1e9);
      assert.equal(BigInt(entry.seconds) * 1_000_000_000n + BigInt(entry.nanos), nanos);
    }),
  );
});

function withValue(content: unknown): unknown {
  return { streams: [{ stream: {}, values: [content] }] };
}

test('what is no push request gives an error', () => {
  const timestamp = 'timestamps of push request must be strings of nanoseconds since 1970';
  const cases: readonly [request: unknown, message: string][] = [
    [[], '"streams" of push request must be an array'],
    [null, '"streams" of push request must be an array'],
    [{ streams: {} }, '"streams" of push request must be an array'],
    [{ streams: [1] }, 'streams of push request must be objects'],
    [{ streams: [{ stream: [] }] }, '"stream" of push request must be an object of strings'],
    [{ streams: [{ stream: { a: 1 } }] }, '"stream" of push request must be an object of strings'],
    [{ streams: [{ values: {} }] }, '"values" of push request must be an array'],
    [withValue('x'), timestamp],
    [withValue([]), timestamp],
    [withValue([5, 'x']), timestamp],
    [withValue(['', 'x']), timestamp],
    [withValue(['1.5', 'x']), timestamp],
    [withValue(['+1', 'x']), timestamp],
    [withValue(['12345678901234567890', 'x']), timestamp],
    [withValue(['1']), 'lines of push request must be strings'],
    [withValue(['1', 2]), 'lines of push request must be strings'],
    [withValue(['1', 'x', []]), 'structured metadata of push request must be objects of strings'],
    [withValue(['1', 'x', null]), 'structured metadata of push request must be objects of strings'],
    [withValue(['1', 'x', { a: 1 }]), 'structured metadata of push request must be objects of strings'],
  ];
  for (const [request, message] of cases) {
    assert.deepEqual(decodeJsonPush(JSON.stringify(request), 0), new ParseError(message), JSON.stringify(request));
  }
  assert.deepEqual(decodeJsonPush('{', 0), new ParseError('push request is not valid JSON'));
});

test('a timestamp of zero may be negative', () => {
  assert.deepEqual(decode({ streams: [{ values: [['-0', 'x']] }] })[0]?.seconds, 0);
});

test('no JSON makes the decoder throw', () => {
  const anything = fc.jsonValue({ maxDepth: 3 });
  const near = fc.record({ streams: fc.array(fc.record({ stream: anything, values: fc.array(fc.array(anything)) })) });
  fc.assert(fc.property(fc.oneof(anything, near), (value) => void decodeJsonPush(JSON.stringify(value), 0)));
  decodeJsonPush(`{"streams":${'['.repeat(1_000_000)}`, 0);
});
