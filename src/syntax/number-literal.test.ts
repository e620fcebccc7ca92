import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fitsInteger, integerValue } from './number-literal.ts';

const literals: readonly [text: string, value: bigint | number][] = [
  ['0', 0n],
  ['7', 7n],
  ['15', 15n],
  ['00', 0n],
  ['010', 8n],
  ['0777', 511n],
  ['08', 8],
  ['0189', 189],
  ['9007199254740993', 9007199254740993n],
  ['9223372036854775807', 9223372036854775807n],
  ['9223372036854775808', 9223372036854775808n],
  ['18446744073709551615', 18446744073709551615n],
  ['18446744073709551616', 18446744073709551616],
  ['01777777777777777777777', 18446744073709551615n],
  ['02000000000000000000000', 2e21],
  [`0${'0'.repeat(100)}17`, 15n],
  [`1${'0'.repeat(100)}`, 1e100],
  ['9'.repeat(400), Infinity],
];
for (const [text, value] of literals) {
  const shown = text.length > 30 ? `${text.slice(0, 10)}... of ${text.length} digits` : text;
  test(`the number ${shown} is the ${typeof value} ${value}`, () => assert.equal(integerValue(text), value));
}

test('integers have 64 bits, with or without a sign', () => {
  for (const value of [0n, -1n, 2n ** 63n, -(2n ** 63n), 2n ** 64n - 1n]) assert.equal(fitsInteger(value), true);
  for (const value of [2n ** 64n, -(2n ** 63n) - 1n]) assert.equal(fitsInteger(value), false);
});
