import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ParseError } from '../parse-error.ts';
import { compileExpansion } from './expansion.ts';
import { compileGoRegexp } from './go-regexp.ts';

function expand(template: string, pattern = '(?P<first>a)(b)?(?P<last>c)', text = 'ac'): string {
  const regexp = compileGoRegexp(pattern);
  if (regexp instanceof ParseError) throw new Error(regexp.message);
  const groups = regexp.match(text);
  assert.ok(groups);
  return compileExpansion(template, regexp)(groups);
}

test('a template takes groups by number and by name', () => {
  const cases: [template: string, result: string][] = [
    ['', ''],
    ['plain', 'plain'],
    ['$1', 'a'],
    ['${1}', 'a'],
    ['$0', 'ac'],
    ['<$1-$3>', '<a-c>'],
    ['$first', 'a'],
    ['${last}$first', 'ca'],
    ['$2', ''],
    ['$9', ''],
    ['$nope', ''],
    ['$1x', ''],
    ['${1}x', 'ax'],
    ['$1_$3', 'c'],
    ['$01', ''],
    ['$$', '$'],
    ['$$1', '$1'],
    ['$', '$'],
    ['a$', 'a$'],
    ['$-1', '$-1'],
    ['${', '${'],
    ['${1', '${1'],
    ['${}', '${}'],
    ['${1-}', '${1-}'],
    ['$ü', ''],
    ['\\1', '\\1'],
  ];
  for (const [template, result] of cases) assert.equal(expand(template), result, template);
});

test('a name that occurs twice means the group that took part', () => {
  assert.equal(expand('$n', '(?P<n>a)|(?P<n>b)', 'b'), 'b');
});
