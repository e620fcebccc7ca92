import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { formatFloat, type FloatFormat } from './format-float.ts';

test('floats are written as strconv.FormatFloat does', () => {
  const cases: readonly [value: number, format: FloatFormat, precision: number | undefined, text: string][] = [
    [0, 'g', undefined, '0'],
    [-0, 'g', undefined, '-0'],
    [100000, 'g', undefined, '100000'],
    [1000000, 'g', undefined, '1e+06'],
    [0.0001, 'g', undefined, '0.0001'],
    [0.00001, 'g', undefined, '1e-05'],
    [1e100, 'g', undefined, '1e+100'],
    [1234.5678, 'g', 3, '1.23e+03'],
    [1234.5678, 'g', 6, '1234.57'],
    [100, 'g', 3, '100'],
    [100, 'g', 2, '1e+02'],
    [0, 'e', 6, '0.000000e+00'],
    [1, 'e', undefined, '1e+00'],
    [123456, 'E', 2, '1.23E+05'],
    [1, 'f', 0, '1'],
    [0.5, 'f', 0, '0'],
    [1.5, 'f', 0, '2'],
    [2.5, 'f', 0, '2'],
    [9.995, 'f', 2, '9.99'],
    [0.05, 'f', 1, '0.1'],
    [0.001, 'f', 1, '0.0'],
    [99.96, 'f', 1, '100.0'],
    [1e21, 'f', undefined, '1000000000000000000000'],
    [0.1, 'f', 20, '0.10000000000000000555'],
    [1, 'b', undefined, '4503599627370496p-52'],
    [5e-324, 'b', undefined, '1p-1074'],
    [1, 'x', undefined, '0x1p+00'],
    [-1.5, 'X', undefined, '-0X1.8P+00'],
    [0, 'x', undefined, '0x0p+00'],
    [1.96875, 'x', 1, '0x1.0p+01'],
    [5e-324, 'x', undefined, '0x1p-1074'],
    [1, 'x', 15, '0x1.000000000000000p+00'],
    [Infinity, 'f', 2, '+Inf'],
    [-Infinity, 'g', undefined, '-Inf'],
    [Number.NaN, 'e', 3, 'NaN'],
  ];
  for (const [value, format, precision, text] of cases) {
    assert.equal(formatFloat(value, format, precision), text, `${value} ${format} ${precision}`);
  }
});

test('the shortest text of every format reads back as the same number', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom('e', 'f', 'g'), (value, format) =>
      Object.is(Number(formatFloat(value, format)), value),
    ),
  );
});

test('seventeen digits are enough to read the same number back', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) =>
      Object.is(Number(formatFloat(value, 'e', 16)), value),
    ),
  );
});
