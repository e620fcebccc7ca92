import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { canBackquote, goQuote, goQuoteRune } from './go-quote.ts';

test('text is quoted as strconv.Quote does', () => {
  const cases: readonly [text: string, quoted: string][] = [
    ['', '""'],
    ['plain text', '"plain text"'],
    ['say "hi"', String.raw`"say \"hi\""`],
    ["it's", `"it's"`],
    ['a\\b', String.raw`"a\\b"`],
    ['\x07\b\f\n\r\t\v', String.raw`"\a\b\f\n\r\t\v"`],
    ['\0\x1f\x7f', String.raw`"\x00\x1f\x7f"`],
    ['é日😀', '"é日😀"'],
    ['\u0085\u00a0\u200b\ufeff', String.raw`"\u0085\u00a0\u200b\ufeff"`],
    ['\u{e0001}', String.raw`"\U000e0001"`],
    ['\ud800', '"\ufffd"'],
  ];
  for (const [text, quoted] of cases) assert.equal(goQuote(text), quoted);
});

test('the ASCII style escapes everything beyond ASCII', () => {
  assert.equal(goQuote('é日😀', 'ascii'), String.raw`"\u00e9\u65e5\U0001f600"`);
});

test('a single character is quoted as strconv.QuoteRune does', () => {
  assert.equal(goQuoteRune('x'), `'x'`);
  assert.equal(goQuoteRune("'"), String.raw`'\''`);
  assert.equal(goQuoteRune('"'), `'"'`);
  assert.equal(goQuoteRune('é', 'ascii'), String.raw`'\u00e9'`);
});

test('only text without backquotes and control characters can stand between backquotes', () => {
  for (const text of ['', 'a\tb', '"\\é😀']) assert.equal(canBackquote(text), true, text);
  for (const text of ['`', 'a\nb', '\x7f', '\ufeff']) assert.equal(canBackquote(text), false, text);
});

test('text without escapes that JSON lacks reads back as JSON', () => {
  const plain = fc.string({ unit: fc.constantFrom('a', ' ', '"', '\\', '\n', '\t', 'é', '😀', '\u200b') });
  fc.assert(fc.property(plain, (text) => JSON.parse(goQuote(text)) === text));
});
