import { test } from 'node:test';
import { assertRenders } from '../../../testkit/render-template.ts';

test('text is encoded and decoded', () => {
  assertRenders([
    ['{{ b64enc .u }}', 'aMOpbGxvIHfDtnJsZCDinJM='],
    ['{{ b64dec (b64enc .u) }}', 'héllo wörld ✓'],
    ['{{ b64dec "!!" }}', 'illegal base64 data at input byte 0'],
    ['{{ b64dec "YW\\nI=" }}', 'ab'],
    ['{{ b64enc "" }}', ''],
    ['{{ b32enc .u }}', 'NDB2S3DMN4QHPQ5WOJWGIIHCTSJQ===='],
    ['{{ b32dec (b32enc .u) }}', 'héllo wörld ✓'],
    ['{{ b32enc "a" }}', 'ME======'],
    ['{{ b32enc "ab" }}', 'MFRA===='],
    ['{{ b32enc "abc" }}', 'MFRGG==='],
    ['{{ b32enc "abcd" }}', 'MFRGGZA='],
    ['{{ b32enc "abcde" }}', 'MFRGGZDF'],
    ['{{ b32dec "MFRGGZDF" }}', 'abcde'],
    ['{{ b32dec "ME======" }}', 'a'],
    ['{{ b32dec "!" }}', 'illegal base32 data at input byte 0'],
  ]);
});

test('hashes are hexadecimal', () => {
  assertRenders([
    ['{{ sha1sum .a }}', 'be76331b95dfc399cd776d2fc68021e0db03cc4f'],
    ['{{ sha256sum .a }}', '8ed3f6ad685b959ead7022518e1af76cd816f8e8ec7ccdda1ed4018e8f2223f8'],
    [
      '{{ sha512sum .a }}',
      'ba3ce58667ca9b12b3c0cdcc4da57f9962aeca7065c43a7d9c027332fdb9f0bbcf69004286880fe3d8f3fd8f03ddffd7485fd94c9d3a38618ea10691d8d6a7fa',
    ],
    ['{{ adler32sum .a }}', '102433287'],
    ['{{ adler32sum .u }}', '1287915679'],
    ['{{ adler32sum "" }}', '1'],
  ]);
});
