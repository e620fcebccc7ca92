import type { FunctionValue } from './function-value.ts';
import type { Secret } from './secret.ts';

/**
 * A value of the language. Integers are bigint and floats are number, since Alloy keeps them apart; objects are maps,
 * so that keys keep their order and may have any name. Values are immutable and shared by reference.
 */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly Value[]
  | ObjectValue
  | FunctionValue
  | Secret
  | Capsule<unknown>
  | Unresolved;

export type ObjectValue = ReadonlyMap<string, Value>;

/** What a capsule holds and how the language may look at it. One constant per kind of runtime object. */
export interface CapsuleType<T> {
  /** Named in error messages and the reference, such as `logs receiver`. */
  readonly name: string;
  /** The text that the UI and `string.format` show. */
  show(value: T): string;
  /** Present if the language may use the capsule as an object, as it may with targets. */
  entries?(value: T): ObjectValue;
  equals?(a: T, b: T): boolean;
}

/** A runtime object on its way through expressions, such as the receiver of a component. */
export class Capsule<T> {
  readonly type: CapsuleType<T>;
  readonly value: T;

  constructor(type: CapsuleType<T>, value: T) {
    this.type = type;
    this.value = value;
  }
}

/** Stands for a value that is not there; operations on it yield it again, so that one error is reported once. */
export class Unresolved {
  readonly reason: 'invalid' | 'later';

  constructor(reason: 'invalid' | 'later') {
    this.reason = reason;
  }
}

/** The result of an expression whose error has been reported. */
export const invalid = new Unresolved('invalid');

/** A value that only a running component can tell, as seen by `validate`. */
export const later = new Unresolved('later');

/** What the parts of a value that are not there make of the whole, if there are any. */
export function unresolvedIn(value: Value): Unresolved | undefined {
  if (value instanceof Unresolved) return value;
  const parts = isArray(value) ? value : isObject(value) ? [...value.values()] : [];
  const found = parts.map(unresolvedIn).filter((part) => part !== undefined);
  return found.includes(invalid) ? invalid : found.length > 0 ? later : undefined;
}

/** The names of kinds as error messages print them. */
export type Kind = 'null' | 'number' | 'string' | 'bool' | 'array' | 'object' | 'function' | 'capsule';

export function kindOf(value: Value): Kind {
  switch (typeof value) {
    case 'boolean':
      return 'bool';
    case 'number':
    case 'bigint':
      return 'number';
    case 'string':
      return 'string';
    default:
      if (value === null) return 'null';
      if (isArray(value)) return 'array';
      if (isObject(value)) return 'object';
      return 'call' in value ? 'function' : 'capsule';
  }
}

export function isArray(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

export function isObject(value: Value): value is ObjectValue {
  return value instanceof Map;
}

/** The value as an object, if it is one or is a capsule that can be read as one. */
export function asObject(value: Value): ObjectValue | undefined {
  if (isObject(value)) return value;
  if (value instanceof Capsule) return value.type.entries?.(value.value);
  return undefined;
}

/** Converts plain JSON-like data: what libraries return, and what tests write. */
export function fromJson(data: unknown): Value {
  switch (typeof data) {
    case 'boolean':
    case 'number':
    case 'bigint':
    case 'string':
      return data;
    case 'object':
      if (data === null) return null;
      if (Array.isArray(data)) return data.map(fromJson);
      return new Map(Object.entries(data).map(([key, field]) => [key, fromJson(field)]));
    default:
      return null;
  }
}
