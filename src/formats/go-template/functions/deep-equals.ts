import { deeper, Dict, GoObject, Integer, List, type Value } from '../value.ts';
import { spend, unit } from '../work.ts';

/** Whether values have the same type and content. */
export function deepEquals(a: Value, b: Value, depth = 0): boolean {
  spend(unit);
  if (a === b) return true;
  if (a instanceof Integer) return b instanceof Integer && a.type === b.type && a.value === b.value;
  if (a instanceof GoObject) return b instanceof GoObject && a.type === b.type && a.toString() === b.toString();
  const inner = deeper(depth);
  if (a instanceof List) {
    if (!(b instanceof List) || a.type !== b.type || a.items.length !== b.items.length) return false;
    return a.items.every((item, index) => deepEquals(item, b.items[index], inner));
  }
  if (!(a instanceof Dict) || !(b instanceof Dict) || a.type !== b.type) return false;
  if (a.entries.size !== b.entries.size) return false;
  return Array.from(a.entries).every(([key, value]) => b.has(key) && deepEquals(value, b.get(key), inner));
}
