import type { OtlpKind } from '../../model/otlp-batch.ts';
import { messages, requestMessages, type Field, type MessageName } from './message-types.ts';

/**
 * What to do with a field: the one thing that the check of requests looks up for each. From `bytes` on the field has a
 * length; from `message` on it is the message of type `action - message`. What is counted and what a metric has one of
 * come last of these.
 */
export const action = {
  /** Not a field of that message with that wire type. */
  other: 0,
  varint: 1,
  fixed64: 2,
  fixed32: 3,
  bytes: 4,
  traceId: 5,
  spanId: 6,
  packed64: 7,
  packedVarints: 8,
  message: 9,
} as const;

const items: readonly string[] = [
  'Span',
  'LogRecord',
  'NumberDataPoint',
  'HistogramDataPoint',
  'ExponentialHistogramDataPoint',
  'SummaryDataPoint',
] satisfies MessageName[];
const data: readonly string[] = [
  'Gauge',
  'Sum',
  'Histogram',
  'ExponentialHistogram',
  'Summary',
] satisfies MessageName[];

/** The messages by their type, which is the index. */
const types = messages.toSorted((a, b) => rank(a.name) - rank(b.name));

function rank(name: string): number {
  return data.includes(name) ? 2 : items.includes(name) ? 1 : 0;
}

function typeOf(name: string): number {
  return types.findIndex((message) => message.name === name);
}

/** The type of the export request of each kind. */
export const requestTypes: Readonly<Record<OtlpKind, number>> = {
  traces: typeOf(requestMessages.traces),
  metrics: typeOf(requestMessages.metrics),
  logs: typeOf(requestMessages.logs),
};
export const firstItem = action.message + types.findIndex(({ name }) => items.includes(name));
export const firstData = action.message + types.findIndex(({ name }) => data.includes(name));
export const keyValueType = typeOf('KeyValue');
/** The types of what resources of all kinds and spans are made of. */
export const [resourceType, scopeType, eventType, linkType] = [
  typeOf('Resource'),
  typeOf('Scope'),
  typeOf('Event'),
  typeOf('Link'),
];
export const keyValueAction = action.message + keyValueType;

/**
 * Actions by `type << 8 | tag`. Tags of 128 to 255 are written as two bytes, of which the first is the tag and the second
 * is 1, so that for these too the first byte is enough to look them up.
 */
export const actions = new Uint8Array(types.length << 8);

/** The tag of the pre-1.0 lists of scopes, which resources of all kinds have. */
export const deprecatedTag = (1000 << 3) | 2;
/** The action for it, by the type of the resource. */
const deprecatedActions = new Map<number, number>();

for (const [type, { fields }] of types.entries()) {
  for (const field of fields) {
    for (const [wireType, found] of actionsOf(field)) actions[(type << 8) | (field.number << 3) | wireType] = found;
    if (field.name.startsWith('scope_')) deprecatedActions.set(type, action.message + typeOf(field.type));
  }
}

/** What may stand at a field, by wire type. */
function actionsOf({ type, presence }: Field): [wireType: number, action: number][] {
  const isRepeated = presence === 'repeated';
  switch (type) {
    case 'string':
    case 'bytes':
      return [[2, action.bytes]];
    case 'trace id':
      return [[2, action.traceId]];
    case 'span id':
      return [[2, action.spanId]];
    case 'double':
    case 'fixed64':
    case 'sfixed64':
      return isRepeated ? [[1, action.fixed64], [2, action.packed64]] : [[1, action.fixed64]]; // prettier-ignore
    case 'fixed32':
      return [[5, action.fixed32]];
    default: {
      const message = typeOf(type);
      if (message >= 0) return [[2, action.message + message]];
      return isRepeated ? [[0, action.varint], [2, action.packedVarints]] : [[0, action.varint]]; // prettier-ignore
    }
  }
}

/** The action for a tag, however it is written. */
export function actionFor(type: number, tag: number): number {
  const found =
    tag === deprecatedTag ? deprecatedActions.get(type) : tag < 256 ? actions[(type << 8) | tag] : undefined;
  return found ?? action.other;
}

/** What a field is called in an error. */
export function fieldName(type: number, number: number): string {
  const message = types[type];
  const field = message?.fields.find((candidate) => candidate.number === number);
  return `${message?.name ?? ''}.${field?.name ?? number}`;
}

/** The wire type that a field of a message should have; undefined if there is no such field. */
export function wantedWireType(type: number, number: number): number | undefined {
  const field = types[type]?.fields.find((candidate) => candidate.number === number);
  return field === undefined ? undefined : actionsOf(field)[0]?.[0];
}
