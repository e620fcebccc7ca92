import type { Log } from '../../../base/log.ts';
import type { MetersOf } from '../../../component/metrics.ts';
import type { ArgumentsOf, Fields, VariantChoice } from '../../../schema/field.ts';
import type { Variant } from '../../../schema/blocks.ts';
import type { Cursor } from './cursor.ts';
import type { CustomMetrics } from './custom-metrics.ts';
import type { processMetrics } from './metrics.ts';
import type { Passage } from './passage.ts';
import type { Slots } from './slots.ts';
import type { Flush, TimedFlush } from './timed-flush.ts';

/** Handles the entry under the cursor and calls the next step for each entry that goes on: never, once, or more often. */
export type Step = (cursor: Cursor) => void;

/** A compiled stage, to be linked with what comes after it. Linking happens once, when all stages are compiled. */
export type Link = (next: Step) => Step;

/** What compiling a stage may use. Compiling and linking do no I/O and start nothing. */
export interface StageContext {
  readonly slots: Slots;
  readonly metrics: MetersOf<typeof processMetrics>;
  readonly passage: Passage;
  readonly customMetrics: CustomMetrics;
  readonly log: Log;
  /** Compiles stages inside of the stage. */
  compile(stages: readonly Variant[]): Link;
  /** Calls the function before the first entry comes, for I/O that must be over then; if it fails, loading fails. */
  onPrepare(prepare: () => Promise<void>): void;
  /** For a stage that sends what it keeps at times of its own. Only while linking. */
  timedFlush(flush: Flush): TimedFlush;
  /** Calls the function when the pipeline ends, after the last flush; what a stage still keeps is given up then. */
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
