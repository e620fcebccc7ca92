import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';
import { compress, uncompress } from 'snappyjs';
import type { MetadataPair } from '../model/structured-metadata.ts';

/** A stream of a push request, as an independent library reads and writes it. */
export interface PushedStream {
  readonly labels: string;
  readonly entries: readonly PushedEntry[];
}

export interface PushedEntry {
  /** A decimal number, since nanoseconds since 1970 do not fit into a float. */
  readonly timestampNs: string;
  readonly line: string;
  readonly metadata: readonly MetadataPair[];
}

interface PushRequestMessage {
  readonly streams: readonly { readonly labels: string; readonly entries: readonly EntryMessage[] }[];
}

interface EntryMessage {
  readonly timestamp: { readonly seconds: string; readonly nanos: number } | null;
  readonly line: string;
  readonly structuredMetadata: readonly MetadataPair[];
}

const schema = fileURLToPath(new URL('../formats/loki-push/testdata/push.proto', import.meta.url));
const PushRequest = protobuf.loadSync(schema).lookupType('logproto.PushRequest');
const nanosPerSecond = 1_000_000_000n;

/** Reads the protobuf form of a push request; throws if it is broken. */
export function readPushRequest(bytes: Buffer): PushedStream[] {
  const options = { longs: String, defaults: true, arrays: true };
  const message = PushRequest.toObject(PushRequest.decode(bytes), options) as PushRequestMessage;
  return message.streams.map(({ labels, entries }) => ({
    labels,
    entries: entries.map(({ timestamp, line, structuredMetadata }) => {
      const seconds = BigInt(timestamp?.seconds ?? 0) * nanosPerSecond;
      return { timestampNs: String(seconds + BigInt(timestamp?.nanos ?? 0)), line, metadata: structuredMetadata };
    }),
  }));
}

/** Writes the protobuf form of a push request, without empty fields as proto3 has it. */
export function writePushRequest(streams: readonly PushedStream[]): Buffer {
  const message = {
    streams: streams.map(({ labels, entries }) => ({
      ...setFields({ labels }),
      entries: entries.map(({ timestampNs, line, metadata }) => {
        const time = BigInt(timestampNs);
        const nanos = ((time % nanosPerSecond) + nanosPerSecond) % nanosPerSecond;
        const seconds = (time - nanos) / nanosPerSecond;
        return {
          timestamp: setFields({ seconds: seconds === 0n ? 0 : String(seconds), nanos: Number(nanos) }),
          ...setFields({ line }),
          structuredMetadata: metadata.map(({ name, value }) => setFields({ name, value })),
        };
      }),
    })),
  };
  return Buffer.from(PushRequest.encode(PushRequest.fromObject(message)).finish());
}

function setFields(fields: Readonly<Record<string, string | number>>): Record<string, string | number> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== '' && value !== 0));
}

/** Snappy of an independent library. Reading throws if the input is broken. */
export const referenceSnappy = { compress, uncompress };
