import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { processEnvironment } from '../../syntax/stdlib/environment.ts';
import { ToyRuntime } from '../../testkit/toy-runtime.ts';
import { describeBuild } from './build-metrics.ts';
import { ConfigMetrics } from './config-metrics.ts';
import { watchProcess } from './process-metrics.ts';
import { renderMetrics } from './render.ts';
import { describeRuntime } from './runtime-metrics.ts';

const isMissing = spawnSync('promtool', ['--version']).error !== undefined && process.env.CI !== 'true';

/** Names that are Alloy's, and that the linter would have otherwise. */
const knownComplaints: readonly RegExp[] = [/^alloy_component_evaluation_slow_seconds counter metrics should have/];

test('promtool can read the metrics', { skip: isMissing && 'promtool is not installed' }, async () => {
  await using runtime = new ToyRuntime();
  await runtime.loadText(`
    test.source "in" {
      lines      = ["one"]
      forward_to = [test.sink.out.receiver]
    }
    test.sink "out" { }
    test.count "c" {
      max = 1
    }
  `);
  const config = new ConfigMetrics();
  config.loaded([{ name: 'a', text: 'b' }]);
  config.failed();
  const text = renderMetrics([
    ...describeBuild(processEnvironment('1.2.3')),
    ...config.collect(),
    ...watchProcess()(),
    ...describeRuntime(runtime.root),
  ]);
  const result = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
  const complaints = (result.stderr + result.stdout).split('\n').filter((line) => line !== '');
  assert.deepEqual(
    complaints.filter((line) => !knownComplaints.some((known) => known.test(line))),
    [],
  );
  for (const line of [
    'alloy_config_last_load_successful 0',
    'alloy_config_load_failures_total 1',
    'alloy_config_hash{sha256="3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d",cluster_name=""} 1',
  ])
    assert.ok(text.includes(`${line}\n`), text);
  assert.match(text, /alloy_build_info{version="v1\.2\.3",revision="",branch="",goversion="node2/);
});
