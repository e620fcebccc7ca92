import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { Http2Error } from './codes.ts';
import { encodeHeaderBlock } from './header-block.ts';
import { fieldOf, HeaderDecoder, type HeaderProblem, type Http2Headers } from './header-decoder.ts';

function decode(decoder: HeaderDecoder, bytes: Buffer): Record<string, string | string[] | undefined> | HeaderProblem {
  const headers: Http2Headers | HeaderProblem = decoder.decode(bytes, 0, bytes.length);
  return typeof headers === 'string' ? headers : { ...headers };
}

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

// The blocks of RFC 7541, appendix C, each list on one connection.
const requests = [
  { ':method': 'GET', ':scheme': 'http', ':path': '/', ':authority': 'www.example.com' },
  { ':method': 'GET', ':scheme': 'http', ':path': '/', ':authority': 'www.example.com', 'cache-control': 'no-cache' },
  {
    ':method': 'GET',
    ':scheme': 'https',
    ':path': '/index.html',
    ':authority': 'www.example.com',
    'custom-key': 'custom-value',
  },
];
const examples: readonly [name: string, blocks: readonly [block: string, headers: object][]][] = [
  [
    'C.3, as they are',
    [
      ['828684410f7777772e6578616d706c652e636f6d', requests[0] as object],
      ['828684be58086e6f2d6361636865', requests[1] as object],
      ['828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565', requests[2] as object],
    ],
  ],
  [
    'C.4, compressed',
    [
      ['828684418cf1e3c2e5f23a6ba0ab90f4ff', requests[0] as object],
      ['828684be5886a8eb10649cbf', requests[1] as object],
      ['828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf', requests[2] as object],
    ],
  ],
  ['C.2.3, never learned', [['100870617373776f726406736563726574', { password: 'secret' }]]],
];
for (const [name, blocks] of examples)
  test(`the examples of RFC 7541 are read: ${name}`, () => {
    const decoder = new HeaderDecoder(4096);
    for (const [block, headers] of blocks) assert.deepEqual(decode(decoder, hex(block)), headers);
  });

test('what is written comes back', () => {
  const name = fc.stringMatching(/^[!#$%&'*+\-.^_`|~0-9a-z]+$/, { maxLength: 300 });
  const value = fc.string({
    unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)),
    maxLength: 300,
  });
  const clean = value.filter((text) => !text.includes('\x7f'));
  const forbidden = new Set([
    'connection',
    'http2-settings',
    'keep-alive',
    'proxy-connection',
    'transfer-encoding',
    'upgrade',
  ]);
  const headers = fc.dictionary(
    name.filter((each) => !forbidden.has(each)),
    clean,
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(headers, (given) => {
      const block = encodeHeaderBlock({ ...given, ':path': '/x' });
      assert.deepEqual(decode(new HeaderDecoder(1e6), block), { ':path': '/x', ...given });
    }),
  );
});

test('several fields of one name are a list, in their order', () => {
  const block = encodeHeaderBlock({ 'x-list': ['a', 'b', 'c'], cookie: ['a=1', 'b=2'] });
  assert.deepEqual(decode(new HeaderDecoder(4096), block), { 'x-list': ['a', 'b', 'c'], cookie: ['a=1', 'b=2'] });
  assert.equal(fieldOf({ 'x-list': ['a', 'b'] }, 'x-list'), 'a, b');
});

test('what cannot be sent is not', () => {
  for (const headers of [
    { connection: 'close' },
    { 'a b': 'c' },
    { a: 'b\r\nc' },
    { 'Transfer-Encoding': 'chunked' },
  ] as const)
    assert.throws(() => encodeHeaderBlock(headers));
});

test('headers that are too large are told, and the table still follows', () => {
  const decoder = new HeaderDecoder(100);
  // It learns a field, and the same block uses it again.
  assert.equal(decode(decoder, hex(`40 01 61 01 62 ${'be'.repeat(10)}`)), 'too large');
  assert.deepEqual(decode(decoder, hex('be')), { a: 'b' });
});

test('names in upper case, and line ends in values, are malformed, also where they were learned', () => {
  const decoder = new HeaderDecoder(4096);
  assert.equal(decode(decoder, hex('40 01 41 01 62')), 'malformed');
  assert.equal(decode(decoder, hex('be')), 'malformed');
  assert.equal(decode(decoder, hex('00 01 61 02 0d 0a')), 'malformed');
  assert.equal(decode(decoder, hex('00 00 01 62')), 'malformed');
});

const broken: readonly [name: string, block: string][] = [
  ['a number that no field has', 'be'],
  ['the number 0', '80'],
  ['a number that does not end', 'ffffffffffff'],
  ['a number that is cut off', 'ff'],
  ['a name that is cut off', '40 05 61'],
  ['a value that is cut off', '40 01 61 05 62'],
  ['nothing behind a name', '40 01 61'],
  ['a table that gets too large', '3f e2 1f'],
  ['a change of the table behind a field', '82 20'],
  ['padding that is not all ones', '40 01 61 81 18'],
  ['a whole byte of padding', '40 01 61 82 1f ff'],
  ['the mark of the end', '40 01 61 84 ff ff ff ff'],
];
for (const [name, block] of broken)
  test(`a block cannot be read: ${name}`, () => {
    assert.throws(() => decode(new HeaderDecoder(4096), hex(block)), Http2Error);
  });

test('the table forgets what does not fit, the oldest first', () => {
  const decoder = new HeaderDecoder(1e6);
  // The size becomes that of two fields of one letter each.
  assert.deepEqual(decode(decoder, hex('3f 25 40 01 61 01 31 40 01 62 01 32 40 01 63 01 33')), {
    a: '1',
    b: '2',
    c: '3',
  });
  assert.deepEqual(decode(decoder, hex('be')), { c: '3' });
  assert.throws(() => decode(decoder, hex('c0')), Http2Error);
});

test('any bytes are headers, or break the connection, and never anything else', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 5 }), (blocks) => {
      const decoder = new HeaderDecoder(500);
      try {
        for (const block of blocks) decode(decoder, Buffer.from(block));
      } catch (error) {
        assert.ok(error instanceof Http2Error);
      }
    }),
    { numRuns: 2000 },
  );
});
