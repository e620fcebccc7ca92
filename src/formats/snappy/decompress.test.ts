import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ParseError, TooLargeError } from '../../base/parse-error.ts';
import { referenceSnappy } from '../../testkit/push-reference.ts';
import { compressed } from './compress.ts';
import { decompress } from './decompress.ts';

const limit = 1024 * 1024;
const words = fc
  .array(fc.constantFrom('a', 'level=info ', 'status: 200, ', '\0', 'é', '0123456789'), { maxLength: 500 })
  .map((parts) => Buffer.from(parts.join('')));
const anyData = fc.oneof(
  words,
  fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.from(bytes)),
);

test('what another encoder compressed is read', () => {
  fc.assert(fc.property(anyData, (data) => assert.deepEqual(decompress(referenceSnappy.compress(data), limit), data)));
});

test('what was compressed is read', () => {
  fc.assert(fc.property(anyData, (data) => assert.deepEqual(decompress(compressed(data), limit), data)));
});

test('every kind of element is read', () => {
  const cases: readonly [name: string, hex: string, text: string][] = [
    ['nothing', '00', ''],
    ['a literal with its length in one byte', '03 f002 616263', 'abc'],
    ['a literal with its length in two bytes', '03 f40200 616263', 'abc'],
    ['a literal with its length in three bytes', '03 f8020000 616263', 'abc'],
    ['a literal with its length in four bytes', '03 fc02000000 616263', 'abc'],
    ['a copy with a distance of 11 bits', '07 08616263 0103', 'abcabca'],
    ['a copy with a distance of 16 bits', '05 08616263 060300', 'abcab'],
    ['a copy with a distance of 32 bits', '05 08616263 0703000000', 'abcab'],
    ['a copy with a period of three bytes', '0f 08616263 2203 00 0878797a', 'abcabcabcabcxyz'],
    ['a copy that overlaps itself', '0a 0061 220100', 'a'.repeat(10)],
    ['a size with more bytes than needed', '8300 08616263', 'abc'],
  ];
  for (const [name, hex, text] of cases) {
    assert.deepEqual(decompress(Buffer.from(hex.replaceAll(' ', ''), 'hex'), limit), Buffer.from(text), name);
  }
});

test('broken input gives an error', () => {
  const cases: readonly [hex: string, message: string][] = [
    ['', 'snappy block ends within its size'],
    ['80', 'snappy block ends within its size'],
    ['ffffffff1f', 'size of snappy block does not fit into 32 bits'],
    ['808080808000', 'size of snappy block does not fit into 32 bits'],
    ['808040 00', 'snappy block is too short for 1048576 bytes'],
    ['03 086162', 'snappy block ends within an element'],
    ['03 f4', 'snappy block ends within an element'],
    ['03 fcffffffff 61', 'snappy block ends within an element'],
    ['07 08616263 01', 'snappy block ends within an element'],
    ['05 08616263 0603', 'snappy block ends within an element'],
    ['05 08616263 070300', 'snappy block ends within an element'],
    ['02 08616263', 'snappy block is longer than it says'],
    ['06 08616263 0103', 'snappy block is longer than it says'],
    ['04 08616263', 'snappy block is shorter than it says'],
    ['07 08616263 0100', 'snappy block copies from outside of itself'],
    ['07 08616263 0104', 'snappy block copies from outside of itself'],
    ['07 08616263 0fffffffff', 'snappy block copies from outside of itself'],
  ];
  for (const [hex, message] of cases) {
    assert.deepEqual(decompress(Buffer.from(hex.replaceAll(' ', ''), 'hex'), limit), new ParseError(message), hex);
  }
});

test('what would be too large gives an error of its own', () => {
  const error = decompress(Buffer.from('81804000', 'hex'), limit);
  assert.deepEqual(error, new TooLargeError('snappy block of 1048577 bytes is larger than 1048576 bytes'));
});

test('truncated data gives an error', () => {
  fc.assert(
    fc.property(anyData, fc.nat(), (data, cut) => {
      const block = compressed(data);
      assert.ok(decompress(block.subarray(0, cut % block.length), limit) instanceof ParseError);
    }),
  );
});

test('damaged data gives an error or what another decoder reads', () => {
  fc.assert(
    fc.property(anyData, fc.nat(), fc.nat({ max: 7 }), (data, place, bit) => {
      const block = compressed(data);
      const at = place % block.length;
      block[at] = (block[at] ?? 0) ^ (1 << bit);
      const result = decompress(block, limit);
      if (!(result instanceof ParseError)) assert.deepEqual(result, referenceSnappy.uncompress(block));
    }),
  );
});
