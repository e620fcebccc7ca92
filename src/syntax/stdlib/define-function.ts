import { Mismatch } from '../convert.ts';
import type { FunctionValue, Parameter } from '../function-value.ts';
import type { Value } from '../value.ts';

type ParameterList = readonly Parameter<unknown>[];
type Arguments<P extends ParameterList> = { [K in keyof P]: P[K] extends Parameter<infer T> ? T : never };

/** A function as the library states it; the types of the arguments of `call` follow from the parameters. */
export interface FunctionDefinition<P extends ParameterList, O extends ParameterList, V> {
  /** With its namespace, such as `string.join`. */
  readonly name: string;
  /** One or two sentences for the reference, errors included. */
  readonly doc: string;
  readonly parameters: P;
  readonly optional?: O;
  readonly variadic?: Parameter<V>;
  /** `secret` unless stated. */
  readonly secrets?: FunctionValue['secrets'];
  /** `generally-available` unless stated. */
  readonly stability?: FunctionValue['stability'];
  call(...args: [...Arguments<P>, ...Partial<Arguments<O>>, ...V[]]): Value | Mismatch;
}

export function defineFunction<const P extends ParameterList, const O extends ParameterList = [], V = never>(
  definition: FunctionDefinition<P, O, V>,
): FunctionValue {
  const { name, doc, parameters, optional = [], variadic } = definition;
  return {
    name,
    doc,
    parameters: [...parameters, ...optional],
    optional: optional.length,
    variadic,
    secrets: definition.secrets ?? 'secret',
    stability: definition.stability ?? 'generally-available',
    call(args) {
      try {
        // The caller has converted each argument with its parameter.
        return definition.call(...(args as [...Arguments<P>, ...Partial<Arguments<O>>, ...V[]]));
      } catch (error) {
        // Longer than the longest string, or deeper than the stack: arguments of any size must not end the process.
        if (error instanceof RangeError) return new Mismatch('arguments or result are too large');
        throw error;
      }
    },
  };
}
