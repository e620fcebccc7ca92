import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitUntil } from './wait-until.ts';

test('it waits until the time, and not for what is past', async () => {
  const time = performance.now() + 20.5;
  assert.equal(await waitUntil(time), true);
  assert.ok(performance.now() >= time);
  assert.equal(await waitUntil(time), true);
});

test('a signal ends the wait, whichever it is, and before it has begun', async () => {
  for (const which of [0, 1]) {
    const aborts = [new AbortController(), new AbortController()];
    const waiting = waitUntil(Infinity, ...aborts.map(({ signal }) => signal));
    aborts[which]?.abort();
    assert.equal(await waiting, false);
    assert.equal(await waitUntil(Infinity, ...aborts.map(({ signal }) => signal)), false);
  }
});
