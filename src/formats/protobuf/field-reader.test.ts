import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { FieldReader, wireType } from './field-reader.ts';

/** The fields of a message that lies between other bytes, as number, type and value; a range as its hex. */
function read(hex: string): { fields: [number, number, number | string][]; isBroken: boolean } {
  const bytes = Buffer.from(`0801${hex.replaceAll(' ', '')}0801`, 'hex');
  const reader = new FieldReader();
  reader.open(bytes, 2, bytes.length - 2);
  const fields: [number, number, number | string][] = [];
  while (reader.next()) {
    const value = reader.type === wireType.varint ? reader.value : bytes.toString('hex', reader.start, reader.end);
    fields.push([reader.number, reader.type, value]);
  }
  return { fields, isBroken: reader.isBroken };
}

test('fields of each type are read', () => {
  const { varint, fixed64, bytes, fixed32 } = wireType;
  const cases: readonly [hex: string, number: number, type: number, value: number | string][] = [
    ['08 00', 1, varint, 0],
    ['08 96 01', 1, varint, 150],
    ['08 80 80 80 80 10', 1, varint, 2 ** 32],
    ['08 ff ff ff ff ff ff ff 0f', 1, varint, Number.MAX_SAFE_INTEGER],
    ['08 ff ff ff ff ff ff ff ff ff 01', 1, varint, -1],
    ['08 80 80 80 80 80 80 80 80 80 01', 1, varint, -(2 ** 63)],
    ['08 80 80 80 80 80 80 80 80 80 00', 1, varint, 0],
    ['11 01 02 03 04 05 06 07 08', 2, fixed64, '0102030405060708'],
    ['1a 02 61 62', 3, bytes, '6162'],
    ['1a 00', 3, bytes, ''],
    ['25 01 02 03 04', 4, fixed32, '01020304'],
    ['80 01 05', 16, varint, 5],
    ['f8 ff ff ff 0f 05', 2 ** 29 - 1, varint, 5],
  ];
  for (const [hex, number, type, value] of cases) {
    assert.deepEqual(read(hex), { fields: [[number, type, value]], isBroken: false }, hex);
  }
  assert.deepEqual(read(cases.map(([hex]) => hex).join('')).fields.length, cases.length);
  assert.deepEqual(read(''), { fields: [], isBroken: false });
});

test('what comes before a broken field is read', () => {
  const broken = ['08', '08 80', '00 00', '07 00', '0b', '0c', '11 01', '1a 02 61', '1a 80', '25 01 02 03'];
  const tooLong = ['08 80 80 80 80 80 80 80 80 80 02', '08 80 80 80 80 80 80 80 80 80 80 00', '80 80 80 80 10 00'];
  const negative = ['1a ff ff ff ff ff ff ff ff ff 01', '1a ff ff ff ff ff ff ff ff 7f'];
  for (const hex of [...broken, ...tooLong, ...negative]) {
    assert.deepEqual(read(`08 01 ${hex}`), { fields: [[1, 0, 1]], isBroken: true }, hex);
  }
});

test('no bytes make the reader throw or leave the message', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (array) => {
      const bytes = Buffer.from(array);
      const reader = new FieldReader();
      reader.open(bytes, 0, bytes.length);
      let at = 0;
      while (reader.next()) {
        assert.equal(reader.tagStart, at);
        assert.ok(reader.start > at && reader.end <= bytes.length);
        at = reader.end;
      }
      assert.ok(reader.isBroken || at === bytes.length);
    }),
  );
});
