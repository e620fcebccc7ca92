import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Slots } from './slots.ts';

test('a name has one slot, which is read if any stage reads it', () => {
  const slots = new Slots();
  const a = slots.writes('a');
  const b = slots.reads('b');
  assert.equal(slots.writes('b'), b);
  assert.notEqual(a, b);
  assert.deepEqual(slots.names, ['a', 'b']);
  assert.deepEqual([slots.isRead(a), slots.isRead(b)], [false, true]);
  assert.deepEqual([slots.isNameRead('a'), slots.isNameRead('b'), slots.isNameRead('c')], [false, true, false]);
  assert.equal(slots.reads('a'), a);
  assert.equal(slots.isRead(a), true);
  assert.deepEqual([slots.find('b'), slots.find('c')], [b, undefined]);
});

test('a stage that looks at everything reads every name', () => {
  const slots = new Slots();
  const a = slots.writes('a');
  slots.readsAll();
  assert.deepEqual([slots.isRead(a), slots.isNameRead('x')], [true, true]);
  assert.equal(slots.find('x'), undefined);
});
