import { ownBuffer } from '../base/bytes.ts';
import {
  beginsLikeRecord,
  decodeHeader,
  findMarker,
  headerSize,
  isIntact,
  type RecordHeader,
} from './record-header.ts';

/** Where a record is in its segment. */
export interface FoundRecord extends RecordHeader {
  /** Where its header begins. */
  readonly offset: number;
}

export interface ScannedSegment {
  readonly records: readonly FoundRecord[];
  /** Where the last record ends; what follows is good for nothing. */
  readonly end: number;
  /** Damaged places, each of one or more records. A record that was not written to its end is none. */
  readonly damages: number;
}

/** A file that can be read anywhere. */
export interface Readable {
  read(buffer: Buffer, offset: number, length: number, position: number): Promise<{ readonly bytesRead: number }>;
}

/** How much is read at a time in search of headers. */
const windowSize = 64 * 1024;

/** Beyond this, what looks like the next record is none: nothing loses so many records at once. */
const maxGap = 1_000_000;

/**
 * Finds the records of a segment. Headers lead from one to the next, so that payloads need not be read; they are checked
 * when they are used. Where headers do not fit together, the rest of the segment is read and searched.
 */
export async function scanSegment(file: Readable, size: number): Promise<ScannedSegment> {
  const records: FoundRecord[] = [];
  let window: Buffer = Buffer.alloc(0);
  let windowStart = 0;
  let at = 0;
  while (at < size) {
    if (at < windowStart || at + headerSize > windowStart + window.length) {
      window = await readRange(file, at, Math.min(size, at + windowSize));
      windowStart = at;
    }
    const header = decodeHeader(window, at - windowStart);
    const last = records.at(-1);
    const fits = header !== undefined && at + headerSize + header.length <= size;
    // The number of the first record tells those of all others, and so must be right.
    if (!fits || !(last === undefined ? await isWhole(file, header) : header.sequence === last.sequence + 1)) {
      // The last header may be what is wrong, as it led here.
      records.pop();
      const from = last?.offset ?? 0;
      const rest = searchRecords(await readRange(file, from, size), from, records.at(-1)?.sequence);
      return { ...rest, records: [...records, ...rest.records] };
    }
    records.push({ ...header, offset: at });
    at += headerSize + header.length;
  }
  return { records, end: at, damages: 0 };
}

/** Whether the record at the beginning of a file is as it was written. */
async function isWhole(file: Readable, header: RecordHeader): Promise<boolean> {
  const bytes = await readRange(file, 0, headerSize + header.length);
  return isIntact(bytes, 0, header);
}

/** Finds the intact records in the end of a segment, which begins at an offset. */
function searchRecords(bytes: Buffer, start: number, lastSequence: number | undefined): ScannedSegment {
  const records: FoundRecord[] = [];
  let damages = 0;
  let end = 0;
  let sequence = lastSequence;
  for (let at = 0; at < bytes.length;) {
    const header = decodeHeader(bytes, at);
    const isInOrder =
      header !== undefined &&
      (sequence === undefined || (header.sequence > sequence && header.sequence < sequence + maxGap));
    if (isInOrder && isIntact(bytes, at, header)) {
      if (at > end) damages++;
      records.push({ ...header, offset: start + at });
      sequence = header.sequence;
      at += headerSize + header.length;
      end = at;
      continue;
    }
    const next = findMarker(bytes, at + 1);
    if (next === -1) break;
    at = next;
  }
  if (end < bytes.length && !isCutOff(bytes, end)) damages++;
  return { records, end: start + end, damages };
}

/** Whether the bytes end within a record that begins there, as a crash leaves them. */
function isCutOff(bytes: Buffer, at: number): boolean {
  if (bytes.length - at < headerSize) return beginsLikeRecord(bytes, at);
  const header = decodeHeader(bytes, at);
  return header !== undefined && at + headerSize + header.length > bytes.length;
}

async function readRange(file: Readable, start: number, end: number): Promise<Buffer> {
  const bytes = ownBuffer(end - start);
  let size = 0;
  while (size < bytes.length) {
    const { bytesRead } = await file.read(bytes, size, bytes.length - size, start + size);
    if (bytesRead === 0) break;
    size += bytesRead;
  }
  return bytes.subarray(0, size);
}
