import assert from 'node:assert/strict';
import { test } from 'node:test';
import { otelcolReceiverOtlp } from '../../../src/components/otelcol/otelcol.receiver.otlp.ts';
import { otlp } from '../../../src/formats/otlp/otlp-signal.ts';
import { receiverFor } from '../../../src/testkit/arguments.ts';
import { ChildProgram } from '../../../src/testkit/child-program.ts';
import { collect } from '../../../src/testkit/collect.ts';
import { readOtlpBatch } from '../../../src/testkit/otlp-reference.ts';
import { runComponent } from '../../../src/testkit/run-component.ts';
import { until } from '../../../src/testkit/until.ts';

interface Printed {
  readonly traceId: string;
  readonly request: string;
  readonly query: string;
}

const config = `
grpc {
  endpoint = "127.0.0.1:0"
}
http {
  endpoint = "127.0.0.1:0"
}
output {
  traces  = [out]
  metrics = [out]
  logs    = [out]
}`;

for (const protocol of ['grpc', 'protobuf', 'json']) {
  test(`what a program with the OpenTelemetry SDK sends arrives (traces as ${protocol})`, async () => {
    const out = collect(otlp);
    await using receiver = await runComponent(otelcolReceiverOtlp, config, { names: { out: receiverFor(otlp, out) } });
    const addresses = (): string[] =>
      receiver.logged
        .filter(({ message }) => message === 'server listening')
        .map(({ fields }) => String(fields['address']));
    await until(() => addresses().length === 2);
    const [grpc, http] = addresses();
    await using program = new ChildProgram(process.execPath, [
      'test/e2e/otel-sdk/instrumented-program.ts',
      protocol,
      `http://${grpc}`,
      `http://${http}`,
    ]);
    const { code, stdout, stderr } = await program.result;
    assert.equal(code, 0, stderr);
    const printed = JSON.parse(stdout) as Printed;

    const byKind = (kind: string): Record<string, unknown>[] =>
      out.batches.filter((batch) => batch.kind === kind).map(readOtlpBatch);
    const spans = all(byKind('traces'), 'resourceSpans', 'scopeSpans', 'spans');
    const [query, request] = spans.toSorted((a, b) => String(a['name']).localeCompare(String(b['name'])));
    assert.equal(spans.length, 2);
    assert.equal(hex(request?.['spanId']), printed.request);
    assert.equal(hex(query?.['spanId']), printed.query);
    assert.equal(hex(query?.['parentSpanId']), printed.request);
    assert.equal(hex(request?.['traceId']), printed.traceId);
    assert.deepEqual(attributesOf(request), {
      'http.method': { stringValue: 'POST' },
      'http.status_code': { intValue: '500' },
      retries: { intValue: '2' },
      ratio: { doubleValue: 0.25 },
      tags: { arrayValue: { values: [{ stringValue: 'a' }, { stringValue: 'b' }] } },
    });
    assert.deepEqual(query?.['status'], { code: 2, message: 'connection refused' });
    assert.match(JSON.stringify(query?.['events']), /connection refused: \u{1f4a5}/u);
    assert.equal((query?.['links'] as unknown[] | undefined)?.length, 1);

    const metrics = all(byKind('metrics'), 'resourceMetrics', 'scopeMetrics', 'metrics');
    assert.deepEqual(
      metrics.map(({ name }) => String(name)).toSorted((a, b) => a.localeCompare(b)),
      ['latency', 'orders'],
    );
    const [record] = all(byKind('logs'), 'resourceLogs', 'scopeLogs', 'logRecords');
    assert.deepEqual([record?.['body'], record?.['severityNumber']], [{ stringValue: 'order failed' }, 17]);
    const counted = receiver.metrics();
    const transport = protocol === 'grpc' ? 'grpc' : 'http';
    const labels = `{receiver="otlp/otelcol.receiver.otlp.test",transport="${transport}"}`;
    assert.equal(counted[`otelcol_receiver_accepted_spans_total${labels}`], 2);
  });
}

/** The items of requests, three levels down. */
function all(requests: readonly unknown[], ...path: readonly string[]): Record<string, unknown>[] {
  let level = requests as Record<string, unknown>[];
  for (const key of path) level = level.flatMap((message) => (message[key] ?? []) as Record<string, unknown>[]);
  return level;
}

function attributesOf(span: Record<string, unknown> | undefined): Record<string, unknown> {
  const attributes = (span?.['attributes'] ?? []) as { readonly key: string; readonly value: unknown }[];
  return Object.fromEntries(attributes.map(({ key, value }) => [key, value]));
}

function hex(bytes: unknown): string {
  return Buffer.from(bytes as Uint8Array).toString('hex');
}
