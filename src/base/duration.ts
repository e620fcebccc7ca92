import { ParseError } from './parse-error.ts';

/** A span of time; fractions stand for micro- and nanoseconds. */
export type Milliseconds = number;

/** The longest time that a timer of Node can wait; what is beyond it fires at once. */
export const longestTimeout: Milliseconds = 2 ** 31 - 1;

const nanosPerUnit: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3, // U+00B5
  μs: 1e3, // U+03BC
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

/** The longest duration that 64 bits of nanoseconds hold. */
const maxNanos = 2 ** 63;

const part = /(\d*)(?:\.(\d*))?([^\d.]*)/y;

/** Reads a duration as Go writes it: `1h30m`, `250ms`, `-1.5s`, `0`. */
export function parseDuration(text: string): Milliseconds | ParseError {
  const invalid = (): ParseError => new ParseError(`time: invalid duration ${JSON.stringify(text)}`);
  const start = /^[-+]/.test(text) ? 1 : 0;
  if (text.slice(start) === '0') return 0;
  if (start === text.length) return invalid();
  let nanos = 0;
  for (let at = start; at < text.length; at = part.lastIndex) {
    part.lastIndex = at;
    const [, whole = '', fraction = '', unit = ''] = part.exec(text) ?? [];
    if (whole === '' && fraction === '') return invalid();
    if (unit === '') return new ParseError(`time: missing unit in duration ${JSON.stringify(text)}`);
    const scale = Object.hasOwn(nanosPerUnit, unit) ? nanosPerUnit[unit] : undefined;
    if (scale === undefined) {
      return new ParseError(`time: unknown unit ${JSON.stringify(unit)} in duration ${JSON.stringify(text)}`);
    }
    // Apart, whole numbers and fractions are exact: 1.005 * 1000 is not.
    const digits = fraction.slice(0, 18);
    nanos += Number(whole) * scale + Math.trunc(Number(digits) * (scale / 10 ** digits.length));
  }
  if (nanos > maxNanos) return invalid();
  return text.startsWith('-') ? 0 - nanos / 1e6 : nanos / 1e6;
}

/** Writes a duration as Go does: `1m0s`, `1.5s`, `250ms`, `0s`. */
export function formatDuration(duration: Milliseconds): string {
  const sign = duration < 0 ? '-' : '';
  const nanos = Math.round(Math.abs(duration) * 1e6);
  if (nanos === 0) return '0s';
  if (nanos < 1e3) return `${sign}${nanos}ns`;
  if (nanos < 1e6) return `${sign}${nanos / 1e3}µs`;
  if (nanos < 1e9) return `${sign}${nanos / 1e6}ms`;
  const hours = Math.floor(nanos / 3.6e12);
  const minutes = Math.floor(nanos / 6e10) % 60;
  const seconds = (nanos % 6e10) / 1e9;
  const text = Number.isInteger(seconds) ? String(seconds) : seconds.toFixed(9).replace(/0+$/, '');
  return `${sign}${hours > 0 ? `${hours}h` : ''}${hours > 0 || minutes > 0 ? `${minutes}m` : ''}${text}s`;
}
