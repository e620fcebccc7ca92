import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ShardCount } from './shard-count.ts';

const limits = { min: 1, max: 50 };

/** The number after some intervals in each of which so many samples came and were sent in so many seconds. */
function after(intervals: number, samples: number, seconds: number, start: number, delay = 0): number {
  const count = new ShardCount();
  let current = start;
  for (let turn = 0; turn < intervals; turn++) {
    count.received(samples);
    count.sent(samples, seconds);
    current = count.next(current, limits, delay);
  }
  return current;
}

test('as many shards are used as requests must be under way to keep up', () => {
  const cases: readonly [samples: number, seconds: number, start: number, expected: number][] = [
    [10_000, 1, 1, 1],
    [100_000, 35, 1, 4],
    [100_000, 35, 4, 4],
    [100_000, 1000, 1, 50],
    [100_000, 1, 8, 1],
  ];
  for (const [samples, seconds, start, expected] of cases) assert.equal(after(3, samples, seconds, start), expected);
});

test('a small difference changes nothing', () => {
  assert.equal(after(3, 1000, 110, 10), 10);
  assert.equal(after(3, 1000, 90, 10), 10);
});

test('with a backlog there are more, and never fewer', () => {
  assert.ok(after(3, 100_000, 30, 1, 60) > after(3, 100_000, 30, 1));
  assert.equal(after(3, 100_000, 1, 8, 11), 8);
});

test('nothing changes while nothing is sent, but limits always hold', () => {
  const count = new ShardCount();
  count.received(1000);
  assert.equal(count.next(5, limits, 100), 5);
  assert.equal(count.next(5, { min: 7, max: 50 }, 0), 7);
  assert.equal(count.next(5, { min: 1, max: 2 }, 0), 2);
  assert.equal(count.next(5, { min: -3, max: 0 }, 0), 1);
});

test('samples that rules drop need no shards', () => {
  const count = new ShardCount();
  count.received(100_000);
  count.dropped(100_000);
  count.sent(100_000, 40);
  assert.equal(count.next(1, limits, 0), 2);
});

test('while a request waits to be sent again, and as long after that, nothing changes', () => {
  const count = new ShardCount();
  count.waiting(5000, 1000);
  count.waiting(10, 2000);
  const next = (now: number): number => {
    count.received(100_000);
    count.sent(100_000, 35);
    return count.next(1, limits, 0, now);
  };
  assert.equal(next(10_900), 1);
  assert.ok(count.desired > 3);
  assert.equal(next(11_000), 4);
});
