import type { NumberLiteral } from './ast.ts';
import { Dict, Integer, type GoObject, type Value } from './value.ts';

/** The type of a parameter of a function. */
export interface Parameter<T> {
  /** Its name in Go. */
  readonly type: string;
  /** What nil becomes. Without it, nil is refused. */
  readonly nil?: T;
  /** Whether a value is of the type. */
  accepts(value: Value): boolean;
  /** What a number in the template becomes; undefined if it does not fit. */
  constant?(literal: NumberLiteral): T | undefined;
}

export const any: Parameter<Value> = { type: 'interface {}', nil: null, accepts: () => true };

export const text: Parameter<string> = { type: 'string', accepts: (value) => typeof value === 'string' };

export const bool: Parameter<boolean> = { type: 'bool', accepts: (value) => typeof value === 'boolean' };

export const float: Parameter<number> = {
  type: 'float64',
  accepts: (value) => typeof value === 'number',
  constant: (literal) => literal.float,
};

export const integer: Parameter<Integer> = {
  type: 'int',
  accepts: (value) => value instanceof Integer && value.type === 'int',
  constant: (literal) => (literal.integer === undefined ? undefined : new Integer('int', literal.integer)),
};

/** Nil counts as an empty one. */
export const dict: Parameter<Dict> = {
  type: 'map[string]interface {}',
  get nil() {
    return new Dict();
  },
  accepts: (value) => value instanceof Dict && value.elementType === 'interface {}',
};

/** A type that has methods. */
export function object<T extends GoObject>(
  type: string,
  constructor: abstract new (...args: never[]) => T,
): Parameter<T> {
  return { type, accepts: (value) => value instanceof constructor };
}
