import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeliveryError, type Consumer } from '../../../../flow/delivery.ts';
import type { LogBatch } from '../../../../model/log-batch.ts';
import { logs } from '../../../../model/signal.ts';
import { Runtime } from '../../../../runtime/runtime.ts';
import { renderMetrics } from '../../../../services/self-metrics/render.ts';
import { describeRuntime } from '../../../../services/self-metrics/runtime-metrics.ts';
import { receiverFor } from '../../../../testkit/arguments.ts';
import { sendEntries, type TestEntry } from '../../../../testkit/log-entries.ts';
import { problemsOf, putThrough, runComponent } from '../../../../testkit/run-component.ts';
import { runtimeOptions } from '../../../../testkit/runtime-options.ts';
import { Sink } from '../../../../testkit/sink.ts';
import { until } from '../../../../testkit/until.ts';
import type { AnyComponent } from '../../../../component/component.ts';
import { lokiProcess } from '../../loki.process.ts';

const prefix = 'loki_process_custom_';
const json = 'stage.json { expressions = { payload = "", app = "", lot = "", none = "" } }';
const metric = (kind: string, args: string, name = 'm') =>
  `stage.metrics {\n metric.${kind} {\n name = "${name}"\n ${args}\n }\n}`;
const notNow = new DeliveryError('not now', { retryable: true });

/** The custom metrics after some entries, without what all names begin with. */
async function customOf(text: string, ...entries: readonly (TestEntry | string)[]): Promise<Record<string, number>> {
  const { metrics } = await putThrough(lokiProcess, text, ...entries);
  return customIn(metrics);
}

function customIn(metrics: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(metrics).flatMap(([series, value]) =>
      series.startsWith(prefix) ? [[series.slice(prefix.length), value]] : [],
    ),
  );
}

const bloki = { app: 'bloki', payload: 10, lot: '-10.1234' };
const loki = { app: 'loki', payload: 20, lot: '932ms' };
const both = [JSON.stringify(loki), JSON.stringify(bloki)];

test('metrics are made of extracted values', async () => {
  const cases: readonly [kind: string, args: string, value: number | undefined][] = [
    ['counter', 'action = "inc"\nsource = "payload"', 2],
    ['counter', 'action = "inc"\nsource = "payload"\nvalue = "20"', 1],
    ['counter', 'action = "inc"\nsource = "nowhere"', undefined],
    ['counter', 'action = "inc"\nsource = "none"', 2],
    ['counter', 'action = "inc"\nsource = "none"\nvalue = "x"', undefined],
    ['counter', 'action = "add"\nsource = "none"', undefined],
    ['counter', 'action = "add"\nsource = "payload"', 30],
    ['counter', 'action = "add"\nsource = "app"', undefined],
    ['counter', 'action = "add"\nsource = "lot"', 0.932],
    ['counter', 'action = "inc"\nmatch_all = true', 2],
    ['counter', 'action = "add"\nmatch_all = true', undefined],
    ['counter', 'action = "add"\nmatch_all = true\ncount_entry_bytes = true', both.join('').length],
    ['gauge', 'action = "set"\nsource = "lot"', -10.1234],
    ['gauge', 'action = "inc"\nsource = "app"', 2],
    ['gauge', 'action = "dec"\nsource = "app"\nvalue = "bloki"', -1],
    ['gauge', 'action = "add"\nsource = "payload"', 30],
    ['gauge', 'action = "sub"\nsource = "payload"', -30],
    ['gauge', 'action = "set"\nsource = "app"', undefined],
  ];
  for (const [kind, args, value] of cases) {
    const custom = await customOf(`${json}\n${metric(kind, args)}`, ...both);
    assert.deepEqual(custom, value === undefined ? {} : { m: value }, args);
  }
});

test('a metric that names no source is made of the value of its name', async () => {
  assert.deepEqual(await customOf(`${json}\n${metric('counter', 'action = "add"', 'payload')}`, ...both), {
    payload: 30,
  });
  const empty = metric('counter', 'action = "add"\nsource = ""\nprefix = ""', 'payload');
  assert.deepEqual(await customOf(`${json}\n${empty}`, ...both), { payload: 30 });
});

test('values become numbers as in Go, and what would spoil a metric is left out', async () => {
  const cases: readonly [value: unknown, counter: number | undefined, gauge: number | undefined][] = [
    [1.5, 1.5, 1.5],
    ['1e3', 1000, 1000],
    ['.5', 0.5, 0.5],
    [true, 1, 1],
    [false, 0, 0],
    ['1m30s', 90, 90],
    ['inf', Infinity, Infinity],
    ['-Inf', undefined, -Infinity],
    [-1, undefined, -1],
    ['NaN', undefined, NaN],
    ['1e999', undefined, undefined],
    ['0x10', undefined, undefined],
    ['', undefined, undefined],
    [' 1', undefined, undefined],
    ['1,5', undefined, undefined],
    [[1], undefined, undefined],
    [null, undefined, undefined],
  ];
  for (const [value, counter, gauge] of cases) {
    const text = `${json}\n${metric('counter', 'action = "add"\nsource = "payload"', 'c')}
      ${metric('gauge', 'action = "set"\nsource = "payload"', 'g')}`;
    const custom = await customOf(text, JSON.stringify({ payload: value }));
    assert.deepEqual([custom['c'], custom['g']], [counter, gauge], JSON.stringify(value));
  }
});

test('histograms count values by bounds', async () => {
  const lines = await exposed(`${json}\n${metric('histogram', 'source = "payload"\nbuckets = [10, 20]')}`, both);
  assert.deepEqual(lines, ['m_bucket{le="+Inf"} 2', 'm_bucket{le="10"} 1', 'm_bucket{le="20"} 2', 'm_count 2', 'm_sum 30']);
  const seconds = await exposed(
    `${json}\n${metric('histogram', 'source = "lot"\nvalue = "932ms"\nbuckets = []')}`,
    both,
  );
  assert.deepEqual(seconds.filter((line) => /le="(?:0.5|1|10)"|sum/.test(line)), ['m_bucket{le="0.5"} 0', 'm_bucket{le="1"} 1', 'm_bucket{le="10"} 1', 'm_sum 0.932']);
}); // prettier-ignore

test('metrics have the labels of entries that are sent to Loki', async () => {
  const text = `${metric('counter', 'action = "inc"\nmatch_all = true', 'before')}
    stage.static_labels { values = { __tenant_id__ = "t", added = "yes" } }
    ${metric('counter', 'action = "inc"\nmatch_all = true', 'after')}`;
  const labels = { app: 'a', __path__: '/x', 'k8s.pod/name': 'p' };
  const custom = await customOf(text, { line: '1', labels }, { line: '2', labels: { ...labels, __path__: '/y' } }, '3');
  assert.deepEqual(custom, {
    'before{app="a",k8s_pod_name="p"}': 2,
    before: 1,
    'after{added="yes",app="a",k8s_pod_name="p"}': 2,
    'after{added="yes"}': 1,
  });
});

test('names and labels that would break the text format do not', async () => {
  const labels = { component_id: 'mine', le: '5', '0a': 'x', 'b:c': 'y' };
  const lines = await exposed(metric('histogram', 'source = "le"\nbuckets = [10]', '0 metric-ü'), [{ line: '', labels }]);
  assert.ok(lines.includes('0_metric___count{_a="x",b_c="y",exported_component_id="mine",exported_le="5"} 1'), lines.join('\n'));
}); // prettier-ignore

test('entries that were dropped before do not count', async () => {
  const text = `stage.match {\n selector = "{app=\`a\`}"\n action = "drop"\n}\n${metric('counter', 'action = "inc"\nmatch_all = true')}`;
  const { metrics, entries } = await putThrough(lokiProcess, text, { line: 'x', labels: { app: 'a' } }, 'y');
  assert.deepEqual([customIn(metrics), entries.length], [{ m: 1 }, 1]);
  assert.equal(metrics['loki_process_dropped_lines_total{reason="match_stage"}'], 1);
});

test('of metrics of one name in a stage the last counts, and those of several stages are one', async () => {
  const twice = (first: string, second: string) => `stage.metrics {
    metric.counter {\n name = "m"\n match_all = true\n ${first}\n }
    metric.counter {\n name = "m"\n match_all = true\n ${second}\n }
  }`;
  assert.deepEqual(await customOf(twice('action = "inc"', 'action = "add"\ncount_entry_bytes = true'), 'four'), {
    m: 4,
  });
  const counter = metric('counter', 'action = "inc"\nmatch_all = true');
  assert.deepEqual(await customOf(`${counter}\n${counter}`, 'x'), { m: 2 });
  const gauge = metric('gauge', 'action = "set"\nsource = "app"');
  assert.deepEqual(await customOf(`${counter}\n${gauge}`, { line: 'x', labels: { app: '7' } }), { 'm{app="7"}': 1 });
});

test('series that are idle are shown one last time', async () => {
  await using c = await runComponent(
    lokiProcess,
    `${metric('counter', 'action = "inc"\nmatch_all = true\nmax_idle_duration = "1s"')}\nforward_to = [out]`,
  );
  const labels = { app: 'a' };
  await sendEntries(c.exports.receiver, { line: 'x', labels }).delivered;
  assert.deepEqual(customIn(c.metrics()), { 'm{app="a"}': 1 });
  await until(() => Object.keys(customIn(c.metrics())).length === 0);
  await sendEntries(c.exports.receiver, { line: 'x', labels }).delivered;
  assert.deepEqual(customIn(c.metrics()), { 'm{app="a"}': 1 }, 'it begins anew');
});

test('a batch counts once, when it is accepted', async () => {
  const sink = new Sink<LogBatch>();
  const text = `${json}
    ${metric('counter', 'action = "inc"\nmatch_all = true', 'c')}
    ${metric('gauge', 'action = "set"\nsource = "payload"', 'g')}
    ${metric('gauge', 'action = "add"\nsource = "payload"', 'sum')}
    ${metric('histogram', 'source = "payload"\nbuckets = [1]', 'h')}
    forward_to = [sink]`;
  const answers: PromiseWithResolvers<void>[] = [];
  const slow: Consumer<LogBatch> = {
    consume(batch) {
      sink.consume(batch);
      const answer = Promise.withResolvers<void>();
      answers.push(answer);
      return answer.promise;
    },
  };
  await using c = await runComponent(lokiProcess, text, { names: { sink: receiverFor(logs, slow) } });
  sink.error = notNow;
  await assert.rejects(sendEntries(c.exports.receiver, ...both).accepted, notNow);
  assert.deepEqual(customIn(c.metrics()), {});
  sink.error = undefined;
  const first = sendEntries(c.exports.receiver, ...both);
  const second = sendEntries(c.exports.receiver, JSON.stringify({ payload: 1 }));
  answers[1]?.resolve();
  await second.accepted;
  assert.deepEqual(customIn(c.metrics()), { c: 1, g: 1, sum: 1, h_count: 1 });
  answers[0]?.resolve();
  await first.accepted;
  assert.deepEqual(customIn(c.metrics()), { c: 3, g: 10, sum: 31, h_count: 3 });
});

test('a metric has a limited number of series, and idle ones make room', async () => {
  const text = metric('counter', 'action = "inc"\nmatch_all = true\nmax_idle_duration = "1s"');
  await using c = await runComponent(lokiProcess, `${text}\nforward_to = [out]`);
  const put = (from: number, to: number) => {
    const apps = Array.from({ length: to - from }, (_, index) => ({ line: 'x', labels: { app: `${from + index}` } }));
    return sendEntries(c.exports.receiver, ...apps).delivered;
  };
  const rejected = 'millrace_process_custom_metric_updates_rejected_total';
  await put(0, 10_010);
  await put(0, 10);
  assert.equal(Object.keys(customIn(c.metrics())).length, 10_000);
  assert.equal(c.metrics()[rejected], 10);
  await until(async () => {
    await put(20_000, 20_001);
    return customIn(c.metrics())['m{app="20000"}'] !== undefined;
  });
});

/** The custom metrics as `/metrics` of the program shows them, without what belongs to the component. */
async function exposed(text: string, entries: readonly (TestEntry | string)[]): Promise<string[]> {
  const runtime = new Runtime(runtimeOptions(new Map([[lokiProcess.name, lokiProcess as unknown as AnyComponent]])));
  const config = `loki.process "p" {\n${text}\nforward_to = []\n}`;
  const { isLoaded } = await runtime.load({ sources: [{ name: 'test.alloy', text: config }], modulePath: '/' });
  assert.ok(isLoaded);
  const [port] = runtime.root.nodes().flatMap(({ node }) => node.ports?.() ?? []);
  assert.ok(port);
  await sendEntries(port, ...entries).delivered;
  const all = renderMetrics(describeRuntime(runtime.root));
  await runtime.stop(1000);
  assert.ok(!renderMetrics(describeRuntime(runtime.root)).includes(prefix), 'they go with the pipeline');
  const own = 'component_path="/",component_id="loki.process.p"';
  return all
    .split('\n')
    .filter((line) => line.startsWith(prefix))
    .map((line) => line.slice(prefix.length).replace(`{${own}}`, '').replace(`${own},`, ''))
    .toSorted();
}

test('metrics are shown with the ID of the component', async () => {
  const runtime = new Runtime(runtimeOptions(new Map([[lokiProcess.name, lokiProcess as unknown as AnyComponent]])));
  const config = `loki.process "p" {
    ${metric('counter', 'description = "Lines."\naction = "inc"\nmatch_all = true')}
    forward_to = []
  }`;
  await runtime.load({ sources: [{ name: 'test.alloy', text: config }], modulePath: '/' });
  const [port] = runtime.root.nodes().flatMap(({ node }) => node.ports?.() ?? []);
  await sendEntries(port as Consumer<LogBatch>, { line: 'x', labels: { app: 'a' } }).delivered;
  const text = renderMetrics(describeRuntime(runtime.root));
  assert.ok(
    text.includes(`# HELP ${prefix}m Lines.
# TYPE ${prefix}m counter
${prefix}m{component_path="/",component_id="loki.process.p",app="a"} 1
`),
    text,
  );
  await runtime.stop(1000);
});

test('metrics that make no sense are refused', () => {
  const cases: readonly [kind: string, args: string, problem: string][] = [
    ['counter', 'action = "set"', 'want one of "inc", "add"'],
    ['counter', '', 'missing required attribute "action"'],
    ['counter', 'action = "inc"\nmatch_all = true\nvalue = "x"', '`value` cannot be set where `match_all` is true'],
    ['counter', 'action = "add"\ncount_entry_bytes = true', '`match_all` must be true where `count_entry_bytes` is'],
    ['counter', 'action = "inc"\nmatch_all = true\ncount_entry_bytes = true', '`action` must be "add" where `count_entry_bytes` is true'],
    ['counter', 'action = "inc"\nmax_idle_duration = "0.5s"', 'max_idle_duration must be greater or equal than 1s'],
    ['gauge', 'action = "observe"', 'want one of "set", "inc", "dec", "add", "sub"'],
    ['histogram', '', 'missing required attribute "buckets"'],
    ['histogram', 'buckets = [2, 1]', 'buckets must be in ascending order'],
    ['summary', '', 'unrecognized block name "metric.summary"'],
  ]; // prettier-ignore
  for (const [kind, args, problem] of cases) {
    const [message = ''] = problemsOf(lokiProcess, `${metric(kind, args)}\nforward_to = [out]`);
    assert.ok(message.includes(problem), message);
  }
  const [message = ''] = problemsOf(lokiProcess, `${metric('counter', 'action = "inc"', '')}\nforward_to = [out]`);
  assert.ok(message.endsWith('name must not be empty'), message);
});
