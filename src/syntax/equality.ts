import { Secret } from './secret.ts';
import { Capsule, isArray, isObject, type Value } from './value.ts';

/** Equality of the language: numbers by value, arrays and objects by their elements, functions never. */
export function equal(a: Value, b: Value): boolean {
  if (a === b) return typeof a !== 'object' || a === null || !('call' in a);
  // An integer and a float compare as numbers.
  if (typeof a === 'bigint' && typeof b === 'number') return Number(a) === b;
  if (typeof a === 'number' && typeof b === 'bigint') return a === Number(b);
  if (a instanceof Secret || b instanceof Secret) return secretText(a) === secretText(b) && secretText(a) !== undefined;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (isArray(a))
    return isArray(b) && a.length === b.length && a.every((element, index) => equal(element, b[index] ?? null));
  if (isObject(a)) {
    if (!isObject(b) || a.size !== b.size) return false;
    return a.entries().every(([key, field]) => {
      const other = b.get(key);
      return other !== undefined && equal(field, other);
    });
  }
  if (a instanceof Capsule) {
    if (!(b instanceof Capsule) || a.type !== b.type) return false;
    return a.value === b.value || (a.type.equals?.(a.value, b.value) ?? false);
  }
  return false;
}

function secretText(value: Value): string | undefined {
  if (value instanceof Secret) return value.reveal();
  return typeof value === 'string' ? value : undefined;
}
