import type { Labels } from '../../../../model/labels.ts';
import { encodedPair, type MetadataPair } from '../../../../model/structured-metadata.ts';
import { map } from '../../../../schema/attributes.ts';
import { byLabels } from '../by-labels.ts';
import { textOf } from '../extracted.ts';
import { optionalRegexp } from '../optional-regexp.ts';
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
    )
      .default(new Map())
      .check((values) => (values.has('') ? 'names must not be empty' : undefined)),
    regex: optionalRegexp('Extracted values and labels whose names match are added under their names.'),
  },
  compile({ values, regex }, { slots }) {
    const pairs = [...values].map(([name, given]) => {
      const source = given === '' ? name : given;
      return { name, source, slot: slots.reads(source) };
    });
    if (regex !== undefined) slots.readsAll();
    // What labels become, and which stay labels, depends on the label set alone.
    const planOf = byLabels((labels): Plan => {
      const named = pairs.map(({ name, source, slot }) => {
        const value = labels.get(source);
        return { name, slot, fromLabel: value === undefined ? undefined : encodedPair(name, value) };
      });
      const isNamed = (label: string): boolean => pairs.some(({ source }) => source === label);
      const matched = [...labels]
        .filter(([name]) => regex?.test(name) && !isNamed(name))
        .map(([name, value]) => encodedPair(name, value));
      const used = [...pairs.map(({ source }) => source), ...matched.map(({ name }) => name)];
      return { named, matched, rest: used.reduce((rest, name) => rest.without(name), labels) };
    });
    return (next) => (cursor) => {
      const { extracted } = cursor;
      const { named, matched, rest } = planOf(cursor.labels);
      for (let index = 0; index < named.length; index++) {
        const { name, slot, fromLabel } = named[index] as NamedPair;
        if (fromLabel !== undefined) {
          cursor.setMetadata(fromLabel);
        } else {
          const value = textOf(extracted.get(slot));
          if (value !== undefined) cursor.setMetadata({ name, value });
        }
      }
      if (regex !== undefined) {
        for (const [name, extractedValue] of extracted.entries()) {
          const value = regex.test(name) ? textOf(extractedValue) : undefined;
          if (value !== undefined) cursor.setMetadata({ name, value });
        }
        // Labels win over extracted values.
        for (const { fromLabel } of named) if (fromLabel !== undefined) cursor.setMetadata(fromLabel);
        for (const pair of matched) cursor.setMetadata(pair);
      }
      cursor.labels = rest;
      next(cursor);
    };
  },
});

interface NamedPair {
  readonly name: string;
  readonly slot: number;
  /** The pair, if it comes from a label. */
  readonly fromLabel: MetadataPair | undefined;
}

/** What to do with entries of one label set. */
interface Plan {
  readonly named: readonly NamedPair[];
  /** From labels whose names match. */
  readonly matched: readonly MetadataPair[];
  /** The labels that are left. */
  readonly rest: Labels;
}
