import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { formatByteSize, parseByteSize } from './byte-size.ts';
import { ParseError } from './parse-error.ts';

test('sizes are read with units that are all powers of 1024', () => {
  const cases: [text: string, bytes: number][] = [
    ['0', 0],
    ['512', 512],
    ['512B', 512],
    ['8KB', 8192],
    ['8KiB', 8192],
    ['1MiB', 1_048_576],
    ['1MB', 1_048_576],
    ['1.5MiB', 1_572_864],
    ['.5KiB', 512],
    ['2GiB', 2 ** 31],
    ['1TB', 2 ** 40],
    ['1PiB', 2 ** 50],
    ['10 MiB', 10_485_760],
  ];
  for (const [text, bytes] of cases) assert.equal(parseByteSize(text), bytes, text);
});

test('what is no size is refused', () => {
  for (const text of ['', 'MiB', '-1KB', '1XB', '1iB2', '1.MiB', '1e3', '1Mi B', '0x10']) {
    const result = parseByteSize(text);
    assert.ok(result instanceof ParseError, text);
    assert.match(result.message, /is no size, want a number with a unit such as "1MiB"/);
  }
  const huge = parseByteSize('9PiB');
  assert.ok(huge instanceof ParseError);
  assert.equal(huge.message, '"9PiB" is too large a size');
});

test('sizes are written with the largest unit that needs no fraction', () => {
  const cases: [bytes: number, text: string][] = [
    [0, '0B'],
    [100, '100B'],
    [1024, '1KiB'],
    [1_048_576, '1MiB'],
    [1_572_864, '1536KiB'],
    [1_048_577, '1048577B'],
    [3 * 2 ** 50, '3PiB'],
  ];
  for (const [bytes, text] of cases) assert.equal(formatByteSize(bytes), text);
});

test('a size that was written reads back the same', () => {
  fc.assert(fc.property(fc.maxSafeNat(), (bytes) => assert.equal(parseByteSize(formatByteSize(bytes)), bytes)));
});
