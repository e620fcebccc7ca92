import { any, bool, text } from '../parameter.ts';
import { fixed, variadic, type FunctionTable } from '../template-function.ts';
import { GoObject, isTrue, kindOf, typeOf, type Value } from '../value.ts';
import { refuse } from '../work.ts';
import { deepEquals } from './deep-equals.ts';

/** Whether a value is the zero value of its type, or an empty list or map. */
export function isEmpty(value: Value): boolean {
  return !(value instanceof GoObject) && !isTrue(value);
}

/** Defaults, conditions and types. */
export const defaults: FunctionTable = {
  default: variadic([any], any, (fallback, ...given) => {
    const [first] = given;
    return isEmpty(first) ? fallback : first;
  }),
  empty: fixed([any], isEmpty),
  coalesce: variadic([], any, (...values) => values.find((value) => !isEmpty(value)) ?? null),
  all: variadic([], any, (...values) => values.every((value) => !isEmpty(value))),
  any: variadic([], any, (...values) => values.some((value) => !isEmpty(value))),
  ternary: fixed([any, any, bool], (whenTrue, whenFalse, isChosen) => (isChosen ? whenTrue : whenFalse)),
  fail: fixed([text], (message) => refuse(message)),

  typeOf: fixed([any], typeOf),
  typeIs: fixed([text, any], (type, value) => type === typeOf(value)),
  typeIsLike: fixed([text, any], (type, value) => type === typeOf(value) || `*${type}` === typeOf(value)),
  kindOf: fixed([any], kindOf),
  kindIs: fixed([text, any], (kind, value) => kind === kindOf(value)),
  deepEqual: fixed([any, any], (a, b) => deepEquals(a, b)),
};
