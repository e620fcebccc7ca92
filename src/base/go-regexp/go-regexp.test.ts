import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ParseError } from '../parse-error.ts';
import { compileGoRegexp, type GoRegexp, type GoRegexpOptions } from './go-regexp.ts';

function compile(pattern: string, options?: GoRegexpOptions): GoRegexp {
  const regexp = compileGoRegexp(pattern, options);
  if (regexp instanceof ParseError) throw new Error(regexp.message);
  return regexp;
}

function nested(open: string, close: string): string {
  return `${open.repeat(300)}a${close.repeat(300)}`;
}

/** The groups of the first match as text, `-` for a group without a part in it. */
function groupsOf(pattern: string, text: string): string[] | null {
  return (
    compile(pattern)
      .match(text)
      ?.map((group) => group ?? '-') ?? null
  );
}

test('the first match is found with the semantics of Go', async (t) => {
  const cases: [pattern: string, text: string, groups: string[] | null][] = [
    ['', '', ['']],
    ['', 'abc', ['']],
    ['b', 'abc', ['b']],
    ['x', 'abc', null],
    ['^abc$', 'abc', ['abc']],
    ['a|ab', 'ab', ['a']],
    ['(a|ab)(c|bcd)(d*)', 'abcd', ['abcd', 'a', 'bcd', '']],
    ['a+?', 'aaa', ['a']],
    ['(?U)a+', 'aaa', ['a']],
    ['(?U)a+?', 'aaa', ['aaa']],
    ['(?U:a+)a*', 'aaa', ['aaa']],
    ['a{2}', 'aaa', ['aa']],
    ['a{2,}', 'aaaa', ['aaaa']],
    ['a{2,3}?', 'aaaa', ['aa']],
    ['a{,2}', 'a{,2}', ['a{,2}']],
    ['a{01}', 'a{01}', ['a{01}']],
    ['a{', 'a{', ['a{']],
    ['x{20}', 'x'.repeat(25), ['x'.repeat(20)]],
    ['^[0-9a-f]{1,64}$', 'deadbeef'.repeat(8), ['deadbeef'.repeat(8)]],
    ['^[0-9a-f]{1,64}$', 'deadbeef'.repeat(9), null],
    ['a{0}b', 'aab', ['b']],
    ['(a){0}b', 'ab', ['b', '-']],
    ['(a)|b', 'b', ['b', '-']],
    ['()', 'a', ['', '']],
    ['(|a)*', 'aa', ['', '']],
    ['(|a)+', 'aa', ['', '']],
    ['(a|)+', 'aa', ['aa', 'a']],
    ['(a*)*', 'b', ['', '']],
    ['(a*)+', 'aab', ['aa', 'aa']],
    ['(?:(a)|b)*', 'ab', ['ab', 'a']],
    ['(?:(a)|(b))*', 'ab', ['ab', 'a', 'b']],
    ['(?:a|(b))*c', 'bac', ['bac', 'b']],
    ['(|a)?b', 'ab', ['ab', 'a']],
    ['(.*)?', 'ab', ['ab', 'ab']],
    ['.', '\n', null],
    ['(?s).', '\n', ['\n']],
    ['.', '\r', ['\r']],
    ['.', '\u2028', ['\u2028']],
    ['a.c', 'a\u2029c', ['a\u2029c']],
    ['[^a]', '\n', ['\n']],
    ['^.$', '😀', ['😀']],
    ['^..$', '😀', null],
    ['^[^a]$', '😀', ['😀']],
    ['^[😀-😂]+$', '😀😁😂', ['😀😁😂']],
    ['[😀-😂]', '😃', null],
    ['^😀{2}$', '😀😀', ['😀😀']],
    ['(.+?)(.*)', '😀b', ['😀b', '😀', 'b']],
    ['\\B', 'a😀', ['']],
    ['\\x{1F600}', '😀', ['😀']],
    ['\\x41\\103\\x{43}', 'ACC', ['ACC']],
    ['\\07\\a\\f\\n\\r\\t\\v', '\x07\x07\f\n\r\t\v', ['\x07\x07\f\n\r\t\v']],
    ['\\_\\-\\/\\"', '_-/"', ['_-/"']],
    ['\\Qa.b*\\E+', 'a.b**', ['a.b**']],
    ['\\Q\\E.', 'x', ['x']],
    ['\\Q[', '[', ['[']],
    ['\\d+', '٣3', ['3']],
    ['\\w+', 'éa_1', ['a_1']],
    ['\\s', '\v', null],
    ['[[:space:]]', '\v', ['\v']],
    ['\\s', '\u00a0', null],
    ['[\\s\\d]+', ' 1', [' 1']],
    ['[^\\S]', ' ', [' ']],
    ['\\bé', 'é', null],
    ['e\\b', 'eé', ['e']],
    ['[[:alpha:][:digit:]]+', '-a1-', ['a1']],
    ['[[:^alpha:]]', 'a1', ['1']],
    ['[[:word:]]+', '-_a', ['_a']],
    ['[]a]+', 'a]', ['a]']],
    ['[^]a]', ']ab', ['b']],
    ['[a-]+', '-a', ['-a']],
    ['[-a]+', '-a', ['-a']],
    ['[+--]+', '+,-', ['+,-']],
    ['[a\\]]+', 'a]', ['a]']],
    ['[[]', '[', ['[']],
    ['[[:x]', ':', [':']],
    ['\\pL+', 'aéж1', ['aéж']],
    ['\\p{Greek}+', 'aαβγb', ['αβγ']],
    ['\\p{^Greek}', 'αb', ['b']],
    ['\\P{Greek}', 'αb', ['b']],
    ['\\P{^Greek}', 'bα', ['α']],
    ['[\\p{Lu}\\d]+', 'aÉ1', ['É1']],
    ['\\p{Any}', '\n', ['\n']],
    ['[^\\x00-\\x{10FFFF}]', 'a', null],
    ['(?i)straSSe', 'STRASSE', ['STRASSE']],
    ['(?i)k', '\u212a', ['\u212a']],
    ['(?i)\u017f', 'S', ['S']],
    ['(?i)[^k]', '\u212a', null],
    ['(?i)\\w', '\u017f', ['\u017f']],
    ['(?i)ı', 'I', null],
    ['(?i)σ', 'ς', ['ς']],
    ['(?i)\\p{Lu}', 'a', ['a']],
    ['a(?i)b|c', 'aB', ['aB']],
    ['(?:(?i)a)b', 'AB', null],
    ['(?i:a)b', 'Ab', ['Ab']],
    ['(?i)a(?-i:b)', 'Ab', ['Ab']],
    ['(?i)a(?-i:b)', 'AB', null],
    ['^b', 'a\nb', null],
    ['(?m)^b', 'a\nb', ['b']],
    ['(?m)a$', 'a\nb', ['a']],
    ['(?m)a$', 'a\r\nb', null],
    ['(?m)^b', 'a\rb', null],
    ['(?m)^.*$', 'a\r\nb', ['a\r']],
    ['a$', 'a\n', null],
    ['(?m)\\Ab', 'a\nb', null],
    ['(?m)a\\z', 'a\nb', null],
    ['(?m)^a$\\z', 'b\na', ['a']],
    ['(?P<year>\\d{4})-(?<month>\\d{2})', 'on 2024-05', ['2024-05', '2024', '05']],
    ['(?:ab)?c', 'abc', ['abc']],
    ['^*a', 'ba', ['a']],
    ['\\b{2}a', 'a', ['a']],
    ['(?i)(?s)(?:)', '', ['']],
    ['||', 'a', ['']],
    ['(a||b)c', 'bc', ['bc', 'b']],
  ];
  for (const [pattern, text, groups] of cases) {
    await t.test(`${pattern} in ${JSON.stringify(text)}`, () => {
      assert.deepEqual(groupsOf(pattern, text), groups);
      assert.equal(compile(pattern).test(text), groups !== null);
    });
  }
});

test('patterns that backtrack without end elsewhere take time in proportion to the text', () => {
  const hostile: [pattern: string, text: string][] = [
    ['^(a+)+$', `${'a'.repeat(50_000)}!`],
    ['(a|a)*b', 'a'.repeat(50_000)],
    ['^(a{1,30}){1,30}$', `${'a'.repeat(500)}!`],
    ['^(?:a?){500}a{500}$', 'a'.repeat(499)],
    ['(x+x+)+y', 'x'.repeat(50_000)],
    ['.*.*.*=', 'a'.repeat(200_000)],
    ['\\S+@\\S+', 'a'.repeat(200_000)],
    ['(?:\\w+\\s?)+$', `${'word '.repeat(20_000)}!`],
    ['(?m)(.*)*x$', 'a'.repeat(50_000)],
  ];
  for (const [pattern, text] of hostile) assert.equal(compile(pattern).match(text), null, pattern);
});

test('a long text that matches exhausts no stack', () => {
  const text = 'ab'.repeat(4_000_000);
  assert.equal(compile('^(a|b)*$').match(text)?.[1], 'b');
  assert.ok(compile('^(?:a|b)*$').test(text));
});

test('deep patterns are compiled and matched', () => {
  for (const pattern of [nested('(', ')'), nested('(?:', ')*'), nested('(?:b|', ')'), nested('(?:b', ')?')]) {
    assert.ok(compile(pattern).test('a'));
  }
  assert.equal(compile(nested('(', ')')).match('ba')?.length, 301);
});

test('a pattern that no engine can hold is refused', () => {
  const pattern = '(?:(a)|b){1000}'.repeat(400);
  const result = compileGoRegexp(pattern);
  assert.ok(result instanceof ParseError);
  assert.equal(result.message, `error parsing regexp: expression too large: \`${pattern}\``);
});

test('a long text matches as a short one does', () => {
  const line = `${'key="value" '.repeat(1000)}status=503 😀`;
  assert.equal(compile('.*status=(\\d+).*').match(line)?.[1], '503');
  assert.equal(compile('^\\S+ .*status=(\\d+) (.)$').match(line)?.[2], '😀');
  assert.deepEqual(compile('\\S+=(\\d+)').matchAll(line), [[12_000, 12_010, 12_007, 12_010]]);
});

test('an anchored pattern matches the whole text, newlines included', () => {
  const relabel = compile('a.(b|c)', { anchored: true });
  assert.equal(relabel.source, 'a.(b|c)');
  assert.ok(relabel.test('a\nb'));
  assert.ok(!relabel.test('xa-b'));
  assert.ok(!relabel.test('a-b\n'));
  assert.ok(compile('a|b', { anchored: true }).test('b'));
  assert.ok(!compile('a|b', { anchored: true }).test('ab'));
  assert.ok(compile('', { anchored: true }).test(''));
  assert.ok(!compile('', { anchored: true }).test('a'));
});

test('group names stand at the numbers of their groups, and a name may occur twice', () => {
  assert.deepEqual(compile('(?P<a>x)(y)(?<b_1>z)').groupNames, [undefined, 'a', undefined, 'b_1']);
  assert.deepEqual(compile('(?P<a>x)|(?P<a>y)').groupNames, [undefined, 'a', 'a']);
  assert.deepEqual(groupsOf('(?P<a>x)|(?P<a>y)', 'y'), ['y', '-', 'y']);
});

test('all matches are found with the places of their groups', () => {
  const cases: [pattern: string, text: string, spans: number[][]][] = [
    ['a', 'banana', [[1, 2], [3, 4], [5, 6]]],
    ['x', 'banana', []],
    ['', 'ab', [[0, 0], [1, 1], [2, 2]]],
    ['', '😀b', [[0, 0], [2, 2], [3, 3]]],
    ['a*', 'baa', [[0, 0], [1, 3]]],
    ['a*', 'aab', [[0, 2], [3, 3]]],
    ['a|', 'bab', [[0, 0], [1, 2], [3, 3]]],
    ['^', 'aa', [[0, 0]]],
    ['^a', 'aa', [[0, 1]]],
    ['\\b', 'a b', [[0, 0], [1, 1], [2, 2], [3, 3]]],
    ['(?m)^', 'a\nb', [[0, 0], [2, 2]]],
    ['(?m)(.)$', 'a\nb', [[0, 1, 0, 1], [2, 3, 2, 3]]],
    ['(a)(b)?', 'aba', [[0, 2, 0, 1, 1, 2], [2, 3, 2, 3, -1, -1]]],
    ['password=(\\S+) user=(\\w+)', 'x password=12 user=me', [[2, 21, 11, 13, 19, 21]]],
    ['((\\d)-)+(.)', '1-2-x', [[0, 5, 2, 4, 2, 3, 4, 5]]],
    ['x(?:a(b)|c(d))y', 'xaby xcdy', [[0, 4, 2, 3, -1, -1], [5, 9, -1, -1, 7, 8]]],
    ['(.)(.(.))', 'é😀b', [[0, 4, 0, 1, 1, 4, 3, 4]]],
    ['(?:(a)|b)*', 'ab', [[0, 2, 0, 1]]],
    ['(a{20})b', `${'a'.repeat(20)}b`, [[0, 21, 0, 20]]],
  ]; // prettier-ignore
  for (const [pattern, text, spans] of cases) assert.deepEqual(compile(pattern).matchAll(text), spans, pattern);
});

test('replacing puts a text in the place of every match', () => {
  const replace = (pattern: string, text: string): string => compile(pattern).replaceAll(text, ([all]) => `<${all}>`);
  assert.equal(replace('a', 'banana'), 'b<a>n<a>n<a>');
  assert.equal(replace('', 'ab'), '<>a<>b<>');
  assert.equal(replace('', '😀'), '<>😀<>');
  assert.equal(replace('a*', 'baab'), '<>b<aa>b<>');
  assert.equal(replace('x', 'ab'), 'ab');
  assert.equal(replace('^a', 'aa'), '<a>a');
  assert.equal(
    compile('(\\w)(\\w)?').replaceAll('abc', ([, first, second]) => `${second ?? '?'}${first}`),
    'ba?c',
  );
});
