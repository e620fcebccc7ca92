import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GenerationCache } from './generation-cache.ts';

test('what was not used lately is forgotten', () => {
  const cache = new GenerationCache<string, number>(2);
  for (const [index, key] of ['a', 'b', 'c', 'd'].entries()) cache.set(key, index);
  assert.deepEqual([cache.get('c'), cache.get('d')], [2, 3]);
  assert.equal(cache.get('a'), 0, 'it is in the old generation, and now the young one is full');
  assert.equal(cache.get('b'), undefined);
  cache.set('e', 4);
  cache.set('f', 5);
  assert.deepEqual([cache.get('c'), cache.get('a'), cache.get('f')], [undefined, 0, 5]);
});

test('what is looked up again and again stays', () => {
  const cache = new GenerationCache<string, number>(3);
  cache.set('kept', 0);
  for (let index = 0; index < 100; index++) {
    assert.equal(cache.get('kept'), 0);
    cache.set(`other ${index}`, index);
    assert.equal(cache.get(`other ${index}`), index);
  }
});

test('it holds no more than two generations, each entry once', () => {
  const cache = new GenerationCache<number, string>(10);
  for (let index = 0; index < 1000; index++) {
    cache.set(index, 'x');
    assert.ok(cache.size <= 20);
    cache.get(index - 5);
    cache.get(index - 15);
    assert.ok(cache.size <= 20);
  }
  const held = Array.from({ length: 1000 }, (_, index) => index).filter((key) => cache.get(key) !== undefined);
  assert.ok(held.length >= 10);
  assert.ok(cache.size <= 20);
  const few = new GenerationCache<string, number>(2);
  for (const key of ['a', 'b', 'c']) few.set(key, 1);
  few.get('a');
  few.get('b');
  assert.equal(few.size, 3);
});

test('values are replaced, and all of them can be forgotten', () => {
  const cache = new GenerationCache<string, number>(1);
  cache.set('a', 1);
  cache.set('a', 2);
  cache.set('b', 3);
  assert.deepEqual([cache.get('a'), cache.get('b')], [2, 3]);
  cache.set('a', 4);
  assert.equal(cache.get('a'), 4);
  cache.clear();
  assert.deepEqual([cache.get('a'), cache.size], [undefined, 0]);
});
