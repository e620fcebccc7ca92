import type { Labels } from '../../../../model/labels.ts';
import type { MetadataPair } from '../../../../model/structured-metadata.ts';
import { map, regexp } from '../../../../schema/attributes.ts';
import { byLabels } from '../by-labels.ts';
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
    // What labels become, and which stay labels, depends on the label set alone.
    const fromLabels = byLabels((labels): { readonly moved: readonly MetadataPair[]; readonly rest: Labels } => {
      const named = pairs.flatMap(({ name, source }) => {
        const value = labels.get(source);
        return value === undefined ? [] : [{ name, source, value }];
      });
      const matched = [...labels]
        .filter(([name]) => regex?.test(name))
        .map(([name, value]) => ({ name, source: name, value }));
      const moved = [...named, ...matched];
      return { moved, rest: moved.reduce((rest, { source }) => rest.without(source), labels) };
    });
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
      const { moved, rest } = fromLabels(cursor.labels);
      for (let index = 0; index < moved.length; index++) {
        const { name, value } = moved[index] as MetadataPair;
        cursor.setMetadata(name, value);
      }
      cursor.labels = rest;
      next(cursor);
    };
  },
});
