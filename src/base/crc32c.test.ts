import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32c } from './crc32c.ts';

test('checksums are those of RFC 3720 and of the usual check', () => {
  const cases: readonly [bytes: Buffer, checksum: number][] = [
    [Buffer.from('123456789'), 0xe3069283],
    [Buffer.alloc(32), 0x8a9136aa],
    [Buffer.alloc(32, 0xff), 0x62a8ab43],
    [Buffer.from(Array.from({ length: 32 }, (_, index) => index)), 0x46dd794e],
    [Buffer.alloc(0), 0],
  ];
  for (const [bytes, checksum] of cases) assert.equal(crc32c(bytes, 0, bytes.length) >>> 0, checksum);
  assert.equal(crc32c(Buffer.from('xx123456789yy'), 2, 11) >>> 0, 0xe3069283);
});
