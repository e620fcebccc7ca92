import { daysBefore, daysInMonth, isLeapYear, secondsAtDate } from './civil-date.ts';
import type { Milliseconds } from './duration.ts';
import { compileLayout, emptyFields, type TimeFields } from './go-time-layout.ts';
import type { Instant } from './instant.ts';
import { ParseError } from './parse-error.ts';
import { findTimeZone, utc, type TimeZone } from './time-zone.ts';

/**
 * Reads a whole text as a point in time. Writes to `out` only if it returns true. `now`, in milliseconds since 1970,
 * tells the year of a text that has none.
 */
export type TimeParser = (text: string, out: Instant, now: Milliseconds) => boolean;

const layouts: Readonly<Record<string, string>> = {
  ANSIC: 'Mon Jan _2 15:04:05 2006',
  UnixDate: 'Mon Jan _2 15:04:05 MST 2006',
  RubyDate: 'Mon Jan 02 15:04:05 -0700 2006',
  RFC822: '02 Jan 06 15:04 MST',
  RFC822Z: '02 Jan 06 15:04 -0700',
  RFC850: 'Monday, 02-Jan-06 15:04:05 MST',
  RFC1123: 'Mon, 02 Jan 2006 15:04:05 MST',
  RFC1123Z: 'Mon, 02 Jan 2006 15:04:05 -0700',
  RFC3339: '2006-01-02T15:04:05Z07:00',
  RFC3339Nano: '2006-01-02T15:04:05.999999999Z07:00',
};

/** Decimal digits of the units that count from 1970. */
const unixDigits: Readonly<Record<string, number>> = { UnixMs: 3, UnixUs: 6, UnixNs: 9 };

/** Compiles the name of a format, or else a layout of Go. A location matters to layouts only, where they have no zone. */
export function compileTimeFormat(format: string, location = ''): TimeParser | ParseError {
  const zone = findTimeZone(location);
  if (zone instanceof ParseError) return zone;
  if (format === 'Unix') return parseUnixSeconds;
  const digits = Object.hasOwn(unixDigits, format) ? unixDigits[format] : undefined;
  if (digits !== undefined) return (text, out) => parseUnix(text, digits, out);
  const layout = Object.hasOwn(layouts, format) ? layouts[format] : undefined;
  return layout === undefined ? compileTimeLayout(format, zone) : compileTimeLayout(layout, utc);
}

/** Compiles a layout of Go's `time` package. The zone is where a text without a zone comes from. */
export function compileTimeLayout(layout: string, zone: TimeZone): TimeParser {
  const steps = compileLayout(layout);
  const hasYear = layout.includes('06');
  return (text, out, now) => {
    const fields = emptyFields();
    let at = 0;
    for (const step of steps) {
      at = step(text, at, fields);
      if (at < 0) return false;
    }
    if (at < text.length || !settleDate(fields)) return false;
    if (!hasYear) fields.year = yearNear(now, fields.month);
    out.seconds = secondsOf(fields, zone);
    out.nanos = fields.nanos;
    return true;
  };
}

/** Completes month and day, and tells whether they exist and do not contradict each other. */
function settleDate(fields: TimeFields): boolean {
  if (fields.yearDay >= 0) {
    const leapDay = isLeapYear(fields.year) ? 1 : 0;
    if (fields.yearDay < 1 || fields.yearDay > 365 + leapDay) return false;
    let month = 12;
    const before = (index: number): number => daysBefore(index) + (index > 2 ? leapDay : 0);
    while (before(month) >= fields.yearDay) month--;
    const day = fields.yearDay - before(month);
    if ((fields.month >= 0 && fields.month !== month) || (fields.day >= 0 && fields.day !== day)) return false;
    fields.month = month;
    fields.day = day;
  }
  if (fields.month < 0) fields.month = 1;
  if (fields.day < 0) fields.day = 1;
  return fields.day >= 1 && fields.day <= daysInMonth(fields.year, fields.month);
}

/** The year that puts a month near to now, when one is in December and the other in January. */
function yearNear(now: Milliseconds, month: number): number {
  const date = new Date(now);
  const year = date.getUTCFullYear();
  const currentMonth = date.getUTCMonth() + 1;
  if (month === 12 && currentMonth === 1) return year - 1;
  return month === 1 && currentMonth === 12 ? year + 1 : year;
}

function secondsOf(fields: TimeFields, zone: TimeZone): number {
  let { hour } = fields;
  if (fields.half === 'pm' && hour < 12) hour += 12;
  else if (fields.half === 'am' && hour === 12) hour = 0;
  const local = secondsAtDate(fields.year, fields.month, fields.day) + hour * 3600 + fields.minute * 60 + fields.second;
  if (fields.offset !== undefined) return local - fields.offset;
  if (fields.zoneName !== '') return local - offsetOfName(fields.zoneName, zone);
  return toUtc(local, zone);
}

/** An abbreviation that the zone does not know counts as UTC, but for `GMT+3` and the like. */
function offsetOfName(name: string, zone: TimeZone): number {
  const known = zone.offsetOf(name);
  if (known !== undefined) return known;
  return name.startsWith('GMT') ? Number(name.slice(3)) * 3600 : 0;
}

/** Near a change of the clock, the offset at the place of the result decides. */
function toUtc(local: number, zone: TimeZone): number {
  const offset = zone.offsetAt(local);
  return offset === 0 ? local : local - zone.offsetAt(local - offset);
}

/** Whole seconds, or seconds and a fraction after exactly one point. */
function parseUnixSeconds(text: string, out: Instant): boolean {
  const [whole = '', fraction, ...more] = text.split('.');
  if (fraction === undefined || more.length > 0) return parseUnix(text, 0, out);
  if (!isInt64(whole) || !isInt64(fraction)) return false;
  // The fraction has as many digits as the text says, even if a sign is one of them, as Alloy computes it.
  const nanos = Math.trunc(Number(fraction) * 10 ** (9 - fraction.length));
  const seconds = Number(whole) + Math.floor(nanos / 1e9);
  if (!Number.isSafeInteger(seconds)) return false;
  out.seconds = seconds;
  out.nanos = nanos - Math.floor(nanos / 1e9) * 1e9;
  return true;
}

/** An integer in a unit of so many decimal digits below the second. */
function parseUnix(text: string, digits: number, out: Instant): boolean {
  if (!isInt64(text)) return false;
  const isNegative = text.startsWith('-');
  const amount = text.replace(/^[+-]/, '').padStart(digits + 1, '0');
  const point = amount.length - digits;
  const seconds = Number(amount.slice(0, point));
  const nanos = Number(amount.slice(point).padEnd(9, '0'));
  if (!Number.isSafeInteger(seconds)) return false;
  const isBorrowed = isNegative && nanos > 0;
  out.seconds = (isNegative ? 0 - seconds : seconds) - (isBorrowed ? 1 : 0);
  out.nanos = isBorrowed ? 1e9 - nanos : nanos;
  return true;
}

function isInt64(text: string): boolean {
  const digits = /^[+-]?0*(\d{1,19})$/.exec(text)?.[1];
  return digits !== undefined && (digits.length < 19 || digits <= '9223372036854775807');
}
