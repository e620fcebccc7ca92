import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pairUp } from './queue-folders.ts';

test('what was changed is paired with what is left over', () => {
  const cases: readonly [before: string, wanted: string, pairs: readonly (string | undefined)[]][] = [
    ['', 'a', [undefined]],
    ['a b', 'b a', ['b', 'a']],
    ['a b', 'b', ['b']],
    ['a b', 'c b', ['a', 'b']],
    ['a b', 'b c d', ['b', 'a', undefined]],
    ['a b', 'c d', ['a', 'b']],
  ];
  const list = (text: string) => text.split(' ').filter((word) => word !== '');
  for (const [before, wanted, pairs] of cases) assert.deepEqual(pairUp(list(before), list(wanted)), pairs);
});
