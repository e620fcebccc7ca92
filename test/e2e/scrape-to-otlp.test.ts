import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { ChildProgram } from '../../src/testkit/child-program.ts';
import { startHttpCollector } from '../../src/testkit/otlp-collector.ts';
import { readOtlp } from '../../src/testkit/otlp-reference.ts';
import { serve } from '../../src/testkit/test-server.ts';

type Message = Record<string, unknown>;

const exposition = `# TYPE latency_seconds histogram
# HELP latency_seconds How long it took.
latency_seconds_bucket{path="/a",le="0.5"} 60
latency_seconds_bucket{path="/a",le="+Inf"} 100
latency_seconds_sum{path="/a"} 250.5
latency_seconds_count{path="/a"} 100
# TYPE requests_total counter
requests_total 7
`;

test('what is scraped becomes OTLP metrics of their types, also where metadata is not sent on', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'scrape-otlp-'));
  t.after(() => rmSync(folder, { recursive: true }));
  await using target = await serve((_, response) => {
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(exposition);
  });
  await using collector = await startHttpCollector();
  const file = path.join(folder, 'config.alloy');
  writeFileSync(
    file,
    `prometheus.scrape "target" {
      targets = [{
        "__address__"                     = "${target.url.host}",
        "__meta_kubernetes_pod_name"      = "shop-0",
        "__meta_kubernetes_namespace"     = "production",
        "__meta_kubernetes_pod_controller_kind" = "StatefulSet",
        "__meta_kubernetes_pod_controller_name" = "shop",
        "job"                             = "shop",
        "instance"                        = "shop.example.com:80",
      }]
      scrape_interval = "1s"
      scrape_timeout  = "1s"
      forward_to      = [prometheus.relabel.all.receiver]
    }
    prometheus.relabel "all" {
      rule {
        source_labels = ["__name__"]
        regex         = "scrape_.*"
        action        = "drop"
      }
      forward_to = [otelcol.receiver.prometheus.in.receiver]
    }
    otelcol.receiver.prometheus "in" {
      output {
        metrics = [otelcol.exporter.otlphttp.out.input]
      }
    }
    otelcol.exporter.otlphttp "out" {
      client {
        endpoint = "${collector.endpoint}"
      }
    }`,
  );
  const flags = [`--storage.path=${folder}/data`, '--server.http.listen-addr=127.0.0.1:0'];
  await using program = new ChildProgram('bin/millrace', ['run', ...flags, file]);
  await program.says(/Millrace is running/);
  await collector.got(1);
  const { resourceMetrics } = readOtlp('metrics', collector.requests[0]?.body ?? Buffer.alloc(0));
  const [resource] = resourceMetrics as Message[];
  const attributes = (resource?.['resource'] as Message | undefined)?.['attributes'] as {
    key: string;
    value: { stringValue: string };
  }[];
  assert.deepEqual(Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue])), {
    'service.name': 'shop',
    'service.instance.id': 'shop.example.com:80',
    'server.address': 'shop.example.com',
    'net.host.name': 'shop.example.com',
    'server.port': '80',
    'net.host.port': '80',
    'url.scheme': 'http',
    'http.scheme': 'http',
    'k8s.namespace.name': 'production',
    'k8s.pod.name': 'shop-0',
    'k8s.statefulset.name': 'shop',
  });
  const metrics = ((resource?.['scopeMetrics'] as Message[] | undefined)?.[0]?.['metrics'] ?? []) as Message[];
  const named = new Map(metrics.map((metric) => [metric['name'], metric]));
  assert.deepEqual(
    [...named.keys()].toSorted((a, b) => String(a).localeCompare(String(b))),
    ['latency_seconds', 'requests_total', 'up'],
  );
  const latency = named.get('latency_seconds');
  assert.equal(latency?.['description'], 'How long it took.');
  const [point] = ((latency?.['histogram'] as Message | undefined)?.['dataPoints'] ?? []) as Message[];
  assert.deepEqual(
    [point?.['count'], point?.['sum'], point?.['bucketCounts'], point?.['explicitBounds']],
    ['100', 250.5, ['60', '40'], [0.5]],
  );
  const sum = named.get('requests_total')?.['sum'] as Message;
  assert.equal(sum['isMonotonic'], true);
});
