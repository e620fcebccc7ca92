import { Mismatch, shouldBe } from '../convert.ts';
import { equal } from '../equality.ts';
import type { FunctionValue } from '../function-value.ts';
import type { ObjectValue, Value } from '../value.ts';
import { defineFunction } from './define-function.ts';
import { array, bool, list, object, text } from './parameters.ts';

const concat = defineFunction({
  name: 'array.concat',
  doc: 'Joins lists into one list, in the order given. The elements stay as they are; every argument must be a list.',
  parameters: [],
  variadic: array('lists'),
  secrets: 'raw',
  call: (...lists) => (lists.length === 1 ? (lists[0] ?? []) : lists.flat()),
});

const combineMaps = defineFunction({
  name: 'array.combine_maps',
  doc:
    'Merges each object of the left list with each object of the right list that has the same values under all of ' +
    'the given keys; where both have a field, the right one wins. Values of different types, such as `1` and `"1"`, ' +
    'are never the same. With `passthrough`, left objects without a match are kept. The list of keys must not be empty.',
  parameters: [list(object('left')), list(object('right')), list(text('keys'))],
  optional: [bool('passthrough')],
  secrets: 'raw',
  stability: 'experimental',
  call(left, right, keys, passthrough = false) {
    if (keys.length === 0) return new Mismatch('merge conditions must not be empty');
    const candidates = Map.groupBy(right, (item) => joinKey(item, keys));
    return left.flatMap((item) => {
      const matches = (candidates.get(joinKey(item, keys)) ?? []).filter((other) => canJoin(item, other, keys));
      if (matches.length === 0) return passthrough ? [item] : [];
      return matches.map((match): Value => new Map([...item, ...match]));
    });
  },
});

/** A text that is the same for all objects that can be joined, so that not every pair has to be compared. */
function joinKey(item: ObjectValue, keys: readonly string[]): string {
  const parts = keys.map((key) => {
    const value = item.get(key);
    return typeof value === 'object' ? '' : `${typeof value} ${String(value)}`;
  });
  return JSON.stringify(parts);
}

function canJoin(left: ObjectValue, right: ObjectValue, keys: readonly string[]): boolean {
  return keys.every((key) => {
    const a = left.get(key);
    const b = right.get(key);
    return a !== undefined && b !== undefined && typeof a === typeof b && equal(a, b);
  });
}

const groupBy = defineFunction({
  name: 'array.group_by',
  doc:
    'Groups objects by the string they have under a key, in the order in which the strings first appear. Each group ' +
    'is an object with that key and the list `items`. Objects without the key are dropped if `drop_missing` is true ' +
    'and grouped under the empty string otherwise; a value that is not a string is an error.',
  parameters: [list(object('values')), text('key'), bool('drop_missing')],
  secrets: 'raw',
  stability: 'experimental',
  call(values, key, dropMissing) {
    const groups = new Map<string, ObjectValue[]>();
    for (const [index, item] of values.entries()) {
      if (dropMissing && !item.has(key)) continue;
      const name = item.has(key) ? (item.get(key) ?? null) : '';
      if (typeof name !== 'string') {
        return new Mismatch(`field ${JSON.stringify(key)} of element ${index} ${shouldBe('string', name).message}`);
      }
      const group = groups.get(name);
      if (group === undefined) groups.set(name, [item]);
      else group.push(item);
    }
    return Array.from(
      groups,
      ([name, items]) =>
        new Map<string, Value>([
          [key, name],
          ['items', items],
        ]),
    );
  },
});

export const arrayFunctions: readonly FunctionValue[] = [concat, combineMaps, groupBy];
