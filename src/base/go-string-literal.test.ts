import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { stringValue } from './go-string-literal.ts';

const raw = String.raw;
const literals: readonly [literal: string, value: string][] = [
  ['""', ''],
  ['"text"', 'text'],
  ['"日本 😀"', '日本 😀'],
  [raw`"\a\b\f\n\r\t\v\\\"\'"`, '\x07\b\f\n\r\t\v\\"\''],
  [raw`"\101\000\177"`, 'A\0\x7F'],
  [raw`"\x41\x7a"`, 'Az'],
  [raw`"\xc3\xa9 \303\251"`, 'é é'],
  [raw`"é\xc3\xa9"`, 'éé'],
  [raw`"\u00e9\U0001F600"`, 'é😀'],
  [raw`"\\n"`, '\\n'],
  [raw`"a\"b"`, 'a"b'],
  ['``', ''],
  [raw`${'`'}\n"${'`'}`, '\\n"'],
  ['`a\r\n\tb\r`', 'a\n\tb'],
];
for (const [literal, value] of literals) {
  test(`the literal ${JSON.stringify(literal)} means ${JSON.stringify(value)}`, () => {
    assert.deepEqual(stringValue(literal), { value, problems: [] });
  });
}

const bad: readonly [literal: string, start: number, end: number, message: string][] = [
  [raw`"\q"`, 1, 3, 'unknown escape sequence'],
  [raw`"a\8"`, 2, 4, 'unknown escape sequence'],
  [raw`"\😀"`, 1, 4, 'unknown escape sequence'],
  [raw`"\x4"`, 1, 4, 'escape sequence not terminated'],
  [raw`"\07"`, 1, 4, 'escape sequence not terminated'],
  [raw`"\u12"`, 1, 5, 'escape sequence not terminated'],
  [raw`"\xzz"`, 1, 4, "illegal character U+007A 'z' in escape sequence"],
  [raw`"\08 "`, 1, 4, "illegal character U+0038 '8' in escape sequence"],
  [raw`"\u12 4"`, 1, 6, 'illegal character U+0020 in escape sequence'],
  [raw`"\400"`, 1, 5, 'escape sequence is invalid Unicode code point'],
  [raw`"\ud800"`, 1, 7, 'escape sequence is invalid Unicode code point'],
  [raw`"\U00110000"`, 1, 11, 'escape sequence is invalid Unicode code point'],
  [raw`"\UFFFFFFFF"`, 1, 11, 'escape sequence is invalid Unicode code point'],
  [raw`"\xff"`, 0, 6, 'byte escapes do not form valid UTF-8'],
  [raw`"\xc3a"`, 0, 7, 'byte escapes do not form valid UTF-8'],
];
for (const [literal, start, end, message] of bad) {
  test(`in the literal ${literal} there is this problem: ${message}`, () => {
    assert.deepEqual(stringValue(literal).problems, [{ message, start, end }]);
  });
}

test('all problems of a literal are found', () => {
  assert.equal(stringValue(raw`"\q \xg \u"`).problems.length, 3);
});

test('any text in any way of escaping comes back', () => {
  const escapes = fc.constantFrom<(character: string) => string>(
    (character) => (/["\\]/.test(character) ? `\\${character}` : character),
    (character) => [...Buffer.from(character)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join(''),
    (character) => [...Buffer.from(character)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join(''),
    (character) => `\\U${(character.codePointAt(0) ?? 0).toString(16).padStart(8, '0')}`,
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.string({ unit: 'grapheme', maxLength: 1 }), escapes)), (parts) => {
      const characters = parts.flatMap(([text, escape]) => Array.from(text, (character) => ({ character, escape })));
      const literal = `"${characters.map(({ character, escape }) => escape(character)).join('')}"`;
      const value = characters.map(({ character }) => character).join('');
      assert.deepEqual(stringValue(literal), { value, problems: [] });
    }),
  );
});
