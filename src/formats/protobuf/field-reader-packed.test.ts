import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FieldReader } from './field-reader.ts';
import { unzigzag } from './zigzag.ts';

function integers(hex: string): { values: number[]; isBroken: boolean } {
  const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex');
  const reader = new FieldReader();
  reader.open(bytes, 0, bytes.length);
  const values: number[] = [];
  while (reader.nextVarint()) values.push(reader.value);
  return { values, isBroken: reader.isBroken };
}

test('packed integers are read one after the other', () => {
  assert.deepEqual(integers(''), { values: [], isBroken: false });
  assert.deepEqual(integers('00 96 01 7f'), { values: [0, 150, 127], isBroken: false });
  assert.deepEqual(integers('01 96'), { values: [1], isBroken: true });
});

test('signed integers are read', () => {
  assert.deepEqual([0, 1, 2, 3, 2 ** 53].map(unzigzag), [0, -1, 1, -2, 2 ** 52]);
});
