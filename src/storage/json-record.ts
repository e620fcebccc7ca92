import { varintSize, writeVarint } from '../base/varint.ts';

/** The first byte of a record. */
const version = 1;
const maxHeaderDigits = 5;

/** A record that tells about its content: the version, the size of a header in JSON, the header, and the content. */
export function encodeJsonRecord(header: object, ...body: readonly Buffer[]): Buffer {
  return Buffer.concat([jsonRecordHead(header), ...body]);
}

/** What such a record begins with, before its content. */
export function jsonRecordHead(header: object): Buffer {
  const text = Buffer.from(JSON.stringify(header));
  const size = Buffer.allocUnsafe(1 + varintSize(text.length));
  size[0] = version;
  writeVarint(size, 1, text.length);
  return Buffer.concat([size, text]);
}

/** Reads a record; undefined if it is none. The content is a part of it and not copied. */
export function decodeJsonRecord(record: Buffer): { readonly header: unknown; readonly body: Buffer } | undefined {
  if (record[0] !== version) return undefined;
  let size = 0;
  let at = 1;
  for (let byte = 0x80; byte >= 0x80 && at <= maxHeaderDigits; at++) {
    byte = record[at] ?? 0;
    size += (byte & 0x7f) * 0x80 ** (at - 1);
  }
  try {
    const header = JSON.parse(record.subarray(at, at + size).toString()) as unknown;
    return { header, body: record.subarray(at + size) };
  } catch {
    // A record of another version, which its checksum cannot tell.
    return undefined;
  }
}
