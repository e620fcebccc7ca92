import type { Stability } from '../base/stability.ts';
import type { Consumer } from '../flow/delivery.ts';
import type { Port } from '../flow/port.ts';
import type { Signal } from '../model/signal.ts';
import type { Value } from '../syntax/value.ts';
import type { JsonSchema } from './json-schema.ts';

/** Stands for a value that could not be decoded; what is wrong has been reported. */
export const failed = Symbol('failed');
export type Failed = typeof failed;

/** The type of an attribute: how its value is decoded, shown and described. */
export interface ValueType<T> {
  /** As the reference names it, such as `list(string)`. */
  readonly name: string;
  readonly jsonSchema: JsonSchema;
  /** What an explicit `null` means. Without it, null is an error. */
  readonly zero?: T | undefined;
  /** Called with anything but null and unresolved values. */
  decode(value: Value, at: Place): T | Failed;
  /** The value as the UI and the reference show it. */
  encode(value: T): Value;
  /** Whether the value must never be shown. */
  readonly isSecret?: boolean;
}

/** Where in an argument a value stands, and what decoding may ask for there. */
export interface Place {
  /** Reports what is wrong with the value here; the message follows its name, as in `should be string, got number`. */
  fail(message: string): Failed;
  /** The place of an element or a field of the value here. */
  child(key: string | number): Place;
  readonly surroundings: Surroundings;
}

/** What the runtime lends to decoding. */
export interface Surroundings {
  /** The lowest stability that arguments may have. */
  readonly minimumStability: Stability;
  /** Makes one consumer of the receivers that an output names, counted and tapped. */
  connect<B>(signal: Signal<B>, ports: readonly Port<B>[]): Consumer<B>;
}

/** Decodes a part of a value: nulls become zero values, and what is not there fails without a further report. */
export function decodeValue<T>(type: ValueType<T>, value: Value, at: Place): T | Failed {
  if (value === null) {
    return type.zero === undefined ? at.fail(`should be ${type.name}, got null`) : type.zero;
  }
  return type.decode(value, at);
}
