import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeliveryError, send, type Consumer } from '../../../../flow/delivery.ts';
import type { LogBatch } from '../../../../model/log-batch.ts';
import { logs } from '../../../../model/signal.ts';
import { receiverFor } from '../../../../testkit/arguments.ts';
import { batchOf, linesIn, sendEntries, type TestEntry } from '../../../../testkit/log-entries.ts';
import { problemsOf, putThrough, runComponent } from '../../../../testkit/run-component.ts';
import { settled, Sink, watch } from '../../../../testkit/sink.ts';
import { lokiProcess } from '../../loki.process.ts';

const dropped = 'loki_process_dropped_lines_total{reason="ratelimit_drop_stage"}';
const byLabel = (value: string) => `loki_process_dropped_lines_by_label_total{label_name="app",label_value="${value}"}`;
const slowest = 'rate = 0.001\nburst = 1';
const lines = (count: number, labels: TestEntry['labels'] = {}): TestEntry[] =>
  Array.from({ length: count }, (_, index) => ({ line: `${index}`, labels }));
const limit = (args: string) => `stage.limit {\n${args}\n}`;
const notNow = new DeliveryError('not now', { retryable: true });

async function running(to: Consumer<LogBatch>, args: string) {
  return runComponent(lokiProcess, `${limit(args)}\nforward_to = [sink]`, { names: { sink: receiverFor(logs, to) } });
}

test('entries that come too fast are dropped where it is asked for', async () => {
  const cases: readonly [args: string, count: number, passed: number][] = [
    [`${slowest}\ndrop = true`, 10, 1],
    ['rate = 0.001\nburst = 4\ndrop = true', 10, 4],
    ['rate = 0.001\nburst = 20\ndrop = true', 10, 10],
  ];
  for (const [args, count, passed] of cases) {
    const { entries, metrics } = await putThrough(lokiProcess, limit(args), ...lines(count));
    assert.equal(entries.length, passed, args);
    assert.equal(metrics[dropped], count - passed, args);
  }
});

test('each value of a label has a limit of its own, and entries without it have none', async () => {
  const { entries, metrics } = await putThrough(
    lokiProcess,
    limit(`${slowest}\ndrop = true\nby_label_name = "app"`),
    ...lines(5, { app: 'loki' }),
    ...lines(5, { app: 'poki' }),
    ...lines(5),
  );
  assert.equal(entries.length, 7);
  assert.deepEqual([metrics[dropped], metrics[byLabel('loki')], metrics[byLabel('poki')]], [8, 4, 4]);
});

test('of very many values those that did not come again are forgotten, and the counts by value begin anew', async () => {
  const args = `${slowest}\ndrop = true\nby_label_name = "app"\nmax_distinct_labels = 2`;
  await using c = await runComponent(lokiProcess, `${limit(args)}\nforward_to = [out]`);
  const put = async (from: number, to: number): Promise<number> => {
    const before = c.out.count;
    const apps = Array.from({ length: to - from }, (_, index) => ({ line: 'x', labels: { app: `${from + index}` } }));
    await sendEntries(c.exports.receiver, ...apps).accepted;
    return c.out.count - before;
  };
  const counted = () => Object.keys(c.metrics()).filter((series) => series.includes('by_label')).length;
  assert.deepEqual([await put(0, 2), await put(0, 2), counted()], [2, 0, 2]);
  assert.deepEqual([await put(2, 9_999), await put(0, 9_999), counted()], [9_997, 0, 9_999]);
  // One more fills the generation; the first values are still known, and become part of the new one.
  assert.deepEqual([await put(9_999, 10_000), counted()], [1, 0]);
  assert.deepEqual([await put(0, 10), counted()], [0, 10]);
  // Another generation later, only they are.
  assert.equal(await put(10_000, 19_990), 9_990);
  assert.deepEqual([await put(0, 10), await put(10, 20)], [0, 10]);
});

test('without dropping, all entries pass when there are tokens for them', async () => {
  const sink = new Sink<LogBatch>();
  await using c = await running(sink, 'rate = 50\nburst = 1');
  const start = performance.now();
  const first = sendEntries(c.exports.receiver, ...lines(1));
  const second = watch({ delivered: sendEntries(c.exports.receiver, ...lines(3)).accepted });
  const third = sendEntries(c.exports.receiver, ...lines(2));
  await first.delivered;
  assert.deepEqual([sink.batches.length, second.state], [1, 'under way']);
  await third.delivered;
  assert.equal(second.state, 'delivered');
  assert.ok(performance.now() - start >= 100, 'five tokens had to come');
  assert.deepEqual(linesIn(sink.batches), ['0', '0', '1', '2', '0', '1']);
});

test('waiting ends at once when the sender gives up or the pipeline ends, and the tokens are there again', async () => {
  const sink = new Sink<LogBatch>();
  await using c = await running(sink, 'rate = 0.001\nburst = 2');
  const sender = new AbortController();
  const { accepted, delivered } = send(c.exports.receiver, batchOf(...lines(5)), sender.signal);
  await settled();
  sender.abort();
  await assert.rejects(accepted, { message: 'the sender gave up', isRetryable: true });
  await assert.rejects(delivered, { isRetryable: true });
  await sendEntries(c.exports.receiver, ...lines(2)).delivered;
  const waiting = sendEntries(c.exports.receiver, 'x');
  await settled();
  await c.stop();
  await assert.rejects(waiting.accepted, { message: 'the pipeline has ended', isRetryable: true });
  assert.deepEqual(linesIn(sink.batches), ['0', '1']);
});

test('a limit inside of a match makes those wait that are selected', async () => {
  const text = `stage.match {\n selector = "{app=~\`.+\`}"\n ${limit(slowest)}\n}\nforward_to = [out]`;
  await using c = await runComponent(lokiProcess, text);
  await sendEntries(c.exports.receiver, ...lines(1, { app: 'a' })).delivered;
  const waiting = watch(sendEntries(c.exports.receiver, ...lines(1, { app: 'a' })));
  await sendEntries(c.exports.receiver, 'other').delivered;
  assert.equal(waiting.state, 'under way');
  await c.stop();
  await settled();
  assert.equal(waiting.state, 'lost for now');
});

test('a batch of which nothing is left waits as well', async () => {
  const text = `${limit(slowest)}\nstage.drop { expression = "." }\nforward_to = [out]`;
  await using c = await runComponent(lokiProcess, text);
  const waiting = watch(sendEntries(c.exports.receiver, ...lines(2)));
  await settled();
  assert.equal(waiting.state, 'under way');
});

test('what a refused batch took and dropped is as if it had not come', async () => {
  const sink = new Sink<LogBatch>();
  for (const label of ['', '\nby_label_name = "app"']) {
    await using c = await running(sink, `rate = 0.001\nburst = 3\ndrop = true${label}`);
    sink.error = notNow;
    for (let attempt = 0; attempt < 3; attempt++)
      await assert.rejects(sendEntries(c.exports.receiver, ...lines(5, { app: 'a' })).accepted, notNow);
    assert.equal(c.metrics()[dropped], 0);
    sink.error = undefined;
    await sendEntries(c.exports.receiver, ...lines(5, { app: 'a' })).delivered;
    assert.equal(c.metrics()[dropped], 2);
  }
  assert.deepEqual(linesIn(sink.batches), ['0', '1', '2', '0', '1', '2']);
});

test('what a stage keeps is sent at the end without waiting', async () => {
  const text = `stage.multiline { firstline = "^S" }\n${limit(slowest)}\nforward_to = [out]`;
  await using c = await runComponent(lokiProcess, text);
  const apps = ['a', 'b', 'c'].map((app) => ({ line: 'S', labels: { app } }));
  const { delivered } = sendEntries(c.exports.receiver, ...apps);
  await c.stop();
  await delivered;
  assert.equal(c.out.count, 3);
});

test('limits that make no sense are refused', () => {
  const cases: readonly [args: string, problem: string][] = [
    ['rate = 0\nburst = 1', '2:8: rate must be greater than 0'],
    ['rate = 1\nburst = 0', '3:9: burst must be greater than 0'],
    ['rate = 1', '1:1: missing required attribute "burst"'],
    ['rate = 1\nburst = 1\nby_label_name = "app"', '1:1: when ratelimiting by label, drop must be true'],
  ];
  for (const [args, problem] of cases)
    assert.deepEqual(problemsOf(lokiProcess, `${limit(args)}\nforward_to = [out]`), [`test.alloy:${problem}`]);
});
