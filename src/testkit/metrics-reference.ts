import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';

/** A message of the metrics formats as an independent library reads and writes it: plain objects, integers as numbers. */
export type ProtobufMessage = Readonly<Record<string, unknown>>;

export interface ReferenceMessage {
  encode(message: ProtobufMessage): Buffer;
  /** As `encode`, with the length in front. */
  encodeDelimited(message: ProtobufMessage): Buffer;
  decode(bytes: Buffer): ProtobufMessage;
}

function messageType(file: string, name: string): ReferenceMessage {
  const schema = fileURLToPath(new URL(`../formats/${file}`, import.meta.url));
  const type = new protobuf.Root().loadSync(schema, { keepCase: true }).lookupType(name);
  return {
    encode: (message) => Buffer.from(type.encode(type.fromObject(message)).finish()),
    encodeDelimited: (message) => Buffer.from(type.encodeDelimited(type.fromObject(message)).finish()),
    decode: (bytes) => type.toObject(type.decode(bytes), { longs: Number }),
  };
}

/** What targets answer in the protobuf format. */
export const metricFamilyMessage = messageType(
  'prometheus-protobuf/testdata/metrics.proto',
  'io.prometheus.client.MetricFamily',
);
export const writeRequestV1 = messageType('remote-write/testdata/v1.proto', 'prometheus.WriteRequest');
export const writeRequestV2 = messageType('remote-write/testdata/v2.proto', 'io.prometheus.write.v2.Request');
