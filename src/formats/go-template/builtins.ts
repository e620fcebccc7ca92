import { isGoPrintable } from '../../base/go-quote.ts';
import { byteAt, byteLength, sliceBytes } from './byte-text.ts';
import { equalsAny, isLess } from './compare.ts';
import { any, text } from './parameter.ts';
import { shown, sprint, sprintf, sprintln } from './print.ts';
import { fixed, variadic, type FunctionTable } from './template-function.ts';
import { Dict, int, Integer, isTrue, List, typeOf, type Value } from './value.ts';
import { refuse } from './work.ts';

/** The functions that every template has. */
export const builtins: FunctionTable = {
  // These two decide which of their arguments are evaluated, which is why calls of them are compiled differently.
  and: variadic([any], any, (first) => first),
  or: variadic([any], any, (first) => first),
  not: fixed([any], (value) => !isTrue(value)),

  eq: variadic([any], any, (first, ...others) => equalsAny(first, others)),
  ne: fixed([any, any], (a, b) => !equalsAny(a, [b])),
  lt: fixed([any, any], isLess),
  le: fixed([any, any], (a, b) => isLess(a, b) || equalsAny(a, [b])),
  gt: fixed([any, any], (a, b) => !isLess(a, b) && !equalsAny(a, [b])),
  ge: fixed([any, any], (a, b) => !isLess(a, b)),

  len: fixed([any], lengthOf),
  index: variadic([any], any, elementAt),
  slice: variadic([any], any, sliceOf),
  call: variadic([any], any, (callee) =>
    callee === null ? refuse('call of nil') : refuse(`non-function of type ${typeOf(callee)}`),
  ),

  print: variadic([], any, (...values) => sprint(values)),
  printf: variadic([text], any, (format, ...values) => sprintf(format, values)),
  println: variadic([], any, (...values) => sprintln(values)),

  html: variadic([], any, (...values) => escapeHtml(joined(values))),
  js: variadic([], any, (...values) => escapeJs(joined(values))),
  urlquery: variadic([], any, (...values) => escapeQuery(joined(values))),
};

function lengthOf(value: Value): Value {
  if (typeof value === 'string') return int(byteLength(value));
  if (value instanceof List) return int(value.items.length);
  if (value instanceof Dict) return int(value.entries.size);
  return refuse(value === null || value === undefined ? 'len of nil pointer' : `len of type ${typeOf(value)}`);
}

function elementAt(container: Value, ...indexes: readonly Value[]): Value {
  if (container === null || container === undefined) return refuse('index of untyped nil');
  let value: Value = container;
  for (const index of indexes) {
    if (value === null || value === undefined) return refuse('index of nil pointer');
    if (typeof value === 'string') {
      const length = byteLength(value);
      value = new Integer('uint8', BigInt(byteAt(value, indexIn(index, length - 1))));
    } else if (value instanceof List) {
      value = value.items[indexIn(index, value.items.length - 1)];
    } else if (value instanceof Dict) {
      value = entryAt(value, index);
    } else {
      return refuse(`can't index item of type ${typeOf(value)}`);
    }
  }
  return value;
}

function entryAt(dict: Dict, key: Value): Value {
  if (key === null || key === undefined) return refuse('value is nil; should be of type string');
  if (typeof key !== 'string') return refuse(`value has type ${typeOf(key)}; should be string`);
  return dict.get(key) ?? (dict.elementType === 'string' ? '' : null);
}

/** An index as a number between 0 and the last one that is possible. */
function indexIn(index: Value, last: number): number {
  if (index === null || index === undefined) return refuse('cannot index slice/array with nil');
  if (!(index instanceof Integer)) return refuse(`cannot index slice/array with type ${typeOf(index)}`);
  if (index.value < 0n || index.value > BigInt(last)) return refuse(`index out of range: ${index.value}`);
  return Number(index.value);
}

function sliceOf(value: Value, ...indexes: readonly Value[]): Value {
  if (value === null || value === undefined) return refuse('slice of untyped nil');
  if (indexes.length > 3) return refuse(`too many slice indexes: ${indexes.length}`);
  if (typeof value !== 'string' && !(value instanceof List)) return refuse(`can't slice item of type ${typeOf(value)}`);
  if (typeof value === 'string' && indexes.length === 3) return refuse('cannot 3-index slice a string');
  const length = typeof value === 'string' ? byteLength(value) : value.items.length;
  const [from = 0, to = length, capacity = length] = indexes.map((index) => indexIn(index, length));
  if (from > to) return refuse(`invalid slice index: ${from} > ${to}`);
  if (to > capacity) return refuse(`invalid slice index: ${to} > ${capacity}`);
  return typeof value === 'string'
    ? sliceBytes(value, from, to)
    : new List(value.items.slice(from, to), value.elementType);
}

function joined(values: readonly Value[]): string {
  const [only] = values;
  if (values.length === 1) return shown(only);
  return sprint(values.map((value) => (value === null || value === undefined ? '<no value>' : value)));
}

const htmlEscapes: Readonly<Record<string, string>> = {
  '\0': '\ufffd', '"': '&#34;', "'": '&#39;', '&': '&amp;', '<': '&lt;', '>': '&gt;',
}; // prettier-ignore

function escapeHtml(value: string): string {
  return value.replaceAll(/[\0"'&<>]/g, (character) => htmlEscapes[character] ?? character);
}

const jsEscapes: Readonly<Record<string, string>> = {
  '\\': '\\\\', "'": "\\'", '"': '\\"', '<': '\\u003C', '>': '\\u003E', '&': '\\u0026', '=': '\\u003D',
}; // prettier-ignore

function escapeJs(value: string): string {
  return value.replaceAll(/[\\'"<>&=]|[^ -~\u007f]/gu, (character) => {
    const escape = jsEscapes[character];
    if (escape !== undefined) return escape;
    if (isGoPrintable(character)) return character;
    return `\\u${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
  });
}

/** As a part of the query of a URL. */
export function escapeQuery(value: string): string {
  return encodeURIComponent(value.toWellFormed())
    .replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');
}
