import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Mismatch, shouldBe, toNumber, toText } from './convert.ts';
import { oneLine, type Diagnostic } from './diagnostic.ts';
import { evaluate } from './evaluate.ts';
import type { FunctionValue, Parameter } from './function-value.ts';
import { parse } from './parser.ts';
import { Scope } from './scope.ts';
import { Secret } from './secret.ts';
import { Capsule, fromJson, invalid, later, type CapsuleType, type Value } from './value.ts';

const receiver: CapsuleType<string> = { name: 'receiver', show: (value) => `<${value}>` };
const target: CapsuleType<ReadonlyMap<string, Value>> = {
  name: 'target',
  show: () => 'target',
  entries: (value) => value,
  equals: (a, b) => a.get('job') === b.get('job'),
};

const text: Parameter<string> = { name: 'text', type: 'string', convert: toText };
const number: Parameter<number | bigint> = { name: 'number', type: 'number', convert: toNumber };
const any: Parameter<Value> = { name: 'value', type: 'any', convert: (value) => value };

function define(name: string, more: Partial<FunctionValue>): FunctionValue {
  return {
    name,
    doc: '',
    parameters: [],
    optional: 0,
    stability: 'generally-available',
    secrets: 'secret',
    call: (args) => args as Value[],
    ...more,
  };
}

const job = new Map<string, Value>([['job', 'api']]);
const names = new Map<string, Value>([
  ['object', fromJson({ a: 1, nested: { list: [1, 2, { b: 'x' }] }, nothing: null })],
  ['list', [10n, 20n, 30n]],
  ['empty', ''],
  ['secret', new Secret('s3cret')],
  ['other_secret', new Secret('other')],
  ['weak_secret', new Secret('weak', true)],
  ['receiver', new Capsule(receiver, 'a')],
  ['same_receiver', new Capsule(receiver, 'a')],
  ['other_receiver', new Capsule(receiver, 'b')],
  ['target', new Capsule(target, job)],
  ['same_target', new Capsule(target, new Map(job))],
  ['infinity', Infinity],
  ['nan', NaN],
  ['later', later],
  ['broken', invalid],
  ['f', define('f', { parameters: [text, number], optional: 1 })],
  ['all', define('all', { parameters: [text], variadic: number })],
  ['none', define('none', { call: () => null })],
  ['same', define('same', { parameters: [any], call: ([value]) => value as Value })],
  ['raw', define('raw', { parameters: [any], secrets: 'raw', call: ([value]) => value instanceof Secret })],
  ['soft', define('soft', { parameters: [text], secrets: 'convertible', call: ([value]) => `<${String(value)}>` })],
  ['refuse', define('refuse', { parameters: [any], call: ([value]) => new Mismatch(`no ${String(value)}`) })],
  ['strict', define('strict', { parameters: [{ ...text, convert: (value) => shouldBe('number', value) }] })],
]);
const scope = new Scope(names);

function run(expression: string): { value: Value; diagnostics: Diagnostic[] } {
  const { file, diagnostics } = parse({ name: 'test.alloy', text: `x = ${expression}` });
  assert.deepEqual(diagnostics.map(oneLine), []);
  const [statement] = file.body.statements;
  assert.equal(statement?.kind, 'attribute');
  const reported: Diagnostic[] = [];
  const value = evaluate(statement.value, { scope, report: (diagnostic) => reported.push(diagnostic) });
  return { value, diagnostics: reported };
}

/** Secrets with their text, which is otherwise hard to see. */
function readable(value: Value): unknown {
  if (value instanceof Secret) return `secret(${value.reveal()})${value.isConvertible ? ' convertible' : ''}`;
  if (Array.isArray(value)) return value.map(readable);
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([key, field]) => [key, readable(field as Value)]));
  return value;
}

const values: readonly [expression: string, value: unknown][] = [
  // Literals
  ['null', null],
  ['true', true],
  ['15', 15n],
  ['1.5', 1.5],
  ['"é\\t"', 'é\t'],
  ['[1, ["a"]]', [1n, ['a']]],
  ['{ a = 1, "b c" = { } }', { a: 1n, 'b c': {} }],
  ['{ a = 1, a = 2 }', { a: 2n }],
  ['{ "__proto__" = 1 }.__proto__', 1n],

  // Arithmetic
  ['1 + 2', 3n],
  ['1 + 2.5', 3.5],
  ['7 / 2', 3n],
  ['-7 / 2', -3n],
  ['7 / 2.0', 3.5],
  ['7 % 3', 1n],
  ['-7 % 3', -1n],
  ['7.5 % 2', 1.5],
  ['-7.5 % 2', -1.5],
  ['2 ^ 10', 1024n],
  ['2 ^ 0.5', Math.SQRT2],
  ['2.0 ^ -1', 0.5],
  ['2 ^ -1', 2n],
  ['-2 ^ 2', 4n],
  ['0 ^ 0', 1n],
  ['(-1) ^ 18446744073709551615', -1n],
  ['1 ^ 18446744073709551615', 1n],
  ['0 ^ 18446744073709551615', 0n],
  ['9223372036854775807 + 1', 9223372036854775808n],
  ['18446744073709551615 - 1', 18446744073709551614n],
  ['-9223372036854775808', -9223372036854775808n],
  ['- -9223372036854775808', 9223372036854775808n],
  ['18446744073709551615 + 1.0', 18446744073709552000],
  ['"a" + "b" + ""', 'ab'],
  ['-1.5', -1.5],

  // Comparison
  ['1 < 2', true],
  ['2 <= 2.0', true],
  ['9007199254740993 > 9007199254740992', true],
  ['"a" < "b"', true],
  ['"b" >= "b"', true],
  ['"Z" < "a"', true],
  ['"\\uffff" < "\\U0001F600"', true],
  ['infinity <= infinity', true],
  ['infinity < infinity', false],
  ['nan >= nan', false],

  // Equality
  ['3 == 3.0', true],
  ['3 == "3"', false],
  ['3 != "3"', true],
  ['null == null', true],
  ['null == false', false],
  ['[1, [2]] == [1.0, [2]]', true],
  ['[1] == [1, 2]', false],
  ['{ a = 1, b = 2 } == { b = 2, a = 1 }', true],
  ['{ a = 1 } == { b = 1 }', false],
  ['{ a = null } == { b = null }', false],
  ['f == f', false],
  ['receiver == same_receiver', true],
  ['receiver == other_receiver', false],
  ['receiver == target', false],
  ['target == same_target', true],
  ['nan == nan', false],
  ['1 == 2 != true', true],

  // Logic
  ['true && true', true],
  ['true && false || true', true],
  ['!true', false],
  ['false && 1 + "a" == 2', false],
  ['true || nonsense', true],
  ['false && 1', false],
  ['true || 1', true],

  // Access and index
  ['object.a', 1],
  ['object.nested.list[2].b', 'x'],
  ['object["a"]', 1],
  ['object["missing"]', null],
  ['object.nothing', null],
  ['list[0]', 10n],
  ['list[2.9]', 30n],
  ['list[1 + 1]', 30n],
  ['[1, 2][-0.5]', 1n],
  ['target.job', 'api'],
  ['target["job"]', 'api'],
  ['target["missing"]', null],

  // Calls
  ['none()', null],
  ['f("a")', ['a']],
  ['f("a", 1)', ['a', 1n]],
  ['f(1.5, "2")', ['1.5', 2n]],
  ['all("a")', ['a']],
  ['all("a", 1, 2, 3)', ['a', 1n, 2n, 3n]],
  ['[none][0]()', null],

  // Secrets
  ['secret + "a"', 'secret(s3creta)'],
  ['"a" + secret', 'secret(as3cret)'],
  ['secret + other_secret', 'secret(s3cretother)'],
  ['secret + weak_secret', 'secret(s3cretweak)'],
  ['weak_secret + "a"', 'secret(weaka) convertible'],
  ['secret == "s3cret"', true],
  ['"s3cret" == secret', true],
  ['secret == other_secret', false],
  ['secret != "x"', true],
  ['secret == 1', false],
  ['secret == null', false],
  ['same(secret)', 'secret(s3cret)'],
  ['same(["a", { b = secret, c = 1 }])', ['secret(a)', { b: 'secret(s3cret)', c: 1n }]],
  ['same(1)', 1n],
  ['raw(secret)', true],
  ['soft(secret)', 'secret(<s3cret>) convertible'],
  ['f(soft(secret))', ['secret(<s3cret>)']],

  // What is not known yet
  ['later', later],
  ['later + 1', later],
  ['1 + later', later],
  ['-later', later],
  ['!later', later],
  ['later.a.b', later],
  ['later[0]', later],
  ['list[later]', later],
  ['later()', later],
  ['f(later)', later],
  ['same([1, { a = later }])', later],
  ['later && true', later],
  ['true && later', later],
  ['false && later', false],
  ['true || later', true],
  ['later == later', later],
  ['[later] == [1]', later],
  ['1 != { a = later }', later],
  ['[later, 1]', [later, 1n]],
  ['[later, 1][1]', 1n],
  ['broken + later', invalid],
];
for (const [expression, value] of values) {
  test(`${expression} is computed`, () => {
    const result = run(expression);
    assert.deepEqual(result.diagnostics.map(oneLine), []);
    assert.deepEqual(readable(result.value), value);
  });
}

const errors: readonly [expression: string, place: string, code: string, message: string][] = [
  ['lits', 'lits', 'value/unknown-identifier', 'identifier "lits" does not exist'],
  ['nothing.a.b + 1', 'nothing', 'value/unknown-identifier', 'identifier "nothing" does not exist'],
  ['object.b', 'b', 'value/unknown-field', 'field "b" does not exist'],
  ['object.a.b', 'b', 'value/type', 'cannot access field "b" on value of type number'],
  ['null.b', 'b', 'value/type', 'cannot access field "b" on value of type null'],
  ['secret.b', 'b', 'value/type', 'cannot access field "b" on value of type capsule'],
  ['receiver.b', 'b', 'value/type', 'expected object or array or a capsule convertible to an object, got capsule'],
  ['list[3]', '3', 'value/index', 'index 3 is out of range of array with length 3'],
  ['list[-1]', '-1', 'value/index', 'index -1 is out of range of array with length 3'],
  ['list[nan]', 'nan', 'value/index', 'index NaN is out of range of array with length 3'],
  ['list["0"]', '"0"', 'value/type', '"0" should be number, got string'],
  ['object[0]', '0', 'value/type', '0 should be string, got number'],
  ['"text"[0]', '"text"[0]', 'value/type', 'expected object or array, got string'],
  ['1 + "a"', '"a"', 'value/type', '"a" should be number, got string'],
  ['"a" + 1', '1', 'value/type', '1 should be string, got number'],
  ['true + 1', 'true', 'value/type', 'true should be one of [number string capsule] for binop +, got bool'],
  ['1 + null', 'null', 'value/type', 'null should be one of [number string capsule] for binop +, got null'],
  ['"a" - "b"', '"a"', 'value/type', '"a" should be one of [number] for binop -, got string'],
  ['1 * list', 'list', 'value/type', 'list should be one of [number] for binop *, got array'],
  ['1 < "a"', '"a"', 'value/type', '"a" should be number, got string'],
  ['true < false', 'true', 'value/type', 'true should be one of [number string] for binop <, got bool'],
  ['secret - 1', 'secret', 'value/type', 'secret should be one of [number] for binop -, got capsule'],
  ['secret + 1', '1', 'value/type', '1 should be capsule, got number'],
  [
    'receiver + receiver',
    'receiver + receiver',
    'value/type',
    'could not perform binop + for unknown types lhs capsule rhs capsule',
  ],
  ['1 && true', '1', 'value/type', '1 should be one of [bool] for binop &&, got number'],
  ['true && 1', '1', 'value/type', '1 should be one of [bool] for binop &&, got number'],
  ['false || "a"', '"a"', 'value/type', '"a" should be one of [bool] for binop ||, got string'],
  ['!1', '1', 'value/type', '1 should be bool, got number'],
  ['-"a"', '"a"', 'value/type', '"a" should be number, got string'],
  ['1 / 0', '0', 'value/division-by-zero', 'divide by zero error'],
  ['1 % 0', '0', 'value/division-by-zero', 'divide by zero error'],
  ['1.5 / 0.0', '0.0', 'value/division-by-zero', 'divide by zero error'],
  ['1 % 0.0', '0.0', 'value/division-by-zero', 'divide by zero error'],
  [
    '18446744073709551615 + 1',
    '18446744073709551615 + 1',
    'value/overflow',
    '18446744073709551615 + 1 does not fit into 64 bits',
  ],
  [
    '-9223372036854775808 - 1',
    '-9223372036854775808 - 1',
    'value/overflow',
    '-9223372036854775808 - 1 does not fit into 64 bits',
  ],
  ['10 ^ 100', '10 ^ 100', 'value/overflow', '10 ^ 100 does not fit into 64 bits'],
  [
    '18446744073709551615 ^ 18446744073709551615',
    '18446744073709551615 ^ 18446744073709551615',
    'value/overflow',
    '18446744073709551615 ^ 18446744073709551615 does not fit into 64 bits',
  ],
  [
    '-18446744073709551615',
    '18446744073709551615',
    'value/overflow',
    '-18446744073709551615 does not fit into 64 bits',
  ],
  ['list()', 'list', 'value/type', 'list should be function, got array'],
  ['f()', 'f()', 'value/arguments', 'f: expected 1 to 2 args, got 0'],
  ['f("a", 1, 2)', 'f("a", 1, 2)', 'value/arguments', 'f: expected 1 to 2 args, got 3'],
  ['all()', 'all()', 'value/arguments', 'all: expected at least 1 args, got 0'],
  ['none(1)', 'none(1)', 'value/arguments', 'none: expected 0 args, got 1'],
  ['f("a", "b")', '"b"', 'value/type', '"b" should be number, got string "b"'],
  ['f(list)', 'list', 'value/type', 'list should be string, got array'],
  ['refuse(1)', 'refuse(1)', 'value/function', 'refuse: no 1'],
  ['f("a", secret)', 'secret', 'value/type', 'secret should be number, got a secret'],
  ['f("a", soft(secret))', 'soft(secret)', 'value/type', 'soft(secret) should be number, got a secret'],
  ['refuse(secret)', 'refuse(secret)', 'value/function', 'refuse: the arguments were rejected, and hold a secret'],
  [`f(\n[1,\n 2])`, '[1,\n 2]', 'value/type', '[1, 2] should be string, got array'],
];
for (const [expression, place, code, message] of errors) {
  test(`${expression} is one error`, () => {
    const { value, diagnostics } = run(expression);
    assert.equal(value, invalid);
    assert.deepEqual(
      diagnostics.map((diagnostic) => [
        diagnostic.span?.source.text.slice(diagnostic.span.start, diagnostic.span.end),
        diagnostic.code,
        diagnostic.message,
      ]),
      [[place, code, message]],
    );
  });
}

test('errors in different parts of an expression are all reported', () => {
  const { value, diagnostics } = run('[1 / 0, { a = missing.b }, f(1 + true, -"a")]');
  assert.deepEqual(
    diagnostics.map(({ message }) => message),
    [
      'divide by zero error',
      'identifier "missing" does not exist',
      'true should be one of [number string capsule] for binop +, got bool',
      '"a" should be number, got string',
    ],
  );
  assert.deepEqual(readable(value), [invalid, { a: invalid }, invalid]);
});

test('hints name what was probably meant', () => {
  const hints = ['lits', 'object.nesetd', 'f()', 'f("a", "b")'].map(
    (expression) => run(expression).diagnostics[0]?.hint,
  );
  const signature = 'f(text: string, number?: number)';
  assert.deepEqual(hints, ['did you mean "list"?', 'did you mean "nested"?', signature, signature]);
  assert.equal(run('all()').diagnostics[0]?.hint, 'all(text: string, number...: number)');
});

test('a long expression is cut in messages', () => {
  const [diagnostic] = run(`!["${'x'.repeat(500)}"]`).diagnostics;
  assert.match(diagnostic?.message ?? '', /^\["x+… should be bool, got array$/);
  assert.ok((diagnostic?.message.length ?? 0) < 120);
});

test('inner scopes hide outer ones', () => {
  const inner = new Scope(new Map<string, Value>([['list', null]]), scope);
  assert.equal(inner.lookup('list'), null);
  assert.equal(inner.lookup('empty'), '');
  assert.equal(inner.lookup('nonsense'), undefined);
  assert.equal(inner.names().filter((name) => name === 'list').length, 1);
});

test('expressions as high as the parser lets through are computed', () => {
  assert.equal(run(`${'['.repeat(150)}1${'][0]'.repeat(150)}${' + 1'.repeat(690)}`).value, 691n);
  assert.equal(run(`${'-'.repeat(190)}1${' + 1'.repeat(800)}`).value, 801n);
});
