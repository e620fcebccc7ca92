import { parseLogfmt } from '../../../../formats/logfmt/logfmt.ts';
import { map, regexp, string } from '../../../../schema/attributes.ts';
import { textOf } from '../extracted.ts';
import { optionalText } from '../optional-text.ts';
import { stage } from '../stage.ts';

export const logfmt = stage({
  doc: `
Extracts values from logfmt, \`key=value key2="another value"\`. All values are text; a key without a value is empty.
Keys that are not there set nothing. Keys before a mistake in the line are extracted.`,
  fields: {
    mapping: map(
      'Names of extracted values, and the keys they come from. An empty key or null means the name.',
      optionalText,
    ).default(new Map()),
    regex: regexp('Keys whose names match are extracted under their names.').optional(),
    source: string('The extracted value to read instead of the line.')
      .check((name) => (name === '' ? 'empty source' : undefined))
      .optional(),
  },
  check: ({ mapping, regex }) =>
    mapping.size === 0 && regex === undefined ? 'logfmt mapping or regex is required' : undefined,
  compile({ mapping, regex, source }, { slots }) {
    const slotsByKey = new Map([...mapping].map(([name, key]) => [key === '' ? name : key, slots.writes(name)]));
    const sourceSlot = source === undefined ? undefined : slots.reads(source);
    return (next) => (cursor) => {
      const text = sourceSlot === undefined ? cursor.text() : textOf(cursor.extracted.get(sourceSlot));
      if (text !== undefined) {
        parseLogfmt(text, (key, value) => {
          const slot = slotsByKey.get(key);
          if (slot !== undefined) cursor.extracted.set(slot, value);
          if (regex?.test(key)) cursor.extracted.setByName(key, value);
        });
      }
      next(cursor);
    };
  },
});
