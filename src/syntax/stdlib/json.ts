import { exceedsLimits } from '../../base/data-limits.ts';
import { floatText } from '../../base/float-text.ts';
import { messageOf } from '../../base/message-of.ts';
import { Mismatch } from '../convert.ts';
import { fitsInteger } from '../number-literal.ts';
import { asObject, fromJson, isArray, kindOf, type Value } from '../value.ts';
import { sortedEntries } from './sorted-entries.ts';

/**
 * Reads JSON. Numbers that are written as integers and fit into 64 bits become integers: all of them, or only those that
 * a float could not hold exactly.
 */
export function parseJson(text: string, integers: 'all' | 'large'): Value | Mismatch {
  let data: unknown;
  try {
    data = JSON.parse(text, integers === 'all' ? keepInteger : keepLargeInteger);
  } catch (error) {
    if (error instanceof RangeError) return tooDeep;
    // The parser quotes what it found, line breaks included.
    return new Mismatch(`invalid JSON: ${messageOf(error).replaceAll(/\s+/g, ' ')}`);
  }
  return exceedsLimits(data) ? tooDeep : fromJson(data);
}

const tooDeep = new Mismatch('invalid JSON: too deeply nested');

function keepInteger(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || !/^-?\d{1,20}$/.test(context?.source ?? '')) return value;
  const integer = BigInt(context?.source ?? '');
  return fitsInteger(integer) ? integer : value;
}

function keepLargeInteger(key: string, value: unknown, context?: { readonly source?: string }): unknown {
  return Number.isSafeInteger(value) ? value : keepInteger(key, value, context);
}

/** Writes JSON as Go does: object keys in byte order, and `<`, `>`, `&` as escapes. */
export function toJson(value: Value): string | Mismatch {
  switch (typeof value) {
    case 'string':
      return jsonString(value);
    case 'number':
      if (!Number.isFinite(value)) return new Mismatch(`cannot write ${floatText(value)} as JSON`);
      return Object.is(value, -0) ? '-0' : String(value);
    case 'bigint':
    case 'boolean':
      return String(value);
    default:
      break;
  }
  if (value === null) return 'null';
  const parts: string[] = [];
  if (isArray(value)) {
    for (const element of value) {
      const json = toJson(element);
      if (json instanceof Mismatch) return json;
      parts.push(json);
    }
    return `[${parts.join(',')}]`;
  }
  const fields = asObject(value);
  if (fields === undefined) return new Mismatch(`cannot write a ${kindOf(value)} as JSON`);
  for (const [key, field] of sortedEntries(fields)) {
    const json = toJson(field);
    if (json instanceof Mismatch) return json;
    parts.push(`${jsonString(key)}:${json}`);
  }
  return `{${parts.join(',')}}`;
}

function jsonString(text: string): string {
  return JSON.stringify(text.toWellFormed()).replaceAll(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
