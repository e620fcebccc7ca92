import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ParseError } from '../../../base/parse-error.ts';
import { AttributeGlobs, parseGlob } from './attribute-glob.ts';

function matches(pattern: string, name: string): boolean {
  const parsed = parseGlob(pattern);
  if (parsed instanceof ParseError) throw new Error(parsed.message);
  return parsed.test(name);
}

test('patterns match whole names', () => {
  const cases: readonly [pattern: string, matching: readonly string[], others: readonly string[]][] = [
    ['http.*', ['http.', 'http.method'], ['http', 'xhttp.a', 'httpx']],
    ['*', ['', 'a', 'a.b\nc'], []],
    ['a?c', ['abc', 'aéc'], ['ac', 'abbc']],
    ['[a-c]x', ['ax', 'cx'], ['dx', 'x']],
    ['[!a-c]x', ['dx'], ['ax', 'x']],
    ['{http,rpc.*}.x', ['http.x', 'rpc.y.x'], ['x', 'rpc.x']],
    [String.raw`a\*b`, ['a*b'], ['axb']],
    ['a+(b)|c$', ['a+(b)|c$'], ['aab']],
  ];
  for (const [pattern, matching, others] of cases) {
    for (const name of matching) assert.ok(matches(pattern, name), `${pattern} ${name}`);
    for (const name of others) assert.ok(!matches(pattern, name), `${pattern} ${name}`);
  }
});

test('what is no pattern is refused', () => {
  for (const pattern of ['[', '[]', '[!]', '{a', 'a\\', '[z-a]'])
    assert.ok(parseGlob(pattern) instanceof ParseError, pattern);
});

test('any number of names can come', () => {
  const pattern = parseGlob('*7');
  assert.ok(!(pattern instanceof ParseError));
  const globs = new AttributeGlobs([pattern]);
  for (let index = 0; index < 20_000; index++) {
    const name = Buffer.from(`${index % 9000}`);
    assert.equal(globs.matches(name, 0, name.length), (index % 9000) % 10 === 7);
  }
});
