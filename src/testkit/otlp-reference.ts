import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';
import type { OtlpBatch, OtlpKind } from '../model/otlp-batch.ts';

/*
 * OTLP as a generic protobuf library reads and writes it: what our own codecs are compared with.
 */

const schema = fileURLToPath(new URL('../formats/otlp/testdata/otlp.proto', import.meta.url));
const root = protobuf.loadSync(schema);
const requests: Readonly<Record<OtlpKind, protobuf.Type>> = {
  traces: root.lookupType('otlp.TraceRequest'),
  metrics: root.lookupType('otlp.MetricsRequest'),
  logs: root.lookupType('otlp.LogsRequest'),
};

/** A message of the reference by its name in `otlp.proto`, such as `Span` or `RpcStatus`. */
export function otlpMessage(name: string): protobuf.Type {
  return root.lookupType(`otlp.${name}`);
}

/** Writes an export request from the objects of protobufjs: `{ resourceSpans: [...] }`, ids as bytes or base64. */
export function writeOtlp(kind: OtlpKind, request: Readonly<Record<string, unknown>>): Buffer {
  return Buffer.from(requests[kind].encode(requests[kind].fromObject(request)).finish());
}

/** Reads an export request; 64-bit integers become decimal text, ids and bytes Buffers. Throws if it is broken. */
export function readOtlp(kind: OtlpKind, bytes: Buffer): Record<string, unknown> {
  const type = requests[kind];
  return type.toObject(type.decode(bytes), { longs: String, enums: Number });
}

/** The same of a batch. */
export function readOtlpBatch(batch: OtlpBatch): Record<string, unknown> {
  return readOtlp(batch.kind, Buffer.concat(batch.chunks));
}
