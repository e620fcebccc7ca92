import { bytes, duration, string } from '../../../../schema/attributes.ts';
import type { Cursor } from '../cursor.ts';
import { DropCount } from '../drop-count.ts';
import { textOf, type Extracted } from '../extracted.ts';
import { optionalRegexp } from '../optional-regexp.ts';
import { stage, type StageContext } from '../stage.ts';

type Condition = (cursor: Cursor) => boolean;

// Empty text stands for the defaults as well.
const defaultReason = 'drop_stage';
const defaultSeparator = ';';

export const drop = stage({
  doc: `
Drops entries for which every condition that is configured holds. Dropped lines are counted with the reason in
\`drop_counter_reason\`.`,
  fields: {
    source: string(
      'Extracted values, separated by commas. Without `value` and `expression`, all of them must be there.',
    ).default(''),
    value: string('The text that the values of `source`, joined by `separator`, must equal.').default(''),
    expression: optionalRegexp(
      'What the values of `source`, joined by `separator`, must match; without `source`, the line.',
    ),
    separator: string('What joins the values of `source`.').default(defaultSeparator),
    older_than: duration('The age of the timestamp from which on an entry is dropped; 0 for no limit.').default(0),
    longer_than: bytes('The size of the line beyond which it is dropped; 0 for no limit.').default(0),
    drop_counter_reason: string('The reason under which dropped lines are counted.').default(defaultReason),
  },
  check({ source, value, expression, older_than, longer_than }) {
    if (source === '' && expression === undefined && older_than === 0 && longer_than === 0) {
      return 'drop stage must contain at least one of `source`, `expression`, `older_than` or `longer_than`';
    }
    if (value !== '' && expression !== undefined) return 'only one of `value` and `expression` can be set';
    if (value !== '' && source === '') return '`value` needs `source`';
    return undefined;
  },
  compile(args, context) {
    const conditions = conditionsOf(args, context);
    const dropped = new DropCount(context, args.drop_counter_reason || defaultReason);
    return (next) => (cursor) => {
      if (conditions.every((holds) => holds(cursor))) dropped.inc();
      else next(cursor);
    };
  },
});

function conditionsOf(
  args: {
    readonly source: string;
    readonly value: string;
    readonly expression: { test(text: string): boolean } | undefined;
    readonly separator: string;
    readonly older_than: number;
    readonly longer_than: number;
  },
  { slots }: StageContext,
): Condition[] {
  const { source, value, expression, separator, older_than: olderThan, longer_than: longerThan } = args;
  const conditions: Condition[] = [];
  if (longerThan > 0) {
    conditions.push((cursor) => {
      cursor.needBytes();
      return cursor.end - cursor.start > longerThan;
    });
  }
  if (olderThan > 0) {
    conditions.push(({ seconds, nanos }) => seconds * 1000 + nanos / 1e6 < Date.now() - olderThan);
  }
  if (source === '') {
    if (expression !== undefined) conditions.push((cursor) => expression.test(cursor.text()));
    return conditions;
  }
  const sources = source.split(',').map((name) => slots.reads(name));
  if (value === '' && expression === undefined) {
    conditions.push(({ extracted }) => sources.every((slot) => extracted.get(slot) !== undefined));
    return conditions;
  }
  const matches = expression === undefined ? (text: string) => text === value : (text: string) => expression.test(text);
  conditions.push(({ extracted }) => {
    const text = joined(extracted, sources, separator || defaultSeparator);
    return text !== undefined && matches(text);
  });
  return conditions;
}

/** The values that are there in one text, empty if none is; undefined if one of them has no text form. */
function joined(extracted: Extracted, slots: readonly number[], separator: string): string | undefined {
  let all: string | undefined;
  for (const slot of slots) {
    const value = extracted.get(slot);
    if (value === undefined) continue;
    const text = textOf(value);
    if (text === undefined) return undefined;
    all = all === undefined ? text : all + separator + text;
  }
  return all ?? '';
}
