import { LogCursor } from '../../../formats/otlp/log-cursor.ts';
import { MetricCursor } from '../../../formats/otlp/metric-cursor.ts';
import { otlp } from '../../../formats/otlp/otlp-signal.ts';
import { SpanCursor } from '../../../formats/otlp/span-cursor.ts';
import { otlpSize, type OtlpBatch } from '../../../model/otlp-batch.ts';
import { normalLines } from './normal-lines.ts';

export const verbosities = ['basic', 'normal', 'detailed'] as const;
export type Verbosity = (typeof verbosities)[number];

/** What is shown of a batch: what it is, how much there is of it, and more lines if they are wanted. */
export interface DebugLines {
  readonly title: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly items: Iterable<string>;
}

/** Items are lines of text, or JSON as OTLP has it, in full with the resource and the scope that they are of. */
export function debugLines(batch: OtlpBatch, verbosity: Verbosity): DebugLines {
  const items = verbosity === 'basic' ? [] : verbosity === 'normal' ? normalLines(batch) : otlp.describe(batch);
  const { title, counts } = summary(batch);
  return { title, counts: { ...counts, bytes: otlpSize(batch) }, items };
}

function summary(batch: OtlpBatch): Pick<DebugLines, 'title' | 'counts'> {
  const { kind, count } = batch;
  if (kind === 'traces')
    return { title: 'Traces', counts: { resource_spans: resourcesIn(batch, new SpanCursor()), spans: count } };
  if (kind === 'logs')
    return { title: 'Logs', counts: { resource_logs: resourcesIn(batch, new LogCursor()), log_records: count } };
  const resources = resourcesIn(batch, new MetricCursor());
  return { title: 'Metrics', counts: { resource_metrics: resources, metrics: metricsIn(batch), data_points: count } };
}

function resourcesIn(batch: OtlpBatch, cursor: Pick<LogCursor, 'open' | 'nextResource'>): number {
  let resources = 0;
  cursor.open(batch);
  while (cursor.nextResource()) resources++;
  return resources;
}

function metricsIn(batch: OtlpBatch): number {
  const cursor = new MetricCursor();
  let metrics = 0;
  cursor.open(batch);
  while (cursor.nextResource()) while (cursor.nextScope()) while (cursor.nextMetric()) metrics++;
  return metrics;
}
