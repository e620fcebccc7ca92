import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { referenceSnappy } from '../../testkit/push-reference.ts';
import { compress, compressed, maxCompressedSize } from './compress.ts';

/** Data with repetitions near and far, as logs have them. */
const repetitive = fc
  .array(
    fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 100 }), fc.integer({ min: 1, max: 2000 }), fc.nat({ max: 9 })),
    { maxLength: 20 },
  )
  .map((parts) => {
    const words = parts.map(([word]) => Buffer.from(word));
    return Buffer.concat(parts.flatMap(([word, times], index) => [repeat(word, times), words[index >> 1] ?? word]));
  });

function repeat(word: Uint8Array, times: number): Buffer {
  return Buffer.alloc(Math.min(word.length * times, 20_000), word);
}

test('another decoder reads what was compressed', () => {
  const any = fc.oneof(
    repetitive,
    fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.from(bytes)),
  );
  fc.assert(fc.property(any, (data) => referenceSnappy.uncompress(compressed(data)).equals(data)));
});

test('repetitions are found wherever they are, but not from further away than copies reach', () => {
  const line = Buffer.from('the same line of a log once more, with all that it had before\n');
  const noise = Buffer.from(Array.from({ length: 65_536 }, (_, index) => (index * index * 7919) >>> 7));
  const near = Buffer.concat([noise, line, line]);
  const far = Buffer.concat([line, noise, noise, line]);
  for (const data of [near, far]) assert.deepEqual(referenceSnappy.uncompress(compressed(data)), data);
  assert.ok(compressed(near).length < compressed(far).length);
  const numbers = Array.from({ length: 40_000 }, (_, index) => `line ${index * 7919} of a log\n`);
  const data = Buffer.from(numbers.join(''));
  assert.ok(compressed(data).length < data.length / 2);
  assert.deepEqual(referenceSnappy.uncompress(compressed(data)), data);
});

test('repetitions become copies of each form', () => {
  const cases: readonly [name: string, text: string, hex: string][] = [
    ['nothing', '', '00'],
    ['a literal', 'abc', '0308616263'],
    // The literal "abcdefgha", 7 bytes from 8 before, the literal "----", and 16 bytes from 4 before.
    ['copies', `${'abcdefgh'.repeat(2)}${'-'.repeat(20)}`, '24 20616263646566676861 0d08 0c2d2d2d2d 3e0400'],
    // Three times 64 bytes, and 7.
    ['an overlapping copy', 'x'.repeat(200), 'c801 0078 fe0100 fe0100 fe0100 0d01'],
  ];
  for (const [name, text, hex] of cases) {
    assert.deepEqual(referenceSnappy.uncompress(Buffer.from(hex.replaceAll(' ', ''), 'hex')), Buffer.from(text), name);
    assert.equal(compressed(Buffer.from(text)).toString('hex'), hex.replaceAll(' ', ''), name);
  }
});

test('only the given range is read, and nothing before the given place is written', () => {
  const data = Buffer.from('xxxx hello hello hello hello hello hello yyyy');
  const output = Buffer.alloc(3 + maxCompressedSize(data.length), 0xee);
  const end = compress(data, 5, data.length - 5, output, 3);
  assert.equal(output.toString('hex', 0, 3), 'eeeeee');
  assert.equal(referenceSnappy.uncompress(output.subarray(3, end)).toString(), 'hello hello hello hello hello hello');
});

test('data without repetitions stays within the maximum size', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 5000 }), (bytes) => {
      assert.ok(compressed(Buffer.from(bytes)).length <= maxCompressedSize(bytes.length));
    }),
  );
});

test('an output without room for the worst case is refused', () => {
  assert.throws(() => compress(Buffer.from('abc'), 0, 3, Buffer.alloc(10), 0), RangeError);
});
