import type { ObjectValue, Value } from '../value.ts';

/** The fields of an object by the byte order of their names, in which Go writes maps. */
export function sortedEntries(object: ObjectValue): [string, Value][] {
  const entries = Array.from(object, ([name, value]) => ({ bytes: Buffer.from(name), name, value }));
  entries.sort((a, b) => Buffer.compare(a.bytes, b.bytes));
  return entries.map(({ name, value }) => [name, value]);
}
