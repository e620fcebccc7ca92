import { map, regexp } from '../../../../schema/attributes.ts';
import { textOf } from '../extracted.ts';
import { optionalText } from '../optional-text.ts';
import { stage } from '../stage.ts';

export const structuredMetadata = stage({
  doc: `
Adds structured metadata from extracted values and labels. A label that is used is removed from the labels, and wins
over an extracted value of the same name. A pair of a name that is there is replaced.`,
  fields: {
    values: map(
      'Names of structured metadata, and the names of the values they get. An empty name or null means the same name.',
      optionalText,
    ).default(new Map()),
    regex: regexp('Extracted values and labels whose names match are added under their names.').optional(),
  },
  compile({ values, regex }, { slots }) {
    const pairs = [...values].map(([name, given]) => {
      const source = given === '' ? name : given;
      return { name, source, slot: slots.reads(source) };
    });
    if (regex !== undefined) slots.readsAll();
    return (next) => (cursor) => {
      const { extracted } = cursor;
      for (let index = 0; index < pairs.length; index++) {
        const { name, slot } = pairs[index] as (typeof pairs)[number];
        const text = textOf(extracted.get(slot));
        if (text !== undefined) cursor.setMetadata(name, text);
      }
      if (regex !== undefined) {
        for (const [name, value] of extracted.entries()) {
          const text = regex.test(name) ? textOf(value) : undefined;
          if (text !== undefined) cursor.setMetadata(name, text);
        }
      }
      for (let index = 0; index < pairs.length; index++) {
        const { name, source } = pairs[index] as (typeof pairs)[number];
        const value = cursor.labels.get(source);
        if (value === undefined) continue;
        cursor.setMetadata(name, value);
        cursor.labels = cursor.labels.without(source);
      }
      if (regex !== undefined) {
        for (const [name, value] of cursor.labels) {
          if (!regex.test(name)) continue;
          cursor.setMetadata(name, value);
          cursor.labels = cursor.labels.without(name);
        }
      }
      next(cursor);
    };
  },
});
