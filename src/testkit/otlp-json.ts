import protobuf from 'protobufjs';
import type { OtlpKind } from '../model/otlp-batch.ts';
import { otlpMessage, readOtlp, writeOtlp } from './otlp-reference.ts';

type Message = Record<string, unknown>;

/*
 * OTLP in JSON by means of protobufjs, which knows JSON but not the rules that OTLP has of its own.
 */

const requests: Readonly<Record<OtlpKind, string>> = {
  traces: 'TraceRequest',
  metrics: 'MetricsRequest',
  logs: 'LogsRequest',
};

/** Writes a request in JSON as OTLP has it: 64 bits as text, ids in hexadecimal. */
export function referenceJson(kind: OtlpKind, body: Buffer): string {
  return JSON.stringify(mapped(readOtlp(kind, body), toJson));
}

/** Reads a request in JSON that has its fields in lowerCamelCase, as `comparable` has it. */
export function readReferenceJson(kind: OtlpKind, json: string): Message {
  return comparable(kind, writeOtlp(kind, mapped(JSON.parse(json), fromJson) as Message));
}

/** Reads a request; without what says no more than if it were not there. */
export function comparable(kind: OtlpKind, body: Buffer): Message {
  return withoutDefaults(otlpMessage(requests[kind]), readOtlp(kind, body));
}

function toJson(key: string, value: unknown): unknown {
  if (Buffer.isBuffer(value)) return value.toString(isId(key) ? 'hex' : 'base64');
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}

function fromJson(key: string, value: unknown): unknown {
  return isId(key) ? Buffer.from(value as string, 'hex') : value;
}

function isId(key: string): boolean {
  return /^(traceId|spanId|parentSpanId)$/.test(key);
}

/** What is in a value, each mapped by its key. */
function mapped(value: unknown, map: (key: string, value: unknown) => unknown, key = ''): unknown {
  const own = map(key, value);
  if (Array.isArray(own)) return own.map((element) => mapped(element, map, key));
  if (typeof own !== 'object' || own === null || Buffer.isBuffer(own)) return own;
  return Object.fromEntries(Object.entries(own).map(([name, inner]) => [name, mapped(inner, map, name)]));
}

const alwaysThere: ReadonlySet<string> = new Set([
  'resource',
  'scope',
  'status',
  'body',
  'value',
  'positive',
  'negative',
]);

function withoutDefaults(type: protobuf.Type, message: Message): Message {
  const fields = type.fieldsArray.map((field) => field.resolve());
  const kept: Message = {};
  for (const { name, partOf, repeated, resolvedType } of fields) {
    const value = message[name];
    if (value === undefined) continue;
    const clean = (inner: unknown): unknown =>
      resolvedType instanceof protobuf.Type ? withoutDefaults(resolvedType, inner as Message) : inner;
    const own = repeated ? (value as unknown[]).map(clean) : clean(value);
    const isEmpty = Array.isArray(own) || Buffer.isBuffer(own) ? own.length === 0 : own === 0 || own === '0' || own === '' || own === false; // prettier-ignore
    const isUnset = alwaysThere.has(name) && typeof own === 'object' && own !== null && Object.keys(own).length === 0;
    if (partOf !== null || !(isEmpty || isUnset)) kept[name] = own;
  }
  return kept;
}
