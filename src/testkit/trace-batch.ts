import type { OtlpBatch } from '../model/otlp-batch.ts';
import { writeOtlp } from './otlp-reference.ts';

/** A value of an attribute; a bigint is an integer. */
export type TestValue = string | boolean | number | bigint | Buffer | readonly TestValue[];
export type TestAttributes = Readonly<Record<string, TestValue>>;

/** A span as tests write it. Ids are hexadecimal and times milliseconds. */
export interface TestSpan {
  /** The `service.name` of its resource; empty for none. */
  readonly service?: string;
  /** Further attributes of the resource. */
  readonly resource?: TestAttributes;
  readonly scope?: { readonly name: string; readonly version?: string };
  readonly traceId?: string;
  readonly spanId?: string;
  readonly parentSpanId?: string;
  readonly traceState?: string;
  readonly name?: string;
  readonly kind?: 'unspecified' | 'internal' | 'server' | 'client' | 'producer' | 'consumer';
  readonly start?: number;
  readonly duration?: number;
  readonly isError?: boolean;
  readonly attributes?: TestAttributes;
  readonly events?: readonly { readonly name: string; readonly attributes: TestAttributes }[];
}

const kinds = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'];

/** A batch of spans, written by the reference; spans of the same resource stand together. */
export function traceBatch(...spans: readonly TestSpan[]): OtlpBatch {
  const byResource = Map.groupBy(spans, ({ service = 'test', resource = {} }) => keyOf({ service, ...resource }));
  const resourceSpans = [...byResource.values()].map((ofResource) => {
    const { service = 'test', resource = {} } = ofResource[0] ?? {};
    const name = service === '' ? {} : { 'service.name': service };
    const byScope = Map.groupBy(ofResource, ({ scope }) => JSON.stringify(scope));
    return {
      resource: { attributes: pairs({ ...name, ...resource }) },
      scopeSpans: [...byScope.values()].map((ofScope) => ({ scope: ofScope[0]?.scope, spans: ofScope.map(message) })),
    };
  });
  return { kind: 'traces', chunks: [writeOtlp('traces', { resourceSpans })], count: spans.length, client: undefined };
}

function keyOf(attributes: TestAttributes): string {
  return JSON.stringify(attributes, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
}

function message(span: TestSpan): unknown {
  const { start = 1_700_000_000_000, duration = 0 } = span;
  return {
    traceId: Buffer.from(span.traceId ?? '0102030405060708090a0b0c0d0e0f10', 'hex'),
    spanId: Buffer.from(span.spanId ?? '0102030405060708', 'hex'),
    parentSpanId: Buffer.from(span.parentSpanId ?? '', 'hex'),
    traceState: span.traceState ?? '',
    name: span.name ?? 'operation',
    kind: kinds.indexOf(span.kind ?? 'server'),
    startTimeUnixNano: nanos(start),
    endTimeUnixNano: nanos(start + duration),
    status: { code: span.isError === true ? 2 : 0 },
    attributes: pairs(span.attributes ?? {}),
    events: (span.events ?? []).map(({ name, attributes }) => ({ name, attributes: pairs(attributes) })),
  };
}

/** The reference takes integers of 64 bits as text. */
function nanos(milliseconds: number): string {
  return String(BigInt(Math.round(milliseconds * 1000)) * 1000n);
}

function pairs(attributes: TestAttributes): unknown[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: anyValue(value) }));
}

function anyValue(value: TestValue): unknown {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'bigint') return { intValue: String(value) };
  if (typeof value === 'number') return { doubleValue: value };
  if (Buffer.isBuffer(value)) return { bytesValue: value };
  return { arrayValue: { values: value.map(anyValue) } };
}
