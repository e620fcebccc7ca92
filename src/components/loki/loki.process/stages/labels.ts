import type { Labels } from '../../../../model/labels.ts';
import { map, oneOf } from '../../../../schema/attributes.ts';
import { textOf, type ExtractedValue } from '../extracted.ts';
import { optionalText } from '../optional-text.ts';
import { stage } from '../stage.ts';

export const labels = stage({
  doc: `
Sets labels from extracted values or structured metadata. Values that are not there, or are no text, set nothing and
leave a label of the name as it is.`,
  fields: {
    values: map(
      'Label names, and the names of the values they get. An empty name or null means the label name.',
      optionalText,
    ).check((values) => ([...values.keys()].includes('') ? 'label names must not be empty' : undefined)),
    source_type: oneOf('Where the values are looked up.', 'extracted', 'structured_metadata').default('extracted'),
  },
  compile({ values, source_type }, { slots }) {
    const pairs = [...values].map(([label, source]) => ({ label, source: source === '' ? label : source }));
    if (source_type === 'structured_metadata') {
      return (next) => (cursor) => {
        const metadata = cursor.metadata();
        for (const { label, source } of pairs) {
          const pair = metadata.find(({ name }) => name === source);
          if (pair !== undefined) cursor.labels = cursor.labels.with(label, pair.value);
        }
        next(cursor);
      };
    }

    const sources = pairs.map(({ label, source }) => ({ label, slot: slots.reads(source) }));
    // Entries in a row often have the same values, which then lead to the same label set.
    const lastValues: ExtractedValue[] = [];
    let lastFrom: Labels | undefined;
    let lastTo: Labels | undefined;
    return (next) => (cursor) => {
      const { extracted } = cursor;
      let isSame = cursor.labels === lastFrom;
      for (let index = 0; index < sources.length; index++) {
        const value = extracted.get(sources[index]?.slot ?? 0);
        if (value === lastValues[index]) continue;
        lastValues[index] = value;
        isSame = false;
      }
      if (!isSame || lastTo === undefined) {
        lastFrom = cursor.labels;
        lastTo = lastFrom;
        for (const [index, { label }] of sources.entries()) {
          const text = textOf(lastValues[index]);
          if (text !== undefined) lastTo = lastTo.with(label, text);
        }
      }
      cursor.labels = lastTo;
      next(cursor);
    };
  },
});
