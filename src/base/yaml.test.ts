import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ParseError } from './parse-error.ts';
import { parseYaml } from './yaml.ts';

test('scalars are read by the core schema of YAML 1.2', () => {
  const cases: readonly [text: string, data: unknown][] = [
    ['', null],
    ['~', null],
    ['true', true],
    ['yes', 'yes'],
    ['12', 12n],
    ['-3', -3n],
    ['0x1f', 31n],
    ['0o17', 15n],
    ['9223372036854775808', 9223372036854775808n],
    ['18446744073709551616', 18446744073709551616],
    ['1.5', 1.5],
    ['1e3', 1000],
    ['.inf', Infinity],
    ['2001-12-14', '2001-12-14'],
    ['"12"', '12'],
  ];
  for (const [text, data] of cases) assert.deepEqual(parseYaml(text), data, text);
});

test('keys of mappings are strings', () => {
  assert.deepEqual(parseYaml('1: a\ntrue: b\n~: c'), { 1: 'a', true: 'b', '~': 'c' });
});

test('merge keys add the fields of other mappings', () => {
  const text = 'base: &base {a: 1, b: 2}\nmore:\n  <<: *base\n  b: 3';
  assert.deepEqual(parseYaml(text), { base: { a: 1n, b: 2n }, more: { a: 1n, b: 3n } });
});

test('only the first document of several is read', () => {
  assert.deepEqual(parseYaml('--- a\n--- b'), 'a');
});

test('a key named like a property of all objects is an ordinary key', () => {
  assert.deepEqual(Object.keys(parseYaml('__proto__: 1') ?? {}), ['__proto__']);
});

test('mistakes say what and where', () => {
  const cases: readonly [text: string, message: string][] = [
    ['a: b: c', 'Nested mappings are not allowed in compact mappings at line 1, column 4'],
    ['a: 1\nb: {x: 1,\n x: 2}', 'key "x" is already defined at line 3, column 2'],
    ['? [a]\n: 1', 'With stringKeys, all keys must be strings at line 1, column 3'],
    ['*none', 'Unresolved alias (the anchor must be set before the alias): none'],
    ['a: &a [*a]', 'too large or too deeply nested'],
    [`${'- '.repeat(600)}1`, 'too large or too deeply nested'],
  ];
  for (const [text, message] of cases) assert.deepEqual(parseYaml(text), new ParseError(message), text);
});

test('aliases cannot make a small text large', () => {
  const levels = Array.from({ length: 9 }, (_, level) => `a${level + 1}: &a${level + 1} [${`*a${level},`.repeat(9)}]`);
  const bomb = ['a0: &a0 x', ...levels].join('\n');
  assert.ok(parseYaml(bomb) instanceof ParseError);
  const wide = `a: &a [${'x,'.repeat(50_000)}]\nb: [${'*a,'.repeat(90)}]`;
  assert.deepEqual(parseYaml(wide), new ParseError('too large or too deeply nested'));
});

test('JSON documents read the same', () => {
  const stringUnit = fc.constantFrom('a', ' ', '"', "'", '\\', ':', '#', '-', '1', '[', '😀');
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 3, stringUnit }), (value) => {
      assert.equal(JSON.stringify(parseYaml(JSON.stringify(value)), withoutBigints), JSON.stringify(value));
    }),
    { numRuns: 50 },
  );
});

function withoutBigints(_key: string, part: unknown): unknown {
  return typeof part === 'bigint' ? Number(part) : part;
}

test('no text makes the parser throw', () => {
  const unit = fc.constantFrom(...Array.from('a1: -\n[]{},&*"\'|>#!<%?~\t'));
  fc.assert(fc.property(fc.string({ unit, maxLength: 60 }), (text) => void parseYaml(text)));
});
