import { any, integer, text } from '../parameter.ts';
import { textOf } from '../print.ts';
import { fixed, variadic, type FunctionTable } from '../template-function.ts';
import { Dict, kindOf, List, sortedTexts, texts, type Value } from '../value.ts';
import { refuse, spend, unit } from '../work.ts';
import { toInt64, toTexts } from './convert.ts';
import { isEmpty } from './defaults.ts';
import { deepEquals } from './deep-equals.ts';

const list = variadic([], any, (...items) => new List(items));
const append = fixed([any, any], (to, item) => new List([...itemsOf(to, 'push on'), item]));
const prepend = fixed([any, any], (to, item) => new List([item, ...itemsOf(to, 'prepend on')]));
const first = fixed([any], (of) => itemsOf(of, 'find first on')[0] ?? null);
const last = fixed([any], (of) => itemsOf(of, 'find last on').at(-1) ?? null);
const rest = fixed([any], (of) => new List(itemsOf(of, 'find rest on').slice(1)));
const initial = fixed([any], (of) => new List(itemsOf(of, 'find initial on').slice(0, -1)));
const reverse = fixed([any], (of) => new List(itemsOf(of, 'find reverse on').toReversed()));
const compact = fixed([any], (of) => new List(itemsOf(of, 'compact on').filter((item) => !isEmpty(item))));
const uniq = fixed([any], (of) => {
  const kept: Value[] = [];
  for (const item of itemsOf(of, 'find uniq on')) if (!includes(kept, item)) kept.push(item);
  return new List(kept);
});
const without = variadic([any], any, (of, ...omitted) => {
  return new List(itemsOf(of, 'find without on').filter((item) => !includes(omitted, item)));
});
const has = fixed([any, any], (item, of) => of !== null && includes(itemsOf(of, 'find has on'), item));
const slice = variadic([any], any, (of, ...indexes) => sliceOf(of, indexes));
const chunk = fixed([integer, any], (size, of) => chunks(itemsOf(of, 'chunk'), Number(size.value)));

export const lists: FunctionTable = {
  list,
  tuple: list,
  append,
  mustAppend: append,
  push: append,
  mustPush: append,
  prepend,
  mustPrepend: prepend,
  first,
  mustFirst: first,
  last,
  mustLast: last,
  rest,
  mustRest: rest,
  initial,
  mustInitial: initial,
  reverse,
  mustReverse: reverse,
  compact,
  mustCompact: compact,
  uniq,
  mustUniq: uniq,
  without,
  mustWithout: without,
  has,
  mustHas: has,
  slice,
  mustSlice: slice,
  chunk,
  mustChunk: chunk,
  concat: variadic([], any, (...all) => {
    return new List(all.flatMap((one) => (one instanceof List ? one.items : refuseConcat(one))));
  }),

  join: fixed([text, any], (separator, of) => joined(toTexts(of), separator)),
  sortAlpha: fixed([any], (of) => texts(of instanceof List ? sortedTexts(toTexts(of)) : [textOf(of)])),
  toStrings: fixed([any], (of) => texts(toTexts(of))),
  splitList: fixed([text, text], (separator, s) => texts(splitText(s, separator, -1))),
  split: fixed([text, text], (separator, s) => numbered(splitText(s, separator, -1))),
  splitn: fixed([text, integer, text], (separator, count, s) => numbered(splitText(s, separator, Number(count.value)))),
};

function itemsOf(value: Value, use: string): readonly Value[] {
  if (value instanceof List) return value.items;
  if (value === null) return refuse('runtime error: invalid memory address or nil pointer dereference');
  return refuse(use === 'chunk' ? `Cannot chunk type ${kindOf(value)}` : `Cannot ${use} type ${kindOf(value)}`);
}

function refuseConcat(value: Value): never {
  if (value === null) return refuse('runtime error: invalid memory address or nil pointer dereference');
  return refuse(`Cannot concat type ${kindOf(value)} as list`);
}

function includes(items: readonly Value[], item: Value): boolean {
  return items.some((one) => deepEquals(one, item));
}

function sliceOf(value: Value, indexes: readonly Value[]): Value {
  if (!(value instanceof List)) {
    if (value === null) return refuse('runtime error: invalid memory address or nil pointer dereference');
    return refuse(`list should be type of slice or array but ${kindOf(value)}`);
  }
  const { items, elementType } = value;
  if (items.length === 0) return null;
  const start = Number(toInt64(indexes[0] ?? null));
  const end = indexes.length < 2 ? items.length : Number(toInt64(indexes[1] ?? null));
  if (start < 0 || end < start || end > items.length) refuse('reflect.Value.Slice: slice index out of bounds');
  return new List(items.slice(start, end), elementType);
}

function chunks(items: readonly Value[], size: number): List {
  if (size === 0) return refuse('the size of chunks is 0');
  const count = size < 0 ? 0 : Math.ceil(items.length / size);
  const all = Array.from({ length: count }, (_, index) => new List(items.slice(index * size, (index + 1) * size)));
  return new List(all, '[]interface {}');
}

function joined(parts: readonly string[], separator: string): string {
  spend(parts.length * (unit + separator.length));
  for (const part of parts) spend(part.length);
  return parts.join(separator);
}

/** At most so many parts, if the count is not negative; the last one is what is left then. */
function splitText(s: string, separator: string, count: number): string[] {
  const parts = separator === '' ? Array.from(s) : s.split(separator);
  spend(unit * parts.length);
  if (count < 0 || parts.length <= count) return parts;
  if (count === 0) return [];
  return [...parts.slice(0, count - 1), parts.slice(count - 1).join(separator)];
}

/** A map with the keys `_0`, `_1` and so on. */
function numbered(parts: readonly string[]): Dict {
  return new Dict(new Map(parts.map((part, index) => [`_${index}`, part])), 'string');
}
