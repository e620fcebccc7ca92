import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LineClock } from './line-clock.ts';

test('lines that are read later have the time they were read', () => {
  const clock = new LineClock();
  assert.deepEqual(clock.take(10, 1_700_000_000_123), { seconds: 1_700_000_000, nanos: 123_000_000 });
  assert.deepEqual(clock.take(1, 1_700_000_000_124), { seconds: 1_700_000_000, nanos: 124_000_000 });
});

test('lines that are read at the same time, or when the clock was set back, follow those before', () => {
  const clock = new LineClock();
  clock.take(10, 1_700_000_000_123);
  assert.deepEqual(clock.take(5, 1_700_000_000_123), { seconds: 1_700_000_000, nanos: 123_000_010 });
  assert.deepEqual(clock.take(1, 1_600_000_000_000), { seconds: 1_700_000_000, nanos: 123_000_015 });
});

test('nanoseconds carry over to seconds', () => {
  const clock = new LineClock();
  clock.take(2_000_000, 1_700_000_000_999);
  assert.deepEqual(clock.take(1, 1_700_000_000_999), { seconds: 1_700_000_001, nanos: 1_000_000 });
});
