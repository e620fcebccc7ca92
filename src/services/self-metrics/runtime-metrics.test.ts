import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ToyRuntime } from '../../testkit/toy-runtime.ts';
import { until } from '../../testkit/until.ts';
import { renderMetrics } from './render.ts';
import { describeRuntime } from './runtime-metrics.ts';

function linesOf(runtime: ToyRuntime): string[] {
  return renderMetrics(describeRuntime(runtime.root))
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
}

test('what was sent over an edge is counted', async () => {
  await using runtime = new ToyRuntime();
  await runtime.loadText(`
    test.source "in" {
      lines      = ["one", "two"]
      forward_to = [test.sink.out.receiver]
    }
    test.sink "out" { }
  `);
  const labels = '{from="test.source.in",to="test.sink.out",input="receiver",signal="logs"}';
  await until(() => linesOf(runtime).includes(`millrace_edge_delivered_items_total${labels} 2`));
  const lines = linesOf(runtime);
  for (const [name, value] of [
    ['offered_items', 2],
    ['accepted_items', 2],
    ['refused_items', 0],
    ['failed_items', 0],
    ['batches', 1],
  ] as const)
    assert.ok(lines.includes(`millrace_edge_${name}_total${labels} ${value}`), lines.join('\n'));
});

test('what is refused is counted apart', async () => {
  await using runtime = new ToyRuntime();
  await runtime.loadText(`
    test.source "in" {
      lines      = ["one"]
      forward_to = [test.sink.out.receiver]
    }
    test.sink "out" {
      refuses = true
    }
  `);
  await until(() => linesOf(runtime).some((line) => /edge_refused_items_total.* [1-9]/.test(line)));
  assert.ok(linesOf(runtime).some((line) => /edge_accepted_items_total.* 0$/.test(line)));
});

const module = `
  declare "twice" {
    argument "input" { }
    test.passthrough "inner" {
      input = argument.input.value
    }
    export "output" {
      value = test.passthrough.inner.output
    }
  }
`;

test('components and evaluations are counted by module, and references are shown', async () => {
  await using runtime = new ToyRuntime();
  await runtime.loadText(`${module}
    test.count "c" {
      max = 3
    }
    twice "m" {
      input = test.count.c.count
    }
    test.passthrough "out" {
      input = twice.m.output
    }
  `);
  const root = 'controller_path="/",controller_id=""';
  await until(() => linesOf(runtime).includes('test_counted_total{component_path="/",component_id="test.count.c"} 3'));
  await until(() => runtime.root.nodes().some(({ node }) => node.inspect?.().exports.get('output') === '3'));
  const lines = linesOf(runtime);
  for (const line of [
    `alloy_component_controller_running_components{${root},health_type="healthy"} 3`,
    'alloy_component_controller_running_components{controller_path="/",controller_id="twice.m",health_type="healthy"} 1',
    `alloy_component_graph_connection{${root},from="twice.m",to="test.count.c"} 1`,
    `alloy_component_graph_connection{${root},from="test.passthrough.out",to="twice.m"} 1`,
    `alloy_component_controller_evaluating{${root}} 0`,
    `alloy_component_evaluation_queue_size{${root}} 0`,
  ])
    assert.ok(lines.includes(line), `${line}\n\n${lines.join('\n')}`);
  const evaluations = lines.find((line) => line.startsWith(`alloy_component_evaluation_seconds_count{${root}}`));
  const waits = lines.find((line) => line.startsWith(`alloy_component_dependencies_wait_seconds_count{${root}}`));
  assert.match(evaluations ?? '', / [2-6]$/);
  assert.equal(waits?.split(' ')[1], evaluations?.split(' ')[1]);
});

function eachConfig(rest: string): string {
  return `
    foreach "each" {
      collection = ["a"]
      var        = "item"
      ${rest}
      template {
        test.count "c" {
          max = 1
        }
      }
    }
  `;
}

test('what foreach runs is not shown unless it is asked for', async () => {
  await using runtime = new ToyRuntime();
  await runtime.loadText(eachConfig(''));
  assert.ok(!linesOf(runtime).some((line) => line.includes('foreach_a_1')));
  await runtime.loadText(eachConfig('enable_metrics = true'));
  assert.ok(
    linesOf(runtime).some((line) =>
      line.startsWith('test_counted_total{component_path="/foreach.each/foreach_a_1",component_id="test.count.c"}'),
    ),
  );
});
