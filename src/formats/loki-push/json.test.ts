import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ParseError } from '../../base/parse-error.ts';
import { entriesOf } from '../../model/log-batch.ts';
import type { DecodedPush, PushLimits } from './decoded-push.ts';
import { decodeJsonPush } from './json.ts';

const limits: PushLimits = { maxEntries: 1000, maxStreams: 100 };

function decodeText(text: string, some: Partial<PushLimits> = {}): DecodedPush | ParseError {
  return decodeJsonPush(Buffer.from(text), 5, { ...limits, ...some });
}

function decode(request: unknown) {
  return entriesIn(decodeText(JSON.stringify(request)));
}

function entriesIn(result: DecodedPush | ParseError) {
  assert.ok(!(result instanceof ParseError), JSON.stringify(result));
  const entries = result.batch === undefined ? [] : [...entriesOf(result.batch)];
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
    assert.deepEqual(decode(request), []);
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
  const metadata = 'structured metadata of push request must be an object of strings';
  const oldTime = '"ts" of push request must be a time such as "2006-01-02T15:04:05Z"';
  const cases: readonly [request: unknown, message: string][] = [
    [[], 'push request is not a valid JSON object'],
    [null, 'push request is not a valid JSON object'],
    ['x', 'push request is not a valid JSON object'],
    [{ streams: {} }, '"streams" of push request must be an array'],
    [{ streams: [1] }, 'streams of push request must be objects'],
    [{ streams: [{ stream: [] }] }, '"stream" of push request must be an object of strings'],
    [{ streams: [{ stream: { a: 1 } }] }, '"stream" of push request must be an object of strings'],
    [{ streams: [{ labels: {} }] }, '"labels" of push request must be a string'],
    [{ streams: [{ values: {} }] }, '"values" of push request must be an array'],
    [withValue('x'), 'entries of push request must be arrays'],
    [withValue([]), timestamp],
    [withValue([5, 'x']), timestamp],
    [withValue(['', 'x']), timestamp],
    [withValue(['-', 'x']), timestamp],
    [withValue(['1.5', 'x']), timestamp],
    [withValue(['+1', 'x']), timestamp],
    [withValue(['12345678901234567890', 'x']), timestamp],
    [withValue(['1']), 'lines of push request must be strings'],
    [withValue(['1', 2]), 'lines of push request must be strings'],
    [withValue(['1', 'x', []]), metadata],
    [withValue(['1', 'x', null]), metadata],
    [withValue(['1', 'x', { a: 1 }]), metadata],
    [withValue({}), oldTime],
    [withValue({ ts: 'yesterday', line: 'x' }), oldTime],
    [withValue({ ts: 5 }), oldTime],
    [withValue({ ts: '2024-05-01T12:34:56Z', line: 5 }), 'lines of push request must be strings'],
  ];
  for (const [request, message] of cases) {
    assert.deepEqual(decodeText(JSON.stringify(request)), new ParseError(message), JSON.stringify(request));
  }
  for (const text of ['', '{', '}', '{}}', '{} {}', '{"streams":[]', '{"a" 1}', '{"streams":[],}', "{'a':1}"])
    assert.deepEqual(decodeText(text), new ParseError('push request is not a valid JSON object'), text);
});

test('the older form is read too, also mixed with the newer', () => {
  const entries = decode({
    streams: [
      {
        labels: '{a="b"}',
        entries: [
          { line: 'first', ts: '2024-05-01T12:34:56.000000789+02:00', more: [{}] },
          { ts: '1970-01-01T00:00:00Z' },
        ],
      },
      { labels: '{a="c"}', values: [['7', 'third']] },
    ],
  });
  assert.deepEqual(
    entries.map(({ line, seconds, nanos, labels }) => [line, seconds, nanos, labels]),
    [
      ['first', Date.parse('2024-05-01T10:34:56Z') / 1000, 789, '{a="b"}'],
      ['', 0, 0, '{a="b"}'],
      ['third', 0, 7, '{a="c"}'],
    ],
  );
});

test('the labels of a stream may stand behind its entries', () => {
  const entries = decode({
    format: { x: ['y'] },
    streams: [
      { values: [['1', 'a "quoted" line']], other: [], stream: { a: 'b' } },
      { values: [['2', 'x']], stream: { c: 'd' } },
    ],
  });
  assert.deepEqual(
    entries.map(({ line, labels }) => [line, labels]),
    [
      ['a "quoted" line', '{a="b"}'],
      ['x', '{c="d"}'],
    ],
  );
});

test('a stream whose labels cannot be used is left out, and its entries are counted', () => {
  const values = [['1', 'x'], ['2', 'y']]; // prettier-ignore
  const request = {
    streams: [
      { stream: { '': 'x' }, values },
      { stream: { a: 'b' }, values },
      { values, labels: 'nonsense' },
      { stream: { a: 'x'.repeat(40_000) }, values },
    ],
  };
  const result = decodeText(JSON.stringify(request));
  assert.equal(entriesIn(result).length, 2);
  assert.ok(!(result instanceof ParseError));
  assert.equal(result.lostEntries, 6);
  assert.equal(result.labelError?.message, 'a label of the label set has no name');
});

test('a request may have so many entries and streams, and not more', () => {
  const stream = { stream: { a: 'b' }, values: [['1', 'x'], ['2', 'y']] }; // prettier-ignore
  const text = JSON.stringify({ streams: [stream, stream] });
  assert.equal(entriesIn(decodeText(text, { maxEntries: 4, maxStreams: 2 })).length, 4);
  assert.deepEqual(decodeText(text, { maxEntries: 3 }), new ParseError('push request has more than 3 entries'));
  assert.deepEqual(decodeText(text, { maxStreams: 1 }), new ParseError('push request has more than 1 streams'));
});

test('a timestamp of zero may be negative', () => {
  assert.deepEqual(decode({ streams: [{ values: [['-0', 'x']] }] })[0]?.seconds, 0);
});

const texts = fc.string({
  unit: fc.oneof(
    fc.constantFrom('"', '\\', '/', '\b', '\f', '\n', '\r', '\t', '\u2028', '\0', '\ud800'),
    fc.string({ unit: 'grapheme' }),
  ),
});
const request = fc.record({
  streams: fc.array(
    fc.record({
      stream: fc.dictionary(fc.string({ minLength: 1, maxLength: 3 }), texts, { maxKeys: 3 }),
      values: fc.array(fc.tuple(fc.nat().map(String), texts, fc.dictionary(texts, texts, { maxKeys: 3 })), {
        maxLength: 5,
      }),
    }),
    { maxLength: 4 },
  ),
});

/** JSON with some characters as escapes that need none. */
function escaped(json: string, every: number): string {
  let index = 0;
  return json.replaceAll(/\\(?:u.{4}|.)|./gsu, (part) => {
    if (/^[\\"{}[\]:,]/.test(part) || every === 0 || ++index % every !== 0) return part;
    return Array.from({ length: part.length }, (_, at) => `\\u${hex(part.charCodeAt(at))}`).join('');
  });
}

function hex(unit: number): string {
  return unit.toString(16).padStart(4, '0');
}

test('what the JSON of the language writes is read as it was, however it is escaped', () => {
  fc.assert(
    fc.property(request, fc.nat({ max: 3 }), ({ streams }, every) => {
      const text = escaped(JSON.stringify({ streams }), every);
      const expected = streams.flatMap(({ stream, values }) =>
        values.map(([time, line, pairs]) => ({
          line: line.toWellFormed(),
          seconds: Math.floor(Number(time) / 1e9),
          nanos: Number(time) % 1e9,
          metadata: Object.entries(pairs).map(([name, value]) => ({
            name: name.toWellFormed(),
            value: value.toWellFormed(),
          })),
          stream: Object.entries(stream).filter(([, value]) => value !== '').length,
        })),
      );
      const result = decodeText(text);
      assert.ok(!(result instanceof ParseError), text);
      const got = result.batch === undefined ? [] : [...entriesOf(result.batch)];
      assert.deepEqual(
        got.map(({ labels, ...entry }) => ({ ...entry, stream: labels.size })),
        expected,
      );
    }),
  );
});

test('text that is no JSON is refused, whatever is wrong with it', () => {
  const damaged = fc
    .tuple(
      request.map((value) => JSON.stringify(value)),
      fc.nat(),
      fc.constantFrom('', '"', '\\', '{', ']', ',', ':', 'x', '\n', '1'),
    )
    .map(([text, place, put]) => text.slice(0, place % text.length) + put + text.slice((place % text.length) + 1));
  fc.assert(
    fc.property(damaged, (text) => {
      let isJson = true;
      try {
        JSON.parse(text);
      } catch {
        isJson = false;
      }
      const result = decodeText(text);
      if (!isJson) assert.ok(result instanceof ParseError, text);
    }),
    { numRuns: 1000 },
  );
});

test('no JSON makes the decoder throw', () => {
  const anything = fc.jsonValue({ maxDepth: 3 });
  const near = fc.record({ streams: fc.array(fc.record({ stream: anything, values: fc.array(fc.array(anything)) })) });
  fc.assert(fc.property(fc.oneof(anything, near), (value) => void decodeText(JSON.stringify(value))));
  for (const open of ['[', '{"a":', '{"streams":[', '{"values":[{"ts":'])
    assert.ok(decodeText(`{"streams":${open.repeat(100_000)}}`) instanceof ParseError);
});
