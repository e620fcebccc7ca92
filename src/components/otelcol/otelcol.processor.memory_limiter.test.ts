import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logTo } from '../../base/log.ts';
import { send, type DeliveryError } from '../../flow/delivery.ts';
import { otlp } from '../../formats/otlp/otlp-signal.ts';
import { otlpKinds } from '../../model/otlp-batch.ts';
import { receiverFor } from '../../testkit/arguments.ts';
import { collect } from '../../testkit/collect.ts';
import { numberedSpans } from '../../testkit/otlp-collector.ts';
import { problemsOf, runComponent } from '../../testkit/run-component.ts';
import { until } from '../../testkit/until.ts';
import {
  MemoryWatch,
  processMemory,
  softLimit,
  type MemoryLimits,
} from './otelcol.processor.memory_limiter/memory-watch.ts';
import { otelcolProcessorMemoryLimiter } from './otelcol.processor.memory_limiter.ts';

const mebibyte = 1024 * 1024;
const none: MemoryLimits = {
  check_interval: 1,
  limit: 0,
  spike_limit: 0,
  limit_percentage: 0,
  spike_limit_percentage: 0,
};
const metric = (name: string): string =>
  `otelcol_processor_memory_limiter_${name}_spans_total{processor="memory_limiter/otelcol.processor.memory_limiter.test"}`;

async function sendSpans(limit: string) {
  const out = collect(otlp);
  const running = await runComponent(
    otelcolProcessorMemoryLimiter,
    `check_interval = "1ms"\nlimit = "${limit}"\noutput {\ntraces = [out]\n}`,
    { names: { out: receiverFor(otlp, out) } },
  );
  return { out, running, give: () => send(running.exports.input, numberedSpans(5), new AbortController().signal) };
}

test('what comes passes while there is memory', async () => {
  const { out, running, give } = await sendSpans('1000GiB');
  await using _ = running;
  await give().delivered;
  assert.equal(out.count, 5);
  assert.deepEqual([running.metrics()[metric('accepted')], running.metrics()[metric('refused')]], [5, undefined]);
});

test('what comes is refused for now while too much memory is used', async () => {
  const { out, running, give } = await sendSpans('1MiB');
  await using _ = running;
  await until(() => running.logged.length > 0);
  await assert.rejects(
    give().accepted,
    (error: DeliveryError) => error.isRetryable && error.message === 'data refused due to high memory usage',
  );
  assert.equal(out.count, 0);
  assert.equal(running.metrics()[metric('refused')], 5);
  const logs = { ...numberedSpans(1), kind: 'logs' } as const;
  const { accepted } = send(running.exports.input, logs, new AbortController().signal);
  await assert.rejects(accepted, (error: DeliveryError) => !error.isRetryable);
});

for (const [limit, what, outgoing] of [
  ['1000GiB', 'accepted', 5],
  ['1MiB', 'refused', undefined],
] as const) {
  test(`items of all kinds that are ${what} are counted by what they are`, async () => {
    const out = receiverFor(otlp, collect(otlp));
    const outputs = 'output {\ntraces = [out]\nmetrics = [out]\nlogs = [out]\n}';
    const text = `check_interval = "1s"\nlimit = "${limit}"\n${outputs}`;
    await using running = await runComponent(otelcolProcessorMemoryLimiter, text, { names: { out } });
    if (what === 'refused') await until(() => running.logged.length > 0);
    const { signal } = new AbortController();
    for (const kind of otlpKinds)
      await send(running.exports.input, { ...numberedSpans(5), kind }, signal).accepted.catch(() => undefined);
    const counted = running.metrics();
    const processor = 'processor="memory_limiter/otelcol.processor.memory_limiter.test"';
    for (const name of ['spans', 'metric_points', 'log_records'])
      assert.equal(counted[`otelcol_processor_memory_limiter_${what}_${name}_total{${processor}}`], 5);
    for (const kind of otlpKinds) {
      assert.equal(counted[`otelcol_processor_incoming_items_total{${processor},otel_signal="${kind}"}`], 5);
      assert.equal(counted[`otelcol_processor_outgoing_items_total{${processor},otel_signal="${kind}"}`], outgoing);
    }
  });
}

test('data is taken again when less memory is used', async () => {
  const logged: string[] = [];
  let used = 90 * mebibyte;
  const limits = { ...none, limit: 100 * mebibyte };
  const watch = new MemoryWatch(
    limits,
    { used: () => used, total: () => 0 },
    logTo((_, message) => logged.push(message)),
  );
  const stop = new AbortController();
  const running = watch.run(stop.signal);
  assert.ok(watch.isOver);
  used = 80 * mebibyte - 1;
  await until(() => !watch.isOver);
  used = 80 * mebibyte;
  await until(() => watch.isOver);
  stop.abort();
  await running;
  assert.equal(logged.length, 3);
});

test('the soft limit is the limit without what is left for spikes', () => {
  const cases: readonly [limits: Partial<MemoryLimits>, soft: number][] = [
    [{ limit: 100 * mebibyte }, 80 * mebibyte],
    [{ limit: 100 * mebibyte + 5, spike_limit: 30 * mebibyte + 7 }, 70 * mebibyte],
    [{ limit_percentage: 80, spike_limit_percentage: 20 }, 600],
    [{ limit_percentage: 100, spike_limit_percentage: 1 }, 990],
  ];
  for (const [limits, soft] of cases) assert.equal(softLimit({ ...none, ...limits }, 1000), soft);
  assert.ok(processMemory.used() > mebibyte);
  assert.ok(processMemory.total() > processMemory.used());
});

test('limits that make no sense are refused', () => {
  const cases: readonly [args: string, problem: string | undefined][] = [
    ['check_interval = "1s"\nlimit = "1MiB"', undefined],
    ['check_interval = "1s"\nlimit_percentage = 50\nspike_limit_percentage = 10', undefined],
    ['check_interval = "0s"\nlimit = "1MiB"', "'check_interval' must be greater than zero"],
    ['check_interval = "1s"', 'either limit or limit_percentage must be set to greater than zero'],
    ['check_interval = "1s"\nlimit = "1MiB"\nlimit_percentage = 5', 'either limit or limit_percentage must be set, but not both'],
    ['check_interval = "1s"\nlimit = "5MiB"\nspike_limit = "5MiB"', "'spike_limit' must be smaller than 'limit'"],
    ['check_interval = "1s"\nlimit = "5KiB"', "'limit' must be at least 1MiB"],
    ['check_interval = "1s"\nlimit_percentage = 50', 'limit_percentage and spike_limit_percentage must be greater than zero and at most 100'],
    ['check_interval = "1s"\nlimit_percentage = 101\nspike_limit_percentage = 1', 'limit_percentage and spike_limit_percentage must be greater than zero and at most 100'],
    ['check_interval = "1s"\nlimit_percentage = 5\nspike_limit_percentage = 5', "'spike_limit_percentage' must be smaller than 'limit_percentage'"],
  ]; // prettier-ignore
  const names = { out: receiverFor(otlp, collect(otlp)) };
  for (const [args, problem] of cases) {
    const problems = problemsOf(otelcolProcessorMemoryLimiter, `${args}\noutput {\ntraces = [out]\n}`, names);
    assert.deepEqual(problems, problem === undefined ? [] : [problem], args);
  }
});
