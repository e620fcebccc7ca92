import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { formatFloat } from './go-printf/format-float.ts';
import { readGoFloat } from './go-float.ts';

const column = new Float64Array(1);
function read(text: string): number | undefined {
  const bytes = Buffer.from(`1${text}1`);
  return readGoFloat(bytes, 1, bytes.length - 1, column, 0) ? column[0] : undefined;
}

test('what Go reads as a float is read', () => {
  // prettier-ignore
  const texts = [
    '0', '-0', '+0', '1', '-1.5', '.5', '5.', '1e3', '1E3', '1e+3', '1e-3', '00012', '1e22', '1e23', '1e-22', '1e-23',
    '123456789012345678901234567890', '0.1', '0.30000000000000004', '9007199254740993', '1.7976931348623157e308', '5e-324',
    '1e-400', '2.2250738585072011e-308', '1708352000.1234567', '0.000000000000000000000000000001', '1e0000000000000000003',
    `1${'0'.repeat(300)}`, `0.${'0'.repeat(400)}1e401`, '-0e5', '900719925474099.1', '9007199254740991', '90071992547409925',
  ];
  for (const text of texts) assert.ok(Object.is(read(text), Number(text)), text);
  for (const text of ['inf', 'Inf', 'INF', '+Inf', 'infinity', '+iNfInItY']) assert.equal(read(text), Infinity, text);
  for (const text of ['-inf', '-Infinity']) assert.equal(read(text), -Infinity, text);
  for (const text of ['nan', 'NaN', 'NAN']) assert.ok(Number.isNaN(read(text)), text);
});

test('what Go does not read as a float, and hexadecimal numbers and underscores, are refused', () => {
  // prettier-ignore
  const texts = [
    '', '+', '-', '.', '+.', 'e', 'e5', '.e5', '1e', '1e+', '1e-', '--1', '+-1', '1..2', '1.2.3', '1e5.', '1e5e5', ' 1',
    '1 ', 'true', '0x1p-3', '0x1P-3', '0x10', '1_2', '1__2', '+nan', '-NaN', 'infx', 'in', 'infinit', 'nanx', '1e309', '-1e400',
    '1,5', '１', '1f', '0b1', 'Infinityx', '1é',
  ];
  for (const text of texts) assert.equal(read(text), undefined, text);
});

test('floats are read exactly', () => {
  const float = fc.double({ noNaN: true, noDefaultInfinity: true });
  fc.assert(
    fc.property(float, fc.constantFrom('e', 'f', 'g'), (value, format) => {
      assert.ok(Object.is(read(formatFloat(value, format)), value));
    }),
    { numRuns: 2000 },
  );
  const digits = fc.stringMatching(/^\d{1,25}$/);
  fc.assert(
    fc.property(digits, digits, fc.integer({ min: -30, max: 30 }), (whole, fraction, exponent) => {
      for (const text of [whole, `${whole}.${fraction}`, `.${fraction}e${exponent}`, `${whole}${fraction}`])
        assert.ok(Object.is(read(text), Number(text)), text);
    }),
    { numRuns: 2000 },
  );
});
