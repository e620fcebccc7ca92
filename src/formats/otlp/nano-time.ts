import type { Instant } from '../../base/instant.ts';

const second = 1_000_000_000;
const half = 0x1_0000;
const word = 0x1_0000_0000;

/** Reads a time that is nanoseconds since 1970 in two halves of 32 bits, which together do not fit into a float. */
export function readNanoTime(low: number, high: number, out: Instant): void {
  // Long division, 16 bits at a time, so that nothing exceeds 2^53.
  const middle = (high % second) * half + (low >>> 16);
  const last = (middle % second) * half + (low & (half - 1));
  out.seconds = (Math.floor(high / second) * half + Math.floor(middle / second)) * half + Math.floor(last / second);
  out.nanos = last % second;
}

/** Writes such a time as a fixed64, and returns the offset after it. Times before 1970 are none: they become zero. */
export function writeNanoTime(bytes: Buffer, at: number, seconds: number, nanos: number): number {
  const isTime = seconds >= 0;
  const below = isTime ? (seconds % half) * second + nanos : 0;
  const above = isTime ? Math.floor(seconds / half) * second : 0;
  const low = (above % half) * half + below;
  const high = Math.floor(above / half) + Math.floor(low / word);
  bytes.writeInt32LE(low | 0, at);
  bytes.writeInt32LE(high | 0, at + 4);
  return at + 8;
}
