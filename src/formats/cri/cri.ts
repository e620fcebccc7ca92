import { utf8 } from '../../base/bytes.ts';
import { parseRfc3339 } from '../../base/rfc3339.ts';

/** A line of a container runtime, taken apart. */
export interface CriLine {
  /** The timestamp, as whole seconds since 1970 and nanoseconds below one second, if it is one in RFC 3339. */
  hasTime: boolean;
  seconds: number;
  nanos: number;
  stream: 'stdout' | 'stderr';
  /** Whether the next line of the stream goes on where this one ends. */
  isPartial: boolean;
  /** Where the content begins; it ends where the line does. */
  contentStart: number;
}

/** A result for callers that use it up before the next line is parsed. */
export const criLine: CriLine = {
  hasTime: false,
  seconds: 0,
  nanos: 0,
  stream: 'stdout',
  isPartial: false,
  contentStart: 0,
};

const space = 0x20;
const [p, f] = [0x50, 0x46];
const streamLength = 'stdout'.length;
const spaceBeyondAscii = /[\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

/**
 * Reads `<time> <stdout|stderr> [P|F] <content>`, as lenient as Alloy: the time may be any text without spaces, and the
 * flag may be missing. One space ends each part, so that further ones belong to the content. Returns false, with an
 * undefined result, for other lines.
 */
export function parseCri(bytes: Buffer, start: number, end: number, out: CriLine): boolean {
  const timeEnd = endOfTime(bytes, start, end);
  const streamEnd = timeEnd + 1 + streamLength;
  if (timeEnd < 0 || streamEnd >= end || bytes[streamEnd] !== space) return false;
  if (isStdout(bytes, timeEnd + 1)) out.stream = 'stdout';
  else if (isStderr(bytes, timeEnd + 1)) out.stream = 'stderr';
  else return false;
  out.hasTime = parseRfc3339(bytes, start, timeEnd, out);
  const flag = bytes[streamEnd + 1];
  const flagEnd = streamEnd + 2;
  const hasFlag = flagEnd <= end && (flag === p || flag === f) && (flagEnd === end || bytes[flagEnd] === space);
  out.isPartial = hasFlag && flag === p;
  out.contentStart = hasFlag ? Math.min(flagEnd + 1, end) : streamEnd + 1;
  return true;
}

/** Where the space after the time is; -1 if there is none, or another kind of space comes first. */
function endOfTime(bytes: Buffer, start: number, end: number): number {
  let isAscii = true;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (byte > space && byte < 0x80) continue;
    if (byte === space) return isAscii || !spaceBeyondAscii.test(utf8(bytes, start, at)) ? at : -1;
    if (byte >= 0x80) isAscii = false;
    else if (byte >= 0x09 && byte <= 0x0d) return -1;
  }
  return -1;
}

function isStdout(bytes: Buffer, at: number): boolean {
  return hasStd(bytes, at) && bytes[at + 3] === 0x6f && bytes[at + 4] === 0x75 && bytes[at + 5] === 0x74;
}

function isStderr(bytes: Buffer, at: number): boolean {
  return hasStd(bytes, at) && bytes[at + 3] === 0x65 && bytes[at + 4] === 0x72 && bytes[at + 5] === 0x72;
}

function hasStd(bytes: Buffer, at: number): boolean {
  return bytes[at] === 0x73 && bytes[at + 1] === 0x74 && bytes[at + 2] === 0x64;
}
