import type { Parameter } from './parameter.ts';
import type { Value } from './value.ts';

/** A function that templates call. The arguments were checked against the parameters. */
export interface TemplateFunction {
  readonly parameters: readonly Parameter<unknown>[];
  /** The parameter for any number of further arguments. */
  readonly rest: Parameter<unknown> | undefined;
  readonly call: (...args: never[]) => Value;
}

export type FunctionTable = Readonly<Record<string, TemplateFunction>>;

type Parameters = readonly Parameter<unknown>[];

type Types<P extends Parameters> = {
  [K in keyof P]: P[K] extends Parameter<infer T> ? T : never;
};

/** Defines a function with a fixed number of parameters. */
export function fixed<const P extends Parameters>(parameters: P, call: (...args: Types<P>) => Value): TemplateFunction;
export function fixed(parameters: Parameters, call: TemplateFunction['call']): TemplateFunction {
  return { parameters, rest: undefined, call };
}

/** Defines a function with further arguments after the fixed ones. */
export function variadic<const P extends Parameters, R>(
  parameters: P,
  rest: Parameter<R>,
  call: (...args: [...Types<P>, ...R[]]) => Value,
): TemplateFunction;
export function variadic(
  parameters: Parameters,
  rest: Parameter<unknown>,
  call: TemplateFunction['call'],
): TemplateFunction {
  return { parameters, rest, call };
}
