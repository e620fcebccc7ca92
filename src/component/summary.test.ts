import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Summary } from './summary.ts';

test('quantiles are of the observations of the last ten minutes', () => {
  const summary = new Summary([0.01, 0.5, 0.9, 0.99]);
  assert.deepEqual(summary.values(0), [NaN, NaN, NaN, NaN]);
  for (let value = 100; value >= 1; value--) summary.observe(value, 0);
  assert.deepEqual(summary.values(600_000), [1, 50, 90, 99]);
  summary.observe(7, 600_000);
  assert.deepEqual(summary.values(600_001), [7, 7, 7, 7]);
  assert.deepEqual([summary.count, summary.sum], [101, 5057]);
});

test('only so many of the latest observations are kept', () => {
  const summary = new Summary([0.5, 1]);
  for (let value = 0; value < 5000; value++) summary.observe(value % 2000, 0);
  assert.deepEqual(summary.values(0), [511, 1999]);
  assert.equal(summary.count, 5000);
});
