import { latin1 } from './bytes.ts';

/** Powers of ten that are exact as floats. */
const powers = Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));
/** Up to here integers are exact, and one digit more does not make them leave that range by much. */
const maxExact = 900_719_925_474_098;

const [plus, minus, point, zero, nine] = [0x2b, 0x2d, 0x2e, 0x30, 0x39];

/**
 * Reads a range of text as a float64, in the syntax of Go's `strconv.ParseFloat` but for hexadecimal numbers and
 * underscores, and puts it into a column. False if it is no such number; so is one beyond the range of floats.
 */
export function readGoFloat(bytes: Buffer, start: number, end: number, column: Float64Array, index: number): boolean {
  let at = start;
  const sign = bytes[at] ?? 0;
  const isNegative = sign === minus;
  if (isNegative || sign === plus) at++;
  const first = at;
  let mantissa = 0;
  let isExact = true;
  let digits = 0;
  let exponent = 0;
  let hasPoint = false;
  for (; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (byte >= zero && byte <= nine) {
      digits++;
      if (mantissa > maxExact) isExact = false;
      else {
        mantissa = mantissa * 10 + byte - zero;
        if (hasPoint) exponent--;
      }
    } else if (byte === point && !hasPoint) hasPoint = true;
    else break;
  }
  if (digits === 0) return at === first && readSpecial(bytes, first, end, sign, column, index);
  if (at < end) {
    // Only "e" and "E" become this.
    if (((bytes[at] ?? 0) | 0x20) !== 0x65) return false;
    at++;
    const exponentSign = bytes[at] ?? 0;
    if (exponentSign === minus || exponentSign === plus) at++;
    if (at >= end) return false;
    let written = 0;
    for (; at < end; at++) {
      const byte = bytes[at] ?? 0;
      if (byte < zero || byte > nine) return false;
      if (written < 10_000) written = written * 10 + byte - zero;
    }
    exponent += exponentSign === minus ? -written : written;
  }
  let value = 0;
  if (!isExact || exponent > 22 || exponent < -22) value = Number(latin1(bytes, first, end));
  else if (exponent < 0) value = mantissa / (powers[-exponent] ?? 1);
  else value = mantissa * (powers[exponent] ?? 1);
  if (value === Infinity) return false;
  column[index] = isNegative ? -value : value;
  return true;
}

/**
 * Reads a decimal number of at most 15 digits without a sign and an exponent, as most are, into a column. Returns where it
 * ends, which is the start if there is none; what follows may still be a part of the number.
 */
export function readShortDecimal(bytes: Buffer, start: number, column: Float64Array, index: number): number {
  let at = start;
  let mantissa = 0;
  let byte = bytes[at] ?? 0;
  const last = start + 15;
  for (; byte >= zero && byte <= nine && at < last; byte = bytes[++at] ?? 0) mantissa = mantissa * 10 + byte - zero;
  if (at === start) return start;
  let decimals = 0;
  if (byte === point) {
    const first = ++at;
    byte = bytes[at] ?? 0;
    for (; byte >= zero && byte <= nine && at < last; byte = bytes[++at] ?? 0) mantissa = mantissa * 10 + byte - zero;
    decimals = at - first;
  }
  column[index] = decimals === 0 ? mantissa : mantissa / (powers[decimals] ?? 1);
  return at;
}

/** `inf`, `infinity` and `nan` in any letter case; there is no sign before the last. */
function readSpecial(
  bytes: Buffer,
  start: number,
  end: number,
  sign: number,
  column: Float64Array,
  index: number,
): boolean {
  if (end - start !== 3 && end - start !== 8) return false;
  const text = latin1(bytes, start, end).toLowerCase();
  if (text === 'nan') {
    if (sign === plus || sign === minus) return false;
    column[index] = Number.NaN;
    return true;
  }
  if (text !== 'inf' && text !== 'infinity') return false;
  column[index] = sign === minus ? -Infinity : Infinity;
  return true;
}
