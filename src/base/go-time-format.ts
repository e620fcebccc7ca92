import { daysBefore, isLeapYear } from './civil-date.ts';
import { elementsOf, months, weekdays } from './go-time-layout.ts';
import type { Instant } from './instant.ts';
import type { TimeZone } from './time-zone.ts';

/** A date and time of day in a zone. */
export interface CivilTime {
  readonly year: number;
  /** From 1. */
  readonly month: number;
  readonly day: number;
  /** From 0 for Sunday. */
  readonly weekday: number;
  /** From 1. */
  readonly yearDay: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly nanos: number;
  /** Seconds east of Greenwich. */
  readonly offset: number;
}

export function civilTime({ seconds, nanos }: Readonly<Instant>, zone: TimeZone): CivilTime {
  const offset = zone.offsetAt(seconds);
  const date = new Date((seconds + offset) * 1000);
  const month = date.getUTCMonth() + 1;
  const day = date.getUTCDate();
  const year = date.getUTCFullYear();
  return {
    year,
    month,
    day,
    weekday: date.getUTCDay(),
    yearDay: daysBefore(month) + (month > 2 && isLeapYear(year) ? 1 : 0) + day,
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    nanos,
    offset,
  };
}

/** Writes a point in time with a layout of Go's `time` package. */
export function formatGoTime(instant: Readonly<Instant>, layout: string, zone: TimeZone): string {
  const time = civilTime(instant, zone);
  let text = '';
  for (const { literal, element } of elementsOf(layout)) {
    text += literal;
    if (element !== '') text += elementText(element, time, () => zone.abbreviationAt(instant.seconds));
  }
  return text;
}

function elementText(element: string, time: CivilTime, abbreviation: () => string): string {
  const hour12 = time.hour % 12 === 0 ? 12 : time.hour % 12;
  switch (element) {
    case '2006':
      return padded(time.year, 4);
    case '06':
      return padded(time.year % 100, 2);
    case 'January':
      return months[time.month - 1] ?? '';
    case 'Jan':
      return (months[time.month - 1] ?? '').slice(0, 3);
    case '1':
      return String(time.month);
    case '01':
      return padded(time.month, 2);
    case 'Monday':
      return weekdays[time.weekday] ?? '';
    case 'Mon':
      return (weekdays[time.weekday] ?? '').slice(0, 3);
    case '2':
      return String(time.day);
    case '_2':
      return padded(time.day, 2, ' ');
    case '02':
      return padded(time.day, 2);
    case '002':
      return padded(time.yearDay, 3);
    case '__2':
      return padded(time.yearDay, 3, ' ');
    case '15':
      return padded(time.hour, 2);
    case '3':
      return String(hour12);
    case '03':
      return padded(hour12, 2);
    case '4':
      return String(time.minute);
    case '04':
      return padded(time.minute, 2);
    case '5':
      return String(time.second);
    case '05':
      return padded(time.second, 2);
    case 'PM':
      return time.hour >= 12 ? 'PM' : 'AM';
    case 'pm':
      return time.hour >= 12 ? 'pm' : 'am';
    case 'MST':
      return abbreviation();
    default:
      return /^[.,]/.test(element) ? fractionText(element, time.nanos) : offsetText(element, time.offset);
  }
}

function padded(value: number, width: number, fill = '0'): string {
  return String(value).padStart(width, fill);
}

/** A fraction with so many digits, without zeros at the end if the digits are nines. */
function fractionText(element: string, nanos: number): string {
  const digits = String(nanos)
    .padStart(9, '0')
    .slice(0, element.length - 1)
    .padEnd(element.length - 1, '0');
  if (element[1] !== '9') return element[0] + digits;
  const kept = digits.replace(/0+$/, '');
  return kept === '' ? '' : element[0] + kept;
}

/** `-07:00` and the like; with `Z` instead of the sign, UTC is `Z`. */
function offsetText(element: string, offset: number): string {
  if (element.startsWith('Z') && offset === 0) return 'Z';
  const separator = element.includes(':') ? ':' : '';
  const count = (element.replaceAll(':', '').length - 1) / 2;
  const seconds = Math.abs(offset);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].slice(0, count);
  const text = parts.map((part) => String(part).padStart(2, '0')).join(separator);
  return (offset < 0 ? '-' : '+') + text;
}
