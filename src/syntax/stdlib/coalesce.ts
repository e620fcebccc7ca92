import type { FunctionValue } from '../function-value.ts';
import { Secret } from '../secret.ts';
import { asObject, isArray, type Value } from '../value.ts';
import { defineFunction } from './define-function.ts';
import { any } from './parameters.ts';

/** Top-level, without a namespace. */
export const coalesce: FunctionValue = defineFunction({
  name: 'coalesce',
  doc:
    'Returns the first argument that is neither null nor empty: not `""`, `0`, `false`, an empty list, object or ' +
    'target. Returns the last argument if there is none, and null without arguments.',
  parameters: [],
  variadic: any('values'),
  secrets: 'raw',
  call: (...values) => values.find((value) => !isZero(value)) ?? values.at(-1) ?? null,
});

function isZero(value: Value): boolean {
  switch (typeof value) {
    case 'string':
      return value === '';
    case 'number':
      return value === 0;
    case 'bigint':
      return value === 0n;
    case 'boolean':
      return !value;
    default:
      if (value === null) return true;
      if (value instanceof Secret) return value.reveal() === '';
      return isArray(value) ? value.length === 0 : asObject(value)?.size === 0;
  }
}
