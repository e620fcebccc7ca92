import { readFileSync } from 'node:fs';
import protobuf from 'protobufjs';
import type { OtlpKind } from '../model/otlp-batch.ts';

type Message = Record<string, unknown>;

/** The definitions with bytes in place of text, since protobufjs takes no text that is no UTF-8. */
const schema = readFileSync(new URL('../formats/otlp/testdata/otlp.proto', import.meta.url), 'utf8');
const { root } = protobuf.parse(schema.replaceAll(/\bstring (?=\w+ =)/g, 'bytes '));
const requests: Readonly<Record<OtlpKind, protobuf.Type>> = {
  traces: root.lookupType('otlp.TraceRequest'),
  metrics: root.lookupType('otlp.MetricsRequest'),
  logs: root.lookupType('otlp.LogsRequest'),
};

/** The spans, data points or log records of a request as protobufjs reads it, with text as bytes. Throws if it is broken. */
export function itemsOf(kind: OtlpKind, bytes: Buffer): Message[] {
  const type = requests[kind];
  const request = type.toObject(type.decode(bytes), { longs: String, enums: Number });
  const resources = listOf(Object.values(request)[0]);
  const scopes = resources.flatMap((resource) =>
    listOf(resource['scopeSpans'] ?? resource['scopeMetrics'] ?? resource['scopeLogs']),
  );
  return scopes.flatMap((scope) => {
    if (kind !== 'metrics') return listOf(scope['spans'] ?? scope['logRecords']);
    return listOf(scope['metrics']).flatMap(pointsOf);
  });
}

/** The data points of a metric. */
function pointsOf(metric: Message): Message[] {
  const types = ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary'];
  return types.flatMap((type) => listOf((metric[type] as Message | undefined)?.['dataPoints']));
}

function listOf(value: unknown): Message[] {
  return (value ?? []) as Message[];
}
