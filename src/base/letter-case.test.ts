import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lowerCase, upperCase } from './letter-case.ts';

test('letters change their case one by one', () => {
  const cases: readonly [text: string, lower: string, upper: string][] = [
    ['bAr123Foo', 'bar123foo', 'BAR123FOO'],
    ['', '', ''],
    ['ÄÖü', 'äöü', 'ÄÖÜ'],
    ['Straße', 'straße', 'STRAßE'],
    ['ΟΔΟΣ', 'οδοσ', 'ΟΔΟΣ'],
    ['😀é', '😀é', '😀É'],
    ['𐐀', '𐐨', '𐐀'],
  ];
  for (const [text, lower, upper] of cases) {
    assert.equal(lowerCase(text), lower, text);
    assert.equal(upperCase(text), upper, text);
  }
});
