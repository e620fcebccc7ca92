import { daysInMonth, secondsAtDate } from './civil-date.ts';
import { compileTimeLayout } from './go-time.ts';
import type { Instant } from './instant.ts';
import { utc } from './time-zone.ts';

/**
 * Reads a timestamp such as `2024-05-01T12:34:56.789Z` as Go's `time.Parse` does with `RFC3339Nano`; digits after the
 * ninth of a fraction are dropped. Writes to `out` only if it returns true.
 */
export function parseRfc3339(bytes: Uint8Array, start: number, end: number, out: Instant): boolean {
  return parseStrictly(bytes, start, end, out) || parseLeniently(bytes, start, end, out);
}

/** What the standard allows. */
function parseStrictly(bytes: Uint8Array, start: number, end: number, out: Instant): boolean {
  if (end - start < 20) return false;
  const year = twoDigits(bytes, start) * 100 + twoDigits(bytes, start + 2);
  const month = twoDigits(bytes, start + 5);
  const day = twoDigits(bytes, start + 8);
  if (year > 9999 || month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return false;
  const hour = twoDigits(bytes, start + 11);
  const minute = twoDigits(bytes, start + 14);
  const second = twoDigits(bytes, start + 17);
  if (hour > 23 || minute > 59 || second > 59) return false;
  const hasSeparators =
    bytes[start + 4] === 0x2d &&
    bytes[start + 7] === 0x2d &&
    bytes[start + 10] === 0x54 &&
    bytes[start + 13] === 0x3a &&
    bytes[start + 16] === 0x3a;
  if (!hasSeparators) return false;

  let at = start + 19;
  let nanos = 0;
  if (bytes[at] === 0x2e) {
    let digits = 0;
    for (at++; at < end; at++) {
      const digit = digitAt(bytes, at);
      if (digit > 9) break;
      if (digits < 9) nanos = nanos * 10 + digit;
      digits++;
    }
    if (digits === 0) return false;
    for (; digits < 9; digits++) nanos *= 10;
  }
  const offset = offsetAt(bytes, at, end);
  if (offset === noOffset) return false;
  out.seconds = secondsAtDate(year, month, day) + hour * 3600 + minute * 60 + second - offset;
  out.nanos = nanos;
  return true;
}

const noOffset = 0x7fff_ffff;

/** The seconds of `Z`, `+01:00` or `-01:00` that fills a range. */
function offsetAt(bytes: Uint8Array, at: number, end: number): number {
  const sign = bytes[at];
  if (sign === 0x5a && end === at + 1) return 0;
  if ((sign !== 0x2b && sign !== 0x2d) || end !== at + 6 || bytes[at + 3] !== 0x3a) return noOffset;
  const hours = twoDigits(bytes, at + 1);
  const minutes = twoDigits(bytes, at + 4);
  if (hours > 23 || minutes > 59) return noOffset;
  const offset = hours * 3600 + minutes * 60;
  return sign === 0x2d ? -offset : offset;
}

/** A number that is too large for anything if there are no two digits. */
function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = digitAt(bytes, at);
  const ones = digitAt(bytes, at + 1);
  return tens <= 9 && ones <= 9 ? tens * 10 + ones : 10_000;
}

/** More than nine if there is no digit. */
function digitAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) - 0x30) >>> 0;
}

const lenient = compileTimeLayout('2006-01-02T15:04:05.999999999Z07:00', utc);

/** Go also takes hours of one digit, a comma before the fraction, and offsets of 24 hours and 60 minutes. */
function parseLeniently(bytes: Uint8Array, start: number, end: number, out: Instant): boolean {
  const isLikely = end - start <= 64 && bytes[start + 4] === 0x2d && bytes[start + 7] === 0x2d;
  return isLikely && lenient(String.fromCharCode(...bytes.subarray(start, end)), out, 0);
}

/** Writes a time in UTC as Go's `RFC3339Nano` does: a fraction of up to nine digits without zeros at its end. */
export function formatRfc3339Nano(seconds: number, nanos: number): string {
  const date = new Date(seconds * 1000).toISOString().slice(0, 19);
  if (nanos === 0) return `${date}Z`;
  return `${date}.${String(nanos).padStart(9, '0').replace(/0+$/, '')}Z`;
}
