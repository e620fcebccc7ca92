import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ParseError } from '../parse-error.ts';
import { parseRegexp } from './parse.ts';

function refusalOf(pattern: string): string | undefined {
  const parsed = parseRegexp(pattern);
  return parsed instanceof ParseError ? parsed.message : undefined;
}

test('patterns that RE2 does not know are refused in the words of Go', () => {
  const cases: [pattern: string, problem: string, excerpt: string][] = [
    ['(a', 'missing closing )', '(a'],
    ['x(a|b', 'missing closing )', 'x(a|b'],
    ['a)b', 'unexpected )', 'a)b'],
    ['(?i)a)b', 'unexpected )', '(?i)a)b'],
    ['[a', 'missing closing ]', '[a'],
    ['x[', 'missing closing ]', '['],
    ['[]', 'missing closing ]', '[]'],
    ['[a-', 'missing closing ]', '[a-'],
    ['[[:alpha:', 'missing closing ]', '[[:alpha:'],
    ['[b-a]', 'invalid character class range', 'b-a'],
    ['[\\x{20}-\\x{10}]', 'invalid character class range', '\\x{20}-\\x{10}'],
    ['[a-\\d]', 'invalid escape sequence', '\\d'],
    ['[[:nope:]]', 'invalid character class range', '[:nope:]'],
    ['[[:constructor:]]', 'invalid character class range', '[:constructor:]'],
    ['\\pX', 'invalid character class range', '\\pX'],
    ['\\p', 'invalid character class range', '\\p'],
    ['\\p{Nope}', 'invalid character class range', '\\p{Nope}'],
    ['\\p{L}}\\p{', 'invalid character class range', '\\p{'],
    ['\\p{}', 'invalid character class range', '\\p{}'],
    ['*a', 'missing argument to repetition operator', '*'],
    ['a|+?', 'missing argument to repetition operator', '+?'],
    ['({2})', 'missing argument to repetition operator', '{2}'],
    ['a**', 'invalid nested repetition operator', '**'],
    ['a+*', 'invalid nested repetition operator', '+*'],
    ['a*??', 'invalid nested repetition operator', '*??'],
    ['a{2}{3}', 'invalid nested repetition operator', '{2}{3}'],
    ['a{2}*', 'invalid nested repetition operator', '{2}*'],
    ['a{1001}', 'invalid repeat count', '{1001}'],
    ['a{1001,}', 'invalid repeat count', '{1001,}'],
    ['a{3,2}', 'invalid repeat count', '{3,2}'],
    ['a{99999999999999999999}', 'invalid repeat count', '{99999999999999999999}'],
    ['((a{100}){10}){2}', 'invalid repeat count', '{2}'],
    ['(?=a)', 'invalid or unsupported Perl syntax', '(?='],
    ['x(?!a)', 'invalid or unsupported Perl syntax', '(?!'],
    ['(?>a)', 'invalid or unsupported Perl syntax', '(?>'],
    ['(?#a)', 'invalid or unsupported Perl syntax', '(?#'],
    ['(?i', 'invalid or unsupported Perl syntax', '(?i'],
    ['(?x)a', 'invalid or unsupported Perl syntax', '(?x'],
    ['(?i-)a', 'invalid or unsupported Perl syntax', '(?i-)'],
    ['(?-i-s)a', 'invalid or unsupported Perl syntax', '(?-i-'],
    ["(?'n'a)", 'invalid or unsupported Perl syntax', "(?'"],
    ['(?P=n)', 'invalid or unsupported Perl syntax', '(?P'],
    ['(?P>n)', 'invalid or unsupported Perl syntax', '(?P'],
    ['(?😀)', 'invalid or unsupported Perl syntax', '(?😀'],
    ['(?<=a)b', 'invalid named capture', '(?<=a)b'],
    ['(?<!a>b)', 'invalid named capture', '(?<!a>'],
    ['(?P<n', 'invalid named capture', '(?P<n'],
    ['(?P<>a)', 'invalid named capture', '(?P<>'],
    ['(?P<a-b>a)', 'invalid named capture', '(?P<a-b>'],
    ['(?P<é>a)', 'invalid named capture', '(?P<é>'],
    ['(a)\\1', 'invalid escape sequence', '\\1'],
    ['\\8', 'invalid escape sequence', '\\8'],
    ['\\Z', 'invalid escape sequence', '\\Z'],
    ['\\C', 'invalid escape sequence', '\\C'],
    ['\\G', 'invalid escape sequence', '\\G'],
    ['\\K', 'invalid escape sequence', '\\K'],
    ['\\h', 'invalid escape sequence', '\\h'],
    ['\\E', 'invalid escape sequence', '\\E'],
    ['\\é', 'invalid escape sequence', '\\é'],
    ['\\u0041', 'invalid escape sequence', '\\u'],
    ['\\x', 'invalid escape sequence', '\\x'],
    ['\\x4', 'invalid escape sequence', '\\x4'],
    ['\\xg0', 'invalid escape sequence', '\\xg0'],
    ['\\x{', 'invalid escape sequence', '\\x{'],
    ['\\x{}', 'invalid escape sequence', '\\x{}'],
    ['\\x{110000}', 'invalid escape sequence', '\\x{110000'],
    ['[\\b]', 'invalid escape sequence', '\\b'],
    ['[\\A]', 'invalid escape sequence', '\\A'],
    ['a\\', 'trailing backslash at end of expression', ''],
    ['[a\\', 'trailing backslash at end of expression', ''],
    ['a\ud800', 'invalid UTF-8', '\ud800'],
  ];
  for (const [pattern, problem, excerpt] of cases) {
    assert.equal(refusalOf(pattern), `error parsing regexp: ${problem}: \`${excerpt}\``, pattern);
  }
});

test('patterns may nest a thousand levels and no more', () => {
  assert.equal(refusalOf(`${'('.repeat(999)}a${')'.repeat(999)}`), undefined);
  for (const depth of [1000, 100_000]) {
    const pattern = `${'('.repeat(depth)}a${')'.repeat(depth)}`;
    assert.equal(refusalOf(pattern), `error parsing regexp: expression nests too deeply: \`${pattern}\``);
  }
  assert.match(refusalOf('('.repeat(100_000)) ?? '', /missing closing \)/);
});

test('a pattern whose program would be huge is refused', () => {
  const pattern = '(?:abcdefghij){1000}'.repeat(400);
  assert.equal(refusalOf(pattern), `error parsing regexp: expression too large: \`${pattern}\``);
});

test('parsing never throws', () => {
  const piece = fc.constantFrom(...('()[]{}|*+?^$.\\-:,<>P=!imsUpLQEx109aé😀'.match(/./gu) ?? []));
  const pattern = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(''));
  fc.assert(fc.property(fc.oneof(pattern, fc.string({ unit: 'binary' })), (text) => void parseRegexp(text)));
});
