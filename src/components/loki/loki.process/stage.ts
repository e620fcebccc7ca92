import type { MetersOf } from '../../../component/metrics.ts';
import type { ArgumentsOf, Fields, VariantChoice } from '../../../schema/field.ts';
import type { Variant } from '../../../schema/blocks.ts';
import type { Cursor } from './cursor.ts';
import type { processMetrics } from './metrics.ts';
import type { Passage } from './passage.ts';
import type { Slots } from './slots.ts';

/** Handles the entry under the cursor and calls the next step for each entry that goes on: never, once, or more often. */
export type Step = (cursor: Cursor) => void;

/** A compiled stage, to be linked with what comes after it. Linking happens when all stages are compiled. */
export type Link = (next: Step) => Step;

/** What compiling a stage may use. */
export interface StageContext {
  readonly slots: Slots;
  readonly metrics: MetersOf<typeof processMetrics>;
  readonly passage: Passage;
  /** Compiles stages inside of the stage. */
  compile(stages: readonly Variant[]): Link;
  /** Calls the function when the pipeline ends; what a stage keeps is given up then. */
  onEnd(finish: () => void): void;
}

/** A stage of `loki.process`: one file and one row of the table in `stages.ts`. */
export interface StageSpec extends VariantChoice {
  /** Reads the arguments, claims slots, and makes what runs for each entry. */
  compile(args: unknown, context: StageContext): Link;
}

/** Defines a stage; the type of its arguments follows from the fields. */
export function stage<const F extends Fields>(spec: {
  doc: string;
  fields: F;
  /** Rules across arguments: what is wrong with them together. */
  check?(args: ArgumentsOf<F>): string | undefined;
  compile(args: ArgumentsOf<F>, context: StageContext): Link;
}): StageSpec {
  return spec;
}
