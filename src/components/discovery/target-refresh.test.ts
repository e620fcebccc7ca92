import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { logTo } from '../../base/log.ts';
import { openMetrics } from '../../component/metrics.ts';
import { Labels } from '../../model/labels.ts';
import { refreshMetrics, TargetRefresh, type FoundTargets } from './target-refresh.ts';

function found(...names: readonly string[]): FoundTargets {
  return { targets: names.map((name) => Labels.fromRecord({ name })), problems: [] };
}

/** Runs with timers that only the test moves; `find` is what it makes of it. */
function start(t: TestContext, find: (signal: AbortSignal) => Promise<FoundTargets | undefined>) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { meters } = openMetrics(refreshMetrics);
  const seen = { exports: [] as string[], health: '', logged: [] as unknown[], failures: 0 };
  const refresh = new TargetRefresh({
    metrics: meters,
    log: logTo((_level, _message, fields) => seen.logged.push(fields['error'])),
    mechanism: 'test',
    period: () => 60_000,
    find,
    export: ({ targets }) => seen.exports.push(targets.map((labels) => labels.get('name')).join()),
    health: (state, message) => (seen.health = `${state}: ${message}`),
  });
  const stop = new AbortController();
  const end = refresh.run(stop.signal);
  t.after(() => {
    stop.abort();
    return end;
  });
  return { seen, refresh, stop, end, failures: () => meters.refreshFailures.with('test').value };
}

/** Lets everything happen that needs no timer. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

test('it looks at once and after each period', async (t) => {
  let looks = 0;
  const { seen } = start(t, () => Promise.resolve(found(`a${++looks}`)));
  await settle();
  assert.deepEqual(seen.exports, ['a1']);
  t.mock.timers.tick(59_999);
  await settle();
  assert.equal(looks, 1);
  t.mock.timers.tick(1);
  await settle();
  assert.deepEqual(seen.exports, ['a1', 'a2']);
  assert.equal(seen.health, '');
});

test('problems make it unhealthy, are counted, and are logged when they change', async (t) => {
  const results = [
    ['x: is away'],
    ['x: is away'],
    Array.from({ length: 7 }, (_, index) => `x${index}`),
    [] as readonly string[],
    ['x: is away'],
  ];
  let looks = 0;
  const { seen, failures } = start(t, () => Promise.resolve({ ...found('a'), problems: results[looks++] ?? [] }));
  const healths: string[] = [];
  for (const _ of results) {
    await settle();
    healths.push(seen.health);
    t.mock.timers.tick(60_000);
  }
  const many = 'x0; x1; x2; x3; x4; and 2 more';
  assert.deepEqual(healths, [
    'unhealthy: x: is away',
    'unhealthy: x: is away',
    `unhealthy: ${many}`,
    'healthy: found targets',
    'unhealthy: x: is away',
  ]);
  assert.deepEqual(seen.logged, ['x: is away', many, 'x: is away']);
  assert.equal(failures(), 4);
  assert.deepEqual(seen.exports, ['a'], 'what was found in spite of them is exported');
});

test('a restart gives up what is under way and looks again', async (t) => {
  const signals: AbortSignal[] = [];
  const { seen, refresh } = start(t, async (signal) => {
    signals.push(signal);
    if (signals.length === 2) return found('b');
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    return undefined;
  });
  await settle();
  refresh.restart();
  await settle();
  assert.deepEqual(
    signals.map(({ aborted }) => aborted),
    [true, false],
  );
  assert.deepEqual(seen.exports, ['b']);
  refresh.restart();
  await settle();
  assert.equal(signals.length, 3, 'also between two periods');
});

test('it stops while it looks, and exports nothing any more', async (t) => {
  let looks = 0;
  const { seen, stop, end } = start(t, async (signal) => {
    looks++;
    if (looks < 3) return found(`a${looks}`);
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    return undefined;
  });
  await settle();
  t.mock.timers.tick(60_000);
  await settle();
  t.mock.timers.tick(60_000);
  await settle();
  assert.equal(looks, 3);
  stop.abort();
  await end;
  t.mock.timers.tick(60_000);
  await settle();
  assert.equal(looks, 3);
  assert.deepEqual(seen.exports, ['a1', 'a2']);
});
