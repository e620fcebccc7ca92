import { bool, duration, list, oneOf, string } from '../../../../schema/attributes.ts';
import { variants } from '../../../../schema/blocks.ts';
import type { ArgumentsOf, Fields, VariantChoice } from '../../../../schema/field.ts';
import { numberType } from '../../../../schema/types.ts';
import type { Cursor } from '../cursor.ts';
import type { CustomFamily, Update } from '../custom-family.ts';
import { floatOf, textOf, type ExtractedValue } from '../extracted.ts';
import { stage, type StageContext } from '../stage.ts';

/** Updates a metric with the entry under the cursor. */
type Recorder = (cursor: Cursor) => void;

/** A kind of metric: one row of the table below. */
interface MetricChoice extends VariantChoice {
  compile(args: unknown, context: StageContext): Recorder;
}

/** Defines a kind of metric; the type of its arguments follows from the fields. */
function metric<const F extends Fields>(spec: {
  doc: string;
  fields: F;
  check?(args: ArgumentsOf<F>): string | undefined;
  compile(args: ArgumentsOf<F>, context: StageContext): Recorder;
}): MetricChoice {
  return spec;
}

/** What a histogram has that gives none. */
const defaultBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

const commonFields = {
  name: string('The name, without the prefix.').check((name) => (name === '' ? 'must not be empty' : undefined)),
  description: string('The help text.').default(''),
  source: string('The extracted value it is made of. Empty for the one that is named like the metric.').default(''),
  prefix: string('What the name begins with. Empty for the default.').default('loki_process_custom_'),
  max_idle_duration: duration('How long a series stays that is not updated.')
    .default(5 * 60_000)
    .check((time) => (time >= 1000 ? undefined : 'max_idle_duration must be greater or equal than 1s')),
  value: string('The text that the extracted value must equal. Empty for any value.').default(''),
};

type CommonArgs = ArgumentsOf<typeof commonFields>;

const counter = metric({
  doc: 'A value that only grows. What would make it smaller is ignored.',
  fields: {
    ...commonFields,
    action: oneOf('Whether it grows by one, or by the extracted value.', 'inc', 'add'),
    match_all: bool('Whether every entry counts, whatever was extracted.').default(false),
    count_entry_bytes: bool(
      'Whether it grows by the size of the line. Needs `match_all` and the action `add`.',
    ).default(false),
  },
  check({ action, match_all: matchesAll, count_entry_bytes: countsBytes, value }) {
    if (matchesAll && value !== '') return '`value` cannot be set where `match_all` is true';
    if (countsBytes && !matchesAll) return '`match_all` must be true where `count_entry_bytes` is';
    return countsBytes && action !== 'add' ? '`action` must be "add" where `count_entry_bytes` is true' : undefined;
  },
  compile(args, context) {
    const family = context.customMetrics.define({ ...definitionOf(args), kind: 'counter', buckets: [] });
    if (args.match_all) return args.count_entry_bytes ? countBytes(family) : countEntries(family, args.action);
    const amount = args.action === 'inc' ? one : notNegative;
    return recordEach(args, context, family, amount, (update, by) => update.add(by));
  },
});

const gauge = metric({
  doc: 'A value that goes up and down.',
  fields: {
    ...commonFields,
    action: oneOf(
      'Whether it becomes the extracted value, or goes up or down by one or by that.',
      'set',
      'inc',
      'dec',
      'add',
      'sub',
    ),
  },
  compile(args, context) {
    const family = context.customMetrics.define({ ...definitionOf(args), kind: 'gauge', buckets: [] });
    switch (args.action) {
      case 'set':
        return recordEach(args, context, family, floatOf, (update, to) => update.set(to));
      case 'inc':
        return recordEach(args, context, family, one, (update, by) => update.add(by));
      case 'dec':
        return recordEach(args, context, family, one, (update, by) => update.add(-by));
      case 'add':
        return recordEach(args, context, family, anyNumber, (update, by) => update.add(by));
      default:
        return recordEach(args, context, family, anyNumber, (update, by) => update.add(-by));
    }
  },
});

const histogram = metric({
  doc: 'Counts values by upper bounds.',
  fields: {
    ...commonFields,
    buckets: list(
      'The upper bounds, in ascending order. Empty for those that are usual for seconds.',
      numberType,
    ).check((bounds) => (isAscending(bounds) ? undefined : 'must be in ascending order')),
  },
  compile(args, context) {
    const bounds = args.buckets.filter((bound) => bound !== Infinity);
    const buckets = args.buckets.length === 0 ? defaultBuckets : bounds;
    const family = context.customMetrics.define({ ...definitionOf(args), kind: 'histogram', buckets });
    return recordEach(args, context, family, anyNumber, (update, value) => update.observe(value));
  },
});

const choices: Readonly<Record<string, MetricChoice>> = {
  'metric.counter': counter,
  'metric.gauge': gauge,
  'metric.histogram': histogram,
};

export const metrics = stage({
  doc: `
Makes metrics of entries, which pass unchanged. They are shown on \`/metrics\` with the labels that entries have at that
point, but for those that begin with two underscores. Numbers are taken as they are, bools as 1 and 0, and durations such
as \`932ms\` as seconds. Of metrics of one name in a stage the last counts.

An entry counts when its batch is accepted. A metric has at most 10000 series; updates for more are rejected and counted.`,
  fields: {
    metrics: variants('The metrics to make.', () => choices),
  },
  compile({ metrics: all }, context) {
    const byName = new Map(all.map((variant) => [(variant.args as CommonArgs).name, variant]));
    const recorders = Array.from(byName.values(), ({ name, args }) => {
      const choice = choices[name];
      if (choice === undefined) throw new TypeError(`unknown metric ${name}`);
      return choice.compile(args, context);
    });
    return (next) => (cursor) => {
      for (let index = 0; index < recorders.length; index++) recorders[index]?.(cursor);
      next(cursor);
    };
  },
});

function definitionOf({ name, description, prefix, max_idle_duration: maxIdle }: CommonArgs) {
  return { name: (prefix === '' ? commonFields.prefix.fallback : prefix) + name, doc: description, maxIdle };
}

function countEntries(family: CustomFamily, action: string): Recorder {
  // Without a value there is nothing to add.
  return action === 'inc' ? ({ labels }) => family.updateFor(labels)?.add(1) : () => undefined;
}

function countBytes(family: CustomFamily): Recorder {
  return (cursor) => {
    cursor.needBytes();
    family.updateFor(cursor.labels)?.add(cursor.end - cursor.start);
  };
}

/** Updates the metric with what a number function makes of the extracted value, if it makes something of it. */
function recordEach(
  { name, source, value: wanted }: CommonArgs,
  { slots }: StageContext,
  family: CustomFamily,
  numberOf: (value: ExtractedValue) => number | undefined,
  apply: (update: Update, number: number) => void,
): Recorder {
  const slot = slots.reads(source === '' ? name : source);
  return ({ extracted, labels }) => {
    const value = extracted.get(slot);
    if (value === undefined || (wanted !== '' && textOf(value) !== wanted)) return;
    const number = numberOf(value);
    const update = number === undefined ? undefined : family.updateFor(labels);
    if (update !== undefined && number !== undefined) apply(update, number);
  };
}

function one(): number {
  return 1;
}

/** A number that can be added up: one that is none would make the sum none for good. */
function anyNumber(value: ExtractedValue): number | undefined {
  const number = floatOf(value);
  return Number.isNaN(number) ? undefined : number;
}

function notNegative(value: ExtractedValue): number | undefined {
  const number = anyNumber(value);
  return number !== undefined && number >= 0 ? number : undefined;
}

function isAscending(bounds: readonly number[]): boolean {
  return bounds.every((bound, index) => index === 0 || bound > (bounds[index - 1] ?? 0));
}
