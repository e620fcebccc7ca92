import * as fc from 'fast-check';
import protobuf from 'protobufjs';
import type { OtlpKind } from '../model/otlp-batch.ts';
import { otlpMessage } from './otlp-reference.ts';

type Message = Record<string, unknown>;

const requests: Readonly<Record<OtlpKind, string>> = {
  traces: 'TraceRequest',
  metrics: 'MetricsRequest',
  logs: 'LogsRequest',
};

/** Any export request, as an object of protobufjs with every field that the definitions have, for `writeOtlp`. */
export function anyRequest(kind: OtlpKind): fc.Arbitrary<Message> {
  return anyMessage(otlpMessage(requests[kind]), 3);
}

/** `depth` bounds how deeply values of attributes lie in each other. */
function anyMessage(type: protobuf.Type, depth: number): fc.Arbitrary<Message> {
  const fields = type.fieldsArray.filter(({ name, partOf }) => partOf === null && !name.startsWith('deprecated'));
  const own = fc.record(
    Object.fromEntries(fields.map((field) => [field.name, anyField(type, field, depth)])),
    { requiredKeys: [] },
  ); // prettier-ignore
  const oneofs = type.oneofsArray.filter(({ name }) => !name.startsWith('_')).map((oneof) => oneOf(oneof, depth));
  return oneofs.reduce((all, one) => fc.tuple(all, one).map(([first, second]) => ({ ...first, ...second })), own);
}

/** One of its members, or none. */
function oneOf({ fieldsArray }: protobuf.OneOf, depth: number): fc.Arbitrary<Message> {
  const members = fieldsArray
    .map((field) => field.resolve())
    .filter(({ resolvedType }) => depth > 0 || resolvedType === null)
    .map((field) => anyValueOf(field, depth).map((value) => ({ [field.name]: value })));
  return fc.oneof(fc.constant({}), ...members);
}

function anyField(type: protobuf.Type, field: protobuf.Field, depth: number): fc.Arbitrary<unknown> {
  field.resolve();
  const value = anyValueOf(field, depth);
  if (!field.repeated) return value;
  // Few of what is large, so that requests stay small.
  return fc.array(value, { maxLength: type.name.endsWith('Request') ? 3 : 2 });
}

function anyValueOf(field: protobuf.Field, depth: number): fc.Arbitrary<unknown> {
  const { resolvedType } = field;
  if (resolvedType instanceof protobuf.Type) {
    return anyMessage(resolvedType, resolvedType.name === 'AnyValue' ? depth - 1 : depth);
  }
  if (resolvedType instanceof protobuf.Enum) return fc.constantFrom(...Object.values(resolvedType.values));
  switch (field.type) {
    case 'string':
      // The longer ones have a length of two bytes.
      return fc.oneof(
        { weight: 9, arbitrary: fc.string({ unit: 'grapheme', maxLength: 10 }) },
        { weight: 1, arbitrary: fc.string({ minLength: 128, maxLength: 200 }) },
      );
    case 'bytes':
      return anyBytes(field.name);
    case 'bool':
      return fc.boolean();
    case 'double':
      return fc.double();
    case 'fixed64':
    case 'uint64':
      return fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String);
    case 'int64':
    case 'sfixed64':
      return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String);
    case 'uint32':
    case 'fixed32':
      return fc.integer({ min: 0, max: 2 ** 32 - 1 });
    default:
      return fc.integer();
  }
}

function anyBytes(name: string): fc.Arbitrary<Buffer> {
  const sized = (length: number): fc.Arbitrary<Buffer> =>
    fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => Buffer.from(bytes));
  if (name === 'traceId') return fc.oneof(fc.constant(Buffer.alloc(0)), sized(16));
  if (name.endsWith('panId')) return fc.oneof(fc.constant(Buffer.alloc(0)), sized(8));
  return fc.uint8Array({ maxLength: 10 }).map((bytes) => Buffer.from(bytes));
}
