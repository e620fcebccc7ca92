import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ParseError } from '../../base/parse-error.ts';
import { familyHeader } from './encode.ts';
import { parseFamilies } from './parse-families.ts';
import { writeSeries } from './write-series.ts';

/** A text, read and written again; or what is wrong with it. */
function again(text: string): string {
  const families = parseFamilies(text);
  if (families instanceof ParseError) return families.message;
  return families
    .map(
      (family) =>
        familyHeader(family.name, family.kind, family.help) +
        family.series.map((series) => writeSeries(family, series)).join(''),
    )
    .join('');
}

const accepted: readonly [title: string, text: string, written: string][] = [
  ['nothing', '', ''],
  ['comments and empty lines mean nothing', '# x\n#\n\n  \t\n# HELPER a b\n', ''],
  ['without a TYPE line a family is untyped', 'a 1\n', '# TYPE a untyped\na 1\n'],
  [
    'families are sorted, labels too',
    'b{z="1",a="2"} 1\na 2\n',
    '# TYPE a untyped\na 2\n# TYPE b untyped\nb{a="2",z="1"} 1\n',
  ],
  ['a family without samples is left out', '# HELP a b\n# TYPE a counter\n', ''],
  [
    'a help text is unescaped and escaped',
    '# HELP a b \\\\ \\n c\na 1\n',
    '# HELP a b \\\\ \\n c\n# TYPE a untyped\na 1\n',
  ],
  ['blanks may be nearly anywhere', ' \t a { b = "c" , } \t 1  2 \n', '# TYPE a untyped\na{b="c"} 1 2\n'],
  ['a label value may have braces and escapes', 'a{b="}{\\"\\\\\\n"} 1\n', '# TYPE a untyped\na{b="}{\\"\\\\\\n"} 1\n'],
  [
    'numbers that are none',
    'a{b="1"} +Inf\na{b="2"} -inf\na{b="3"} NaN\n',
    '# TYPE a untyped\na{b="1"} +Inf\na{b="2"} -Inf\na{b="3"} NaN\n',
  ],
  ['the kind may be in capitals', '# TYPE a COUNTER\na 1e3\n', '# TYPE a counter\na 1000\n'],
  [
    'a histogram with its bucket for everything',
    '# TYPE h histogram\nh_bucket{le="+Inf"} 3\nh_bucket{le="1"} 2\nh_count 3\nh_sum 4\n',
    '# TYPE h histogram\nh_bucket{le="1"} 2\nh_bucket{le="+Inf"} 3\nh_sum 4\nh_count 3\n',
  ],
  ['endings mean nothing in other families', '# TYPE a gauge\na_sum 1\n', '# TYPE a_sum untyped\na_sum 1\n'],
];
for (const [title, text, written] of accepted) test(`accepted: ${title}`, () => assert.equal(again(text), written));

const refused: readonly [title: string, text: string, problem: RegExp][] = [
  ['the last line must end', 'a 1', /^line 1: the last line does not end/],
  ['two help texts', '# HELP a b\n# HELP a c\n', /^line 2: second HELP line/],
  ['two types', '# TYPE a counter\n# TYPE a counter\n', /^line 2: second TYPE line/],
  ['a type after samples', 'a 1\n# TYPE a counter\n', /^line 2: second TYPE line/],
  ['an unknown type', '# TYPE a bla\n', /unknown metric type "bla"/],
  ['a name that is none', '# TYPE a-b counter\n', /invalid metric name "a-b"/],
  ['a name that begins with a digit', '1a 1\n', /invalid metric name/],
  ['no value', 'a\n', /want a number as the value of a/],
  ['a value with an underscore', 'a 1_0\n', /want a number/],
  ['a hexadecimal value', 'a 0x1p-2\n', /want a number/],
  ['more than a timestamp', 'a 1 2 3\n', /want a number/],
  ['a timestamp with a fraction', 'a 1 2.5\n', /want a number/],
  ['labels that do not end', 'a{b="c" 1\n', /want a label of a/],
  ['a label without quotes', 'a{b=c} 1\n', /want a label of a/],
  ['an escape that is none', 'a{b="\\t"} 1\n', /want a label of a/],
  ['one label twice', 'a{b="c",b="c"} 1\n', /label b of a is not allowed/],
  ['the label of the name', 'a{__name__="c"} 1\n', /label __name__ of a is not allowed/],
  ['a bound that is no number', '# TYPE h histogram\nh_bucket{le="x"} 1\n', /want a number for the label le/],
];
for (const [title, text, problem] of refused) test(`refused: ${title}`, () => assert.match(again(text), problem));

test('what was written is read as the same, and damaged text never throws', () => {
  const text =
    '# HELP a b\n# TYPE a histogram\na_bucket{x="y",le="1"} 1\na_sum{x="y"} 2\na_count{x="y"} 3\nb{c="d\\n"} 1 5\n';
  const whole = again(text);
  assert.equal(again(whole), whole);
  fc.assert(
    fc.property(fc.nat(text.length), fc.nat(4), fc.string({ maxLength: 4 }), (at, length, more) => {
      const result = parseFamilies(text.slice(0, at) + more + text.slice(at + length));
      assert.ok(result instanceof ParseError || Array.isArray(result));
    }),
  );
});
