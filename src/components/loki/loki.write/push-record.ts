import { decodeJsonRecord, encodeJsonRecord } from '../../../storage/json-record.ts';
import type { PushRequest } from './request-queue.ts';

interface Header {
  readonly tenant: string;
  readonly entries: number;
  readonly readAt: number;
}

/** A request as it is written to a log. */
export function encodeRecord({ tenant, entryCount, readTimes, body }: PushRequest): Buffer {
  const sum = readTimes.reduce((total, { at, count }) => total + at * count, 0);
  const header: Header = { tenant, entries: entryCount, readAt: Math.round(sum / entryCount) };
  return encodeJsonRecord(header, body);
}

/** Reads a record; undefined if it is none. Nobody waits for an answer to the request any more. */
export function decodeRecord(record: Buffer): PushRequest | undefined {
  const decoded = decodeJsonRecord(record);
  if (decoded === undefined || typeof decoded.header !== 'object' || decoded.header === null) return undefined;
  const { tenant, entries, readAt } = decoded.header as Partial<Header>;
  if (typeof tenant !== 'string' || typeof entries !== 'number' || typeof readAt !== 'number') return undefined;
  return { tenant, entryCount: entries, readTimes: [{ at: readAt, count: entries }], body: decoded.body, settles: [] };
}
