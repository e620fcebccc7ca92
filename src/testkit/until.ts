import assert from 'node:assert/strict';

/** Turns of 10 ms: long enough for a machine that has much else to do. */
const mostTurns = 3000;

/** Waits until something holds; fails if it does not within half a minute. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < mostTurns; turn++) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.fail(`it does not come true: ${holds.toString()}`);
}

/** The same for tests that mock timers: waits for what comes from elsewhere, such as an answer of a server. */
export async function untilWithoutTimers(holds: () => boolean): Promise<void> {
  const end = performance.now() + 30_000;
  while (!holds()) {
    assert.ok(performance.now() < end, `it does not come true: ${holds.toString()}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
