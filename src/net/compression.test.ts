import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as zlib from 'node:zlib';
import * as fc from 'fast-check';
import { ParseError, TooLargeError } from '../base/parse-error.ts';
import { referenceSnappy } from '../testkit/push-reference.ts';
import { compress, contentCodings, decompress, type Compression } from './compression.ts';

const limit = 4 * 1024 * 1024;
const writable: readonly Compression[] = ['gzip', 'zstd', 'zlib', 'deflate', 'snappy', 'x-snappy-framed'];

/** Like telemetry: much comes again, and ids do not. */
function telemetry(size: number): Buffer {
  const spans = Array.from({ length: Math.ceil(size / 60) }, (_, index) => {
    const id = ((index * 2_654_435_761) % 4_294_967_296).toString(16).padStart(8, '0');
    return `span ${id} GET /api/users/${index % 100} service=frontend status=200\n`;
  });
  return Buffer.from(spans.join('')).subarray(0, size);
}

for (const compression of writable) {
  test(`what was compressed with ${compression} is read, small or large, in one part or several`, async () => {
    for (const size of [0, 1, 1000, 200_000, 3_000_000]) {
      const data = telemetry(size);
      const parts = [data.subarray(0, size >> 1), data.subarray(size >> 1)];
      for (const chunks of [[data], parts]) {
        const packed = await compress(compression, chunks);
        if (size > 1000) assert.ok(packed.length < size / 2);
        assert.deepEqual(await decompress(compression, packed, limit), data);
      }
    }
  });

  test(`a body of ${compression} that would be too large gives an error of its own`, async () => {
    for (const size of [10_000, 600_000, 3_000_000]) {
      const packed = await compress(compression, [Buffer.alloc(size)]);
      assert.ok((await decompress(compression, packed, size - 1)) instanceof TooLargeError, String(size));
      assert.ok(Buffer.isBuffer(await decompress(compression, packed, size)), String(size));
    }
  });

  test(`a body of ${compression} that is cut off or damaged gives an error or other data, but never throws`, async () => {
    const packed = await compress(compression, [telemetry(5000)]);
    for (let length = 1; length < packed.length; length += 101)
      assert.ok(
        (await decompress(compression, packed.subarray(0, length), limit)) instanceof ParseError,
        String(length),
      );
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 255 }), async (place, change) => {
        const damaged = Buffer.from(packed);
        const at = place % damaged.length;
        damaged[at] = (damaged[at] ?? 0) ^ change;
        const result = await decompress(compression, damaged, limit);
        assert.ok(result instanceof ParseError || result.length <= limit);
      }),
    );
  });
}

test('what other encoders wrote is read', async () => {
  const data = telemetry(100_000);
  const cases = [
    ['gzip', zlib.gzipSync(data)],
    ['gzip', Buffer.concat([zlib.gzipSync(data.subarray(0, 70_000)), zlib.gzipSync(data.subarray(70_000))])],
    ['zlib', zlib.deflateSync(data)],
    ['deflate', zlib.deflateSync(data)],
    ['deflate', zlib.deflateRawSync(data)],
    ['zstd', zlib.zstdCompressSync(data)],
    ['zstd', zlib.zstdCompressSync(data, { params: { [zlib.constants.ZSTD_c_compressionLevel]: 19 } })],
    ['snappy', Buffer.from(referenceSnappy.compress(data))],
    ['snappy', await compress('x-snappy-framed', [data])],
  ] as const;
  for (const [coding, body] of cases) assert.deepEqual(await decompress(coding, body, limit), data, coding);
});

test('levels are those of each coding', async () => {
  const data = telemetry(100_000);
  for (const [compression, fast, best] of [
    ['gzip', 1, 9],
    ['zlib', 1, 9],
    ['zstd', 1, 19],
  ] as const) {
    const [quick, small] = await Promise.all([
      compress(compression, [data], fast),
      compress(compression, [data], best),
    ]);
    assert.notDeepEqual(small, quick, compression);
    assert.deepEqual(await decompress(compression, small, limit), data);
  }
});

test('bodies that are nothing of the kind are refused', async () => {
  for (const coding of contentCodings) {
    for (const body of [Buffer.alloc(0), Buffer.from([0x80]), Buffer.from('{"resourceSpans":[]}')]) {
      const result = await decompress(coding, body, limit);
      assert.ok(result instanceof ParseError, `${coding} ${body.toString('latin1')}`);
    }
  }
});

test('a bomb is stopped at the limit', async () => {
  const gigabyte = Buffer.alloc(1024 * 1024 * 1024);
  const bombs = [
    ['gzip', zlib.gzipSync(gigabyte.subarray(0, 256 * 1024 * 1024), { level: 1 })],
    ['zstd', zlib.zstdCompressSync(gigabyte)],
  ] as const;
  for (const [coding, bomb] of bombs) {
    const before = process.memoryUsage().arrayBuffers;
    assert.ok((await decompress(coding, bomb, limit)) instanceof TooLargeError);
    assert.ok(process.memoryUsage().arrayBuffers - before < 4 * limit);
  }
});
