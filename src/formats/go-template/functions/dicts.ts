import { any, dict, text } from '../parameter.ts';
import { textOf } from '../print.ts';
import { fixed, variadic, type FunctionTable } from '../template-function.ts';
import { deeper, Dict, List, sortedKeys, texts, type Value } from '../value.ts';
import { refuse, spend, unit } from '../work.ts';
import { isEmpty } from './defaults.ts';

const merge = variadic([dict], dict, (into, ...sources) => {
  for (const source of sources) mergeInto(into, source, false, 0);
  return into;
});
const mergeOverwrite = variadic([dict], dict, (into, ...sources) => {
  for (const source of sources) mergeInto(into, source, true, 0);
  return into;
});
const deepCopy = fixed([any], (value) => copied(value, 0));

/** Maps. Where Go goes through a map in any order, the order of the keys is taken. */
export const dicts: FunctionTable = {
  dict: variadic([], any, (...pairs) => {
    const entries = new Map<string, Value>();
    for (let at = 0; at < pairs.length; at += 2) {
      entries.set(textOf(pairs[at]), at + 1 < pairs.length ? pairs[at + 1] : '');
    }
    return new Dict(entries);
  }),
  get: fixed([dict, text], (from, key) => (from.has(key) ? from.get(key) : '')),
  set: fixed([dict, text, any], (into, key, value) => {
    into.entries.set(key, value);
    return into;
  }),
  unset: fixed([dict, text], (from, key) => {
    from.entries.delete(key);
    return from;
  }),
  hasKey: fixed([dict, text], (from, key) => from.has(key)),
  pluck: variadic([text], dict, (key, ...all) => {
    return new List(all.filter((one) => one.has(key)).map((one) => one.get(key)));
  }),
  keys: variadic([], dict, (...all) => texts(all.flatMap((one) => countedKeys(one)))),
  values: fixed([dict], (from) => new List(countedKeys(from).map((key) => from.get(key)))),
  pick: variadic([dict], text, (from, ...keys) => {
    return new Dict(new Map(keys.filter((key) => from.has(key)).map((key) => [key, from.get(key)])));
  }),
  omit: variadic([dict], text, (from, ...keys) => {
    spend(unit * from.entries.size);
    const omitted = new Set(keys);
    return new Dict(new Map(Array.from(from.entries).filter(([key]) => !omitted.has(key))));
  }),
  dig: variadic([], any, (...args) => dug(args)),
  merge,
  mustMerge: merge,
  mergeOverwrite,
  mustMergeOverwrite: mergeOverwrite,
  deepCopy,
  mustDeepCopy: deepCopy,
};

function countedKeys(from: Dict): string[] {
  spend(unit * from.entries.size);
  return sortedKeys(from);
}

/** Keys, what stands for a value that is not there, and the map. */
function dug(args: readonly Value[]): Value {
  if (args.length < 3) return refuse('dig needs at least three arguments');
  let value = args.at(-1);
  for (const key of args.slice(0, -2)) {
    if (!(value instanceof Dict) || value.elementType === 'string')
      return refuse('dig needs a map[string]interface {}');
    if (typeof key !== 'string') return refuse('the keys of dig are strings');
    if (!value.has(key)) return args.at(-2);
    value = value.get(key);
  }
  return value;
}

/** Sets what is missing or empty, or all that the source has. Maps in both are merged. */
function mergeInto(into: Dict, source: Dict, isOverwriting: boolean, depth: number): void {
  const inner = deeper(depth);
  if (source === into) return;
  for (const [key, value] of source.entries) {
    spend(unit);
    const before = into.get(key);
    if (value === null || value === undefined) {
      if (isOverwriting) into.entries.set(key, value);
    } else if (value instanceof Dict && before instanceof Dict && before.entries.size > 0) {
      mergeInto(before, value, isOverwriting, inner);
    } else if (isOverwriting || isEmpty(before)) {
      into.entries.set(key, value);
    }
  }
}

function copied(value: Value, depth: number): Value {
  spend(4 * unit);
  const inner = deeper(depth);
  if (value instanceof List) {
    return new List(
      value.items.map((item) => copied(item, inner)),
      value.elementType,
    );
  }
  if (!(value instanceof Dict)) return value;
  return new Dict(new Map(Array.from(value.entries, ([key, part]) => [key, copied(part, inner)])), value.elementType);
}
