import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeliveryError } from '../../../flow/delivery.ts';
import { otlpSize } from '../../../model/otlp-batch.ts';
import { GrpcError } from '../../../net/grpc/grpc-status.ts';
import { problemsWith } from '../../../testkit/arguments.ts';
import { numberedSpans } from '../../../testkit/otlp-collector.ts';
import { TestExporter } from '../../../testkit/run-exporter.ts';
import { ScriptedTransport, sendFailure } from '../../../testkit/scripted-transport.ts';
import { settled, watch } from '../../../testkit/sink.ts';
import { until } from '../../../testkit/until.ts';
import { retryBlock, sendingQueueBlock } from './fields.ts';

const soon = 'retry_on_failure {\n initial_interval = "1ms"\n max_interval = "2ms"\n}';
const later = 'retry_on_failure {\n initial_interval = "1h"\n max_elapsed_time = "0s"\n}';

function queue(...lines: readonly string[]): string {
  return `sending_queue {\n${lines.join('\n')}\n}\n`;
}

function isRefused(message: RegExp, isRetryable: boolean): (error: unknown) => boolean {
  return (error) => error instanceof DeliveryError && message.test(error.message) && error.isRetryable === isRetryable;
}

test('requests are accepted when they are in the queue, and delivered when the server has them', async () => {
  const transport = new ScriptedTransport();
  transport.script = 'wait';
  await using c = new TestExporter(transport, '');
  const sent = c.send(numberedSpans(3));
  const state = watch(sent);
  await sent.accepted;
  await transport.tried(1);
  assert.equal(state.state, 'under way');
  assert.equal(c.metric('queue_size'), 1);
  assert.equal(c.metric('in_flight'), 1);
  transport.letGo();
  await sent.delivered;
  assert.equal(c.metric('queue_size'), 0);
  assert.equal(c.metric('in_flight'), 0);
  assert.equal(c.metric('sent_spans_total{exporter=otlp/otelcol.exporter.otlp.test,server_address=test'), 3);
  assert.equal(c.metric('queue_capacity'), 1000);
});

test('as many requests are on their way as there are consumers', async () => {
  const transport = new ScriptedTransport();
  transport.script = 'wait';
  await using c = new TestExporter(transport, queue('num_consumers = 3'));
  const sent = Array.from({ length: 7 }, (_, index) => c.send(numberedSpans(1, index)));
  await transport.tried(3);
  await settled();
  assert.equal(transport.underWay, 3);
  transport.script = 'deliver';
  transport.letGo();
  await Promise.all(sent.map(({ delivered }) => delivered));
  assert.equal(transport.mostUnderWay, 3);
  assert.equal(transport.spans.length, 7);
});

for (const [sizer, size] of [
  ['requests', 2],
  ['items', 10],
  ['bytes', 2 * otlpSize(numberedSpans(5))],
] as const) {
  test(`a queue that is full by ${sizer} refuses for now, and what is on its way counts`, async () => {
    const transport = new ScriptedTransport();
    transport.script = 'wait';
    await using c = new TestExporter(transport, queue(`queue_size = ${size}`, `sizer = "${sizer}"`));
    const first = c.send(numberedSpans(5));
    await c.send(numberedSpans(5)).accepted;
    await transport.tried(2);
    await assert.rejects(c.send(numberedSpans(5)).accepted, isRefused(/sending queue is full/, true));
    assert.equal(c.metric('enqueue_failed_spans'), 5);
    assert.equal(c.metric('queue_size'), size);
    transport.script = 'deliver';
    transport.letGo();
    await first.delivered;
    await c.send(numberedSpans(5)).delivered;
    assert.equal(transport.spans.length, 15);
  });
}

test('what could never fit is refused for good', async () => {
  await using c = new TestExporter(new ScriptedTransport(), queue('queue_size = 4', 'sizer = "items"'));
  await assert.rejects(c.send(numberedSpans(5)).accepted, isRefused(/element size too large/, false));
  assert.equal(c.metric('enqueue_failed_spans'), 5);
});

test('what is empty as sizes are counted is delivered without being sent', async () => {
  const transport = new ScriptedTransport();
  await using c = new TestExporter(transport, queue('sizer = "items"'));
  await c.send(numberedSpans(0)).delivered;
  assert.equal(transport.attempts.length, 0);
});

test('with block_on_overflow senders wait in their order, as long as they are there', async () => {
  const transport = new ScriptedTransport();
  transport.script = 'wait';
  await using c = new TestExporter(transport, queue('queue_size = 1', 'block_on_overflow = true', 'num_consumers = 1'));
  await c.send(numberedSpans(1, 0)).accepted;
  const gone = new AbortController();
  const left = c.send(numberedSpans(1, 9), gone.signal);
  const waiting = [1, 2, 3].map((number) => c.send(numberedSpans(1, number)));
  await transport.tried(1);
  gone.abort();
  await assert.rejects(left.accepted, isRefused(/the sender gave up/, true));
  transport.script = 'deliver';
  transport.letGo();
  await Promise.all(waiting.map(({ delivered }) => delivered));
  assert.deepEqual(transport.spans, ['span 0', 'span 1', 'span 2', 'span 3']);
});

test('with wait_for_result senders get what became of their request', async () => {
  const transport = new ScriptedTransport();
  await using c = new TestExporter(transport, queue('wait_for_result = true'));
  await c.send(numberedSpans(1)).accepted;
  assert.equal(transport.delivered.length, 1);
  transport.script = sendFailure({ isRetryable: false, message: 'bad request', type: 'InvalidArgument' });
  await assert.rejects(c.send(numberedSpans(1)).accepted, (error: DeliveryError) => {
    return isRefused(/bad request/, false)(error) && error.cause instanceof GrpcError;
  });
});

test('without a queue senders wait, and are told whether another attempt can help', async () => {
  const transport = new ScriptedTransport();
  const text = `${queue('enabled = false')}retry_on_failure {\n enabled = false\n}`;
  await using c = new TestExporter(transport, text);
  await c.send(numberedSpans(1)).accepted;
  assert.equal(transport.delivered.length, 1);
  transport.script = sendFailure({ message: 'not now', retryAfter: 5000 });
  await assert.rejects(c.send(numberedSpans(1)).accepted, (error: DeliveryError) => {
    return isRefused(/not now/, true)(error) && error.retryAfter === 5000;
  });
  transport.script = sendFailure({ isRetryable: false });
  await assert.rejects(c.send(numberedSpans(1)).accepted, isRefused(/it fails/, false));
  // Whoever gave it knows, so that it was not dropped here.
  assert.equal(c.metric('items_dropped'), 0);
});

test('without a queue, an attempt ends when its sender has gone', async () => {
  const transport = new ScriptedTransport();
  transport.script = sendFailure();
  await using c = new TestExporter(transport, `${queue('enabled = false')}${later}`);
  const gone = new AbortController();
  const sent = c.send(numberedSpans(1), gone.signal);
  await transport.tried(1);
  gone.abort();
  await assert.rejects(sent.accepted, isRefused(/it fails/, true));
  assert.equal(c.metric('error_type=Canceled,error_permanent=false'), 1);
});

test('what fails for now is sent again until it is delivered', async () => {
  const transport = new ScriptedTransport();
  transport.script = sendFailure();
  await using c = new TestExporter(transport, soon);
  const sent = c.send(numberedSpans(2));
  await transport.tried(4);
  transport.script = 'deliver';
  await sent.delivered;
  assert.deepEqual(c.logged, ['exporting failed, will retry', 'exporting works again']);
  assert.equal(c.metric('send_failed'), 0);
});

test('what fails for good is dropped and counted at once', async () => {
  const transport = new ScriptedTransport();
  transport.script = sendFailure({ isRetryable: false, type: 'InvalidArgument' });
  await using c = new TestExporter(transport, soon);
  await assert.rejects(c.send(numberedSpans(2)).delivered, isRefused(/it fails/, false));
  assert.equal(transport.attempts.length, 1);
  assert.equal(
    c.metric('items_dropped_total{exporter=otlp/otelcol.exporter.otlp.test,data_type=traces,reason=refused'),
    2,
  );
  assert.equal(c.metric('error_type=InvalidArgument,error_permanent=true'), 2);
});

test('what has failed for max_elapsed_time is dropped and counted', async () => {
  const transport = new ScriptedTransport();
  transport.script = sendFailure();
  await using c = new TestExporter(transport, soon.replace('}', 'max_elapsed_time = "20ms"\n}'));
  await assert.rejects(c.send(numberedSpans(2)).delivered, isRefused(/no more retries left: it fails/, false));
  assert.equal(c.metric('reason=retries_exhausted'), 2);
  assert.equal(c.metric('error_type=_OTHER,error_permanent=false'), 2);
});

test('a server that asks to wait longer than there is time is not asked again', async () => {
  const transport = new ScriptedTransport();
  transport.script = sendFailure({ retryAfter: 600_000 });
  await using c = new TestExporter(transport, soon);
  await assert.rejects(c.send(numberedSpans(1)).delivered, isRefused(/no more retries left/, false));
  assert.equal(transport.attempts.length, 1);
});

test('when it stops, what waits is tried once more, and dropped and counted then', async () => {
  const transport = new ScriptedTransport();
  transport.script = sendFailure();
  const c = new TestExporter(transport, `${queue('num_consumers = 1')}${later}`);
  const sent = [0, 1].map((number) => c.send(numberedSpans(1, number)));
  await transport.tried(1);
  await c.stop();
  for (const { delivered } of sent) await assert.rejects(delivered, isRefused(/it fails/, true));
  assert.equal(transport.attempts.length, 3);
  assert.equal(c.metric('reason=shutdown'), 2);
  assert.equal(c.metric('error_type=Shutdown,error_permanent=false'), 2);
  await assert.rejects(c.send(numberedSpans(1)).accepted, isRefused(/has stopped/, true));
  assert.ok(transport.isClosed);
});

test('a reload keeps what waits, and sends it by the new settings at once', async () => {
  const before = new ScriptedTransport();
  before.script = sendFailure();
  await using c = new TestExporter(before, later);
  const sent = c.send(numberedSpans(2));
  await before.tried(1);
  const after = new ScriptedTransport();
  c.update(after, queue('queue_size = 5', 'sizer = "items"'));
  await sent.delivered;
  assert.deepEqual(after.spans, ['span 0', 'span 1']);
  await until(() => before.isClosed);
  assert.equal(c.metric('queue_capacity'), 5);
  assert.equal(c.metric('items_dropped'), 0);
});

test('when it stops, the batch that is being filled is sent', async () => {
  const transport = new ScriptedTransport();
  const c = new TestExporter(transport, queue('batch {\n flush_timeout = "1h"\n}'));
  const sent = [0, 1].map((number) => c.send(numberedSpans(1, number)));
  await Promise.all(sent.map(({ accepted }) => accepted));
  await c.stop();
  await Promise.all(sent.map(({ delivered }) => delivered));
  assert.deepEqual(
    transport.delivered.map(({ count }) => count),
    [2],
  );
});

test('requests are joined, sent when they are due, and acknowledged together', async () => {
  const transport = new ScriptedTransport();
  const batch = 'batch {\n flush_timeout = "20ms"\n min_size = 100\n max_size = 100\n}';
  await using c = new TestExporter(transport, queue(batch));
  const sent = [8, 17, 13].map((count, index) => c.send(numberedSpans(count, index * 100)));
  await Promise.all(sent.map(({ delivered }) => delivered));
  assert.deepEqual(
    transport.delivered.map(({ count }) => count),
    [38],
  );
  await c.send(numberedSpans(250)).delivered;
  assert.deepEqual(
    transport.delivered.map(({ count }) => count),
    [38, 100, 100, 50],
  );
});

const mistakes = [
  ['sending_queue {\n queue_size = 0\n}', /queue_size must be greater than zero/],
  ['sending_queue {\n num_consumers = 0\n}', /num_consumers must be greater than zero/],
  ['sending_queue {\n sizer = "spans"\n}', /want one of "requests", "items", "bytes"/],
  ['sending_queue {\n queue_size = 10\n sizer = "items"\n batch { }\n}', /`min_size` must be less than or equal/],
  ['sending_queue {\n batch {\n sizer = "requests"\n}\n}', /want one of "items", "bytes"/],
  ['sending_queue {\n batch {\n flush_timeout = "0s"\n}\n}', /`flush_timeout` must be positive/],
  ['sending_queue {\n batch {\n min_size = -1\n}\n}', /`min_size` and `max_size` must not be negative/],
  ['sending_queue {\n batch {\n max_size = 10\n}\n}', /`max_size` must be greater or equal to `min_size`/],
  ['retry_on_failure {\n multiplier = 1\n}', /multiplier must be greater than 1.0/],
  ['retry_on_failure {\n randomization_factor = -0.1\n}', /randomization_factor must be greater or equal to 0/],
] as const;

const right = [
  'sending_queue {\n queue_size = 10\n batch { }\n}',
  'sending_queue {\n enabled = false\n queue_size = 0\n}',
  'sending_queue {\n batch {\n max_size = 0\n}\n}',
  'retry_on_failure {\n multiplier = 1.1\n randomization_factor = 0\n}',
];
for (const text of right) {
  test(`the arguments ${JSON.stringify(text)} are taken`, () => {
    assert.deepEqual(problemsWith({ sending_queue: sendingQueueBlock, retry_on_failure: retryBlock }, text), []);
  });
}

for (const [text, message] of mistakes) {
  test(`a mistake is found before it runs: ${message.source}`, () => {
    const [problem = ''] = problemsWith({ sending_queue: sendingQueueBlock, retry_on_failure: retryBlock }, text);
    assert.match(problem, message);
  });
}
