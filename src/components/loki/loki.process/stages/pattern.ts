import { parsePattern, type Pattern } from '../../../../formats/pattern/pattern.ts';
import { attribute, bool, string } from '../../../../schema/attributes.ts';
import { parsedType } from '../../../../schema/types.ts';
import { textOf } from '../extracted.ts';
import { stage } from '../stage.ts';

const patternType = parsedType<Pattern>({
  name: 'pattern',
  format: 'logql-pattern',
  parse: parsePattern,
  encode: (pattern) => pattern.source,
});

export const pattern = stage({
  doc: `
Extracts values with a pattern of LogQL, such as \`<ip> - - <_> "<method> <path> <_>" <status>\`: \`<name>\` takes what
stands between the text before and after it, \`<_>\` leaves that out. The pattern begins where the line does. From where
the line differs from the pattern, the rest goes to the current capture, and the captures after that are not set.`,
  fields: {
    pattern: attribute('Text and captures, which must have text between them.', patternType),
    source: string('The extracted value to read instead of the line.')
      .check((name) => (name === '' ? 'must not be empty' : undefined))
      .optional(),
    labels_from_groups: bool('Whether captures become labels too, also where a label of the name is there.').default(
      false,
    ),
  },
  compile(args, { slots }) {
    const { pattern: compiled, labels_from_groups: setsLabels } = args;
    const captures = compiled.names.map((name) => ({ name, slot: slots.writes(name) }));
    const sourceSlot = args.source === undefined ? undefined : slots.reads(args.source);
    return (next) => {
      const isWanted = captures.map(({ slot }) => setsLabels || slots.isRead(slot));
      const limit = isWanted.lastIndexOf(true) + 1;
      if (limit === 0) return next;
      return (cursor) => {
        const text = (sourceSlot === undefined ? cursor.text() : textOf(cursor.extracted.get(sourceSlot))) ?? '';
        const count = compiled.match(text, limit);
        for (let index = 0; index < count; index++) {
          if (isWanted[index] !== true) continue;
          const { name, slot } = captures[index] as (typeof captures)[number];
          const value = text.slice(compiled.starts[index], compiled.ends[index]);
          cursor.extracted.set(slot, value);
          if (setsLabels) cursor.labels = cursor.labels.with(name, value);
        }
        next(cursor);
      };
    };
  },
});
