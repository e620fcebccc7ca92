import { ParseError } from './parse-error.ts';

/** A time zone as far as reading a local time needs it. Offsets are in seconds, positive in the east. */
export interface TimeZone {
  /** The offset in force at a number of seconds since 1970 in UTC. */
  offsetAt(seconds: number): number;
  /** The offset that an abbreviation such as `EST` means in this zone. */
  offsetOf(abbreviation: string): number | undefined;
  /** The abbreviation in use at a number of seconds since 1970 in UTC; the offset such as `+03` where there is none. */
  abbreviationAt(seconds: number): string;
}

export const utc: TimeZone = { offsetAt: () => 0, offsetOf: () => undefined, abbreviationAt: () => 'UTC' };

/** Offsets change at no other times than full quarters of an hour. */
const step = 900;

/** How many offsets a zone keeps: those of ten days. */
const maxOffsets = 1000;

/** Finds a zone of the IANA database, `UTC` (also as an empty name) or `Local`. */
export function findTimeZone(name: string): TimeZone | ParseError {
  if (name === '' || name === 'UTC') return utc;
  const timeZone = name === 'Local' ? Intl.DateTimeFormat().resolvedOptions().timeZone : name;
  try {
    // Unlike Intl, the database knows no zones such as `+01:00`.
    if (/^[A-Za-z]/.test(timeZone)) return createTimeZone(timeZone);
  } catch {
    // Intl throws a RangeError for an unknown zone.
  }
  return new ParseError(`unknown time zone ${name}`);
}

function createTimeZone(timeZone: string): TimeZone {
  const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  const offsets = new Map<number, number>();
  let abbreviations: ReadonlyMap<string, number> | undefined;

  const offsetAt = (seconds: number): number => {
    const current = Math.floor(seconds / step);
    const known = offsets.get(current);
    if (known !== undefined) return known;
    const offset = offsetIn(zoneNameIn(format, current * step));
    // Intl takes microseconds, and timestamps mostly come in order.
    if (offsets.size >= maxOffsets) offsets.clear();
    offsets.set(current, offset);
    return offset;
  };
  return {
    offsetAt,
    offsetOf(abbreviation) {
      abbreviations ??= abbreviationsIn(timeZone, offsetAt);
      return abbreviations.get(abbreviation);
    },
    abbreviationAt: (seconds) => abbreviationIn(timeZone, seconds) ?? offsetText(offsetAt(seconds)),
  };
}

function zoneNameIn(format: Intl.DateTimeFormat, seconds: number): string {
  return format.formatToParts(seconds * 1000).find(({ type }) => type === 'timeZoneName')?.value ?? '';
}

/** Reads `GMT`, `GMT-05:00` or, for times long past, `GMT-04:56:02`. */
function offsetIn(text: string): number {
  const [, sign, hours = 0, minutes = 0, seconds = 0] = /([+-])(\d+):(\d+)(?::(\d+))?/.exec(text) ?? [];
  const offset = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  return sign === '-' ? -offset : offset;
}

/** Intl uses abbreviations only in languages of places where they are common. */
const locales = ['en-US', 'en-GB', 'en-CA', 'en-AU', 'en-NZ', 'en-IN', 'en-ZA', 'ja', 'ko'];

/** The abbreviation of a zone at a time, in the first language that has one. */
function abbreviationIn(timeZone: string, seconds: number): string | undefined {
  for (const locale of locales) {
    const format = new Intl.DateTimeFormat(locale, { timeZone, timeZoneName: 'short' });
    const abbreviation = zoneNameIn(format, seconds);
    if (/^[A-Za-z]+$/.test(abbreviation)) return abbreviation;
  }
  return undefined;
}

/** `+03` or `-0330`, as the database names zones without an abbreviation. */
function offsetText(offset: number): string {
  const minutes = Math.floor(Math.abs(offset) / 60);
  const text = String(Math.floor(minutes / 60)).padStart(2, '0');
  const rest = minutes % 60 === 0 ? '' : String(minutes % 60).padStart(2, '0');
  return `${offset < 0 ? '-' : '+'}${text}${rest}`;
}

/** The abbreviations of a zone in winter and in summer. */
function abbreviationsIn(timeZone: string, offsetAt: TimeZone['offsetAt']): ReadonlyMap<string, number> {
  const abbreviations = new Map<string, number>();
  for (const locale of locales) {
    const format = new Intl.DateTimeFormat(locale, { timeZone, timeZoneName: 'short' });
    for (const month of [0, 6]) {
      const seconds = Date.UTC(2024, month) / 1000;
      const abbreviation = zoneNameIn(format, seconds);
      if (/^[A-Za-z]+$/.test(abbreviation)) abbreviations.set(abbreviation, offsetAt(seconds));
    }
  }
  return abbreviations;
}
