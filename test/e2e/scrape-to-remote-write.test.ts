import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { ChildProgram } from '../../src/testkit/child-program.ts';
import { startWriteReceiver } from '../../src/testkit/remote-write-receiver.ts';
import { freePort, serve } from '../../src/testkit/test-server.ts';
import { until } from '../../src/testkit/until.ts';

const exposition = `# TYPE http_requests counter
# HELP http_requests Requests that were answered.
http_requests_total{code="200",path="/a"} 100 # {trace_id="abc"} 0.5
http_requests_total{code="500",path="/a"} 2
# TYPE queue_length gauge
# HELP queue_length How many wait.
queue_length -15.5
# TYPE latency_seconds histogram
# UNIT latency_seconds seconds
# HELP latency_seconds How long it took.
latency_seconds_bucket{le="0.5"} 60
latency_seconds_bucket{le="+Inf"} 100
latency_seconds_sum 250.5
latency_seconds_count 100
# EOF
`;

test('what is scraped is sent when the program is told to stop, with metadata, and without ends of series', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'scrape-'));
  t.after(() => rmSync(folder, { recursive: true }));
  await using target = await serve((_, response) => {
    response.writeHead(200, { 'content-type': 'application/openmetrics-text; version=1.0.0' }).end(exposition);
  });
  await using receiver = await startWriteReceiver();
  const file = path.join(folder, 'config.alloy');
  writeFileSync(
    file,
    `prometheus.scrape "target" {
      targets         = [{"__address__" = "${target.url.host}", "job" = "test"}]
      scrape_interval = "1s"
      scrape_timeout  = "1s"
      honor_metadata  = true
      forward_to      = [prometheus.remote_write.out.receiver]
    }
    prometheus.remote_write "out" {
      external_labels = {cluster = "lab"}
      endpoint {
        url              = "${receiver.url}"
        protobuf_message = "io.prometheus.write.v2.Request"
        queue_config {
          batch_send_deadline = "1h"
        }
      }
    }`,
  );
  const port = await freePort();
  const flags = [`--server.http.listen-addr=127.0.0.1:${port}`, `--storage.path=${folder}/data`];
  const program = new ChildProgram('bin/millrace', ['run', '--stability.level=experimental', ...flags, file]);
  await using _ = program;
  await program.says(/Millrace is running/);
  const pending = async (): Promise<number> => {
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    return Number(/prometheus_remote_storage_samples_pending\{.*\} (\d+)/.exec(text)?.[1] ?? 0);
  };
  // Seven series and five about the scrape, at least twice.
  await until(async () => (await pending()) >= 24);
  program.signal('SIGINT');
  assert.equal((await program.result).code, 0);

  assert.equal(receiver.requests.length, 1);
  const [request] = receiver.requests;
  assert.equal(request?.problem, undefined);
  const times = new Map<string, number[]>();
  for (const { labels, names, samples, histograms } of request?.series ?? []) {
    assert.deepEqual(names, names.toSorted());
    assert.ok(names.includes('__name__') && names.includes('instance'));
    assert.deepEqual(names.filter((name) => name.startsWith('__')), ['__name__']);
    assert.equal(labels['job'], 'test');
    assert.equal(labels['cluster'], 'lab');
    assert.equal(histograms.length, 0);
    const key = JSON.stringify(labels);
    for (const { timestamp, value } of samples) {
      assert.ok(!Number.isNaN(value), key);
      assert.ok(Math.abs(Date.now() - timestamp) < 60_000);
      assert.ok(timestamp > (times.get(key)?.at(-1) ?? 0), 'the samples of a series are in order');
      times.set(key, [...(times.get(key) ?? []), timestamp]);
    }
  }
  assert.ok(times.size >= 12);
  const named = (name: string) => (request?.series ?? []).filter(({ labels }) => labels['__name__'] === name);
  const valueOf = (name: string): number | undefined => named(name)[0]?.samples[0]?.value;
  assert.deepEqual(['up', 'queue_length', 'latency_seconds_sum', 'http_requests_total'].map(valueOf), [1, -15.5, 250.5, 100]);
  assert.deepEqual(named('http_requests_total')[0]?.metadata, { type: 1, help: 'Requests that were answered.', unit: '' });
  assert.deepEqual(named('latency_seconds_count')[0]?.metadata, { type: 3, help: 'How long it took.', unit: 'seconds' });
  const exemplars = named('http_requests_total').flatMap((series) => series.exemplars);
  assert.deepEqual(exemplars[0]?.labels, { trace_id: 'abc' });
}); // prettier-ignore
