import type { Mismatch } from './convert.ts';
import type { Value } from './value.ts';

/** A parameter of a library function: how its argument is converted, and how the reference describes it. */
export interface Parameter<T> {
  readonly name: string;
  readonly type: string;
  convert(value: Value): T | Mismatch;
}

/** A function of the standard library. */
export interface FunctionValue {
  /** The full name, such as `string.format`. */
  readonly name: string;
  readonly doc: string;
  readonly parameters: readonly Parameter<unknown>[];
  /** Takes all further arguments, each converted by itself. */
  readonly variadic?: Parameter<unknown> | undefined;
  /** How many of the parameters may be left out, from the end. */
  readonly optional: number;
  readonly stability: 'experimental' | 'generally-available';
  /** The name to use instead. */
  readonly replacedBy?: string | undefined;
  /**
   * What becomes of secrets among the arguments. `secret`: the function sees their text and its result is a secret.
   * `convertible`: likewise, and the result may still become an ordinary string, as in Alloy. `raw`: the function
   * gets the secrets themselves.
   */
  readonly secrets: 'secret' | 'convertible' | 'raw';
  /** Gets converted arguments; a Mismatch becomes a diagnostic at the call. */
  call(args: readonly unknown[]): Value | Mismatch;
}
