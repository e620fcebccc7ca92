import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ParseError } from '../../base/parse-error.ts';
import { compileJsonQuery, type JsonQuery } from './json-query.ts';

function compiled(expression: string): JsonQuery {
  const query = compileJsonQuery(expression);
  assert.ok(!(query instanceof ParseError), expression);
  return query;
}

test('expressions that are nothing but keys are known as such', () => {
  const cases: readonly [expression: string, path: readonly string[] | undefined][] = [
    ['a', ['a']],
    ['_a1', ['_a1']],
    ['a.b.c', ['a', 'b', 'c']],
    ['"a-b"', ['a-b']],
    ['a."b.c".d', ['a', 'b.c', 'd']],
    [String.raw`"a\"b\\\u00e9\n"`, ['a"b\\é\n']],
    ['""', ['']],
    ['"é"', ['é']],
    ['a[0]', undefined],
    ['a || b', undefined],
    ['a .b', undefined],
    ['@', undefined],
    ['*', undefined],
    ["'a'", undefined],
  ];
  for (const [expression, path] of cases) assert.deepEqual(compiled(expression).path, path, expression);
});

test('values are found, and nothing is null', () => {
  const data = {
    a: { 'b-c': 1, d: [{ e: 2 }, { e: 3 }], 'x.y': 4, '"': 5 },
    n: null,
    text: 'hi',
    zero: 0,
    '': 6,
  };
  const cases: readonly [expression: string, value: unknown][] = [
    ['a."b-c"', 1],
    ['a."x.y"', 4],
    ['a."\\""', 5],
    ['""', 6],
    ['zero', 0],
    ['n', null],
    ['missing', null],
    ['a.missing.more', null],
    ['text.length', null],
    ['a.d.length', null],
    ['a.d', [{ e: 2 }, { e: 3 }]],
    ['a.d[1].e', 3],
    ['a.d[*].e', [2, 3]],
    ['a.d[?e > `2`].e | [0]', 3],
    ['missing || text', 'hi'],
    ['length(text)', 2],
    ['a.{x: "b-c", y: d[0].e}', { x: 1, y: 2 }],
    ['a.[d[0].e, "b-c"]', [2, 1]],
    ['a.d[0:1]', [{ e: 2 }]],
    ['a.d[::-1].e', [3, 2]],
    ['sort_by(a.d, &e)[-1].e', 3],
    ['a.d[].e', [2, 3]],
    ['a.d | length(@)', 2],
    ['!missing', true],
    ["text == 'hi' && zero == `0`", true],
    ['*.d | [0][0].e', 2],
    ['toString', null],
    ['a.constructor', null],
    ['a.__proto__', null],
  ];
  for (const [expression, value] of cases) assert.deepEqual(compiled(expression).evaluate(data), value, expression);
});

test('an expression that fails on the data gives no value', () => {
  for (const expression of ['length(n)', 'sum(text)', 'a.d[0].e | length(@)'])
    assert.equal(compiled(expression).evaluate({ n: 5, text: 'x', a: { d: [{ e: 1 }] } }), undefined, expression);
  for (const data of [null, 5, 'text', [], undefined]) assert.equal(compiled('a').evaluate(data), null);
});

test('what is no expression is refused', () => {
  for (const expression of ['', ' ', 'a.', '.a', 'a..b', 'a b', 'a-b', '3##@$#33', '"a', String.raw`"\x"`, 'a[', 'f(', '#']) {
    const error = compileJsonQuery(expression);
    assert.ok(error instanceof ParseError, expression);
    assert.match(error.message, /^could not compile JMES expression: SyntaxError: ./);
  } // prettier-ignore
});
