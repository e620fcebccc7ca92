import { varintSize, writeVarint } from '../../../base/varint.ts';
import type { PushRequest } from './request-queue.ts';

/** The first byte of a record. */
const version = 1;
const maxHeaderDigits = 5;

interface Header {
  readonly tenant: string;
  readonly entries: number;
  readonly readAt: number;
}

/** A request as it is written to a log: the version, the size of a header in JSON, the header, and the body. */
export function encodeRecord({ tenant, entryCount, readTimes, body }: PushRequest): Buffer {
  const sum = readTimes.reduce((total, { at, count }) => total + at * count, 0);
  const header: Header = { tenant, entries: entryCount, readAt: Math.round(sum / entryCount) };
  const text = Buffer.from(JSON.stringify(header));
  const size = Buffer.allocUnsafe(1 + varintSize(text.length));
  size[0] = version;
  writeVarint(size, 1, text.length);
  return Buffer.concat([size, text, body]);
}

/** Reads a record; undefined if it is none. Nobody waits for an answer to the request any more. */
export function decodeRecord(record: Buffer): PushRequest | undefined {
  if (record[0] !== version) return undefined;
  let size = 0;
  let at = 1;
  for (let byte = 0x80; byte >= 0x80 && at <= maxHeaderDigits; at++) {
    byte = record[at] ?? 0;
    size += (byte & 0x7f) * 0x80 ** (at - 1);
  }
  const header = parseHeader(record.subarray(at, at + size).toString());
  if (header === undefined) return undefined;
  const { tenant, entries, readAt } = header;
  const readTimes = [{ at: readAt, count: entries }];
  return { tenant, entryCount: entries, readTimes, body: record.subarray(at + size), settles: [] };
}

function parseHeader(text: string): Header | undefined {
  try {
    const { tenant, entries, readAt } = JSON.parse(text) as Partial<Header>;
    if (typeof tenant !== 'string' || typeof entries !== 'number' || typeof readAt !== 'number') return undefined;
    return { tenant, entries, readAt };
  } catch {
    // A record of another version, which its checksum cannot tell.
    return undefined;
  }
}
