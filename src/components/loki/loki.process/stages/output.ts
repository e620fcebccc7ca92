import { string } from '../../../../schema/attributes.ts';
import { textOf } from '../extracted.ts';
import { stage } from '../stage.ts';

export const output = stage({
  doc: 'Makes an extracted value the line. Without the value, the line stays.',
  fields: {
    source: string('The name of the extracted value.').check((name) => (name === '' ? 'must not be empty' : undefined)),
  },
  compile({ source }, { slots }) {
    const slot = slots.reads(source);
    return (next) => (cursor) => {
      const text = textOf(cursor.extracted.get(slot));
      if (text !== undefined) cursor.setText(text);
      next(cursor);
    };
  },
});
