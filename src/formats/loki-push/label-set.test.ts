import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ParseError } from '../../base/parse-error.ts';
import { Labels } from '../../model/labels.ts';
import { parseLabelSet } from './label-set.ts';

test('label sets are read', () => {
  const cases: readonly [text: string, labels: Record<string, string>][] = [
    ['{}', {}],
    [' { } ', {}],
    ['{a="b"}', { a: 'b' }],
    ['{a="b",c="d",}', { a: 'b', c: 'd' }],
    ['{\n\tc = "d" ,\r\n a="b" }', { a: 'b', c: 'd' }],
    ['{_a1="x y", __b__="é"}', { _a1: 'x y', __b__: 'é' }],
    [`{"my.label"='it"'}`, { 'my.label': 'it"' }],
    ['{a=`b\\n"\'\n`}', { a: 'b\\n"\'\n' }],
    ['{a=""}', {}],
    [String.raw`{a="\a\b\f\n\r\t\v\\\""}`, { a: '\x07\b\f\n\r\t\v\\"' }],
    [String.raw`{a='\'"'}`, { a: `'"` }],
    [String.raw`{a="\x41\101\u00e9\U0001F600"}`, { a: 'AAé😀' }],
    [String.raw`{a="é\xc3\xa9"}`, { a: 'éé' }],
    [String.raw`{a="\xff"}`, { a: '\ufffd' }],
  ];
  for (const [text, labels] of cases) {
    const result = parseLabelSet(text);
    assert.ok(result instanceof Labels, text);
    assert.deepEqual(Object.fromEntries(result), labels, text);
  }
});

test('mistakes say what was expected and where', () => {
  const cases: readonly [text: string, message: string][] = [
    ['', 'expected "{" in label set at character 0, found the end'],
    ['a="b"', String.raw`expected "{" in label set at character 0, found "a=\"b\""`],
    ['metric{a="b"}', String.raw`expected "{" in label set at character 0, found "metric{a=\"b\"}"`],
    ['{', 'expected a label name in label set at character 1, found the end'],
    ['{,}', 'expected a label name in label set at character 1, found ",}"'],
    ['{""="b"}', String.raw`expected a label name in label set at character 1, found "\"\"=\"b\"}"`],
    ['{pizza-flavour="x"}', String.raw`expected "=" in label set at character 6, found "-flavour=\"x\"}"`],
    ['{a}', 'expected "=" in label set at character 2, found "}"'],
    ['{a!="b"}', String.raw`expected "=" in label set at character 2, found "!=\"b\"}"`],
    ['{a=~"b"}', String.raw`expected a quoted value in label set at character 3, found "~\"b\"}"`],
    ['{a=b}', 'expected a quoted value in label set at character 3, found "b}"'],
    ['{a="b', String.raw`expected a quoted value in label set at character 3, found "\"b"`],
    ['{a="b\\', String.raw`expected a quoted value in label set at character 3, found "\"b\\"`],
    ['{a="\n"}', String.raw`expected a quoted value in label set at character 3, found "\"\n\"}"`],
    [String.raw`{a="\'"}`, String.raw`expected a quoted value in label set at character 3, found "\"\\'\"}"`],
    [String.raw`{a="\/"}`, String.raw`expected a quoted value in label set at character 3, found "\"\\/\"}"`],
    [String.raw`{a="\x1"}`, String.raw`expected a quoted value in label set at character 3, found "\"\\x1\"}"`],
    [String.raw`{a="\400"}`, String.raw`expected a quoted value in label set at character 3, found "\"\\400\"}"`],
    [String.raw`{a="\ud800"}`, String.raw`expected a quoted value in label set at character 3, found "\"\\ud800\"}"`],
    ['{a="b" c="d"}', String.raw`expected "," or "}" in label set at character 7, found "c=\"d\"}"`],
    ['{a="b"}}', 'expected the end in label set at character 7, found "}"'],
    ['{a="b", a="c"}', 'label "a" occurs twice in label set'],
  ];
  for (const [text, message] of cases) assert.deepEqual(parseLabelSet(text), new ParseError(message), text);
});

test('a label set that is too long is refused before it is read', () => {
  const text = (length: number): string => `{a="${'x'.repeat(length - 6)}"}`;
  assert.ok(parseLabelSet(text(32_768)) instanceof Labels);
  assert.deepEqual(
    parseLabelSet(text(32_769)),
    new ParseError('label set is 32769 characters long, at most 32768 are allowed'),
  );
});

test('the text of a label set reads back as the set', () => {
  const name = fc.stringMatching(/^[a-z_][a-z0-9_]{0,3}$/);
  const pairs = fc.dictionary(name, fc.string({ unit: 'grapheme', minLength: 1 }), { noNullPrototype: true });
  fc.assert(
    fc.property(pairs, (record) => {
      const labels = Labels.fromRecord(record);
      const result = parseLabelSet(labels.toString());
      assert.ok(result instanceof Labels && result.equals(labels));
    }),
  );
});

test('no text makes the parser throw', () => {
  const unit = fc.constantFrom(...Array.from('{}a="\'`\\,x1uU \n'));
  fc.assert(fc.property(fc.string({ unit }), (text) => void parseLabelSet(`{a="${text}`)));
  parseLabelSet(`{a="${'\\n'.repeat(16_000)}"}`);
});
