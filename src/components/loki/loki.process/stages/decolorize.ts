import { withoutEscapes } from '../../../../formats/ansi/ansi-escapes.ts';
import { stage } from '../stage.ts';

export const decolorize = stage({
  doc: 'Removes the ANSI escape sequences from the line that color it or move the cursor of a terminal.',
  fields: {},
  compile: () => (next) => (cursor) => {
    cursor.needBytes();
    const plain = withoutEscapes(cursor.bytes, cursor.start, cursor.end);
    if (plain !== undefined) cursor.setBytes(plain, 0);
    next(cursor);
  },
});
