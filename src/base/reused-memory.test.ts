import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReusedMemory } from './reused-memory.ts';

const kib = 1024;

test('memory that is given back is taken again, the last first', () => {
  const memory = new ReusedMemory(1000 * kib);
  const [first, second] = [memory.take(100 * kib), memory.take(90 * kib)];
  assert.deepEqual([first.length, second.length], [100 * kib, 90 * kib]);
  assert.notEqual(first.buffer, second.buffer);
  memory.give(second);
  memory.give(first);
  const third = memory.take(80 * kib);
  assert.deepEqual([third.length, third.buffer], [80 * kib, first.buffer]);
  assert.equal(memory.take(90 * kib).buffer, second.buffer);
  assert.notEqual(memory.take(80 * kib).buffer, first.buffer);
});

test('what is there already, was never taken or is small is not given to two', () => {
  const memory = new ReusedMemory(1000 * kib);
  const taken = memory.take(50 * kib);
  for (const given of [taken, taken, taken.subarray(10), Buffer.alloc(50 * kib), memory.take(100)]) memory.give(given);
  assert.equal(memory.take(50 * kib).buffer, taken.buffer);
  assert.notEqual(memory.take(50 * kib).buffer, taken.buffer);
});

test('no more is kept than it may be, and contents do not get much more than they need', () => {
  const memory = new ReusedMemory(150 * kib);
  const [first, second] = [memory.take(100 * kib), memory.take(100 * kib)];
  memory.give(first);
  memory.give(second);
  assert.notEqual(memory.take(120 * kib).buffer, first.buffer);
  assert.notEqual(memory.take(20 * kib).buffer, first.buffer);
  assert.equal(memory.take(30 * kib).buffer, first.buffer);
  assert.notEqual(memory.take(30 * kib).buffer, second.buffer);
});
