import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Backoff } from './backoff.ts';

const times = (backoff: Backoff, random: number) => Array.from({ length: 6 }, () => backoff.next(() => random));

test('waits double up to the longest', () => {
  assert.deepEqual(times(new Backoff(100, 2000), 0), [100, 200, 400, 800, 1600, 2000]);
  assert.deepEqual(times(new Backoff(100, 2000), 0.5), [150, 300, 600, 1200, 2000, 2000]);
});

test('waits start again after a reset', () => {
  const backoff = new Backoff(100, 2000);
  times(backoff, 0);
  assert.equal(backoff.attempts, 6);
  backoff.reset();
  assert.equal(backoff.attempts, 0);
  assert.equal(backoff.next(() => 0), 100); // prettier-ignore
});

test('waits stay numbers however long it goes on, and within bounds by default', () => {
  for (const min of [0, 1]) {
    const backoff = new Backoff(min, 1000);
    for (let attempt = 0; attempt < 2000; attempt++) {
      const wait = backoff.next();
      assert.ok(wait >= 0 && wait <= 1000);
    }
    assert.equal(backoff.next(), min === 0 ? 0 : 1000);
  }
});
