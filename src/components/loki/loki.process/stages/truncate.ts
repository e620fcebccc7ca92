import { bytes, list, oneOf, string } from '../../../../schema/attributes.ts';
import { blocks } from '../../../../schema/blocks.ts';
import { stringType } from '../../../../schema/types.ts';
import { byLabels } from '../by-labels.ts';
import type { Cursor } from '../cursor.ts';
import { textOf } from '../extracted.ts';
import { stage, type StageContext } from '../stage.ts';

/** What can be truncated, in the order in which the extracted value `truncated` lists it. */
const kinds = ['extracted', 'label', 'line', 'structured_metadata'] as const;
type Kind = (typeof kinds)[number];

interface Rule {
  readonly limit: number;
  readonly suffix: string;
  readonly source_type: Kind;
  readonly sources: readonly string[];
}

/** Truncates what a rule is for, and returns how many values that were. */
type Truncation = (cursor: Cursor) => number;

export const truncate = stage({
  doc: `
Cuts values that are too long. Sizes are in bytes, and the suffix is part of them: a value longer than the limit without
the suffix is cut to that, and the suffix is put behind it. A line is cut at the very byte, other values before the
character that does not fit. The extracted value \`truncated\` lists what was cut: \`extracted\`, \`label\`, \`line\`,
\`structured_metadata\`.`,
  fields: {
    rule: blocks('What to cut. Rules work in the order they are written.', {
      limit: bytes('The size of values with the suffix.').check((limit) =>
        limit > 0 ? undefined : 'must be greater than 0',
      ),
      suffix: string('What stands at the end of values that were cut.').default(''),
      source_type: oneOf('What kind of value is cut.', 'line', 'label', 'structured_metadata', 'extracted').default(
        'line',
      ),
      sources: list(
        'The names of the labels, structured metadata or extracted values to cut; all if there are none.',
        stringType,
      ).default([]),
    })
      .min(1)
      .check(({ limit, suffix, source_type: kind, sources }) => {
        if (Buffer.byteLength(suffix) >= limit) return '`suffix` must be shorter than `limit`';
        if (kind === 'line' && sources.length > 0) return '`sources` cannot be set for lines';
        return undefined;
      }),
  },
  compile({ rule: rules }, context) {
    const { slots, metrics } = context;
    // An earlier stage may have set it.
    const truncatedSlot = slots.reads('truncated');
    const truncations = rules.map((rule) => ({
      bit: 1 << kinds.indexOf(rule.source_type),
      truncateIn: truncationsOf[rule.source_type](rule, context),
      counter: metrics.truncatedFields.with(rule.source_type),
    }));
    return (next) => (cursor) => {
      let found = 0;
      for (let index = 0; index < truncations.length; index++) {
        const { bit, truncateIn, counter } = truncations[index] as (typeof truncations)[number];
        const count = truncateIn(cursor);
        if (count === 0) continue;
        counter.inc(count);
        found |= bit;
      }
      if (found > 0) {
        const before = textOf(cursor.extracted.get(truncatedSlot))?.split(',') ?? [];
        const all = kinds.filter((kind, index) => (found & (1 << index)) !== 0 || before.includes(kind));
        cursor.extracted.set(truncatedSlot, all.join(','));
      }
      next(cursor);
    };
  },
});

const truncationsOf: Readonly<Record<Kind, (rule: Rule, context: StageContext) => Truncation>> = {
  extracted: truncateExtracted,
  label: truncateLabels,
  line: truncateLine,
  structured_metadata: truncateMetadata,
};

function truncateLine({ limit, suffix }: Rule): Truncation {
  const end = Buffer.from(suffix);
  const size = limit - end.length;
  return (cursor) => {
    cursor.needBytes();
    const { bytes: line, start } = cursor;
    if (cursor.end - start <= size) return 0;
    if (end.length === 0) cursor.setBytes(line, start, start + size);
    else cursor.setBytes(Buffer.concat([line.subarray(start, start + size), end]), 0);
    return 1;
  };
}

function truncateLabels(rule: Rule): Truncation {
  const isWanted = wantedNames(rule);
  // What labels become depends on the label set alone.
  const truncated = byLabels((labels) => {
    const cut = [...labels].flatMap(([name, value]) => {
      const shorter = isWanted(name) ? truncatedText(value, rule) : undefined;
      return shorter === undefined ? [] : [{ name, shorter }];
    });
    return { labels: cut.reduce((rest, { name, shorter }) => rest.with(name, shorter), labels), count: cut.length };
  });
  return (cursor) => {
    const { labels, count } = truncated(cursor.labels);
    cursor.labels = labels;
    return count;
  };
}

function truncateMetadata(rule: Rule): Truncation {
  const isWanted = wantedNames(rule);
  return (cursor) => {
    let count = 0;
    const pairs = cursor.metadata().map((pair) => {
      const shorter = isWanted(pair.name) ? truncatedText(pair.value, rule) : undefined;
      if (shorter === undefined) return pair;
      count++;
      return { name: pair.name, value: shorter };
    });
    if (count > 0) cursor.replaceMetadata(pairs);
    return count;
  };
}

function truncateExtracted(rule: Rule, { slots }: StageContext): Truncation {
  if (rule.sources.length === 0) slots.readsAll();
  const named = rule.sources.map((name) => slots.reads(name));
  return ({ extracted }) => {
    let count = 0;
    for (let index = 0; index < named.length; index++) {
      const slot = named[index] ?? 0;
      const value = extracted.get(slot);
      const shorter = typeof value === 'string' ? truncatedText(value, rule) : undefined;
      if (shorter === undefined) continue;
      extracted.set(slot, shorter);
      count++;
    }
    if (named.length > 0) return count;
    // Those that are set now must not come up again.
    for (const [name, value] of extracted.entries().toArray()) {
      const shorter = typeof value === 'string' ? truncatedText(value, rule) : undefined;
      if (shorter === undefined) continue;
      extracted.setByName(name, shorter);
      count++;
    }
    return count;
  };
}

function wantedNames({ sources }: Rule): (name: string) => boolean {
  const names = new Set(sources);
  return names.size === 0 ? () => true : (name) => names.has(name);
}

/** The text if it is too long, cut; a character that does not fit as a whole is left out. */
function truncatedText(text: string, { limit, suffix }: Rule): string | undefined {
  if (3 * text.length + 3 * suffix.length <= limit) return undefined;
  const size = limit - Buffer.byteLength(suffix);
  const all = Buffer.from(text);
  if (all.length <= size) return undefined;
  let end = size;
  while (end > 0 && ((all[end] ?? 0) & 0xc0) === 0x80) end--;
  return all.toString('utf8', 0, end) + suffix;
}
