import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostArguments, hostTree, openExporter } from '../../testkit/host-tree.ts';
import { problemsOf } from '../../testkit/run-component.ts';
import { testProgram } from '../../testkit/runtime-options.ts';
import { exporterTarget, hostInstance } from './exporter.ts';
import { prometheusExporterSelf } from './prometheus.exporter.self.ts';
import { prometheusExporterStatic } from './prometheus.exporter.static.ts';
import { prometheusExporterUnix } from './prometheus.exporter.unix.ts';

const identities: readonly [id: string, component: string, job: string, name: string][] = [
  ['prometheus.exporter.unix.a', 'prometheus.exporter.unix', 'integrations/unix', 'prometheus.exporter.unix'],
  ['prometheus.exporter.unix', 'prometheus.exporter.unix', 'integrations/unix', 'prometheus.exporter.unix'],
  ['prometheus.exporter.self.a', 'prometheus.exporter.self', 'integrations/self', 'prometheus.exporter.self'],
  ['m.x/prometheus.exporter.unix.a', 'prometheus.exporter.unix', 'integrations/unix', 'm.x/prometheus.exporter.unix'],
];
for (const [id, component, job, name] of identities) {
  test(`the target of ${id} leads to its metrics, without a network`, () => {
    assert.deepEqual(Object.fromEntries(exporterTarget({ id, component, instance: 'i' }, testProgram)), {
      __address__: 'alloy.internal:12345',
      __scheme__: 'http',
      __metrics_path__: `/api/v0/component/${id}/metrics`,
      job,
      instance: 'i',
      __meta_component_name: name,
      __meta_component_id: id,
    });
  });
}

test('the instance of a host is in the environment, or its name', () => {
  assert.equal(hostInstance({ ...testProgram, variables: { HOSTNAME: 'here' } }), 'here');
  assert.notEqual(hostInstance({ ...testProgram, variables: { HOSTNAME: '' } }), '');
});

test('self exposes the metrics of the program, and nothing else', async () => {
  const exporter = openExporter(prometheusExporterSelf, '', { renderMetrics: () => 'up 1\n' });
  assert.deepEqual(await exporter.ask('metrics'), {
    status: 200,
    headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
    body: 'up 1\n',
  });
  assert.equal((await exporter.ask('metrics/x')).status, 404);
});

test('static exposes a text as the format has it', async () => {
  const text = '# HELP b B.\n# TYPE b counter\nb{z="1", a="2"} 1000000 5\na 1\n';
  const exporter = openExporter(prometheusExporterStatic, `text = ${JSON.stringify(text)}`);
  assert.equal(
    await exporter.metrics(),
    '# TYPE a untyped\na 1\n# HELP b B.\n# TYPE b counter\nb{a="2",z="1"} 1e+06 5\n',
  );
  assert.equal(exporter.targets[0]?.get('instance'), 'prometheus.exporter.static.test');
});

test('a text that is wrong is found without running it', () => {
  assert.deepEqual(problemsOf(prometheusExporterStatic, 'text = "a 1\\nb{\\n"'), [
    'test.alloy:1:8: "a 1\\nb{\\n" is not valid: line 2: want a label of b at ""',
  ]);
});

test('unix tells what it is, and of requests if that is wanted', async (t) => {
  const folder = await hostTree(t, { 'proc/loadavg': '1 2 3' });
  const config = `set_collectors = ["loadavg"]\n${hostArguments(folder)}`;
  const plain = await openExporter(prometheusExporterUnix, config, { version: 'v1.2.3' }).metrics();
  assert.match(
    plain,
    /^node_exporter_build_info{branch="",goarch="\w+",goos="\w+",goversion="node[\d.]+",revision="",tags="",version="1\.2\.3"} 1$/m,
  );
  assert.match(plain, /^promhttp_metric_handler_errors_total{cause="gathering"} 0$/m);
  assert.doesNotMatch(plain, /promhttp_metric_handler_requests/);

  const exporter = openExporter(prometheusExporterUnix, `${config}include_exporter_metrics = true`);
  await exporter.metrics();
  const second = await exporter.metrics();
  assert.match(second, /^promhttp_metric_handler_requests_total{code="200"} 1$/m);
  assert.match(second, /^promhttp_metric_handler_requests_in_flight 1$/m);
});

test('contradictions of text files with the exporter are counted', async (t) => {
  const folder = await hostTree(t, {
    'proc/loadavg': '1 2 3',
    'text/a.prom': '# TYPE node_load1 counter\nnode_load1 5\nx 1\nx 2\n',
  });
  const exporter = openExporter(
    prometheusExporterUnix,
    `set_collectors = ["loadavg", "textfile"]\n${hostArguments(folder)}textfile {\n directory = "${folder}/text"\n}`,
  );
  const text = await exporter.metrics();
  assert.match(text, /^node_load1 1$/m);
  assert.match(text, /^x 1$/m);
  assert.match(text, /^promhttp_metric_handler_errors_total{cause="gathering"} 1$/m);
});

test('a collector that is not supported yet is warned of, and has no success', async () => {
  const exporter = openExporter(prometheusExporterUnix, 'set_collectors = ["systemd", "ntp", "loadavg"]');
  const abort = new AbortController();
  const run = exporter.instance.run?.(abort.signal);
  assert.match(await exporter.metrics(), /^node_scrape_collector_success{collector="systemd"} 0$/m);
  abort.abort();
  await run;
  assert.deepEqual(
    exporter.logged.filter(({ level }) => level === 'warn'),
    [{ level: 'warn', message: 'some collectors are not supported yet', fields: { collectors: 'ntp, systemd' } }],
  );
});
