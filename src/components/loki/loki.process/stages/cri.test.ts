import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noLog } from '../../../../base/log.ts';
import { openMetrics } from '../../../../component/metrics.ts';
import { DeliveryError, type Consumer } from '../../../../flow/delivery.ts';
import type { LogBatch } from '../../../../model/log-batch.ts';
import { logs } from '../../../../model/signal.ts';
import { argumentsFrom, receiverFor } from '../../../../testkit/arguments.ts';
import { holdBack } from '../../../../testkit/collect.ts';
import { entriesIn, linesIn, sendEntries, type TestEntry } from '../../../../testkit/log-entries.ts';
import { problemsOf, putThrough, runComponent } from '../../../../testkit/run-component.ts';
import { testProgram } from '../../../../testkit/runtime-options.ts';
import { settled, Sink, watch } from '../../../../testkit/sink.ts';
import { lokiProcess } from '../../loki.process.ts';

const stamp = '2024-05-01T12:34:56.789012345Z';
const flushed = 'loki_process_cri_partial_lines_flushed_total';
const truncated = 'loki_process_cri_lines_truncated_total';

/** A part or the end of a line, of the stream of an app. */
function cri(flag: 'P' | 'F', content: string, app = 'a'): TestEntry {
  return { line: `${stamp} stdout ${flag} ${content}`, labels: { app } };
}

test('lines of the container runtime are taken apart, and others stay', async () => {
  const cases: readonly [line: string, result: TestEntry][] = [
    [`${stamp} stderr F message`, { line: 'message', labels: { stream: 'stderr' }, time: stamp }],
    [`${stamp} stdout F message\nmessage2`, { line: 'message\nmessage2', labels: { stream: 'stdout' }, time: stamp }],
    [`${stamp} stdout F   two blanks more`, { line: '  two blanks more', labels: { stream: 'stdout' }, time: stamp }],
    [`${stamp} stdout F `, { line: '', labels: { stream: 'stdout' }, time: stamp }],
    ['2019-01-01T01:00:00+01:00 stderr F x', { line: 'x', labels: { stream: 'stderr' }, time: '2019-01-01T00:00:00Z' }],
    ['3242 stderr F message', { line: 'message', labels: { stream: 'stderr' } }],
    ['something stderr could be cri', { line: 'could be cri', labels: { stream: 'stderr' } }],
    ["i'm invalid!!!", { line: "i'm invalid!!!" }],
    [`${stamp} stdin F message`, { line: `${stamp} stdin F message` }],
    ['', { line: '' }],
  ];
  for (const [line, result] of cases) {
    const { entries } = await putThrough(lokiProcess, 'stage.cri { }', line);
    assert.deepEqual(entries, [result], line);
  }
});

test('the parts of the line are extracted, as text', async () => {
  const stages = `
    stage.cri { }
    stage.labels { values = { flags = "", from = "stream", content = "", time = "" } }`;
  const { entries } = await putThrough(lokiProcess, stages, `${stamp} stdout F a  b`);
  const labels = { content: 'a  b', flags: 'F', from: 'stdout', stream: 'stdout', time: stamp };
  assert.deepEqual(entries, [{ line: 'a  b', labels, time: stamp }]);
});

test('parts are joined by all labels, with what came with the last part', async () => {
  const { entries, metrics } = await putThrough(
    lokiProcess,
    'stage.cri { }',
    { ...cri('P', 'partial line 1 ', 'a'), metadata: { n: '1' } },
    cri('P', 'partial line 2 ', 'b'),
    { line: '2030-01-01T00:00:00Z stdout F log finished', labels: { app: 'a' }, metadata: { n: '2' } },
    cri('F', 'another full log', 'b'),
    cri('F', 'alone', 'b'),
  );
  const labels = (app: string) => ({ labels: { app, stream: 'stdout' } });
  assert.deepEqual(entries, [
    { line: 'partial line 1 log finished', ...labels('a'), time: '2030-01-01T00:00:00Z', metadata: { n: '2' } },
    { line: 'partial line 2 another full log', ...labels('b'), time: stamp },
    { line: 'alone', ...labels('b'), time: stamp },
  ]);
  assert.equal(metrics[flushed], 0);
});

test('parts of stdout and stderr do not meet', async () => {
  const { entries } = await putThrough(
    lokiProcess,
    'stage.cri { }',
    'x stdout P out ',
    'x stderr P err ',
    'x stderr F 2',
    'x stdout F 1',
  );
  assert.deepEqual(
    entries.map(({ line }) => line),
    ['err 2', 'out 1'],
  );
});

test('with a stream too many, all parts are sent as they are', async () => {
  const { entries, metrics } = await putThrough(
    lokiProcess,
    'stage.cri { max_partial_lines = 3 }\nstage.static_labels { values = { done = "yes" } }',
    ...['a', 'b', 'c', 'd'].map((app) => ({ ...cri('P', `part ${app}`, app), metadata: { of: app } })),
    ...['a', 'b', 'c', 'd'].map((app) => cri('F', `, end ${app}`, app)),
  );
  assert.deepEqual(
    entries.map(({ line, metadata }) => [line, metadata?.['of']]),
    [
      ['part a', 'a'],
      ['part b', 'b'],
      ['part c', 'c'],
      [', end a', undefined],
      [', end b', undefined],
      [', end c', undefined],
      ['part d, end d', undefined],
    ],
  );
  assert.ok(entries.every(({ labels, time }) => labels?.['done'] === 'yes' && time === stamp));
  assert.equal(metrics[flushed], 3);
});

test('many parts of one stream count as one line', async () => {
  const parts = ['a', 'b', 'c', 'd'].map((part) => cri('P', part));
  const { entries, metrics } = await putThrough(
    lokiProcess,
    'stage.cri { max_partial_lines = 3 }',
    ...parts,
    cri('F', 'e'),
  );
  assert.deepEqual(
    entries.map(({ line }) => line),
    ['abcde'],
  );
  assert.equal(metrics[flushed], 0);
});

test('joined lines are cut where it is asked for, lone ones are not', async () => {
  const size = (more: string) => `stage.cri {\n max_partial_line_size = "11B"\n ${more}\n}`;
  const input = [
    cri('P', 'partial line 1 '),
    cri('P', 'more'),
    cri('F', 'log finished'),
    cri('P', 'partial', 'b'),
    cri('F', 'full log', 'b'),
    cri('F', 'a line that stands alone'),
    cri('P', '0123456789', 'c'),
    cri('F', 'é', 'c'),
  ];
  const cut = await putThrough(lokiProcess, size('max_partial_line_size_truncate = true'), ...input);
  assert.deepEqual(
    cut.entries.map(({ line }) => line),
    ['partial lin', 'partialfull', 'a line that stands alone', '0123456789\ufffd'],
  );
  assert.equal(cut.metrics[truncated], 5);
  const whole = await putThrough(lokiProcess, size(''), ...input);
  assert.equal(whole.entries[0]?.line, 'partial line 1 morelog finished');
  assert.equal(whole.metrics[truncated], 0);
});

test('a line that never ends is cut, and costs no more memory then', async () => {
  await using c = await runComponent(lokiProcess, 'stage.cri { }\nforward_to = [out]');
  const part = cri('P', 'x'.repeat(1024 * 1024));
  for (let index = 0; index < 20; index++) await sendEntries(c.exports.receiver, part).accepted;
  await sendEntries(c.exports.receiver, cri('F', 'end')).accepted;
  assert.deepEqual(
    linesIn(c.out.batches).map((line) => line.length),
    [16 * 1024 * 1024],
  );
  assert.equal(c.metrics()[truncated], 5);
});

const notNow = new DeliveryError('not now', { retryable: true });
const never = new DeliveryError('never', { retryable: false });

async function joining(to: Consumer<LogBatch>, stages = 'stage.cri { }') {
  return runComponent(lokiProcess, `${stages}\nforward_to = [sink]`, { names: { sink: receiverFor(logs, to) } });
}

test('a part is delivered when the line it becomes part of is', async () => {
  const sink = holdBack<LogBatch>();
  await using c = await joining(sink);
  const first = sendEntries(c.exports.receiver, cri('P', 'a'), cri('F', 'other', 'b'));
  await first.accepted;
  const part = watch(first);
  sink.deliver();
  const second = sendEntries(c.exports.receiver, cri('P', 'b'));
  await second.accepted;
  const middle = watch(second);
  const third = sendEntries(c.exports.receiver, cri('F', 'c'));
  await third.accepted;
  const end = watch(third);
  await settled();
  assert.deepEqual([part.state, middle.state, end.state], ['under way', 'under way', 'under way']);
  sink.deliver();
  await settled();
  assert.deepEqual([part.state, middle.state, end.state], ['delivered', 'delivered', 'delivered']);
  assert.deepEqual(linesIn(sink.batches), ['other', 'abc']);
});

test('a part is lost when the line it becomes part of is', async () => {
  const sink = holdBack<LogBatch>();
  await using c = await joining(sink);
  const part = watch(sendEntries(c.exports.receiver, cri('P', 'a')));
  const end = watch(sendEntries(c.exports.receiver, cri('F', 'b')));
  sink.deliver(notNow);
  await settled();
  assert.deepEqual([part.state, end.state], ['lost for now', 'lost for now']);
});

test('a part is delivered when its line is dropped', async () => {
  await using c = await joining(new Sink<LogBatch>(), 'stage.cri { }\nstage.drop { expression = "^ab$" }');
  const part = watch(sendEntries(c.exports.receiver, cri('P', 'a')));
  const end = watch(sendEntries(c.exports.receiver, cri('F', 'b')));
  await settled();
  assert.deepEqual([part.state, end.state], ['delivered', 'delivered']);
});

test('parts that are sent unfinished are delivered with what they are sent with', async () => {
  const sink = holdBack<LogBatch>();
  await using c = await joining(sink, 'stage.cri { max_partial_lines = 1 }');
  const first = watch(sendEntries(c.exports.receiver, cri('P', 'a')));
  const second = watch(sendEntries(c.exports.receiver, cri('P', 'b', 'b')));
  await settled();
  assert.deepEqual([first.state, second.state], ['under way', 'under way']);
  sink.deliver();
  await settled();
  assert.deepEqual([first.state, second.state], ['delivered', 'under way']);
  assert.deepEqual(linesIn(sink.batches), ['a']);
});

test('what is refused can be sent again, without loss, duplicates or wrong joins', async () => {
  const refusals: readonly [name: string, refuse: (sink: Sink<LogBatch>) => Consumer<LogBatch>][] = [
    ['at once', (sink) => sink],
    ['later', (sink) => ({
      async consume(batch) {
        await settled();
        sink.consume(batch);
      },
    })],
  ]; // prettier-ignore
  for (const [name, consumerFor] of refusals) {
    const sink = new Sink<LogBatch>();
    await using c = await joining(consumerFor(sink));
    const first = sendEntries(c.exports.receiver, cri('P', 'a1 '), cri('P', 'b1 ', 'b'));
    await first.accepted;
    const held = watch(first);
    const again: readonly TestEntry[] = [
      cri('P', 'a2 '),
      cri('F', 'b2', 'b'),
      cri('P', 'c1 ', 'c'),
      cri('F', 'c2', 'c'),
      cri('P', 'd1 ', 'd'),
    ];
    sink.error = notNow;
    for (let attempt = 0; attempt < 3; attempt++) {
      const refused = sendEntries(c.exports.receiver, ...again);
      await assert.rejects(refused.accepted, notNow, name);
      await assert.rejects(refused.delivered, notNow, name);
    }
    assert.equal(held.state, 'under way', name);
    sink.error = undefined;
    const taken = sendEntries(c.exports.receiver, ...again);
    await taken.accepted;
    await sendEntries(c.exports.receiver, cri('F', 'a3'), cri('F', 'd2', 'd')).delivered;
    await taken.delivered;
    await first.delivered;
    assert.deepEqual(linesIn(sink.batches), ['b1 b2', 'c1 c2', 'a1 a2 a3', 'd1 d2'], name);
  }
});

test('parts that were sent unfinished and refused are joined after all', async () => {
  const sink = new Sink<LogBatch>();
  await using c = await joining(sink, 'stage.cri { max_partial_lines = 1 }');
  const first = sendEntries(c.exports.receiver, cri('P', 'a1 '));
  await first.accepted;
  sink.error = notNow;
  await assert.rejects(sendEntries(c.exports.receiver, cri('P', 'b1 ', 'b')).delivered, notNow);
  sink.error = undefined;
  await sendEntries(c.exports.receiver, cri('F', 'a2')).delivered;
  await first.delivered;
  assert.deepEqual(linesIn(sink.batches), ['a1 a2']);
});

test('a part is lost with its end, if that is refused for good', async () => {
  const sink = new Sink<LogBatch>();
  await using c = await joining(sink);
  const part = watch(sendEntries(c.exports.receiver, cri('P', 'a')));
  sink.error = never;
  await assert.rejects(sendEntries(c.exports.receiver, cri('F', 'b')).accepted, never);
  sink.error = undefined;
  await sendEntries(c.exports.receiver, cri('F', 'c')).delivered;
  assert.equal(part.state, 'lost');
  assert.deepEqual(linesIn(sink.batches), ['c']);
});

test('while a batch waits for its answer, another sender may take up where it ended', async () => {
  const answers: PromiseWithResolvers<void>[] = [];
  const batches: LogBatch[] = [];
  await using c = await joining({
    consume(batch) {
      batches.push(batch);
      const answer = Promise.withResolvers<void>();
      answers.push(answer);
      return answer.promise;
    },
  });
  const part = watch(sendEntries(c.exports.receiver, cri('P', 'a1 ')));
  const end = sendEntries(c.exports.receiver, cri('F', 'a2'));
  const other = watch(sendEntries(c.exports.receiver, cri('P', 'x1 ')));
  answers[0]?.reject(notNow);
  await assert.rejects(end.accepted, notNow);
  assert.deepEqual([part.state, other.state], ['lost for now', 'under way'], 'what was before cannot come back');
  const last = sendEntries(c.exports.receiver, cri('F', 'x2'));
  answers[1]?.resolve();
  await last.delivered;
  assert.equal(other.state, 'delivered');
  assert.deepEqual(linesIn(batches), ['a1 a2', 'x1 x2']);
});

test('when the pipeline ends, parts are lost for now', async () => {
  const sink = new Sink<LogBatch>();
  await using c = await joining(sink);
  const part = watch(sendEntries(c.exports.receiver, cri('P', 'a')));
  await c.stop();
  await settled();
  assert.equal(part.state, 'lost for now');
  await assert.rejects(sendEntries(c.exports.receiver, cri('F', 'b')).accepted, { isRetryable: true });
  assert.deepEqual(sink.batches, []);
});

test('when the pipeline ends before a refusal, parts are lost for now', async () => {
  const answer = Promise.withResolvers<void>();
  await using c = await joining({ consume: () => answer.promise });
  const part = watch(sendEntries(c.exports.receiver, cri('P', 'a')));
  const end = sendEntries(c.exports.receiver, cri('F', 'b'), cri('P', 'c'));
  await c.update('stage.cri { }\nforward_to = [sink]');
  await c.stop();
  answer.reject(notNow);
  await assert.rejects(end.accepted, notNow);
  await assert.rejects(end.delivered, { isRetryable: true });
  assert.equal(part.state, 'lost for now');
});

test('parts that came to a pipeline that never ran are lost for now when it is closed', async () => {
  const { meters } = openMetrics(lokiProcess.metrics);
  const sink = new Sink<LogBatch>();
  const instance = lokiProcess.build({
    id: 'loki.process.test',
    args: argumentsFrom(lokiProcess.arguments, 'stage.cri { }\nforward_to = [sink]', { sink: receiverFor(logs, sink) }),
    log: noLog,
    metrics: meters,
    dataDir: '/nowhere',
    minimumStability: 'generally-available',
    program: testProgram,
    export: () => undefined,
    health: () => undefined,
  });
  const { delivered } = sendEntries(instance.exports.receiver, cri('P', 'a'));
  await instance.close?.();
  await assert.rejects(delivered, { isRetryable: true });
});

test('joined lines go through the stages that follow with their extracted values', async () => {
  const { entries } = await putThrough(
    lokiProcess,
    `stage.regex {
       expression = "(?P<pod>\\\\w+)"
       source     = "filename"
     }
     stage.cri { }
     stage.labels { values = { pod = "", flags = "" } }
     stage.label_drop { values = ["filename"] }`,
    { line: 'x stdout P {"a":', labels: { filename: 'web' } },
    { line: 'x stdout F 1}', labels: { filename: 'web' } },
  );
  assert.deepEqual(entries, [{ line: '{"a":1}', labels: { flags: 'F', pod: 'web', stream: 'stdout' } }]);
});

test('a limit on partial lines must be positive', () => {
  assert.deepEqual(problemsOf(lokiProcess, 'stage.cri { max_partial_lines = 0 }\nforward_to = [out]'), [
    'test.alloy:1:33: max_partial_lines must be greater than 0',
  ]);
});

test('entries keep their bytes', async () => {
  await using c = await runComponent(lokiProcess, 'stage.cri { }\nforward_to = [out]');
  const broken = Buffer.from([0xff, 0x00, 0xc3]);
  const line = Buffer.concat([Buffer.from('x stdout F '), broken]);
  const part = Buffer.concat([Buffer.from('x stdout P '), broken]);
  await sendEntries(c.exports.receiver, { line }, { line: part }, { line }).delivered;
  const bytes = c.out.batches.flatMap((batch) =>
    Array.from({ length: batch.count }, (_, index) =>
      batch.bytes.subarray(batch.lineStarts[index], batch.lineEnds[index]),
    ),
  );
  assert.deepEqual(bytes, [broken, Buffer.concat([broken, broken])]);
  assert.equal(entriesIn(c.out.batches).length, 2);
});
