import { frameSizeError, protocolError } from './codes.ts';
import type { FrameHead } from './frame-reader.ts';

/*
 * What is in the frames that manage a connection, RFC 9113, section 6. All throw an Http2Error for what is malformed.
 */

/** The code of a reset. */
export function readReset({ length }: FrameHead, bytes: Buffer, start: number): number {
  if (length !== 4) throw frameSizeError('a reset');
  return bytes.readUInt32BE(start);
}

/** By how much a window grows; 0 is not allowed either. */
export function readWindowUpdate({ length }: FrameHead, bytes: Buffer, start: number): number {
  if (length !== 4) throw frameSizeError('a window update');
  return bytes.readUInt32BE(start) & 0x7fff_ffff;
}

export function checkPing({ stream, length }: FrameHead): void {
  if (length !== 8) throw frameSizeError('a ping');
  if (stream !== 0) throw protocolError('a ping is of a stream');
}

/** The last stream that the peer takes, and why there are no more. */
export function readGoaway(
  { stream, length }: FrameHead,
  bytes: Buffer,
  start: number,
): { last: number; code: number } {
  if (length < 8) throw frameSizeError('a farewell');
  if (stream !== 0) throw protocolError('a farewell is of a stream');
  return { last: bytes.readUInt32BE(start) & 0x7fff_ffff, code: bytes.readUInt32BE(start + 4) };
}
