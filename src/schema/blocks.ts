import type { Span } from '../syntax/source.ts';
import type { ArgumentsOf, Fields, NestedBlock, Occurrence, Rule, VariantChoice, Variants } from './field.ts';

/** A nested block with methods that say how often it occurs. It is required unless one of them is used. */
export class BlockField<F extends Fields, T> implements NestedBlock<T> {
  readonly kind = 'block';
  readonly doc: string;
  readonly fields: F;
  readonly occurs: Occurrence;
  readonly atLeast: number;
  readonly rules: readonly Rule<never>[];
  declare readonly decodesTo?: T;

  constructor(doc: string, fields: F, occurs: Occurrence, rules: readonly Rule<never>[] = [], atLeast = 0) {
    this.doc = doc;
    this.fields = fields;
    this.occurs = occurs;
    this.rules = rules;
    this.atLeast = atLeast;
  }

  /** It may be left out, and is undefined then. */
  optional(): BlockField<F, ArgumentsOf<F> | undefined> {
    return new BlockField(this.doc, this.fields, 'optional', this.rules);
  }

  /** It may be left out, and has the defaults of its fields then, which must all have one. */
  defaults(): BlockField<F, ArgumentsOf<F>> {
    return new BlockField(this.doc, this.fields, 'defaults', this.rules);
  }

  /** For blocks that may repeat: how many there must be. */
  min(atLeast: number): BlockField<F, T> {
    return new BlockField<F, T>(this.doc, this.fields, this.occurs, this.rules, atLeast);
  }

  /** Adds a rule across the fields of one block. */
  check(rule: Rule<ArgumentsOf<F>>): BlockField<F, T> {
    return new BlockField<F, T>(this.doc, this.fields, this.occurs, [...this.rules, rule], this.atLeast);
  }
}

/** A block that appears once. */
export function block<const F extends Fields>(doc: string, fields: F): BlockField<F, ArgumentsOf<F>> {
  return new BlockField(doc, fields, 'required');
}

/** A block that may appear any number of times. */
export function blocks<const F extends Fields>(doc: string, fields: F): BlockField<F, readonly ArgumentsOf<F>[]> {
  return new BlockField(doc, fields, 'many');
}

/** One element of a `variants` list. The arguments are of the fields of the choice with that name. */
export interface Variant {
  readonly name: string;
  readonly args: unknown;
  readonly span: Span;
}

/** A list of blocks of several kinds, in the order they are written; the keys of the table are the block names. */
export function variants(
  doc: string,
  choices: () => Readonly<Record<string, VariantChoice>>,
): Variants<readonly Variant[]> {
  return { kind: 'variants', doc, choices };
}
