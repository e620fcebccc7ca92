import type { Settle } from '../../../flow/delivery.ts';
import type { WriteRequestBuilder, writeProtocols } from '../../../formats/remote-write/write-request.ts';
import { decodeJsonRecord, encodeJsonRecord, jsonRecordHead } from '../../../storage/json-record.ts';

export type WriteProtocol = keyof typeof writeProtocols;

/** How many of each kind. */
export interface ItemCounts {
  readonly samples: number;
  readonly histograms: number;
  readonly exemplars: number;
  readonly metadata: number;
}

/** What is known of a request without reading it. */
export interface RequestInfo extends ItemCounts {
  readonly protocol: WriteProtocol;
  /** Requests of one epoch with different shards have no series in common and may be sent in any order. */
  readonly epoch: string;
  readonly shard: number;
  /** The times of its oldest and its newest sample, in milliseconds since 1970. */
  readonly oldest: number;
  readonly newest: number;
}

/** A request that is complete, encoded and compressed. A retry sends the same bytes. */
export interface OutgoingRequest extends RequestInfo {
  readonly body: Buffer;
  /** The request as it is on disk, which the body is a part of, where it was made so. */
  readonly record?: Buffer;
  /** Acknowledge the batches whose samples it holds. */
  readonly settles: readonly Settle[];
}

/** Makes a request of what was collected, in the memory in which it goes to disk. */
export function finishRequest(
  info: RequestInfo,
  builder: WriteRequestBuilder,
  settles: readonly Settle[],
): OutgoingRequest {
  const head = jsonRecordHead(info);
  const record = builder.finish(head.length);
  head.copy(record);
  return { ...info, record, body: record.subarray(head.length), settles };
}

/** A request as it is on disk. */
export function encodeRequest(request: OutgoingRequest): Buffer {
  const { record, body } = request;
  // What is left of a request, or a half of it, has a body of its own.
  if (record !== undefined && record.buffer === body.buffer) return record;
  return encodeJsonRecord({ ...request, body: undefined, record: undefined, settles: undefined }, body);
}

/** Reads a request from disk; undefined if it is none. Nobody waits for it any more. */
export function decodeRequest(record: Buffer): OutgoingRequest | undefined {
  const { header, body } = decodeJsonRecord(record) ?? {};
  if (body === undefined || typeof header !== 'object' || header === null) return undefined;
  const { protocol, epoch, ...numbers } = header as Partial<RequestInfo>;
  if (protocol !== 'v1' && protocol !== 'v2') return undefined;
  const { shard, oldest, newest, samples, histograms, exemplars, metadata } = numbers;
  const all = [shard, oldest, newest, samples, histograms, exemplars, metadata];
  if (typeof epoch !== 'string' || !all.every((value) => typeof value === 'number')) return undefined;
  return { ...(header as RequestInfo), body, settles: [] };
}

/** What counts as an item of a request. */
export function itemCount({ samples, histograms, exemplars }: ItemCounts): number {
  return samples + histograms + exemplars;
}
