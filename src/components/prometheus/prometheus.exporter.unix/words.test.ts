import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { KeyedLines } from './keyed-lines.ts';
import { numberIn, wantNumberAt, wordsOf } from './words.ts';

const character = fc.constantFrom(...' |\t|\n|\v|0|1|5|9|.|-|+|e|E|x|a|b|f|:|\u00a0|é'.split('|'));
const text = fc.oneof(
  fc.array(character, { maxLength: 24 }).map((all) => all.join('')),
  fc.bigInt({ min: 0n, max: 2n ** 64n }).map(String),
  fc.double().map(String),
);

test('words and numbers are those that regular expressions find', () => {
  fc.assert(
    fc.property(text, (one) => {
      assert.deepEqual(wordsOf(one), one.match(/\S+/g) ?? []);
      const isNumber = /^\s*[-+]?(?:0x[\da-f]+|\d+\.?\d*(?:e[-+]?\d+)?|\.\d+)\s*$/i.test(one);
      assert.deepEqual(numberIn(one), isNumber ? Number(one) : undefined);
    }),
  );
});

test('the first word of a part must be a number', () => {
  assert.equal(wantNumberAt('a  12 b', 1, 7), 12);
  assert.equal(wantNumberAt('a 18446744073709551615', 1, 22), 2 ** 64);
  assert.equal(wantNumberAt('a 12 13', 1, 4), 12);
  assert.throws(() => wantNumberAt('a b', 1, 3), { message: 'want a number, got "b"' });
  assert.throws(() => wantNumberAt('a  ', 1, 3), { message: 'want a number, got ""' });
});

test('lines are told by their keys, also when others come between them', () => {
  const wanted = fc.constantFrom('a', 'ab', 'abc', 'b', '');
  const line = fc.tuple(wanted, fc.constantFrom('', ' ', '\t', ' 1', '\t22 3', 'x')).map((parts) => parts.join(''));
  fc.assert(
    fc.property(fc.array(fc.array(line, { maxLength: 6 }), { minLength: 1, maxLength: 5 }), (texts) => {
      const lines = new KeyedLines((key) => (key === 'ab' || key === 'b' ? key : undefined));
      for (const all of texts) {
        const found: string[] = [];
        lines.read(all.join('\n'), (key, one, start, end) => found.push(`${key}|${one.slice(start, end)}`));
        const expected = all.filter((one) => /^(?:ab|b)(?:\s|$)/.test(one)).map((one) => one.replace(/^(ab|b)/, '$1|'));
        assert.deepEqual(found, expected);
      }
    }),
  );
});
