import type { Instant } from '../../base/instant.ts';

/** The longest that an integer of 64 bits can be. */
const maxDigits = 19;

/**
 * Reads a decimal number of nanoseconds since 1970, which does not fit into a float. Writes to `out` only if it returns
 * true.
 */
export function parseUnixNanos(bytes: Buffer, start: number, end: number, out: Instant): boolean {
  const isNegative = bytes[start] === 0x2d;
  const first = isNegative ? start + 1 : start;
  const split = Math.max(first, end - 9);
  if (first >= end || end - first > maxDigits) return false;
  const seconds = digitsAt(bytes, first, split);
  const nanos = digitsAt(bytes, split, end);
  if (seconds < 0 || nanos < 0) return false;
  const isBetween = isNegative && nanos > 0;
  out.seconds = isNegative ? 0 - seconds - (isBetween ? 1 : 0) : seconds;
  out.nanos = isBetween ? 1e9 - nanos : nanos;
  return true;
}

/** The number that digits are; -1 if one of them is none. */
function digitsAt(bytes: Buffer, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = (bytes[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}
