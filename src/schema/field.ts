import type { Stability } from '../base/stability.ts';
import type { ValueType } from './value-type.ts';

/** One argument of a block: an attribute, a nested block, or a choice of blocks. T is what it decodes to. */
export type Field<T> = Attribute<T> | NestedBlock<T> | Variants<T>;

/** The arguments of a block by their names in the configuration. */
export type Fields = Readonly<Record<string, Field<unknown>>>;

/** What the fields of a block decode to. */
export type ArgumentsOf<F extends Fields> = {
  readonly [K in keyof F]: F[K] extends { decodesTo?: infer T } ? T : never;
};

/** A rule on decoded values: says what is wrong. If that begins with `must`, the name of the attribute goes in front. */
export type Rule<T> = (value: T) => string | undefined;

interface AttributeOptions {
  readonly doc: string;
  readonly type: ValueType<unknown>;
  readonly isRequired?: boolean;
  readonly fallback?: unknown;
  readonly rules?: readonly Rule<never>[];
  readonly stability?: Stability;
}

/** `name = value`. Built by the functions in `attributes.ts`; the methods return changed copies. */
export class Attribute<T> {
  readonly kind = 'attribute';
  readonly doc: string;
  readonly type: ValueType<unknown>;
  readonly isRequired: boolean;
  /** The value when it is not given. */
  readonly fallback: unknown;
  readonly rules: readonly Rule<never>[];
  readonly stability: Stability;
  /** Never there; carries the type of what the attribute decodes to. */
  declare readonly decodesTo?: T;
  readonly #options: AttributeOptions;

  constructor(options: AttributeOptions) {
    this.#options = options;
    this.doc = options.doc;
    this.type = options.type;
    this.isRequired = options.isRequired ?? true;
    this.fallback = options.fallback;
    this.rules = options.rules ?? [];
    this.stability = options.stability ?? 'generally-available';
  }

  /** It may be left out, and is undefined then. */
  optional(): Attribute<T | undefined> {
    return new Attribute<T | undefined>({ ...this.#options, isRequired: false });
  }

  /** It may be left out, and has this value then. */
  default(fallback: T): Attribute<T> {
    return new Attribute<T>({ ...this.#options, isRequired: false, fallback });
  }

  /** Adds a rule on given values; it is not asked about the default. */
  check(rule: Rule<T>): Attribute<T> {
    return new Attribute<T>({ ...this.#options, rules: [...this.rules, rule] });
  }

  /** It may be given only if `--stability.level` allows it. */
  needs(stability: Stability): Attribute<T> {
    return new Attribute<T>({ ...this.#options, stability });
  }
}

/** How often a block may be given, and what it decodes to when it is not. */
export type Occurrence = 'required' | 'optional' | 'defaults' | 'many';

/** `name { ... }`. Built by `block` and `blocks` in `blocks.ts`. */
export interface NestedBlock<T> {
  readonly kind: 'block';
  readonly doc: string;
  readonly fields: Fields;
  readonly occurs: Occurrence;
  /** The fewest that must be given of a block that may repeat. */
  readonly atLeast: number;
  readonly rules: readonly Rule<never>[];
  /** Never there; carries the type of what the block decodes to. */
  readonly decodesTo?: T;
}

/** Several kinds of blocks that form one list, in the order they are written. Built by `variants` in `blocks.ts`. */
export interface Variants<T> {
  readonly kind: 'variants';
  readonly doc: string;
  /** The blocks of the choice by name. A function, since they may contain the same choice again. */
  readonly choices: () => Readonly<Record<string, VariantChoice>>;
  /** Never there; carries the type of what the list decodes to. */
  readonly decodesTo?: T;
}

export interface VariantChoice {
  readonly doc: string;
  readonly fields: Fields;
  readonly check?: ((args: never) => string | undefined) | undefined;
}
