import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteKeys } from './byte-keys.ts';

test('a range of bytes is found among texts', () => {
  const texts = ['level', 'msg', 'lever', 'é', ''];
  const keys = new ByteKeys(texts);
  for (const [index, text] of texts.entries()) {
    const bytes = Buffer.from(`x${text}x`);
    assert.equal(keys.find(bytes, 1, bytes.length - 1), index, text);
  }
  for (const text of ['leve', 'levels', 'Level', 'e', 'x'.repeat(1000)]) {
    const bytes = Buffer.from(text);
    assert.equal(keys.find(bytes, 0, bytes.length), -1, text);
  }
});
