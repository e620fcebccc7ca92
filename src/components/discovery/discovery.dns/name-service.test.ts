import assert from 'node:assert/strict';
import { test } from 'node:test';
import { candidatesFor, searchOf, systemNameService } from './name-service.ts';

test('the search domains are read from the text of a resolv.conf', () => {
  const cases: readonly [text: string, search: readonly string[], minDots: number][] = [
    ['', [], 1],
    ['nameserver 10.0.0.1\n', [], 1],
    ['search a.example b.example\noptions timeout:1 ndots:5 rotate\n', ['a.example', 'b.example'], 5],
    ['# search x\n;search y\nsearch\ta.example\r\n', ['a.example'], 1],
    ['domain a.example b.example', ['a.example'], 1],
    ['domain a\nsearch b c', ['b', 'c'], 1],
    ['search a b\nsearch', [], 1],
    ['options ndots:0', [], 0],
    ['options ndots:99', [], 15],
    ['options ndots:x ndots:-1', [], 1],
  ];
  for (const [text, search, minDots] of cases) assert.deepEqual(searchOf(text), { search, minDots }, text);
});

test('names that are not complete are tried in the search domains, first if they have few dots', () => {
  const cases: readonly [name: string, search: readonly string[], minDots: number, candidates: readonly string[]][] = [
    ['a', [], 1, ['a.']],
    ['a', ['x.y', 'z'], 1, ['a.x.y.', 'a.z.', 'a.']],
    ['a.b', ['x'], 1, ['a.b.', 'a.b.x.']],
    ['a.b.c', ['x'], 5, ['a.b.c.x.', 'a.b.c.']],
    ['a', ['x'], 0, ['a.', 'a.x.']],
    ['a.b.', ['x'], 5, ['a.b.']],
    ['a', ['.', 'x.', 'x', '.y.'], 1, ['a.', 'a.x.', 'a.y.']],
  ];
  for (const [name, search, minDots, candidates] of cases)
    assert.deepEqual(candidatesFor(name, { servers: [], search, minDots, timeout: 1 }), candidates, name);
});

test('the system has a name service', async () => {
  const { servers, timeout } = await systemNameService();
  assert.ok(servers.length > 0);
  assert.equal(timeout, 2000);
});
