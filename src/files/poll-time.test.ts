import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pollTime, type Idleness } from './poll-time.ts';

const second = 1000;
const minute = 60 * second;

test('files are looked at often while they are active, and less often the longer they are idle', () => {
  const cases: readonly [idleness: Idleness, min: number, max: number, time: number][] = [
    // Whose changes are told.
    [{ idleTime: 0, isWatched: true, absence: 'none' }, 250, 250, 250],
    [{ idleTime: second, isWatched: true, absence: 'none' }, 250, 250, second],
    [{ idleTime: 10 * minute, isWatched: true, absence: 'none' }, 250, 250, 2 * minute],
    [{ idleTime: 10 * minute, isWatched: true, absence: 'none' }, 250, 5 * minute, 5 * minute],
    // Whose changes are not told.
    [{ idleTime: 0, isWatched: false, absence: 'none' }, 250, second, 250],
    [{ idleTime: 600, isWatched: false, absence: 'none' }, 250, second, 600],
    [{ idleTime: 9 * second, isWatched: false, absence: 'none' }, 250, second, second],
    [{ idleTime: 12 * second, isWatched: false, absence: 'none' }, 250, second, 3 * second],
    [{ idleTime: 10 * minute, isWatched: false, absence: 'none' }, 250, second, 5 * second],
    [{ idleTime: 10 * minute, isWatched: false, absence: 'none' }, 250, minute, minute],
    // That are not there.
    [{ idleTime: 0, isWatched: false, absence: 'always' }, 250, 250, 250],
    [{ idleTime: 10 * minute, isWatched: false, absence: 'always' }, 250, 250, 10 * second],
    [{ idleTime: 30 * second, isWatched: false, absence: 'after_file' }, 250, 250, second],
    [{ idleTime: 10 * minute, isWatched: false, absence: 'after_file' }, 250, 250, 10 * second],
    [{ idleTime: 10 * minute, isWatched: true, absence: 'after_file' }, 250, 250, 10 * second],
  ];
  for (const [idleness, min, max, time] of cases) assert.equal(pollTime(idleness, min, max), time);
});
