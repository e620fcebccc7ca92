import { otlp } from '../../../formats/otlp/otlp-signal.ts';
import { otlpItems, otlpSize, type OtlpBatch, type OtlpKind } from '../../../model/otlp-batch.ts';

export const verbosities = ['basic', 'normal', 'detailed'] as const;
export type Verbosity = (typeof verbosities)[number];

/** What is shown of a batch: what it is, how much there is of it, and a text for each item. */
export interface DebugLines {
  readonly title: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly items: Iterable<string>;
}

const titles: Readonly<Record<OtlpKind, string>> = { traces: 'Traces', metrics: 'Metrics', logs: 'Logs' };

/** Items are JSON, as OTLP has it: by themselves, or in full with the resource and the scope that they are of. */
export function debugLines(batch: OtlpBatch, verbosity: Verbosity): DebugLines {
  const { kind, count } = batch;
  const counts = { [otlpItems[kind].replaceAll(' ', '_')]: count, bytes: otlpSize(batch) };
  return { title: titles[kind], counts, items: verbosity === 'basic' ? [] : itemTexts(batch, verbosity) };
}

function* itemTexts(batch: OtlpBatch, verbosity: Verbosity): Generator<string> {
  for (const text of otlp.describe(batch)) yield verbosity === 'detailed' ? text : innermost(text);
}

interface Request {
  readonly [resources: string]: readonly [{ readonly [scopes: string]: unknown }];
}

/** The span, metric or record of a request with one item. */
function innermost(text: string): string {
  const resource = Object.values(JSON.parse(text) as Request)[0]?.[0] ?? {};
  const [scope] = (resource['scopeSpans'] ?? resource['scopeMetrics'] ?? resource['scopeLogs']) as [
    Readonly<Record<string, readonly unknown[]>>,
  ];
  const [item] = scope['spans'] ?? scope['metrics'] ?? scope['logRecords'] ?? [];
  return JSON.stringify(item);
}
