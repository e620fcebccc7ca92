import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Doorbell, repeat } from './doorbell.ts';

test('a ring wakes the waiter before its time is over', async () => {
  const bell = new Doorbell();
  const waiting = bell.wait(3_600_000);
  bell.ring();
  await waiting;
});

test('a ring while nobody waits is kept, and several count as one', async () => {
  const bell = new Doorbell();
  bell.ring();
  bell.ring();
  await bell.wait();
  let isAwake = false;
  const waiting = bell.wait().then(() => (isAwake = true));
  await new Promise(setImmediate);
  assert.equal(isAwake, false);
  bell.ring();
  await waiting;
});

test('a waiter wakes by itself when its time is over', async () => {
  await new Doorbell().wait(1);
});

test('a time longer than timers can wait does not end at once', async () => {
  const bell = new Doorbell();
  let isAwake = false;
  const waiting = bell.wait(2 ** 40).then(() => (isAwake = true));
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(isAwake, false);
  bell.ring();
  await waiting;
});

test('a job is repeated when it rings and when its time is over, until it is aborted', async () => {
  const bell = new Doorbell();
  const abort = new AbortController();
  let count = 0;
  let period = 3_600_000;
  const repeating = repeat(
    bell,
    abort.signal,
    () => period,
    () => {
      count++;
      return Promise.resolve();
    },
  );
  assert.equal(count, 1);
  await new Promise(setImmediate);
  period = 1;
  bell.ring();
  while (count < 4) await new Promise((resolve) => setTimeout(resolve, 1));
  period = 3_600_000;
  await new Promise((resolve) => setTimeout(resolve, 10));
  abort.abort();
  await repeating;
  const final = count;
  bell.ring();
  await new Promise(setImmediate);
  assert.equal(count, final);
});
