import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LazyMap } from './lazy-map.ts';

test('a value is made once, when it is asked for', () => {
  const made: string[] = [];
  const map = new LazyMap(['a', 'b'], (key) => {
    made.push(key);
    return key.toUpperCase();
  });
  assert.deepEqual([map.size, map.has('a'), map.has('c'), [...map.keys()]], [2, true, false, ['a', 'b']]);
  assert.deepEqual(made, []);
  assert.deepEqual([map.get('b'), map.get('b'), map.get('c')], ['B', 'B', undefined]);
  assert.deepEqual(made, ['b']);
  assert.deepEqual([...map], [['a', 'A'], ['b', 'B']]); // prettier-ignore
  assert.deepEqual([[...map.values()], [...map.entries()].length], [['A', 'B'], 2]);
  const seen: string[] = [];
  map.forEach((value, key) => seen.push(`${key}=${value}`));
  assert.deepEqual(seen, ['a=A', 'b=B']);
  assert.deepEqual(made, ['b', 'a']);
});
