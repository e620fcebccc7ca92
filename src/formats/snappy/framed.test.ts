import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ParseError, TooLargeError } from '../../base/parse-error.ts';
import { referenceSnappy } from '../../testkit/push-reference.ts';
import { compressFramed, decompressFramed, isFramed } from './framed.ts';

const limit = 1024 * 1024;
const identifier = 'ff060000734e61507059';
/** The masked checksum of `123456789`, whose CRC-32C is e3069283. */
const checksum = 'e5b08ac7';

test('data of any size comes back', () => {
  for (const size of [0, 1, 65_535, 65_536, 65_537, 200_000]) {
    const data = Buffer.from(Array.from({ length: size }, (_, index) => (index % 1000) * (index % 7)));
    assert.deepEqual(decompressFramed(compressFramed(data), limit), data);
  }
});

test('each chunk is a block that another decoder reads, unless that would be larger', () => {
  const text = Buffer.from('a line of a log\n'.repeat(5000));
  const noise = Buffer.from(Array.from({ length: 1000 }, (_, index) => (index * index * 7919) >>> 7));
  for (const [data, type] of [
    [text, 0],
    [noise, 1],
  ] as const) {
    const stream = compressFramed(data);
    const parts: Buffer[] = [];
    assert.equal(stream.toString('hex', 0, 10), identifier);
    for (let at = 10; at < stream.length;) {
      const end = at + 4 + stream.readUIntLE(at + 1, 3);
      assert.equal(stream[at], type);
      const body = stream.subarray(at + 8, end);
      parts.push(type === 0 ? Buffer.from(referenceSnappy.uncompress(body)) : body);
      at = end;
    }
    assert.deepEqual(Buffer.concat(parts), data);
  }
});

test('streams are read that others write', () => {
  const plain = `010d0000${checksum}313233343536373839`;
  const cases: readonly [name: string, hex: string, text: string][] = [
    ['nothing', identifier, ''],
    ['a plain chunk', `${identifier}${plain}`, '123456789'],
    ['padding and a chunk to pass over', `${identifier}fe020000000080030000616263${plain}`, '123456789'],
    ['a second identifier', `${identifier}${plain}${identifier}${plain}`, '123456789123456789'],
  ];
  for (const [name, hex, text] of cases)
    assert.deepEqual(decompressFramed(Buffer.from(hex, 'hex'), limit), Buffer.from(text), name);
});

test('broken streams say what is wrong', () => {
  const cases: readonly [hex: string, message: string][] = [
    ['010d0000', 'is not a snappy stream'],
    [`${identifier}01`, 'snappy stream ends within a chunk'],
    [`${identifier}010d0000${checksum}31`, 'snappy stream ends within a chunk'],
    [`${identifier}01020000abcd`, 'snappy stream has a chunk without a checksum'],
    [`${identifier}010d0000${checksum}313233343536373838`, 'snappy stream has a wrong checksum'],
    [`${identifier}0200000001`, 'snappy stream has a chunk of unknown type 2'],
    [`${identifier}ff020000abcd`, 'snappy stream has a broken identifier'],
    [`${identifier}00040000${checksum}`, 'snappy stream has a broken chunk: snappy block ends within its size'],
    [`${identifier}00070000${checksum}ffff7f`, 'snappy stream has a chunk of 2097151 bytes'],
  ];
  for (const [hex, message] of cases)
    assert.deepEqual(decompressFramed(Buffer.from(hex, 'hex'), limit), new ParseError(message), hex);
});

test('what would be too large gives an error of its own', () => {
  const stream = compressFramed(Buffer.alloc(200_000));
  assert.ok(decompressFramed(stream, 199_999) instanceof TooLargeError);
  assert.ok(Buffer.isBuffer(decompressFramed(stream, 200_000)));
});

test('damaged streams give an error, or are the same', () => {
  const data = Buffer.from('the same again and again and again and again');
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1, max: 255 }), (place, change) => {
      const stream = compressFramed(data);
      const at = place % stream.length;
      stream[at] = (stream[at] ?? 0) ^ change;
      const result = decompressFramed(stream, limit);
      // A chunk whose type says so is passed over.
      assert.ok(result instanceof ParseError || result.equals(data) || result.length === 0);
    }),
  );
});

test('a stream is told from a block', () => {
  assert.ok(isFramed(compressFramed(Buffer.from('x'))));
  assert.ok(!isFramed(Buffer.from(referenceSnappy.compress(Buffer.from('x')))));
});
