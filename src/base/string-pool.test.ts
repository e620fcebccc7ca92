import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StringPool } from './string-pool.ts';

test('a range of bytes becomes its text, whatever was asked for before', () => {
  const pool = new StringPool();
  const texts = ['', 'a', 'info', 'INFO', 'warn', 'ä', '€uro', 'x'.repeat(24), 'x'.repeat(25), 'x'.repeat(1000)];
  const many = Array.from({ length: 5000 }, (_, index) => `value ${index}`);
  for (const text of [...texts, ...many, ...texts]) {
    const bytes = Buffer.from(`<${text}>`);
    assert.equal(pool.get(bytes, 1, bytes.length - 1), text);
  }
});

test('broken UTF-8 is replaced as elsewhere', () => {
  assert.equal(new StringPool().get(Buffer.from([0x41, 0xff]), 0, 2), 'A\ufffd');
});
