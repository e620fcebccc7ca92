import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { varintSize, writeVarint } from '../../base/varint.ts';
import { referenceSnappy } from '../../testkit/push-reference.ts';
import { compressed, maxCompressedSize } from './compress.ts';
import { compressThoroughly } from './compress-thoroughly.ts';
import { elementsOf } from './elements.ts';

/** A block of the elements. */
function block(data: Buffer): Buffer {
  const output = Buffer.alloc(5 + maxCompressedSize(data.length));
  const start = writeVarint(output, 0, data.length);
  return output.subarray(0, compressThoroughly(data, data.length, output, start));
}

const words = fc
  .array(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 80 }), fc.integer({ min: 1, max: 30 })), { maxLength: 20 })
  .map((parts) => Buffer.concat(parts.flatMap(([word, times]) => Array.from({ length: times }, () => word))));

test('another decoder reads what was compressed thoroughly, and its elements are as long as the data', () => {
  const any = fc.oneof(
    words,
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  );
  fc.assert(
    fc.property(any, (data) => {
      const bytes = block(data);
      assert.deepEqual(Buffer.from(referenceSnappy.uncompress(bytes)), data);
      let size = 0;
      for (const { length } of elementsOf(bytes, varintSize(data.length), bytes.length)) size += length;
      assert.equal(size, data.length);
    }),
  );
});

test('it is smaller than what the quick search makes', () => {
  const lines = Array.from(
    { length: 300 },
    (_, at) => `requests{method="${at % 2}",route="/${at % 7}",code="${at}"} 1\n`,
  );
  const data = Buffer.from(lines.join(''));
  assert.ok(block(data).length < compressed(data).length);
});
