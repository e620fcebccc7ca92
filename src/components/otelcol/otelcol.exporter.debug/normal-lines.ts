import { encodeOtlpJson } from '../../../formats/otlp/json-encode.ts';
import type { OtlpBatch, OtlpKind } from '../../../model/otlp-batch.ts';
import { pointTexts, type JsonMetric } from './point-texts.ts';
import { attributeTexts, valueText, type JsonAttribute, type JsonValue } from './value-text.ts';

interface JsonResource {
  readonly resource?: { readonly attributes?: readonly JsonAttribute[] };
  readonly schemaUrl?: string;
  readonly scopeSpans?: readonly JsonScope[];
  readonly scopeMetrics?: readonly JsonScope[];
  readonly scopeLogs?: readonly JsonScope[];
}

interface JsonScope {
  readonly scope?: {
    readonly name?: string;
    readonly version?: string;
    readonly attributes?: readonly JsonAttribute[];
  };
  readonly schemaUrl?: string;
  readonly spans?: readonly JsonSpan[];
  readonly metrics?: readonly JsonMetric[];
  readonly logRecords?: readonly JsonRecord[];
}

interface JsonSpan {
  readonly name?: string;
  readonly traceId?: string;
  readonly spanId?: string;
  readonly attributes?: readonly JsonAttribute[];
}

interface JsonRecord {
  readonly body?: JsonValue;
  readonly attributes?: readonly JsonAttribute[];
}

/** What resources and scopes are called. */
const titles: Readonly<Record<OtlpKind, string>> = { traces: 'Traces', metrics: 'Metrics', logs: 'Log' };

/** A line for each resource, scope, span, data point and log record, in the order in which they are in the batch. */
export function* normalLines(batch: OtlpBatch): Generator<string> {
  const title = titles[batch.kind];
  const request = JSON.parse(encodeOtlpJson(batch).toString()) as Readonly<Record<string, readonly JsonResource[]>>;
  for (const [index, resource] of (Object.values(request)[0] ?? []).entries()) {
    const { resource: { attributes } = {}, schemaUrl } = resource;
    yield spaced(`Resource${title} #${index}`, inBrackets(schemaUrl), ...attributeTexts(attributes));
    const scopes = resource.scopeSpans ?? resource.scopeMetrics ?? resource.scopeLogs ?? [];
    for (const [scopeIndex, scope] of scopes.entries()) {
      yield scopeLine(`Scope${title} #${scopeIndex}`, scope);
      yield* (scope.spans ?? []).map(spanLine);
      yield* (scope.metrics ?? []).flatMap(pointTexts);
      yield* (scope.logRecords ?? []).map(recordLine);
    }
  }
}

function scopeLine(
  title: string,
  { scope: { name = '', version = '', attributes } = {}, schemaUrl }: JsonScope,
): string {
  const nameAndVersion = version === '' ? name : `${name}@${version}`;
  return spaced(title, nameAndVersion, inBrackets(schemaUrl), ...attributeTexts(attributes));
}

function spanLine({ name = '', traceId = '', spanId = '', attributes }: JsonSpan): string {
  return [name, traceId, spanId, ...attributeTexts(attributes)].join(' ');
}

function recordLine({ body, attributes }: JsonRecord): string {
  return [valueText(body), ...attributeTexts(attributes)].join(' ');
}

function inBrackets(schemaUrl = ''): string {
  return schemaUrl === '' ? '' : `[${schemaUrl}]`;
}

/** The parts that say something. */
function spaced(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(' ');
}
