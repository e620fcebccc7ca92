import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadRe2 } from './re2-matcher.ts';
import { foldCase, unicodeClass } from './unicode-classes.ts';

test('classes are found by category, long name or script', () => {
  assert.deepEqual(unicodeClass('Nd')?.slice(0, 2), [0x30, 0x39]);
  assert.deepEqual(unicodeClass('Uppercase_Letter'), unicodeClass('Lu'));
  assert.deepEqual(unicodeClass('uppercase letter'), unicodeClass('Lu'));
  assert.deepEqual(unicodeClass('greek'), unicodeClass('Greek'));
  assert.deepEqual(unicodeClass('Old_Italic'), [0x10300, 0x10323, 0x1032d, 0x1032f]);
  assert.deepEqual(unicodeClass('ASCII'), [0, 0x7f]);
  assert.equal(unicodeClass('Nope'), undefined);
  assert.equal(unicodeClass('L}|a{'), undefined);
});

test('case is folded as RE2 folds it', () => {
  const { RE2JS } = loadRe2();
  for (const character of ['a', 'K', 's', 'ſ', 'ß', 'ẞ', 'Σ', 'ς', 'µ', 'é', 'ı', 'İ', 'ǅ', 'ж', 'Ⱥ', '𐐀', '1', '😀']) {
    const code = character.codePointAt(0) ?? 0;
    const folded = foldCase([code, code]);
    const regexp = RE2JS.compile(`(?i)^${character}$`);
    for (let index = 0; index < folded.length; index += 2) {
      for (let other = folded[index] ?? 0; other <= (folded[index + 1] ?? 0); other++) {
        assert.ok(regexp.test(String.fromCodePoint(other)), `${character} ${other.toString(16)}`);
      }
    }
    for (const variant of [character.toLowerCase(), character.toUpperCase()]) {
      const one = variant.codePointAt(0) ?? 0;
      const isMember = folded.some(
        (first, index) => index % 2 === 0 && first <= one && one <= (folded[index + 1] ?? 0),
      );
      const isWhole = String.fromCodePoint(one) === variant;
      assert.equal(isWhole && isMember, regexp.test(variant), `${character} ${variant}`);
    }
  }
});
