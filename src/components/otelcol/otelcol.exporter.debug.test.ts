import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import type { OtlpBatch } from '../../model/otlp-batch.ts';
import { deliverOtlp } from '../../testkit/otlp-batch.ts';
import { numberedSpans } from '../../testkit/otlp-collector.ts';
import { logsRequest, metricsRequest } from '../../testkit/otlp-samples.ts';
import { problemsOf, runComponent } from '../../testkit/run-component.ts';
import { otelcolExporterDebug } from './otelcol.exporter.debug.ts';
import { LineSampling } from './otelcol.exporter.debug/line-sampling.ts';

const spans = numberedSpans(2);
const points: OtlpBatch = { kind: 'metrics', chunks: [metricsRequest({ metrics: 1 })], count: 2, client: undefined };
const records: OtlpBatch = { kind: 'logs', chunks: [logsRequest({ records: 1 })], count: 1, client: undefined };

async function logged(args: string, ...batches: readonly OtlpBatch[]) {
  await using running = await runComponent(otelcolExporterDebug, args);
  for (const batch of batches) await deliverOtlp(running.exports.input, batch);
  return running.logged.map(({ message, fields }) => ({ message, fields }));
}

function itemsIn(lines: readonly { readonly fields: Readonly<Record<string, unknown>> }[]): unknown[] {
  return lines.flatMap(({ fields: { otlp } }) => (typeof otlp === 'string' ? [JSON.parse(otlp) as unknown] : []));
}

test('a batch is a line with its counts', async () => {
  assert.deepEqual(await logged('', spans, points, records), [
    { message: 'Traces', fields: { spans: 2, bytes: spans.chunks[0]?.length } },
    { message: 'Metrics', fields: { data_points: 2, bytes: points.chunks[0]?.length } },
    { message: 'Logs', fields: { log_records: 1, bytes: records.chunks[0]?.length } },
  ]);
});

test('with more verbosity each item is a line too', async () => {
  const lines = await logged('verbosity = "Normal"', spans, points, records);
  assert.deepEqual(
    lines.map(({ message }) => message),
    ['Traces', 'item', 'item', 'Metrics', 'item', 'item', 'Logs', 'item'],
  );
  const items = itemsIn(lines) as { name?: string; body?: { stringValue: string } }[];
  assert.deepEqual(
    items.slice(0, 4).map(({ name }) => name),
    ['span 0', 'span 1', 'metric.0', 'metric.0'],
  );
  assert.match(items[4]?.body?.stringValue ?? '', /^record-0/);
});

test('in full there are the resource and the scope too', async () => {
  const [item] = itemsIn(await logged('verbosity = "detailed"', records)) as [Record<string, unknown>];
  const [{ resource, scopeLogs }] = item['resourceLogs'] as [{ resource: unknown; scopeLogs: [{ scope: unknown }] }];
  assert.match(JSON.stringify(resource), /"service.name"/);
  assert.match(JSON.stringify(scopeLogs[0].scope), /"@example\/instrumentation-0"/);
});

test('lines can be written to files, and a file that cannot be written is told once', async () => {
  const file = path.join(tmpdir(), `debug-${process.pid}.txt`);
  const missing = path.join(file, 'missing');
  const args = `verbosity = "normal"\nuse_internal_logger = false\noutput_paths = ["${missing}", "${file}"]`;
  const lines = await logged(args, spans, spans);
  assert.deepEqual(
    lines.map(({ message, fields }) => [message, fields['path']]),
    [['cannot write debug output', missing]],
  );
  const written = (await readFile(file, 'utf8')).split('\n');
  assert.equal(written.length, 7);
  assert.match(written[0] ?? '', /^Traces\t\{"spans":2,"bytes":\d+\}$/);
  assert.match(written[1] ?? '', /"name":"span 0"/);
  await rm(file);
});

test('of many batches in a second only some are written', () => {
  const written = (initial: number, thereafter: number): number[] => {
    const sampling = new LineSampling(initial, thereafter);
    return Array.from({ length: 10 }, (_, index) => index).filter(() => sampling.isWritten('traces', 0));
  };
  assert.deepEqual(written(2, 1), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert.deepEqual(written(2, 3), [0, 1, 4, 7]);
  assert.deepEqual(written(1, 0), [0]);
  const sampling = new LineSampling(1, 0);
  const all = [
    ['traces', 0],
    ['traces', 999],
    ['logs', 999],
    ['traces', 1000],
  ] as const;
  assert.deepEqual(
    all.map(([line, now]) => sampling.isWritten(line, now)),
    [true, false, true, true],
  );
});

test('arguments that make no sense are refused', () => {
  const cases: readonly [args: string, problems: string[]][] = [
    ['verbosity = "DETAILED"', []],
    ['verbosity = "loud"', ['invalid verbosity "loud", want "basic", "normal" or "detailed"']],
    ['output_paths = ["stdout"]', ['`output_paths` needs `use_internal_logger = false`']],
    ['sampling_initial = -1', ['sampling must not be negative']],
  ];
  for (const [args, problems] of cases) assert.deepEqual(problemsOf(otelcolExporterDebug, args), problems);
});
