import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReadGate } from './read-gate.ts';

test('only so many are let in, and the others in their order', async () => {
  const gate = new ReadGate(2);
  const inside: number[] = [];
  const enter = async (who: number): Promise<void> => {
    await gate.enter();
    inside.push(who);
  };
  const all = [1, 2, 3, 4].map(enter);
  await Promise.all(all.slice(0, 2));
  await new Promise(setImmediate);
  assert.deepEqual(inside, [1, 2]);
  gate.leave();
  await all[2];
  assert.deepEqual(inside, [1, 2, 3]);
  gate.leave();
  await all[3];
  gate.leave();
  gate.leave();
  assert.equal(gate.enter(), undefined, 'places that were given back are free again');
});
