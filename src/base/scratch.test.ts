import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Scratch } from './scratch.ts';

test('memory is used again where it is large enough', () => {
  const scratch = new Scratch(1000);
  const first = scratch.take(100);
  assert.ok(first.length >= 100);
  assert.equal(scratch.take(50), first);
  assert.ok(scratch.take(101).length >= 101);
});

test('more than the maximum is not kept', () => {
  const scratch = new Scratch(1000);
  const kept = scratch.take(1000);
  const large = scratch.take(1001);
  assert.equal(large.length, 1001);
  assert.equal(scratch.take(1), kept);
});
