import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PollSchedule } from './poll-schedule.ts';

test('everyone is woken once, those with less time first', async () => {
  const schedule = new PollSchedule();
  const woken: string[] = [];
  await new Promise<void>((resolve) => {
    schedule.onChange('a', 60, () => {
      woken.push('late');
      resolve();
    });
    schedule.onChange('b', 0, () => woken.push('now'));
    schedule.onChange('c', 30, () => woken.push('soon'));
    schedule.onChange('d', 30, () => woken.push('soon as well'));
  });
  assert.deepEqual(woken, ['now', 'soon', 'soon as well', 'late']);
});

test('after closing nobody is woken', async () => {
  const schedule = new PollSchedule();
  let count = 0;
  schedule.onChange('a', 0, () => count++);
  schedule.close();
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.equal(count, 0);
});
