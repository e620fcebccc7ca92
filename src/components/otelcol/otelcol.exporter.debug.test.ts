import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { otlpSize, type OtlpBatch } from '../../model/otlp-batch.ts';
import { deliverOtlp } from '../../testkit/otlp-batch.ts';
import { numberedSpans } from '../../testkit/otlp-collector.ts';
import { logsRequest, metricsRequest } from '../../testkit/otlp-samples.ts';
import { problemsOf, runComponent } from '../../testkit/run-component.ts';
import { otelcolExporterDebug } from './otelcol.exporter.debug.ts';
import { LineSampling } from './otelcol.exporter.debug/line-sampling.ts';

const spans = numberedSpans(2);
const points: OtlpBatch = { kind: 'metrics', chunks: [metricsRequest({ metrics: 1 })], count: 2, client: undefined };
const twoScopes: OtlpBatch = {
  ...points,
  chunks: [metricsRequest({ metrics: 3, scopes: 2, resources: 2 })],
  count: 24,
};
const none: OtlpBatch = { ...spans, chunks: [], count: 0 };
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
  assert.deepEqual(await logged('', spans, points, records, twoScopes, none), [
    { message: 'Traces', fields: { resource_spans: 1, spans: 2, bytes: otlpSize(spans) } },
    { message: 'Metrics', fields: { resource_metrics: 1, metrics: 1, data_points: 2, bytes: otlpSize(points) } },
    { message: 'Logs', fields: { resource_logs: 1, log_records: 1, bytes: otlpSize(records) } },
    { message: 'Metrics', fields: { resource_metrics: 2, metrics: 12, data_points: 24, bytes: otlpSize(twoScopes) } },
    { message: 'Traces', fields: { resource_spans: 0, spans: 0, bytes: 0 } },
  ]);
});

test('with more verbosity there is a line for each item, after those for its resource and its scope', async () => {
  const lines = await logged('verbosity = "Normal"', spans, records);
  assert.deepEqual(
    lines.map(({ message }) => message),
    ['Traces', 'item', 'item', 'item', 'item', 'Logs', 'item', 'item', 'item'],
  );
  assert.match(String(lines[3]?.fields['otlp']), /^span 0 /);
  assert.match(String(lines[8]?.fields['otlp']), /^record-0: .* http.request.method=/);
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
  assert.equal(written.length, 11);
  assert.match(written[0] ?? '', /^Traces\t\{"resource_spans":1,"spans":2,"bytes":\d+\}$/);
  assert.match(written[3] ?? '', /^span 0 /);
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
    ['output_paths = ["stdout"]', ['output_paths is not supported when use_internal_logger is true']],
    ['use_internal_logger = false', []],
    [
      'use_internal_logger = false\noutput_paths = []',
      ['output_paths must not be empty when use_internal_logger is false'],
    ],
    ['sampling_initial = -1', ['sampling must not be negative']],
  ];
  for (const [args, problems] of cases) assert.deepEqual(problemsOf(otelcolExporterDebug, args), problems);
});
