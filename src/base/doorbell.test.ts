import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Doorbell } from './doorbell.ts';

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
