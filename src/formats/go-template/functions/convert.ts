import { parseFloatText, parseMagnitude } from '../number-literal.ts';
import { textOf } from '../print.ts';
import { GoObject, Integer, List, type Value } from '../value.ts';

const maxInt64 = 2n ** 63n - 1n;
const minInt64 = -(2n ** 63n);

/** Any value as an integer of 64 bits; 0 if it is none. */
export function toInt64(value: Value): bigint {
  if (value instanceof Integer) return BigInt.asIntN(64, value.value);
  if (value instanceof GoObject) return value.integer ?? 0n;
  switch (typeof value) {
    case 'number':
      // What does not fit becomes the smallest one, as it does on common processors.
      return value >= -(2 ** 63) && value < 2 ** 63 ? BigInt(Math.trunc(value)) : minInt64;
    case 'boolean':
      return value ? 1n : 0n;
    case 'string':
      return parseInt64(value.replace(/\.0+$/, '')) ?? 0n;
    default:
      return 0n;
  }
}

/** Reads an integer with a sign and a prefix for its base. */
function parseInt64(text: string): bigint | undefined {
  const magnitude = text.length > 100 ? undefined : parseMagnitude(text.replace(/^[+-]/, ''));
  if (magnitude === undefined) return undefined;
  const value = text.startsWith('-') ? -magnitude : magnitude;
  return value >= minInt64 && value <= maxInt64 ? value : undefined;
}

/** Reads decimal digits, as `strconv.Atoi` does; undefined if they are no integer of 64 bits. */
export function parseDecimal(text: string, base: 8 | 10 = 10): bigint | undefined {
  const pattern = base === 8 ? /^[+-]?[0-7]{1,30}$/ : /^[+-]?\d{1,30}$/;
  if (!pattern.test(text)) return undefined;
  const digits = text.replace(/^[+-]/, '');
  const magnitude = BigInt(base === 8 ? `0o${digits}` : digits);
  const value = text.startsWith('-') ? -magnitude : magnitude;
  return value >= minInt64 && value <= maxInt64 ? value : undefined;
}

/** Any value as a float; 0 if it is none. */
export function toFloat64(value: Value): number {
  if (value instanceof Integer) return Number(value.value);
  if (value instanceof GoObject) return Number(value.integer ?? 0n);
  switch (typeof value) {
    case 'number':
      return value;
    case 'boolean':
      return value ? 1 : 0;
    case 'string':
      return parseFloat64(value) ?? 0;
    default:
      return 0;
  }
}

function parseFloat64(text: string): number | undefined {
  const special = /^([+-]?)(?:(inf(?:inity)?)|nan)$/i.exec(text);
  if (special === null) return parseFloatText(text);
  if (special[2] === undefined) return special[1] === '' ? Number.NaN : undefined;
  return special[1] === '-' ? -Infinity : Infinity;
}

/** The elements of a list as texts, without those that are nil; any other value as a list of itself. */
export function toTexts(value: Value): string[] {
  if (value === null || value === undefined) return [];
  if (!(value instanceof List)) return [textOf(value)];
  return value.items.filter((item) => item !== null && item !== undefined).map(textOf);
}
