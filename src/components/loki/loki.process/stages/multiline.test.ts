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
import { problemsOf, runComponent } from '../../../../testkit/run-component.ts';
import { settled, Sink, watch } from '../../../../testkit/sink.ts';
import { until } from '../../../../testkit/until.ts';
import { lokiProcess } from '../../loki.process.ts';
import { processMetrics } from '../metrics.ts';
import { Pipeline } from '../pipeline.ts';
import { stages as table } from '../stages.ts';

const block = (more = '') => `stage.multiline {\n firstline = "^START"\n ${more}\n}`;
const patient = block('max_wait_time = "1h"');
const notNow = new DeliveryError('not now', { retryable: true });
const never = new DeliveryError('never', { retryable: false });

/** What comes out of a pipeline that is stopped after some batches. */
async function putThrough(text: string, ...batches: readonly (readonly (TestEntry | string)[])[]) {
  await using c = await runComponent(lokiProcess, `${text}\nforward_to = [out]`);
  const sent = batches.map((entries) => sendEntries(c.exports.receiver, ...entries));
  await c.stop();
  await Promise.all(sent.map(({ delivered }) => delivered));
  return { entries: entriesIn(c.out.batches), lines: linesIn(c.out.batches), metrics: c.metrics() };
}

async function running(to: Consumer<LogBatch>, text = patient) {
  return runComponent(lokiProcess, `${text}\nforward_to = [sink]`, { names: { sink: receiverFor(logs, to) } });
}

test('lines are joined to blocks', async () => {
  const cases: readonly [name: string, stages: string, lines: readonly string[], blocks: readonly string[]][] = [
    ['lines before the first block pass', block(),
      ['not a start line 1', 'not a start line 2', 'START line 1', 'START line 2', 'a', 'START line 3'],
      ['not a start line 1', 'not a start line 2', 'START line 1', 'START line 2\na', 'START line 3']],
    ['line breaks at the end are trimmed', block(),
      ['START 1\r\n', 'a\r\n', 'b\n\r\n', 'c\r'], ['START 1\na\nb\nc']],
    ['line breaks are kept', block('trim_newlines = false'), ['START\r\n', 'a\n'], ['START\r\n\na\n']],
    ['blocks have a greatest length', block('max_lines = 2'),
      ['START', 'c1', 'c2', 'c3', 'c4'], ['START\nc1', 'c2\nc3', 'c4']],
    ['blocks of one line', block('max_lines = 1'), ['START', 'a', 'START'], ['START', 'a', 'START']],
    ['blocks of any length', block('max_lines = 0'),
      ['START', ...Array.from({ length: 500 }, () => 'x')], [`START${'\nx'.repeat(500)}`]],
    ['128 lines by default', block(), ['START', ...Array.from({ length: 130 }, () => 'x')],
      [`START${'\nx'.repeat(127)}`, 'x\nx\nx']],
    ['empty lines count', block(), ['START', '', 'a', ''], ['START\n\na\n']],
    ['an empty first line', 'stage.multiline { firstline = "^$" }', ['', 'a', '', ''], ['\na', '', '']],
    ['the expression need not match at the start', 'stage.multiline { firstline = "b" }', ['ab', 'a', 'b'], ['ab\na', 'b']],
    ['text that is not ASCII', 'stage.multiline { firstline = "^é" }', ['é', 'ü', 'é'], ['é\nü', 'é']],
  ]; // prettier-ignore
  for (const [name, stages, lines, blocks] of cases) {
    assert.deepEqual((await putThrough(stages, lines)).lines, blocks, name);
    const oneByOne = lines.map((line) => [line]);
    assert.deepEqual((await putThrough(stages, ...oneByOne)).lines, blocks, `${name}, one by one`);
  }
});

test('streams do not meet', async () => {
  const entry = (line: string, app: string): TestEntry => ({ line, labels: { app } });
  const { entries } = await putThrough(block(), [
    entry('START a1\r\n', 'a'),
    entry('START b1\r\n', 'b'),
    entry('a1 more\r\n', 'a'),
    entry('b1 more\r\n', 'b'),
    entry('c', 'c'),
    entry('START b2', 'b'),
    entry('START a2', 'a'),
    entry('a2 more', 'a'),
  ]);
  assert.deepEqual(entries, [
    entry('c', 'c'),
    entry('START b1\nb1 more', 'b'),
    entry('START a1\na1 more', 'a'),
    entry('START a2\na2 more', 'a'),
    entry('START b2', 'b'),
  ]);
});

test('a block is the entry of its first line, also where it goes on after the greatest length', async () => {
  const stages = `
    stage.regex { expression = "(?P<word>\\\\w+)$" }
    ${block('max_lines = 2')}
    stage.labels { values = { word = "" } }`;
  const { entries } = await putThrough(stages, [
    { line: 'START one', time: '2030-01-01T00:00:00Z', metadata: { n: '1' } },
    { line: 'two', time: '2030-01-01T00:00:01Z', metadata: { n: '2' } },
    { line: 'three', time: '2030-01-01T00:00:02Z' },
    { line: 'START four', time: '2030-01-01T00:00:03Z', metadata: { n: '4' } },
  ]);
  const first = { labels: { word: 'one' }, time: '2030-01-01T00:00:00Z', metadata: { n: '1' } };
  assert.deepEqual(entries, [
    { line: 'START one\ntwo', ...first },
    { line: 'three', ...first },
    { line: 'START four', labels: { word: 'four' }, time: '2030-01-01T00:00:03Z', metadata: { n: '4' } },
  ]);
});

test('the block of a quiet stream is sent, and what follows passes as it is', async () => {
  const sink = new Sink<LogBatch>();
  await using c = await running(sink, block('max_wait_time = "60ms"'));
  const first = sendEntries(
    c.exports.receiver,
    { line: 'START', labels: { app: 'a' } },
    { line: 'a', labels: { app: 'a' } },
  );
  await first.delivered;
  assert.deepEqual(linesIn(sink.batches), ['START\na']);
  await sendEntries(c.exports.receiver, { line: 'late', labels: { app: 'a' } }).delivered;
  const second = sendEntries(c.exports.receiver, { line: 'START b', labels: { app: 'b' } });
  await second.delivered;
  assert.deepEqual(linesIn(sink.batches), ['START\na', 'late', 'START b']);
});

test('a block that is not quiet is not sent early', async () => {
  const sink = new Sink<LogBatch>();
  await using c = await running(sink, block('max_wait_time = "80ms"'));
  const quiet = sendEntries(c.exports.receiver, { line: 'START quiet', labels: { app: 'a' } });
  const busy = watch(sendEntries(c.exports.receiver, 'START busy'));
  let count = 0;
  while (sink.batches.length === 0) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (sink.batches.length === 0) sendEntries(c.exports.receiver, `${++count}`);
  }
  await quiet.delivered;
  assert.equal(busy.state, 'under way');
  await c.stop();
  const all = Array.from({ length: count }, (_, index) => `\n${index + 1}`).join('');
  assert.deepEqual(linesIn(sink.batches), ['START quiet', `START busy${all}`]);
});

test('lines are delivered when the block they belong to is', async () => {
  const sink = holdBack<LogBatch>();
  await using c = await running(sink);
  const first = watch(sendEntries(c.exports.receiver, 'before', 'START 1'));
  const second = watch(sendEntries(c.exports.receiver, 'a'));
  const third = watch(sendEntries(c.exports.receiver, 'START 2', 'b'));
  await settled();
  sink.deliver();
  await settled();
  assert.deepEqual([first.state, second.state, third.state], ['under way', 'under way', 'under way']);
  sink.deliver();
  await settled();
  assert.deepEqual([first.state, second.state, third.state], ['delivered', 'delivered', 'under way']);
  const fourth = watch(sendEntries(c.exports.receiver, 'START 3'));
  sink.deliver(notNow);
  await settled();
  assert.deepEqual([third.state, fourth.state], ['lost for now', 'under way']);
  assert.deepEqual(linesIn(sink.batches), ['before', 'START 1\na', 'START 2\nb']);
});

test('CRI lines in parts are joined first, and delivered with the block they end in', async () => {
  const sink = holdBack<LogBatch>();
  const cri = (flag: string, content: string) => `t stdout ${flag} ${content}`;
  await using c = await running(sink, `stage.cri { }\n${patient}`);
  const states = [
    [cri('P', 'STA')],
    [cri('F', 'RT 1')],
    [cri('P', 'more '), cri('F', 'of 1')],
    [cri('P', 'START')],
    [cri('F', ' 2'), cri('F', 'more of 2')],
    [cri('F', 'START 3')],
  ].map((lines) => watch(sendEntries(c.exports.receiver, ...lines)));
  await settled();
  assert.deepEqual(linesIn(sink.batches), ['START 1\nmore of 1', 'START 2\nmore of 2']);
  const [a, b, d, e, f, g] = states;
  assert.ok(states.every(({ state }) => state === 'under way'));
  sink.deliver();
  await settled();
  assert.deepEqual([a?.state, b?.state, d?.state, e?.state, f?.state], ['delivered', 'delivered', 'delivered', 'under way', 'under way']);
  sink.deliver();
  await settled();
  assert.deepEqual([e?.state, f?.state, g?.state], ['delivered', 'delivered', 'under way']);
}); // prettier-ignore

test('blocks of blocks are delivered when all they are made of is', async () => {
  const sink = holdBack<LogBatch>();
  const outer = 'stage.multiline {\n firstline = "^START 1"\n max_wait_time = "1h"\n}';
  await using c = await running(sink, `${patient}\n${outer}`);
  const first = watch(sendEntries(c.exports.receiver, 'START 1', 'a'));
  const second = watch(sendEntries(c.exports.receiver, 'START 2', 'b'));
  const third = watch(sendEntries(c.exports.receiver, 'START 1'));
  const fourth = watch(sendEntries(c.exports.receiver, 'START 3'));
  await settled();
  sink.deliverAll();
  await settled();
  assert.deepEqual(linesIn(sink.batches), ['START 1\na\nSTART 2\nb']);
  assert.deepEqual([first.state, second.state, third.state, fourth.state], ['delivered', 'delivered', 'under way', 'under way']);
}); // prettier-ignore

test('what is refused can be sent again, without loss, duplicates or wrong joins', async () => {
  const sink = new Sink<LogBatch>();
  await using c = await running(sink);
  const first = sendEntries(c.exports.receiver, 'START 1', 'a');
  const again = ['b', 'START 2', 'c', 'START 3'];
  sink.error = notNow;
  for (let attempt = 0; attempt < 3; attempt++)
    await assert.rejects(sendEntries(c.exports.receiver, ...again).delivered, notNow);
  sink.error = undefined;
  const second = sendEntries(c.exports.receiver, ...again);
  await first.delivered;
  await sendEntries(c.exports.receiver, 'd', 'START 4').accepted;
  await second.delivered;
  assert.deepEqual(linesIn(sink.batches), ['START 1\na\nb', 'START 2\nc', 'START 3\nd']);
});

test('a block that is refused for good is lost, and the others are not', async () => {
  const sink = new Sink<LogBatch>();
  await using c = await running(sink);
  const [a, b] = ['a', 'b'].map((app) => watch(sendEntries(c.exports.receiver, { line: 'START', labels: { app } })));
  sink.error = never;
  await assert.rejects(sendEntries(c.exports.receiver, { line: 'START 2', labels: { app: 'a' } }).accepted, never);
  sink.error = undefined;
  await sendEntries(c.exports.receiver, { line: 'START 2', labels: { app: 'b' } }).accepted;
  await settled();
  assert.deepEqual([a?.state, b?.state], ['lost', 'delivered']);
});

test('a block that nobody takes is offered again, with what has come to it', async () => {
  const sink = new Sink<LogBatch>();
  sink.error = notNow;
  await using c = await running(sink, block('max_wait_time = "1ms"'));
  const first = sendEntries(c.exports.receiver, 'START');
  await until(() => sink.refused >= 2);
  const second = sendEntries(c.exports.receiver, 'more');
  await second.accepted;
  sink.error = undefined;
  await Promise.all([first.delivered, second.delivered]);
  assert.deepEqual(linesIn(sink.batches), ['START\nmore']);
  assert.deepEqual(c.logged, []);
});

test('a block that nobody will ever take is lost, and that is logged', async () => {
  const sink = new Sink<LogBatch>();
  sink.error = never;
  await using c = await running(sink, block('max_wait_time = "1ms"'));
  await assert.rejects(sendEntries(c.exports.receiver, 'START').delivered, never);
  await until(() => c.logged.length > 0);
  assert.deepEqual(c.logged.map(({ level, fields }) => [level, fields['error']]), [['error', 'never']]);
}); // prettier-ignore

test('when the pipeline ends, blocks are sent', async () => {
  const sink = new Sink<LogBatch>();
  await using c = await running(sink);
  const sent = sendEntries(c.exports.receiver, 'START', 'a');
  await sent.accepted;
  await c.stop();
  await sent.delivered;
  assert.deepEqual(linesIn(sink.batches), ['START\na']);
  await assert.rejects(sendEntries(c.exports.receiver, 'b').accepted, { isRetryable: true });
});

test('when the pipeline ends and nobody takes its blocks, they are lost for now', async () => {
  const sink = new Sink<LogBatch>();
  sink.error = notNow;
  const { stages } = argumentsFrom(lokiProcess.arguments, `${patient}\nforward_to = [out]`, {
    out: receiverFor(logs, sink),
  });
  const { meters } = openMetrics(processMetrics);
  const pipeline = new Pipeline({ stages, table, metrics: meters, log: noLog, next: sink });
  const abort = new AbortController();
  const run = pipeline.run(abort.signal, 250);
  const { delivered } = sendEntries(pipeline, 'START');
  abort.abort();
  await assert.rejects(delivered, { isRetryable: true });
  await run;
  assert.ok(sink.refused > 1, 'it was tried again');
});

test('new stages begin when the blocks of the old ones are sent', async () => {
  await using c = await runComponent(lokiProcess, `${patient}\nforward_to = [out]`);
  const first = sendEntries(c.exports.receiver, 'START', 'a');
  await c.update(`${patient}\nstage.static_labels { values = { new = "yes" } }\nforward_to = [out]`);
  await first.delivered;
  await settled();
  const second = sendEntries(c.exports.receiver, 'b', 'START 2');
  await c.stop();
  await second.delivered;
  assert.deepEqual(entriesIn(c.out.batches), [
    { line: 'START\na' },
    { line: 'b', labels: { new: 'yes' } },
    { line: 'START 2', labels: { new: 'yes' } },
  ]);
});

test('a block with a huge line is cut where it gets too large, and nothing is lost', async () => {
  const huge = 'x'.repeat(6 * 1024 * 1024);
  const lines = ['START', huge, huge, huge, 'end'];
  const { lines: out, metrics } = await putThrough(block(), ...lines.map((line) => [line]));
  assert.deepEqual(out.map(({ length }) => length), [2 * huge.length + 7, huge.length + 4]);
  assert.equal(metrics['millrace_process_multiline_blocks_cut_total'], 1);
}); // prettier-ignore

test('too many streams with blocks make the oldest ones go', async () => {
  const streams = Array.from({ length: 10_010 }, (_, app) => ({ line: 'START', labels: { app: `${app}` } }));
  await using c = await runComponent(lokiProcess, `${patient}\nforward_to = [out]`);
  await sendEntries(c.exports.receiver, ...streams).accepted;
  assert.deepEqual(entriesIn(c.out.batches), streams.slice(0, 10));
  assert.equal(c.metrics()['millrace_process_multiline_blocks_cut_total'], 10);
});

test('too large blocks together make the oldest ones go', async () => {
  const line = `START${'x'.repeat(8 * 1024 * 1024)}`;
  await using c = await runComponent(lokiProcess, `${patient}\nforward_to = [out]`);
  for (let app = 0; app < 10; app++) await sendEntries(c.exports.receiver, { line, labels: { app: `${app}` } }).accepted;
  assert.deepEqual(entriesIn(c.out.batches).map(({ labels }) => labels?.['app']), ['0', '1', '2']);
}); // prettier-ignore

test('blocks keep the bytes of their lines', async () => {
  const broken = Buffer.from([0x53, 0xff, 0x00, 0xc3]);
  await using c = await runComponent(lokiProcess, `stage.multiline { firstline = "^S" }\nforward_to = [out]`);
  sendEntries(c.exports.receiver, { line: broken }, { line: Buffer.from([0xfe]) });
  await c.stop();
  const [batch = assert.fail()] = c.out.batches;
  assert.deepEqual(batch.bytes, Buffer.from([...broken, 0x0a, 0xfe]));
});

test('arguments that make no sense are refused', () => {
  const cases: readonly [args: string, problem: string][] = [
    ['', '1:1: missing required attribute "firstline"'],
    ['firstline = "("', '2:13: "(" is not valid: error parsing regexp: missing closing ): `(`'],
    ['firstline = "a"\nmax_wait_time = "0s"', '3:17: max_wait_time must be greater than 0'],
    ['firstline = "a"\nmax_lines = -1', '3:13: max_lines must not be negative'],
  ];
  for (const [args, problem] of cases)
    assert.deepEqual(problemsOf(lokiProcess, `stage.multiline {\n${args}\n}\nforward_to = [out]`), [
      `test.alloy:${problem}`,
    ]);
});
