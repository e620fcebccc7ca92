import { JsonElements } from '../../../../formats/json/json-array.ts';
import { string } from '../../../../schema/attributes.ts';
import { DropCount } from '../drop-count.ts';
import { textOf } from '../extracted.ts';
import { stage } from '../stage.ts';

export const splitJson = stage({
  doc: `
Makes an entry of each element of a JSON array: the line is the element as it is written, everything else is that of the
entry. An empty array is dropped and counted with the reason \`split_json_empty\`. Anything but an array passes unchanged.`,
  fields: {
    source: string('The extracted value to read instead of the line.')
      .check((name) => (name === '' ? 'must not be empty' : undefined))
      .optional(),
  },
  compile({ source }, context) {
    const { slots } = context;
    const sourceSlot = source === undefined ? undefined : slots.reads(source);
    const dropped = new DropCount(context, 'split_json_empty');
    const elements = new JsonElements();
    return (next) => (cursor) => {
      let bytes: Buffer;
      let isArray: boolean;
      if (sourceSlot === undefined) {
        cursor.needBytes();
        bytes = cursor.bytes;
        isArray = elements.open(bytes, cursor.start, cursor.end);
      } else {
        bytes = Buffer.from(textOf(cursor.extracted.get(sourceSlot)) ?? '');
        isArray = elements.open(bytes, 0, bytes.length);
      }
      if (!isArray) {
        next(cursor);
        return;
      }
      if (!elements.next()) {
        dropped.inc();
        return;
      }
      const entry = cursor.snapshot();
      do {
        cursor.restore(entry);
        cursor.setBytes(bytes, elements.start, elements.end);
        next(cursor);
      } while (elements.next());
    };
  },
});
