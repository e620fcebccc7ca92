import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { expositionEntries, type ExpositionEntry } from '../../testkit/exposition-entries.ts';
import { EntryCache } from '../exposition/entry-cache.ts';
import { PrometheusTextCursor } from './prometheus-text-cursor.ts';

/** Reads an exposition, and again with the cache filled, which must give the same. */
function read(text: string | Buffer, maxSeries = 1000): ExpositionEntry[] {
  const cursor = new PrometheusTextCursor(new EntryCache(maxSeries));
  const entries = expositionEntries(cursor, Buffer.from(text));
  assert.deepEqual(expositionEntries(cursor, Buffer.from(text)), entries);
  return entries;
}

const nul = '\0';

test('what is valid is read', () => {
  const cases: readonly [name: string, text: string, entries: ExpositionEntry[]][] = [
    ['P1', '# \tTYPE m summary\n', [['type m', 'summary']]],
    ['P2', 'm{quantile="0.25",} 7.4e-05\n', [['m{quantile="0.25"}', 7.4e-5]]],
    [
      'P3',
      '# TYPE m summary\nm{quantile="0.5",a="b"} 1\nm{quantile="0"} 2\nm{quantile="1"} 3\n',
      [
        ['type m', 'summary'],
        ['m{quantile="0.5",a="b"}', 1],
        ['m{quantile="0.0"}', 2],
        ['m{quantile="1.0"}', 3],
      ],
    ],
    ['P4', 'm{ quantile="0.9", a="b"} 1\n', [['m{quantile="0.9",a="b"}', 1]]],
    ['P5', 'm { quantile= "1.0", a= "b", } 1\n', [['m{quantile="1.0",a="b"}', 1]]],
    ['P6', 'm { quantile = "2.0" a = "b" } 1\n', [['m{quantile="2.0",a="b"}', 1]]],
    [
      'P7',
      '# TYPE h histogram\nh_bucket{le="1"} 4\nh_bucket{le="1000000"} 4\nh_bucket{le="+Inf"} 5\n',
      [
        ['type h', 'histogram'],
        ['h_bucket{le="1.0"}', 4],
        ['h_bucket{le="1e+06"}', 4],
        ['h_bucket{le="+Inf"}', 5],
      ],
    ],
    [
      'P8',
      '# TYPE m counter\nm{le="10"} 1\n',
      [
        ['type m', 'counter'],
        ['m{le="10"}', 1],
      ],
    ],
    ['P9', 'some:agg:rate5m{a_b="c"}\t1\n', [['some:agg:rate5m{a_b="c"}', 1]]],
    ['P10', 'g 33  \t123123\n', [['g', 33, { timestamp: 123_123 }]]],
    ['P11', '# Hrandom comment\n#\n# note \\n x\n#   \n#HELP x y\n# HELPx y\n', []],
    ['P12', '# HELP m\n# HELP m \n', [['help m', ''], ['help m', '']]], // prettier-ignore
    ['P13', '# TYPE m gauge\n# HELP m text\n', [['type m', 'gauge'], ['help m', 'text']]], // prettier-ignore
    ['P14', '_m 1\nm{_l="x"} 1\n', [['_m', 1], ['m{_l="x"}', 1]]], // prettier-ignore
    ['P15', String.raw`m{label="\"bar\""} 1`, [[String.raw`m{label="\"bar\""}`, 1]]],
    ['P16', `# HELP m foo${nul}bar\n`, [['help m', `foo${nul}bar`]]],
    ['P17', `m{a="abc${nul}"} 1\na{b="${nul}ss"} 1\n`, [[`m{a="abc\\u0000"}`, 1], [`a{b="\\u0000ss"}`, 1]]], // prettier-ignore
    ['P18', '{"go.gc",quantile="0"} 1\n', [['go.gc{quantile="0"}', 1]]],
    ['P19', '{ "go.gc", quantile = "1.0", a = "b", } 1\n', [['go.gc{quantile="1.0",a="b"}', 1]]],
    ['P20', '{"m_count"} 99\n', [['m_count', 99]]],
    ['P21', '# HELP "go.gc" text\n# TYPE "go.gc" summary\n', [['help go.gc', 'text'], ['type go.gc', 'summary']]], // prettier-ignore
    ['P22', String.raw`{"a \"b\" {c\nd}","l©\n'q' \"n\""="6"} 10.0`, [[`a "b" {c\nd}{l©\n'q' "n"="6"}`, 10]]],
    ['P23', 'a 1', [['a', 1]]],
    [
      'P24',
      '# TYPE h histogram\nh_sum 1\n\nother{le="1"} 2\n',
      [['type h', 'histogram'], ['h_sum', 1], ['other{le="1.0"}', 2]],
    ], // prettier-ignore
    ['P25', '# TYPE m gauge\nm{__type__="counter"} 1\n', [['type m', 'gauge'], ['m{__type__="counter"}', 1]]], // prettier-ignore
    ['values', 'a Inf\na +inf\na -Inf\na nan\na .5\na 5.\na 1e3\n', [
      ['a', Infinity], ['a', Infinity], ['a', -Infinity], ['a', Number.NaN], ['a', 0.5], ['a', 5], ['a', 1000],
    ]], // prettier-ignore
    ['no blank', 'a{b="c"}1\n', [['a{b="c"}', 1]]],
    ['blanks', '\n \n  a  1 \n\t# HELP x  y \n a 0 5\t\n', [['a', 1], ['help x', ' y '], ['a', 0, { timestamp: 5 }]]], // prettier-ignore
    ['name and labels apart', 'a 1\na {b="c"} 2\na{b="c"} 3\n', [['a', 1], ['a{b="c"}', 2], ['a{b="c"}', 3]]], // prettier-ignore
    ['longer names', 'a 1\nab 2\na_b{c="d"} 3\n', [['a', 1], ['ab', 2], ['a_b{c="d"}', 3]]], // prettier-ignore
    ['line break in a value', 'a{b="c\nd"} 1\n', [[String.raw`a{b="c\nd"}`, 1]]],
    ['empty values', 'a{b=""} 1\n', [['a{b=""}', 1]]],
    ['unknown escapes', String.raw`a{b="\x\\\n"} 1`, [[String.raw`a{b="\\x\\\n"}`, 1]]],
    ['help escapes', String.raw`# HELP a \\ \n \" \x`, [['help a', '\\ \n \\" \\x']]],
    ['untyped', '# TYPE a untyped\na 1', [['type a', 'unknown'], ['a', 1]]], // prettier-ignore
    ['nothing', '', []],
  ];
  for (const [name, text, entries] of cases) assert.deepEqual(read(text), entries, name);
});

test('what is not valid ends with an error that says what was expected, and where', () => {
  const cases: readonly [name: string, text: string, message: string][] = [
    ['P27', '{A} 0\n', 'expected "=" at line 1 of the exposition, found "} 0"'],
    ['P30', 'a\n', String.raw`expected a value at line 1 of the exposition, found "\n"`],
    ['P31', "a{b='c'} 1\n", `expected a quoted label value at line 1 of the exposition, found "'c'} 1"`],
    ['P32', 'a{b=\n', String.raw`expected a quoted label value at line 1 of the exposition, found "\n"`],
    ['P33', 'a{\xff="foo"} 1\n', String.raw`expected a label name at line 1 of the exposition, found "�=\"foo\"} 1"`],
    ['P34', 'a{b="\xff"} 1\n', String.raw`expected a label value in UTF-8 at line 1 of the exposition, found "\"�\"} 1"`],
    ['P35', '{"a", "b = "c"}\n', String.raw`expected "=" at line 1 of the exposition, found "c\"}"`],
    ['P36', String.raw`{"a",b\nc="d"} 1`, String.raw`expected "=" at line 1 of the exposition, found "\\nc=\"d\"} 1"`],
    ['P37', 'b 1\na true\n', 'expected a value at line 2 of the exposition, found "true"'],
    ['P38', 'something_weird{problem="\n', String.raw`expected a label value that ends at line 1 of the exposition, found "\""`],
    ['P39', 'empty_label_name{=""} 0', String.raw`expected a label name at line 1 of the exposition, found "=\"\"} 0"`],
    ['P40', '{A}0\n', 'expected "=" at line 1 of the exposition, found "}0"'],
    ['P41 a', 'foo 1_2\n', 'expected a value at line 1 of the exposition, found "1_2"'],
    ['P41 b', 'foo 0x1p-3\n', 'expected a value at line 1 of the exposition, found "0x1p-3"'],
    ['P41 c', 'foo 0x1P-3\n', 'expected a value at line 1 of the exposition, found "0x1P-3"'],
    ['P42', 'foo 0 1_2\n', 'expected the next line at line 1 of the exposition, found "_2"'],
    ['P43', '{a="ok"} 1\n', String.raw`expected a metric name among the labels at line 1 of the exposition, found "{a=\"ok\"} 1"`],
    ['P44 a', '# TYPE #\n', 'expected a metric name at line 1 of the exposition, found "#"'],
    ['P44 b', '# HELP #\n', 'expected a metric name at line 1 of the exposition, found "#"'],
    ['P45 a', `a{b=${nul}"s"} 1\n`, String.raw`expected a quoted label value at line 1 of the exposition, found "\u0000\"s\"} 1"`],
    ['P45 b', `a{b="${nul}`, String.raw`expected a label value that ends at line 1 of the exposition, found "\"\u0000"`],
    ['P46', `a{b${nul}="h"} 1\n`, String.raw`expected "=" at line 1 of the exposition, found "\u0000=\"h\"} 1"`],
    ['P47', `a${nul}{b="d"} 1\n`, String.raw`expected a value at line 1 of the exposition, found "\u0000{b=\"d\"} 1"`],
    ['P48', `a 0 1${nul}\n`, String.raw`expected the next line at line 1 of the exposition, found "\u0000"`],
    ['P49', '# TYPE m info\n', 'expected counter, gauge, histogram, summary or untyped at line 1 of the exposition, found "info"'],
    ['carriage return', 'a 1\r\n', String.raw`expected a value at line 1 of the exposition, found "1\r"`],
    ['negative timestamp', 'a 1 -5\n', 'expected a timestamp or the next line at line 1 of the exposition, found "-5"'],
    ['huge timestamp', 'a 1 9223372036854775808\n', 'expected a timestamp or the next line at line 1 of the exposition, found "9223372036854775808"'],
    ['two names', 'a{"b"} 1\n', String.raw`expected one metric name at line 1 of the exposition, found "\"b\"} 1"`],
    ['twice', 'a{b="c",b="d"} 1\n', String.raw`expected each label name once, but "b" at line 1 of the exposition, found "a{b=\"c\",b=\"d\"} 1"`],
    ['name twice', 'a{__name__="b"} 1\n', String.raw`expected each label name once, but "__name__" at line 1 of the exposition, found "a{__name__=\"b\"} 1"`],
    ['no start', '9 1\n', 'expected a metric name at line 1 of the exposition, found "9 1"'],
    ['brace behind a value', 'a 1{\n', 'expected a timestamp or the next line at line 1 of the exposition, found "{"'],
    ['broken help', '# HELP a \xff\n', 'expected a help text in UTF-8 at line 1 of the exposition, found "�"'],
    ['too large', 'a 1e309\n', 'expected a value at line 1 of the exposition, found "1e309"'],
    ['comma first', 'a{,b="c"} 1\n', String.raw`expected a label name at line 1 of the exposition, found ",b=\"c\"} 1"`],
  ]; // prettier-ignore
  for (const [name, text, message] of cases)
    assert.deepEqual(read(Buffer.from(text, 'latin1')).at(-1), ['error', message], name);
});

test('series come from the cache when they come again, in any order, and labels are read of new ones only', () => {
  const cache = new EntryCache(1000);
  const cursor = new PrometheusTextCursor(cache);
  const slots = (text: string): string => {
    const list: string[] = [];
    cursor.open(Buffer.from(text));
    while (cursor.next()) list.push(`${cursor.slot}${cursor.isNew ? '!' : ''}`);
    assert.equal(cursor.error, undefined);
    return list.join(' ');
  };
  assert.equal(slots('a 1\nb{c="d"} 2\ne 3\n'), '1! 2! 3!');
  assert.equal(slots('a 1\nb{c="d"} 2\ne 3\n'), '1 2 3');
  assert.equal(slots('a 1\nx 2\nb{c="d"} 2\ne 3\n'), '1 4! 2 3');
  assert.equal(slots('e 1\nx 2\na 3\na 4\n'), '3 4 1 1');
  cache.delete(4);
  assert.equal(slots('a 1\ne 3\nb{c="d"} 2\nb{c="e"} 2\n'), '1 3 2 4!');
  assert.equal(slots('a 1\ne 3\nb{c="d"} 2\nb{c="e"} 2\n'), '1 3 2 4');
  assert.equal(cache.size, 4);
});

test('with a full cache series are new each time, and have no slot', () => {
  const cursor = new PrometheusTextCursor(new EntryCache(1));
  const text = Buffer.from('a 1\nb{c="d"} 2\na 3\n');
  for (let round = 0; round < 2; round++) {
    const list: string[] = [];
    cursor.open(text);
    while (cursor.next()) list.push(`${cursor.slot} ${cursor.isNew} ${cursor.labels.valueOf(0)}`);
    assert.deepEqual(list.slice(1), ['0 true b', '1 false b']);
  }
});

test('no exposition makes the cursor throw or go on forever', () => {
  const valid =
    '# HELP h some help\n# TYPE h histogram\nh_bucket{a="x\\"y",le="1"} 4 123\nh_sum{a="é"} 1.5e3\n{"u.n","l.b"="v"} NaN\nup 1\n';
  const damaged = fc
    .array(fc.tuple(fc.nat(), fc.constantFrom(...Array.from('{}",=\\ \n\t#\0aé1'))), { maxLength: 4 })
    .map((edits) =>
      edits.reduce((text, [place, put]) => {
        const at = place % (text.length + 1);
        return text.slice(0, at) + put + text.slice(at + (place % 2));
      }, valid),
    );
  const cache = new EntryCache(100);
  const cursor = new PrometheusTextCursor(cache);
  fc.assert(
    fc.property(fc.oneof(damaged, fc.string({ unit: 'binary', maxLength: 80 })), (text) => {
      const entries = expositionEntries(cursor, Buffer.from(text));
      assert.ok(entries.length <= text.length + 1);
      assert.deepEqual(expositionEntries(new PrometheusTextCursor(new EntryCache(100)), Buffer.from(text)), entries);
    }),
    { numRuns: 2000 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      expositionEntries(cursor, Buffer.from(bytes));
    }),
  );
});
