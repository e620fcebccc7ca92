/** What the steps of a layout read from a text; -1 stands for what was not given. */
export interface TimeFields {
  year: number;
  month: number;
  day: number;
  yearDay: number;
  hour: number;
  half: 'am' | 'pm' | undefined;
  minute: number;
  second: number;
  nanos: number;
  /** Seconds east of Greenwich, where a zone says so. */
  offset: number | undefined;
  /** An abbreviation that says nothing by itself. */
  zoneName: string;
}

export function emptyFields(): TimeFields {
  return {
    year: 0,
    month: -1,
    day: -1,
    yearDay: -1,
    hour: 0,
    half: undefined,
    minute: 0,
    second: 0,
    nanos: 0,
    offset: undefined,
    zoneName: '',
  };
}

/** Reads one element at an offset, sets its fields, and returns the offset after it, or -1 if it is not there. */
export type Step = (text: string, at: number, fields: TimeFields) => number;

/**
 * Compiles a layout of Go's `time` package: the reference time `Mon Jan 2 15:04:05 MST 2006`, written as the texts to
 * read are. The steps read a text one after the other and have to come to its end.
 */
export function compileLayout(layout: string): Step[] {
  const steps: Step[] = [];
  const elements = [...elementsOf(layout)];
  for (const [index, { literal, element }] of elements.entries()) {
    if (literal !== '') steps.push(literalStep(literal));
    if (element === '') continue;
    const isFractionNext = /^[.,]/.test(elements[index + 1]?.element ?? '');
    steps.push(stepFor(element, isFractionNext));
  }
  return steps;
}

const elementPattern =
  /January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|0[1-6]|002|15|1|2006|2|_(?=2006)|_2|__2|3|4|5|PM|pm|[-Z]07(?:0000|:00:00|00|:00|)|[.,](?:0+|9+)(?!\d)/g;

/** Splits a layout into elements and the literal text before each; the last one may have no element. */
export function* elementsOf(layout: string): Generator<{ literal: string; element: string }> {
  let from = 0;
  for (const match of layout.matchAll(elementPattern)) {
    // An underscore before a year is literal.
    if (match[0] === '_') continue;
    yield { literal: layout.slice(from, match.index), element: match[0] };
    from = match.index + match[0].length;
  }
  yield { literal: layout.slice(from), element: '' };
}

export const months = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December']; // prettier-ignore
export const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

const monthNames = { long: months, short: months.map((name) => name.slice(0, 3)) };
const weekdayNames = { long: weekdays, short: weekdays.map((name) => name.slice(0, 3)) };

function stepFor(name: string, isFractionNext: boolean): Step {
  switch (name) {
    case '2006':
      return fourDigitYear;
    case '06':
      return twoDigitYear;
    case 'January':
      return nameStep(monthNames.long, (fields, index) => (fields.month = index + 1));
    case 'Jan':
      return nameStep(monthNames.short, (fields, index) => (fields.month = index + 1));
    case 'Monday':
      return nameStep(weekdayNames.long, () => undefined);
    case 'Mon':
      return nameStep(weekdayNames.short, () => undefined);
    case '1':
    case '01':
      return numberStep(name === '01', 1, 12, (fields, value) => (fields.month = value));
    case '_2':
      return afterSpaces(1, dayStep(false));
    case '2':
    case '02':
      return dayStep(name === '02');
    case '__2':
      return afterSpaces(2, yearDayStep(1));
    case '002':
      return yearDayStep(3);
    case '15':
      return numberStep(false, 0, 23, (fields, value) => (fields.hour = value));
    case '3':
    case '03':
      return numberStep(name === '03', 0, 12, (fields, value) => (fields.hour = value));
    case '4':
    case '04':
      return numberStep(name === '04', 0, 59, (fields, value) => (fields.minute = value));
    case '5':
    case '05': {
      const second = numberStep(name === '05', 0, 59, (fields, value) => (fields.second = value));
      return isFractionNext ? second : withFraction(second);
    }
    case 'PM':
    case 'pm':
      return halfStep(name === 'PM');
    case 'MST':
      return zoneNameStep;
    default:
      if (name[0] === '.' || name[0] === ',') return name[1] === '9' ? optionalFraction : fractionStep(name.length - 1);
      return offsetStep(name);
  }
}

/** A space matches any number of spaces, and none at the end of the text. */
function literalStep(literal: string): Step {
  const pieces = literal.split(/( +)/).filter((piece) => piece !== '');
  return (text, start) => {
    let at = start;
    for (const piece of pieces) {
      if (piece[0] !== ' ') {
        if (!text.startsWith(piece, at)) return -1;
        at += piece.length;
        continue;
      }
      if (at < text.length && text[at] !== ' ') return -1;
      while (text[at] === ' ') at++;
    }
    return at;
  };
}

function digitAt(text: string, at: number): number {
  const digit = text.charCodeAt(at) - 0x30;
  return digit >= 0 && digit <= 9 ? digit : -1;
}

/** One or two digits, or exactly two. */
function numberStep(
  isPadded: boolean,
  min: number,
  max: number,
  set: (fields: TimeFields, value: number) => unknown,
): Step {
  return (text, at, fields) => {
    const first = digitAt(text, at);
    if (first < 0) return -1;
    const second = digitAt(text, at + 1);
    if (second < 0 && isPadded) return -1;
    const value = second < 0 ? first : first * 10 + second;
    if (value < min || value > max) return -1;
    set(fields, value);
    return at + (second < 0 ? 1 : 2);
  };
}

/** The day is compared with its month when all is read. */
function dayStep(isPadded: boolean): Step {
  return numberStep(isPadded, 0, 99, (fields, value) => (fields.day = value));
}

function yearDayStep(minDigits: number): Step {
  return (text, start, fields) => {
    let at = start;
    let value = 0;
    for (; at < start + 3; at++) {
      const digit = digitAt(text, at);
      if (digit < 0) break;
      value = value * 10 + digit;
    }
    if (at - start < minDigits) return -1;
    fields.yearDay = value;
    return at;
  };
}

function afterSpaces(limit: number, step: Step): Step {
  return (text, start, fields) => {
    let at = start;
    while (at < start + limit && text[at] === ' ') at++;
    return step(text, at, fields);
  };
}

function fourDigitYear(text: string, at: number, fields: TimeFields): number {
  const century = twoDigits(text, at);
  const year = twoDigits(text, at + 2);
  if (century < 0 || year < 0) return -1;
  fields.year = century * 100 + year;
  return at + 4;
}

function twoDigitYear(text: string, at: number, fields: TimeFields): number {
  const year = twoDigits(text, at);
  if (year < 0) return -1;
  fields.year = year + (year >= 69 ? 1900 : 2000);
  return at + 2;
}

function twoDigits(text: string, at: number): number {
  const first = digitAt(text, at);
  const second = digitAt(text, at + 1);
  return first < 0 || second < 0 ? -1 : first * 10 + second;
}

/** One of some names in any case. */
function nameStep(names: readonly string[], set: (fields: TimeFields, index: number) => unknown): Step {
  const lower = names.map((name) => name.toLowerCase());
  return (text, at, fields) => {
    let index = names.findIndex((name) => text.startsWith(name, at));
    if (index < 0) index = lower.findIndex((name) => text.slice(at, at + name.length).toLowerCase() === name);
    if (index < 0) return -1;
    set(fields, index);
    return at + (lower[index] ?? '').length;
  };
}

function halfStep(isUpper: boolean): Step {
  const [am, pm] = isUpper ? ['AM', 'PM'] : ['am', 'pm'];
  return (text, at, fields) => {
    const half = text.slice(at, at + 2);
    if (half !== am && half !== pm) return -1;
    fields.half = half === am ? 'am' : 'pm';
    return at + 2;
  };
}

function isFraction(text: string, at: number): boolean {
  return (text[at] === '.' || text[at] === ',') && digitAt(text, at + 1) >= 0;
}

/** A point or comma and digits, as many as there are; those after the ninth are dropped. */
function optionalFraction(text: string, start: number, fields: TimeFields): number {
  if (!isFraction(text, start)) return start;
  let at = start + 1;
  let nanos = 0;
  let scale = 1e9;
  for (let digit = digitAt(text, at); digit >= 0; digit = digitAt(text, ++at)) {
    scale /= 10;
    if (scale >= 1) nanos += digit * scale;
  }
  fields.nanos = nanos;
  return at;
}

/** A fraction may follow the seconds where the layout has none. */
function withFraction(second: Step): Step {
  return (text, start, fields) => {
    const at = second(text, start, fields);
    return at < 0 ? -1 : optionalFraction(text, at, fields);
  };
}

function fractionStep(digits: number): Step {
  return (text, at, fields) => {
    const end = at + 1 + digits;
    return isFraction(text, at) && optionalFraction(text.slice(0, end), at, fields) === end ? end : -1;
  };
}

/** `-0700` with any number of parts and with or without colons; with `Z` instead of the sign, `Z` is UTC as well. */
function offsetStep(name: string): Step {
  const isZuluKnown = name.startsWith('Z');
  const separator = name.includes(':') ? ':' : '';
  const parts = (name.replaceAll(':', '').length - 1) / 2;
  return (text, start, fields) => {
    if (isZuluKnown && text[start] === 'Z') {
      fields.offset = 0;
      return start + 1;
    }
    const sign = text[start];
    if (sign !== '+' && sign !== '-') return -1;
    let at = start + 1;
    let offset = 0;
    for (let part = 0; part < parts; part++) {
      if (part > 0 && !text.startsWith(separator, at)) return -1;
      if (part > 0) at += separator.length;
      const value = twoDigits(text, at);
      // Some write offsets of 24 hours or 60 minutes.
      if (value < 0 || value > (part === 0 ? 24 : 60)) return -1;
      offset += (value * 3600) / 60 ** part;
      at += 2;
    }
    fields.offset = sign === '-' ? -offset : offset;
    return at;
  };
}

/** `UTC`, `GMT+3`, `+03`, or three to five capitals, four and five ending in T. */
const zoneName =
  /UTC|ChST|MeST|GMT(?:[+-](?:0*1?\d|0*2[0-3])(?!\d))?|[+-](?:0*1?\d|0*2[0-3])(?!\d)|(?:[A-Z]{4}T|[A-Z]{3}T|WITA|[A-Z]{3})(?![A-Z])/y;

function zoneNameStep(text: string, at: number, fields: TimeFields): number {
  zoneName.lastIndex = at;
  const name = zoneName.exec(text)?.[0];
  if (name === undefined) return -1;
  if (name === 'UTC') fields.offset = 0;
  else fields.zoneName = name;
  return at + name.length;
}
