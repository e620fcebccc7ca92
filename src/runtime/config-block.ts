import type { Stability } from '../base/stability.ts';
import type { ArgumentsOf, Fields } from '../schema/field.ts';

/** A block that configures the program itself, such as `logging`. Allowed once, without a label, at the top level. */
export interface ConfigBlockSpec<A extends Fields = Fields> {
  readonly name: string;
  readonly stability: Stability;
  readonly doc: string;
  readonly example: string;
  readonly arguments: A;
  /** Rules across arguments: what is wrong with them together. */
  check?(args: ArgumentsOf<A>): string | undefined;
  /** Puts arguments into effect, also the defaults when the block is absent. Called again when they change. */
  apply(args: ArgumentsOf<A>): void;
}

export function configBlock<const A extends Fields>(spec: ConfigBlockSpec<A>): ConfigBlockSpec<A> {
  return spec;
}
