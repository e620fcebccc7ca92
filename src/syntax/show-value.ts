import { floatText } from '../base/float-text.ts';
import { Secret } from './secret.ts';
import { Capsule, isArray, isObject, Unresolved, type Value } from './value.ts';

/** A value as people read it, in the syntax of the language as far as it has one. Secrets stay hidden. */
export function showValue(value: Value): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'number':
      return floatText(value);
    case 'object':
      break;
    default:
      return String(value);
  }
  if (value === null) return 'null';
  if (isArray(value)) return `[${value.map(showValue).join(', ')}]`;
  if (isObject(value))
    return `{${[...value].map(([key, field]) => `${JSON.stringify(key)} = ${showValue(field)}`).join(', ')}}`;
  if (value instanceof Secret) return '(secret)';
  if (value instanceof Capsule) return value.type.show(value.value);
  if (value instanceof Unresolved) return `(${value.reason})`;
  return `function(${value.name})`;
}
