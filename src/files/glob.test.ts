import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ParseError } from '../base/parse-error.ts';
import { compileGlob } from './glob.ts';

function matches(pattern: string, file: string): boolean {
  const glob = compileGlob(pattern);
  assert.ok(!(glob instanceof ParseError), `${pattern} is malformed`);
  return glob.matches(file);
}

test('patterns match as in doublestar', () => {
  const cases: readonly [pattern: string, file: string, isMatch: boolean][] = [
    ['abc', 'abc', true],
    ['abc', 'abcd', false],
    ['*', 'abc', true],
    ['*', '.hidden', true],
    ['*', 'a/b', false],
    ['*c', 'abc', true],
    ['a*', 'a', true],
    ['a*', 'ab/c', false],
    ['a*/b', 'abc/b', true],
    ['a*/b', 'a/c/b', false],
    ['a*b*c*d*e*/f', 'axbxcxdxexxx/f', true],
    ['a*b*c*d*e*/f', 'axbxcxdxe/xxx/f', false],
    ['a*b?c*x', 'abxbbxdbxebxczzx', true],
    ['a*b?c*x', 'abxbbxdbxebxczzy', false],
    ['*.log', 'x.log', true],
    ['*.log', 'x.log.1', false],
    ['*.log', '/x.log', false],
    ['?', '☺', true],
    ['?', '😀', true],
    ['??', '😀', false],
    ['a?b', 'a/b', false],
    ['ab[c]', 'abc', true],
    ['ab[b-d]', 'abc', true],
    ['ab[e-g]', 'abc', false],
    ['ab[^c]', 'abc', false],
    ['ab[!b-d]', 'abc', false],
    ['ab[^e-g]', 'abc', true],
    ['a[^x]b', 'a/b', false],
    ['[a-ζ]*', 'α', true],
    ['*[a-ζ]', 'A', false],
    [String.raw`[\]a]`, ']', true],
    [String.raw`[x\-]`, '-', true],
    ['[x-]', '-', true],
    ['[-x]', '-', true],
    ['[-x]', 'a', false],
    [String.raw`a\*b`, 'a*b', true],
    [String.raw`a\*b`, 'axb', false],
    [String.raw`a/\**`, 'a/*b', true],
    [String.raw`\{a,b\}`, '{a,b}', true],
    ['{a,b}', 'b', true],
    ['ab{c,d,*}', 'abcde', true],
    ['ab{c,d}', 'abcd', false],
    ['{a,{b,c}d}/x', 'cd/x', true],
    ['{a,{b,c}d}/x', 'c/x', false],
    ['{[,],x}', ',', true],
    ['{a/b,c}/d', 'a/b/d', true],
    ['{a/b,c}/d', 'c/d', true],
    ['a{,b}', 'a', true],
    ['**', 'a/b/c', true],
    ['**/c', 'c', true],
    ['**/c', 'a/b/c', true],
    ['**/c', 'a/abc', false],
    ['a/**', 'a', true],
    ['a/**', 'a/b/c', true],
    ['a/**', 'ab', false],
    ['a/**/', 'a/b', true],
    ['a/**/b', 'a/b', true],
    ['a/**/b', 'a/x/y/b', true],
    ['a/**/**/b', 'a/b', true],
    ['/a/**/*.log', '/a/b/c.log', true],
    ['a/**.log', 'a/b.log', true],
    ['a/**.log', 'a/b/c.log', false],
    ['a**b', 'a/b', false],
    ['a**b', 'axxb', true],
    ['{**,x}/y', 'a/b/y', true],
    ['./a//b/../c', 'a/c', true],
    ['/A/*.LOG', '/a/x.log', false],
    ['', '', false],
    ['', 'a', false],
  ];
  for (const [pattern, file, isMatch] of cases) assert.equal(matches(pattern, file), isMatch, `${pattern} on ${file}`);
});

test('malformed patterns are told', () => {
  const cases: readonly [pattern: string, message: string][] = [
    ['[', 'a character class has no "]"'],
    ['[^bc', 'a character class has no "]"'],
    ['[]a]', 'a character class is empty'],
    ['a\\', 'ends with a single backslash'],
    ['{a,b', '"{" without "}"'],
    ['a}', '"}" without "{"'],
    ['{a,b}{', '"{" without "}"'],
    ['{0,1,2,3,4,5,6,7,8,9}'.repeat(4), 'more than 1000 alternatives'],
  ];
  for (const [pattern, message] of cases) assert.deepEqual(compileGlob(pattern), new ParseError(message), pattern);
});

test('a name that keeps a wildcard guessing takes no exponential time', () => {
  assert.equal(matches(`${'*a'.repeat(60)}*b`, 'a'.repeat(250)), false);
  assert.equal(matches(`${'**/a/'.repeat(40)}b`, 'a/'.repeat(100) + 'c'), false);
});

test('no pattern and no name make it throw', () => {
  const pattern = fc.string({ unit: fc.constantFrom(...Array.from('ab*?[]{},\\/-^!😀')), maxLength: 20 });
  const name = fc.string({ unit: fc.constantFrom(...Array.from('ab/-😀')), maxLength: 20 });
  fc.assert(
    fc.property(pattern, name, (text, file) => {
      const glob = compileGlob(text);
      if (!(glob instanceof ParseError)) glob.matches(file);
    }),
  );
});

test('a text whose special characters are escaped matches itself and nothing longer', () => {
  const name = fc.string({ unit: fc.constantFrom(...Array.from('ab*?[]{},\\-😀')), minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(name, (text) => {
      const pattern = text.replaceAll(/[*?[\]{},\\]/g, String.raw`\$&`);
      assert.equal(matches(pattern, text), true);
      assert.equal(matches(pattern, `${text}a`), false);
    }),
  );
});
