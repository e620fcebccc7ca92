import { bool, regexp, string } from '../../../../schema/attributes.ts';
import { textOf } from '../extracted.ts';
import { stage } from '../stage.ts';

export const regex = stage({
  doc: `
Extracts the named groups of the first match of a regular expression. A group that took no part is empty text. Without
a match the entry passes unchanged.`,
  fields: {
    expression: regexp('A regular expression in RE2 syntax. Groups with a name are extracted.').check((expression) =>
      expression.source === '' ? 'expression is required' : undefined,
    ),
    source: string('The extracted value to read instead of the line.')
      .check((name) => (name === '' ? 'must not be empty' : undefined))
      .optional(),
    labels_from_groups: bool('Whether groups become labels too, also where a label of the name is there.').default(
      false,
    ),
  },
  compile({ expression, source, labels_from_groups: setsLabels }, { slots }) {
    const groups = expression.groupNames.flatMap((name, group) =>
      name === undefined ? [] : [{ name, group, slot: slots.writes(name) }],
    );
    const sourceSlot = source === undefined ? undefined : slots.reads(source);
    return (next) => {
      const wanted = groups.filter(({ slot }) => setsLabels || slots.isRead(slot));
      if (wanted.length === 0) return next;
      return (cursor) => {
        const text = sourceSlot === undefined ? cursor.text() : textOf(cursor.extracted.get(sourceSlot));
        const match = text === undefined ? null : expression.match(text);
        if (match !== null) {
          for (let index = 0; index < wanted.length; index++) {
            const { name, group, slot } = wanted[index] as (typeof wanted)[number];
            const value = match[group] ?? '';
            cursor.extracted.set(slot, value);
            if (setsLabels) cursor.labels = cursor.labels.with(name, value);
          }
        }
        next(cursor);
      };
    };
  },
});
