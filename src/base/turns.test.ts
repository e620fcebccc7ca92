import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atOnce, inTurns, nextTurn, type Turns } from './turns.ts';

/** Works for so many milliseconds. */
function* work(milliseconds: number, steps: { count: number }): Turns<string> {
  const end = performance.now() + milliseconds;
  while (performance.now() < end) {
    steps.count++;
    yield;
  }
  return 'done';
}

test('work is done at once, or in turns with others', async () => {
  const steps = { count: 0 };
  assert.equal(atOnce(work(1, steps)), 'done');
  assert.ok(steps.count > 0);
  let others = 0;
  let isOver = false;
  const other = async (): Promise<void> => {
    for (; !isOver; others++) await nextTurn();
  };
  const running = other();
  assert.equal(await inTurns(work(50, steps), new AbortController().signal), 'done');
  isOver = true;
  await running;
  assert.ok(others >= 2);
});

test('work that nobody needs any more ends', async () => {
  const steps = { count: 0 };
  const stop = new AbortController();
  const working = inTurns(work(Infinity, steps), stop.signal);
  const reason = new Error('enough');
  await nextTurn();
  stop.abort(reason);
  await assert.rejects(working, reason);
});
