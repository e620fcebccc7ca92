import type { ByteBuilder } from '../../base/byte-builder.ts';
import { appendEscaped, escapesFor } from '../../base/escaped-text.ts';
import { elements } from './any-value.ts';
import { AttributeList } from './attribute-list.ts';
import { ValueCursor } from './value-cursor.ts';

const escapes = escapesFor(
  {
    '"': String.raw`\"`,
    '\\': String.raw`\\`,
    '\b': String.raw`\b`,
    '\f': String.raw`\f`,
    '\n': String.raw`\n`,
    '\r': String.raw`\r`,
    '\t': String.raw`\t`,
  },
  '<>&',
  [Buffer.from(String.raw`\u2028`), Buffer.from(String.raw`\u2029`)],
);

/** Up to here few comparisons are worth more than a clever order of them. */
const maxInserted = 32;

const cursor = new ValueCursor();

/*
 * Values of OTLP as Go's JSON encoder writes them: without spaces, maps by key, bytes in base64, and with the escapes
 * that make JSON safe in HTML. Floats that JSON does not have, for which Go fails, are text, as in OTLP's own JSON.
 */

/** Appends an AnyValue message. */
export function appendJson(out: ByteBuilder, bytes: Buffer, valueStart: number, valueEnd: number): void {
  cursor.read(bytes, valueStart, valueEnd);
  const { type, start, end } = cursor;
  switch (type) {
    case 'string':
      appendJsonText(out, bytes, start, end);
      break;
    case 'bool':
      out.appendAscii(cursor.bool ? 'true' : 'false');
      break;
    case 'int':
      cursor.appendInt(out);
      break;
    case 'double':
      out.appendAscii(jsonNumber(cursor.double));
      break;
    case 'bytes':
      out.appendAscii(`"${bytes.toString('base64', start, end)}"`);
      break;
    case 'array':
      appendArray(out, bytes, start, end);
      break;
    case 'map': {
      const list = mapEntries(bytes, start, end);
      appendJsonMap(out, list, allOf(list));
      break;
    }
    case 'empty':
      out.appendAscii('null');
  }
}

/** Appends text in quotes. */
export function appendJsonText(out: ByteBuilder, bytes: Buffer, start: number, end: number): void {
  out.appendAscii('"');
  appendEscaped(out, bytes, start, end, escapes);
  out.appendAscii('"');
}

/** Appends some of the attributes of a list as an object. Of two with the same key the last counts. Sorts `indexes`. */
export function appendJsonMap(out: ByteBuilder, list: AttributeList, indexes: number[]): void {
  sortByKey(list, indexes);
  const { bytes } = list;
  let separator = '{';
  for (const [at, index] of indexes.entries()) {
    const next = indexes[at + 1];
    if (next !== undefined && compareKeys(list, index, next) === 0) continue;
    out.appendAscii(separator);
    appendJsonText(out, bytes, list.keyStarts[index] ?? 0, list.keyEnds[index] ?? 0);
    out.appendAscii(':');
    appendJson(out, bytes, list.valueStarts[index] ?? 0, list.valueEnds[index] ?? 0);
    separator = ',';
  }
  out.appendAscii(indexes.length === 0 ? '{}' : '}');
}

/** A float as Go's JSON encoder writes it. */
export function jsonNumber(value: number): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? '-0' : String(value);
  return `"${value}"`;
}

/** The elements of a KeyValueList. */
export function mapEntries(bytes: Buffer, start: number, end: number): AttributeList {
  const list = new AttributeList();
  list.clear(bytes);
  for (const [from, to] of elements(bytes, start, end)) list.add(from, to);
  return list;
}

function appendArray(out: ByteBuilder, bytes: Buffer, start: number, end: number): void {
  let separator = '[';
  for (const [from, to] of elements(bytes, start, end)) {
    out.appendAscii(separator);
    appendJson(out, bytes, from, to);
    separator = ',';
  }
  out.appendAscii(separator === '[' ? '[]' : ']');
}

function allOf(list: AttributeList): number[] {
  return Array.from({ length: list.count }, (_, index) => index);
}

/** Equal keys keep their order. */
function sortByKey(list: AttributeList, indexes: number[]): void {
  if (indexes.length > maxInserted) {
    indexes.sort((a, b) => compareKeys(list, a, b));
    return;
  }
  for (let sorted = 1; sorted < indexes.length; sorted++) {
    const index = indexes[sorted] ?? 0;
    let at = sorted;
    for (; at > 0 && compareKeys(list, indexes[at - 1] ?? 0, index) > 0; at--) indexes[at] = indexes[at - 1] ?? 0;
    indexes[at] = index;
  }
}

function compareKeys({ bytes, keyStarts, keyEnds }: AttributeList, first: number, second: number): number {
  let at = keyStarts[first] ?? 0;
  let otherAt = keyStarts[second] ?? 0;
  const end = keyEnds[first] ?? 0;
  const otherEnd = keyEnds[second] ?? 0;
  for (; at < end && otherAt < otherEnd; at++, otherAt++) {
    const difference = (bytes[at] ?? 0) - (bytes[otherAt] ?? 0);
    if (difference !== 0) return difference;
  }
  return end - at - (otherEnd - otherAt);
}
