import { crc32 } from 'node:zlib';

/*
 * A record in a segment file: the marker, the length of the payload, the sequence number and the time in milliseconds
 * since 1970 (six bytes each), the CRC32 of all that follows the marker but itself; then the payload. Little-endian.
 */
export const headerSize = 24;
const marker = Buffer.from([0xd7, 0x51, 0x0e, 0xa3]);
const lengthAt = 4;
const sequenceAt = 8;
const timeAt = 14;
const checksumAt = 20;

export interface RecordHeader {
  /** Grows by one with each record of a segment. */
  readonly sequence: number;
  /** When it was appended, in milliseconds since 1970. */
  readonly time: number;
  /** Of the payload. */
  readonly length: number;
}

export function encodeHeader(sequence: number, time: number, payload: Buffer): Buffer {
  const header = Buffer.allocUnsafe(headerSize);
  marker.copy(header);
  header.writeUInt32LE(payload.length, lengthAt);
  header.writeUIntLE(sequence, sequenceAt, 6);
  header.writeUIntLE(time, timeAt, 6);
  header.writeUInt32LE(checksumOf(header, 0, payload), checksumAt);
  return header;
}

/** Reads a header, which may be damaged all the same; undefined if there is no marker or not all of it is there. */
export function decodeHeader(bytes: Buffer, at: number): RecordHeader | undefined {
  if (at + headerSize > bytes.length || marker.compare(bytes, at, at + marker.length) !== 0) return undefined;
  return {
    length: bytes.readUInt32LE(at + lengthAt),
    sequence: bytes.readUIntLE(at + sequenceAt, 6),
    time: bytes.readUIntLE(at + timeAt, 6),
  };
}

/** Whether all of a record is there as it was written. */
export function isIntact(bytes: Buffer, at: number, { length }: RecordHeader): boolean {
  const start = at + headerSize;
  if (start + length > bytes.length) return false;
  return bytes.readUInt32LE(at + checksumAt) === checksumOf(bytes, at, bytes.subarray(start, start + length));
}

/** Whether a marker is there, or as much of it as there are bytes. */
export function beginsLikeRecord(bytes: Buffer, at: number): boolean {
  const size = Math.min(marker.length, bytes.length - at);
  return marker.compare(bytes, at, at + size, 0, size) === 0;
}

/** Where the next marker is, which need not begin a record; -1 if there is none. */
export function findMarker(bytes: Buffer, from: number): number {
  return bytes.indexOf(marker, from);
}

function checksumOf(bytes: Buffer, at: number, payload: Buffer): number {
  return crc32(payload, crc32(bytes.subarray(at + lengthAt, at + checksumAt)));
}
