import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { SampleSink } from '../../../testkit/exposed-metrics.ts';
import { runComponent } from '../../../testkit/run-component.ts';
import { until } from '../../../testkit/until.ts';
import { scrapeMetrics } from './metrics.ts';
import { prometheusScrape } from '../prometheus.scrape.ts';

const program = '/usr/bin/prometheus';

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test('the metrics of a Prometheus are scraped in each format that it knows', async (t) => {
  if (!existsSync(program) && process.env['CI'] !== 'true') {
    t.diagnostic(`${program} is missing, so this was not tested`);
    return;
  }
  const folder = await mkdtemp(path.join(tmpdir(), 'scraped-'));
  const config = path.join(folder, 'prometheus.yml');
  await writeFile(config, 'scrape_configs: []\n');
  const address = `127.0.0.1:${await freePort()}`;
  const child = spawn(
    program,
    [`--config.file=${config}`, `--storage.tsdb.path=${folder}/data`, `--web.listen-address=${address}`],
    { stdio: 'ignore' },
  );
  const exited = new Promise((resolve) => child.once('exit', resolve).once('error', resolve));
  try {
    await until(async () => (await fetch(`http://${address}/-/ready`).catch(() => undefined))?.status === 200);
    const own = await (await fetch(`http://${address}/metrics`)).text();
    const known = Object.values(scrapeMetrics).map(({ name, kind }) => `${name} ${kind}`);
    const missing = Array.from(own.matchAll(/^# TYPE (prometheus_target_.*)$/gm), ([, named]) => named).filter(
      (named) => !known.includes(named ?? ''),
    );
    assert.deepEqual(missing, [], 'metrics about scraping that Prometheus has');
    const counts = new Map<string, number>();
    for (const [protocols, converts] of [
      ['["PrometheusText0.0.4"]', false],
      ['["OpenMetricsText1.0.0"]', false],
      ['["PrometheusProto"]', false],
      ['["PrometheusProto"]', true],
    ] as const) {
      const sink = new SampleSink();
      const name = `${protocols}${converts ? ', classic histograms converted' : ''}`;
      await using component = await runComponent(
        prometheusScrape,
        `targets = [{__address__ = "${address}"}]\nforward_to = [sink]\nscrape_interval = "100ms"\nscrape_timeout = "100ms"
        scrape_protocols = ${protocols}\nconvert_classic_histograms_to_nhcb = ${converts}`,
        { names: { sink: sink.receiver } },
      );
      await until(() => sink.batches.length > 2 && sink.valuesOf('"up"').at(-1) === 1);
      const [row] = component.debugInfo()?.target ?? [];
      assert.equal(row?.last_error, '', name);
      assert.equal(sink.valuesOf('"up"').at(-1), 1);
      assert.equal(sink.valuesOf('{__name__="prometheus_ready"').at(-1), 1, name);
      assert.ok((sink.valuesOf('{__name__="process_start_time_seconds"').at(-1) ?? 0) > 1_700_000_000, name);
      assert.equal(component.metrics()['prometheus_target_scrapes_sample_duplicate_timestamp_total'], 0, name);
      if (converts)
        assert.ok(
          sink.batches.some(({ histograms }) => (histograms?.count ?? 0) > 0),
          name,
        );
      else counts.set(name, row?.samples ?? 0);
    }
    const [most, least] = [Math.max(...counts.values()), Math.min(...counts.values())];
    assert.ok(least > 200 && most - least < most / 20, `the formats tell the same: ${[...counts.values()].join(', ')}`);
  } finally {
    child.kill('SIGKILL');
    await exited;
    await rm(folder, { recursive: true, force: true });
  }
});
