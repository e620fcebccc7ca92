import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exceedsLimits, maxNesting } from './data-limits.ts';

function nested(levels: number): unknown {
  let data: unknown = 1;
  for (let level = 0; level < levels; level++) data = level % 2 === 0 ? [data] : { data };
  return data;
}

test('data may be nested up to the limit', () => {
  assert.equal(exceedsLimits(nested(maxNesting)), false);
  assert.equal(exceedsLimits(nested(maxNesting + 1)), true);
  assert.equal(exceedsLimits(nested(100_000)), true);
});

test('data that contains itself exceeds the limit', () => {
  const data: unknown[] = [];
  data.push(data);
  assert.equal(exceedsLimits(data), true);
});

test('shared parts count as often as they appear', () => {
  const shared = [1, 2];
  assert.equal(exceedsLimits([shared, shared], 7), false);
  assert.equal(exceedsLimits([shared, shared], 6), true);
});
