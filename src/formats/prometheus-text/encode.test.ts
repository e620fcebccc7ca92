import assert from 'node:assert/strict';
import { test } from 'node:test';
import { familyHeader, formatValue, labelText, sampleLine } from './encode.ts';

const numbers: readonly [number, string][] = [
  [0, '0'],
  [-0, '-0'],
  [1, '1'],
  [185209, '185209'],
  [840923.79, '840923.79'],
  [999999, '999999'],
  [999999.9999999999, '999999.9999999999'],
  [0.0001, '0.0001'],
  [1e6, '1e+06'],
  [-1e6, '-1e+06'],
  [1427647, '1.427647e+06'],
  [16042172416, '1.6042172416e+10'],
  [1e-5, '1e-05'],
  [0.00009999, '9.999e-05'],
  [1e21, '1e+21'],
  [1.5e-300, '1.5e-300'],
  [Number.MIN_VALUE, '5e-324'],
  [Number.MAX_VALUE, '1.7976931348623157e+308'],
  [2 ** 64, '1.8446744073709552e+19'],
  [NaN, 'NaN'],
  [Infinity, '+Inf'],
  [-Infinity, '-Inf'],
];
for (const [value, text] of numbers) {
  test(`${value} is written as ${text}`, () => assert.equal(formatValue(value), text));
}

test('a sample has its labels in the given order, with what would end a value escaped', () => {
  const labels = labelText([
    ['b', 'x'],
    ['a', 'a "b"\\\n'],
  ]);
  assert.equal(sampleLine('up', labels, 1), String.raw`up{b="x",a="a \"b\"\\\n"} 1` + '\n');
  assert.equal(sampleLine('up', labelText([]), NaN), 'up NaN\n');
});

test('the help text is escaped, stays if it is empty, and is left out if there is none', () => {
  assert.equal(familyHeader('a', 'gauge', 'A \\ "b"\nc.'), '# HELP a A \\\\ "b"\\nc.\n# TYPE a gauge\n');
  assert.equal(familyHeader('a', 'untyped', ''), '# HELP a \n# TYPE a untyped\n');
  assert.equal(familyHeader('a', 'summary', undefined), '# TYPE a summary\n');
});
