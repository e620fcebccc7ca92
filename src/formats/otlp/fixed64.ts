import type { Milliseconds } from '../../base/duration.ts';

/** An unsigned integer of 64 bits; exact up to 2^53, and else the nearest float. */
export function readUnsigned64(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at + 4) * 0x1_0000_0000 + bytes.readUInt32LE(at);
}

/** The same with a sign. */
export function readSigned64(bytes: Buffer, at: number): number {
  return bytes.readInt32LE(at + 4) * 0x1_0000_0000 + bytes.readUInt32LE(at);
}

/** Nanoseconds in two halves of 32 bits as whole milliseconds, exact for every time. */
export function unixMillis(high: number, low: number): Milliseconds {
  // 2^32 nanoseconds are 4294 milliseconds and 967296 nanoseconds.
  return high * 4294 + Math.floor((high * 967_296 + low) / 1_000_000);
}
