import { ByteKeys } from '../../../../base/byte-keys.ts';
import { LogfmtReader } from '../../../../formats/logfmt/logfmt.ts';
import { map, string } from '../../../../schema/attributes.ts';
import type { Cursor } from '../cursor.ts';
import { textOf } from '../extracted.ts';
import { optionalRegexp } from '../optional-regexp.ts';
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
    regex: optionalRegexp('Keys whose names match are extracted under their names.'),
    source: string('The extracted value to read instead of the line.')
      .check((name) => (name === '' ? 'empty source' : undefined))
      .optional(),
  },
  check: ({ mapping, regex }) =>
    mapping.size === 0 && regex === undefined ? 'logfmt mapping or regex is required' : undefined,
  compile({ mapping, regex, source }, { slots }) {
    const pairs = [...mapping].map(([name, key]) => ({ key: key === '' ? name : key, slot: slots.writes(name) }));
    const sourceSlot = source === undefined ? undefined : slots.reads(source);
    const reader = new LogfmtReader();
    return (next) => {
      const wanted = pairs.filter(({ slot }) => slots.isRead(slot));
      const keys = new ByteKeys(wanted.map(({ key }) => key));
      const read = (cursor: Cursor, bytes: Buffer, start: number, end: number): void => {
        reader.start(bytes, start, end);
        while (reader.next()) {
          const pair = wanted[reader.keyAmong(keys)];
          if (pair !== undefined) cursor.extracted.set(pair.slot, reader.value);
          if (regex?.test(reader.key)) cursor.extracted.setByName(reader.key, reader.value);
        }
      };
      return (cursor) => {
        if (sourceSlot === undefined) {
          cursor.needBytes();
          read(cursor, cursor.bytes, cursor.start, cursor.end);
        } else {
          const text = textOf(cursor.extracted.get(sourceSlot));
          if (text !== undefined) read(cursor, Buffer.from(text), 0, Buffer.byteLength(text));
        }
        next(cursor);
      };
    };
  },
});
