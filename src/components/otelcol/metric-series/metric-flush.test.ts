import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noLog, logTo } from '../../../base/log.ts';
import { openMetrics } from '../../../component/metrics.ts';
import { DeliveryError } from '../../../flow/delivery.ts';
import type { OtlpBatch } from '../../../model/otlp-batch.ts';
import { holdBack } from '../../../testkit/collect.ts';
import { Sink } from '../../../testkit/sink.ts';
import { until } from '../../../testkit/until.ts';
import { connectorMetrics } from './connector-metrics.ts';
import { MetricFlush, type FlushSource } from './metric-flush.ts';

/** A source with one data point each time it has something to tell. */
class Numbers implements FlushSource {
  readonly isDelta: boolean;
  readonly times: number[] = [];
  readonly answers: boolean[] = [];
  hasMore = false;
  isSilent = false;

  constructor(isDelta = false) {
    this.isDelta = isDelta;
  }

  write(time: number): OtlpBatch | undefined {
    if (this.isSilent) return undefined;
    this.times.push(time);
    return { kind: 'metrics', chunks: [Buffer.from([this.times.length])], count: 1, client: undefined };
  }

  settle(isAccepted: boolean): void {
    this.answers.push(isAccepted);
  }
}

function started(source: FlushSource, sink: Sink<OtlpBatch>, interval: number, log = noLog) {
  const { meters } = openMetrics(connectorMetrics);
  const flush = new MetricFlush(source, sink, interval, { log, metrics: meters });
  const abort = new AbortController();
  const done = flush.run(abort.signal);
  return {
    flush,
    meters,
    async stop() {
      abort.abort();
      await done;
    },
  };
}

const hour = 3_600_000;
const soon = new DeliveryError('full', { retryable: true });
const never = new DeliveryError('no such thing', { retryable: false });

const numbers = (batches: readonly OtlpBatch[]): (number | undefined)[] =>
  batches.map(({ chunks: [chunk] }) => chunk?.[0]);

test('requests go out at each interval, with times that go on', async () => {
  const source = new Numbers();
  const sink = new Sink<OtlpBatch>();
  const { stop } = started(source, sink, 1);
  await until(() => sink.batches.length > 5);
  await stop();
  for (const [index, time] of source.times.entries()) assert.ok(index === 0 || time > (source.times[index - 1] ?? 0));
});

test('what is left goes out at the end, in two requests if one does not do', async () => {
  const source = new Numbers();
  const sink = new Sink<OtlpBatch>();
  source.hasMore = true;
  source.settle = () => (source.hasMore = sink.batches.length < 2);
  const { stop } = started(source, sink, hour);
  await stop();
  assert.deepEqual(numbers(sink.batches), [1, 2]);
  assert.ok((source.times[1] ?? 0) > (source.times[0] ?? 0));
});

test('totals that are refused are told by the next request, which is told once in the log', async () => {
  const source = new Numbers();
  const sink = new Sink<OtlpBatch>();
  const lines: string[] = [];
  const { stop, meters } = started(
    source,
    sink,
    1,
    logTo((_, message) => lines.push(message)),
  );
  sink.error = soon;
  await until(() => sink.refused > 2);
  sink.error = undefined;
  const { length } = sink.batches;
  await until(() => sink.batches.length > length);
  await stop();
  assert.deepEqual(lines, ['metrics were refused', 'metrics are accepted again']);
  assert.ok(source.answers.includes(false) && source.answers.at(-1) === true);
  assert.equal(meters.flushes.with('refused').value, sink.refused);
  assert.equal(meters.lostPoints.with('refused').value, 0);
});

test('a delta that is refused is offered as it is until it is accepted, and no other is made', async () => {
  const source = new Numbers(true);
  const sink = new Sink<OtlpBatch>();
  sink.error = soon;
  const { stop, meters } = started(source, sink, 1);
  await until(() => sink.refused > 2);
  assert.equal(source.times.length, 1);
  sink.error = undefined;
  await until(() => sink.batches.length > 2);
  await stop();
  assert.deepEqual(
    numbers(sink.batches),
    source.times.map((_, index) => index + 1),
  );
  assert.equal(meters.lostPoints.with('refused').value, 0);
});

test('a delta that is refused for good is lost and counted', async () => {
  const sink = new Sink<OtlpBatch>();
  sink.error = never;
  const { stop, meters } = started(new Numbers(true), sink, 1);
  await until(() => meters.lostPoints.with('refused').value > 1);
  sink.error = undefined;
  await stop();
  assert.equal(meters.lostPoints.with('shutdown').value, 0);
});

test('what is never accepted is given up at the end and counted', async () => {
  const sink = new Sink<OtlpBatch>();
  sink.error = soon;
  const source = new Numbers(true);
  const { stop, meters } = started(source, sink, hour);
  await stop();
  assert.equal(meters.lostPoints.with('shutdown').value, source.times.length);
});

test('what is lost behind its acceptance is counted', async () => {
  const to = holdBack<OtlpBatch>();
  const { meters } = openMetrics(connectorMetrics);
  const flush = new MetricFlush(new Numbers(true), to, 1, { log: noLog, metrics: meters });
  const abort = new AbortController();
  const done = flush.run(abort.signal);
  await until(() => to.held > 0);
  to.deliver(soon);
  abort.abort();
  await done;
  to.deliverAll();
  assert.equal(meters.flushes.with('lost').value, 1);
  assert.equal(meters.lostPoints.with('undelivered').value, 1);
});

test('a source that is replaced tells what it has before the next one', async () => {
  const sink = new Sink<OtlpBatch>();
  const first = new Numbers();
  const { flush, stop } = started(first, sink, hour);
  const second = new Numbers();
  flush.replace(second);
  await stop();
  assert.equal(sink.batches.length, 2);
  assert.deepEqual([first.times.length, second.times.length], [1, 1]);
  assert.ok((second.times[0] ?? 0) > (first.times[0] ?? 0));
});

test('replaced sources that nobody takes are kept up to a number', async () => {
  const sink = new Sink<OtlpBatch>();
  sink.error = soon;
  const { flush, stop, meters } = started(new Numbers(), sink, hour);
  for (let index = 0; index < 10; index++) flush.replace(new Numbers());
  assert.equal(meters.lostPoints.with('queue_full').value, 2);
  sink.error = undefined;
  await stop();
  assert.equal(sink.batches.length, 9);
});

test('without an interval it sends when it is told to', async () => {
  const sink = new Sink<OtlpBatch>();
  const source = new Numbers();
  const { flush, stop } = started(source, sink, 0);
  flush.flushSoon();
  await until(() => sink.batches.length === 1);
  source.isSilent = true;
  await stop();
  assert.equal(sink.batches.length, 1);
});

test('without an interval, what is refused is sent again while nothing else comes', async () => {
  const sink = new Sink<OtlpBatch>();
  sink.error = soon;
  const { flush, stop } = started(new Numbers(), sink, 0);
  flush.flushSoon();
  await until(() => sink.refused > 1);
  sink.error = undefined;
  await until(() => sink.batches.length === 1);
  await stop();
});

test('another interval and another output count at once', async () => {
  const [before, after] = [new Sink<OtlpBatch>(), new Sink<OtlpBatch>()];
  const { flush, stop } = started(new Numbers(), before, hour);
  flush.reschedule(after, 1);
  await until(() => after.batches.length > 1);
  await stop();
  assert.equal(before.batches.length, 0);
});
