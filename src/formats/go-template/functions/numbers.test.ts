import { test } from 'node:test';
import { assertFails, assertRenders } from '../../../testkit/render-template.ts';

test('integers are calculated with in 64 bits', () => {
  assertRenders([
    ['{{ add1 5 }}', '6'],
    ['{{ add 1 2 3 }}', '6'],
    ['{{ add }}', '0'],
    ['{{ add "3" 4.7 }}', '7'],
    ['{{ sub 5 7 }}', '-2'],
    ['{{ div 7 2 }}', '3'],
    ['{{ div -7 2 }}', '-3'],
    ['{{ mod -7 3 }}', '-1'],
    ['{{ mul 2 3 4 }}', '24'],
    ['{{ max 1 5 3 }}', '5'],
    ['{{ min 4 2 }}', '2'],
    ['{{ biggest 1 2 }}', '2'],
    ['{{ add 9223372036854775807 1 }}', '-9223372036854775808'],
    ['{{ mul 9223372036854775807 2 }}', '-2'],
    ['{{ max "7" 3.9 }}', '7'],
  ]);
  assertFails([
    ['{{ div 1 0 }}', 'error calling div: runtime error: integer divide by zero'],
    ['{{ mod 1 "x" }}', 'error calling mod: runtime error: integer divide by zero'],
  ]);
});

test('floats are calculated with as decimals', () => {
  assertRenders([
    ['{{ addf 1.5 2 2 }}', '5.5'],
    ['{{ addf 0.1 0.2 }}', '0.3'],
    ['{{ add1f 1.5 }}', '2.5'],
    ['{{ subf 7.5 2 3 }}', '2.5'],
    ['{{ mulf 1.5 2 2 }}', '6'],
    ['{{ divf 10 2 4 }}', '1.25'],
    ['{{ divf 1 3 }}', '0.3333333333333333'],
    ['{{ divf 2 3 }}', '0.6666666666666667'],
    ['{{ divf -2 3 }}', '-0.6666666666666667'],
    ['{{ mulf 0.1 0.1 }}', '0.01'],
    ['{{ addf 1e300 1e-300 }}', '1e+300'],
    ['{{ divf 1e300 3e-5 }}', '3.3333333333333333e+304'],
    ['{{ addf }}', '0'],
    ['{{ maxf 1 2.5 }}', '2.5'],
    ['{{ minf 1.5 2 }}', '1.5'],
  ]);
  assertFails([['{{ divf 1 0 }}', 'error calling divf: decimal division by 0']]);
});

test('numbers are rounded', () => {
  assertRenders([
    ['{{ ceil 1.2 }}', '2'],
    ['{{ floor 1.9 }}', '1'],
    ['{{ floor -1.2 }}', '-2'],
    ['{{ round 123.5555 3 }}', '123.556'],
    ['{{ round 123.5555 3 0.6 }}', '123.555'],
    ['{{ round 1.5 0 }}', '2'],
    ['{{ round -1.5 0 }}', '-2'],
    ['{{ round 1234 -2 }}', '1200'],
    ['{{ ceil "1.1" }}', '2'],
  ]);
});

test('sequences', () => {
  assertRenders([
    ['{{ seq 5 }}', '1 2 3 4 5'],
    ['{{ seq -3 }}', '1 0 -1 -2 -3'],
    ['{{ seq 0 2 }}', '0 1 2'],
    ['{{ seq 2 -2 }}', '2 1 0 -1 -2'],
    ['{{ seq 0 2 10 }}', '0 2 4 6 8 10'],
    ['{{ seq 0 -2 -5 }}', '0 -2 -4'],
    ['{{ seq }}', ''],
    ['{{ seq 1 2 3 4 }}', ''],
    ['{{ seq 5 1 }}', '5 4 3 2 1'],
    ['{{ seq 10 2 0 }}', ''],
    ['{{ seq 0 }}', '1 0'],
    ['{{ seq 3 3 }}', '3'],
    ['{{ seq 0 0 5 }}', ''],
    ['{{ until 5 }}', '[0 1 2 3 4]'],
    ['{{ until -3 }}', '[0 -1 -2]'],
    ['{{ untilStep 3 6 2 }}', '[3 5]'],
    ['{{ untilStep 6 3 -1 }}', '[6 5 4]'],
    ['{{ untilStep 3 6 -1 }}', '[]'],
    ['{{ untilStep 6 3 1 }}', '[]'],
    ['{{ until 0 }}', '[]'],
  ]);
});

test('values are converted', () => {
  assertRenders([
    ['{{ toString 5 }}', '5'],
    ['{{ toString (list 1 2) }}', '[1 2]'],
    ['{{ toString nil }}', '<nil>'],
    ['{{ atoi "12" }}', '12'],
    ['{{ atoi "x" }}', '0'],
    ['{{ atoi "-7" }}', '-7'],
    ['{{ int "12" }}', '12'],
    ['{{ int 3.9 }}', '3'],
    ['{{ int "3.9" }}', '0'],
    ['{{ int "3.0" }}', '3'],
    ['{{ int "0x1f" }}', '31'],
    ['{{ int64 "012" }}', '10'],
    ['{{ int true }}', '1'],
    ['{{ float64 "1.5" }}', '1.5'],
    ['{{ float64 "abc" }}', '0'],
    ['{{ float64 3 }}', '3'],
    ['{{ float64 "1e400" }}', '0'],
    ['{{ int -3.9 }}', '-3'],
    ['{{ int 1e30 }}', '-9223372036854775808'],
    ['{{ int nil }}', '0'],
    ['{{ int "" }}', '0'],
    ['{{ int " 1" }}', '0'],
    ['{{ int "1_000" }}', '1000'],
    ['{{ int "99999999999999999999" }}', '0'],
    ['{{ toDecimal "777" }}', '511'],
    ['{{ toDecimal 777 }}', '511'],
    ['{{ toDecimal "9" }}', '0'],
  ]);
});
