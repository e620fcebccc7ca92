import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { callGraph, seededRandom } from '../../src/testkit/call-graph.ts';
import { ChildProgram } from '../../src/testkit/child-program.ts';
import { startLokiReceiver } from '../../src/testkit/loki-receiver.ts';
import { startGrpcCollector } from '../../src/testkit/otlp-collector.ts';
import { prometheusMissing, RealPrometheus } from '../../src/testkit/real-prometheus.ts';
import { seedBlock } from '../../src/testkit/seed-block.ts';
import { freePort } from '../../src/testkit/test-server.ts';
import { traceBatch } from '../../src/testkit/trace-batch.ts';
import { until } from '../../src/testkit/until.ts';

interface Ports {
  readonly grpc: number;
  readonly http: number;
}

/** The trace section of the seed pipeline: its blocks as they are, but for the receiver and what needs Kubernetes. */
async function chain({ grpc, http }: Ports): Promise<string> {
  const names = [
    ['otelcol.processor.batch', 'default'],
    ['otelcol.exporter.otlp', 'tempo'],
    ['otelcol.connector.spanlogs', 'default'],
    ['otelcol.connector.spanmetrics', 'default'],
    ['otelcol.connector.servicegraph', 'default'],
    ['otelcol.exporter.loki', 'spanlogs_exporter'],
    ['otelcol.exporter.prometheus', 'default'],
    ['prometheus.remote_write', 'mimir'],
  ] as const;
  const blocks = await Promise.all(names.map(([name, label]) => seedBlock(name, label)));
  return `
    otelcol.receiver.otlp "default" {
      grpc { endpoint = "127.0.0.1:${grpc}" }
      http { endpoint = "127.0.0.1:${http}" }
      output {
        traces = [
          otelcol.processor.batch.default.input,
          otelcol.connector.spanlogs.default.input,
          otelcol.connector.spanmetrics.default.input,
          otelcol.connector.servicegraph.default.input,
        ]
      }
    }
    loki.write "loki" {
      endpoint { url = sys.env("LOKI_URL") }
    }
    ${blocks.join('\n')}`;
}

test(
  'spans become what a known call graph says: traces, metrics and a service graph in Prometheus, and logs',
  { skip: prometheusMissing() },
  async (t) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'trace-chain-'));
    t.after(() => rmSync(folder, { recursive: true }));
    await using prometheus = await RealPrometheus.start();
    await using tempo = await startGrpcCollector();
    await using loki = await startLokiReceiver();
    const [api, grpc, http] = [await freePort(), await freePort(), await freePort()];
    const file = path.join(folder, 'config.alloy');
    writeFileSync(file, await chain({ grpc, http }));
    const flags = [`--storage.path=${folder}/data`, `--server.http.listen-addr=127.0.0.1:${api}`];
    await using program = new ChildProgram('bin/millrace', ['run', ...flags, file], '', {
      TEMPO_ENDPOINT: tempo.endpoint,
      MIMIR_URL: prometheus.url,
      LOKI_URL: loki.url,
    });
    await program.says(/Millrace is running/);

    const { spans, calls, edges } = callGraph(seededRandom(7), 60);
    const { chunks } = traceBatch(...spans);
    const response = await fetch(`http://127.0.0.1:${http}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf' },
      body: new Uint8Array(Buffer.concat(chunks)),
    });
    assert.equal(response.status, 200);
    await tempo.accepted(spans.length);

    // The metrics of the connectors come at the end, when nothing is to come any more.
    program.signal('SIGTERM');
    const { code, stderr } = await program.result;
    assert.equal(code, 0, stderr);
    const now = Date.now() + 5000;
    const total = async (promql: string): Promise<number> => Number(await prometheus.value(promql, now));
    await until(async () => (await total('sum(traces_spanmetrics_calls_total)')) === spans.length);
    for (const [key, { count, durations }] of calls) {
      const [service = '', name = '', kind = '', isError = ''] = key.split(' ');
      const status = isError === 'true' ? 'STATUS_CODE_ERROR' : 'STATUS_CODE_UNSET';
      const labels = `{service_name="${service}",span_name="${name}",span_kind="SPAN_KIND_${kind.toUpperCase()}",status_code="${status}"}`;
      assert.equal(await total(`sum(traces_spanmetrics_calls_total${labels})`), count, key);
      assert.equal(await total(`sum(traces_spanmetrics_duration_milliseconds_count${labels})`), count, key);
      assert.equal(
        await total(`sum(traces_spanmetrics_duration_milliseconds_sum${labels})`),
        durations.reduce((sum, duration) => sum + duration, 0),
        key,
      );
      const below = labels.replace('}', ',le="1000"}');
      assert.equal(
        await total(`sum(traces_spanmetrics_duration_milliseconds_bucket${below})`),
        durations.filter((duration) => duration <= 1000).length,
        key,
      );
    }
    // Edges to what sends no spans are known when nobody has come for their other side in time.
    for (const [key, { count }] of edges) {
      const [client = '', server = '', type = '', isFailed = ''] = key.split(' ');
      if (type === 'virtual_node') continue;
      const labels = `{client="${client}",server="${server}",connection_type="${type}",failed="${isFailed}"}`;
      assert.equal(await total(`sum(traces_service_graph_request_total${labels})`), count, key);
    }
    const roots = spans.filter(({ parentSpanId = '' }) => parentSpanId === '');
    const logged = await loki.entries(roots.length);
    assert.equal(logged.length, roots.length);
    assert.match(logged[0]?.line ?? '', /request/);
    assert.equal(logged[0]?.labels['exporter'], 'OTLP');
  },
);
