import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CookieJar } from './cookie-jar.ts';

const url = new URL('https://collector.example:4318/v1/traces');

/** What is sent to a URL after responses from another one with such headers. */
function sent(headers: readonly string[], to = url, from = url): string | undefined {
  const jar = new CookieJar();
  jar.keep(from, headers);
  return jar.headerFor(to);
}

const cases = [
  [['a=1'], 'a=1'],
  [['a=1; Path=/; HttpOnly', 'b=2'], 'a=1; b=2'],
  [['a=1', 'a=2'], 'a=2'],
  [['a=x=y'], 'a=x=y'],
  [['a='], 'a='],
  [['a=1; Path=/v1'], 'a=1'],
  [['a=1; Path=/v2'], undefined],
  [['a=1; Path=/v1/tra'], undefined],
  [['a=1; Max-Age=60'], 'a=1'],
  [['a=1; Max-Age=0'], undefined],
  [['a=1', 'a=1; Max-Age=-1'], undefined],
  [['a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT'], undefined],
  [['a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=60'], 'a=1'],
  [['a=1; Secure'], 'a=1'],
  [['=1'], undefined],
  [['no cookie'], undefined],
  [['a b=1'], undefined],
  [['a=1\u0001'], undefined],
  [[`a=${'x'.repeat(5000)}`], undefined],
] as const;
for (const [headers, expected] of cases) {
  test(`after ${JSON.stringify(headers).slice(0, 80)} comes ${expected}`, () => {
    assert.equal(sent(headers), expected);
  });
}

test('a cookie goes to no other host, and a secure one over https only', () => {
  assert.equal(sent(['a=1'], new URL('https://other.example/v1/traces')), undefined);
  assert.equal(sent(['a=1; Secure'], new URL('http://collector.example:4318/v1/traces')), undefined);
  assert.equal(sent(['a=1'], new URL('http://collector.example:4318/v1/traces')), 'a=1');
});

test('a server cannot fill memory with cookies', () => {
  const jar = new CookieJar();
  for (let number = 0; number < 1000; number++) jar.keep(url, [`c${number}=1`]);
  const all = jar.headerFor(url)?.split('; ') ?? [];
  assert.equal(all.length, 50);
  assert.equal(all.at(-1), 'c999=1');
});
