import assert from 'node:assert/strict';

/** Waits until something holds; fails if it does not within some seconds. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 500; turn++) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.fail(`it does not come true: ${holds.toString()}`);
}

/** The same for tests that mock timers: waits for what comes from elsewhere, such as an answer of a server. */
export async function untilWithoutTimers(holds: () => boolean): Promise<void> {
  const end = performance.now() + 10_000;
  while (!holds()) {
    assert.ok(performance.now() < end, `it does not come true: ${holds.toString()}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
