import { Mismatch, shouldBe, toBool, toSecret, toText } from '../convert.ts';
import type { Parameter } from '../function-value.ts';
import { asObject, isArray, type ObjectValue, type Value } from '../value.ts';

// Null becomes the zero value of the wanted type, as it does for attributes.

/** A string; numbers become text. */
export function text(name: string): Parameter<string> {
  return { name, type: 'string', convert: (value) => (value === null ? '' : toText(value)) };
}

export function bool(name: string): Parameter<boolean> {
  return { name, type: 'bool', convert: (value) => (value === null ? false : toBool(value)) };
}

/** The text of a secret or of a string. */
export function secret(name: string): Parameter<string> {
  return {
    name,
    type: 'secret',
    convert(value) {
      const converted = toSecret(value ?? '');
      return converted instanceof Mismatch ? converted : converted.reveal();
    },
  };
}

/** Any value as it is. */
export function any(name: string): Parameter<Value> {
  return { name, type: 'any', convert: (value) => value };
}

/** An array whose elements stay as they are; null is refused, as Alloy does. */
export function array(name: string): Parameter<readonly Value[]> {
  return { name, type: 'list(any)', convert: (value) => (isArray(value) ? value : shouldBe('array', value)) };
}

/** An object, or a capsule that can be read as one, such as a target. */
export function object(name: string): Parameter<ObjectValue> {
  return { name, type: 'object', convert: (value) => asObject(value) ?? shouldBe('object', value) };
}

/** A list of what the given parameter takes. */
export function list<T>(of: Parameter<T>): Parameter<readonly T[]> {
  return {
    name: of.name,
    type: `list(${of.type})`,
    convert(value) {
      if (value === null) return [];
      if (!isArray(value)) return shouldBe('array', value);
      const elements: T[] = [];
      for (const [index, element] of value.entries()) {
        const converted = of.convert(element);
        if (converted instanceof Mismatch) return new Mismatch(`element ${index} ${converted.message}`);
        elements.push(converted);
      }
      return elements;
    },
  };
}
