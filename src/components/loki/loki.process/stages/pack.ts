import { LineClock } from '../../../../files/line-clock.ts';
import { jsonText } from '../../../../formats/json/json-text.ts';
import { bool, list } from '../../../../schema/attributes.ts';
import { stringType } from '../../../../schema/types.ts';
import { textOf } from '../extracted.ts';
import { stage } from '../stage.ts';

export const pack = stage({
  doc: `
Makes the line a JSON object of some extracted values, labels among them, and of the line, as \`_entry\`. What was put
into it is removed from the labels. The parser \`unpack\` of LogQL takes it apart again.`,
  fields: {
    labels: list(
      'The names of the extracted values and labels to put into the line. Those that are missing or no text are left out.',
      stringType,
    ),
    ingest_timestamp: bool(
      'Whether the timestamp becomes the current time, so that entries of streams that are joined by this are in order.',
    ).default(true),
  },
  compile({ labels, ingest_timestamp: setsTime }, { slots }) {
    const fields = [...new Set(labels)]
      .toSorted()
      .map((name) => ({ name, key: `${jsonText(name)}:`, slot: slots.reads(name) }));
    // Equal lines with equal times would count as one.
    const clock = new LineClock();
    return (next) => (cursor) => {
      let json = '{';
      let rest = cursor.labels;
      for (let index = 0; index < fields.length; index++) {
        const { name, key, slot } = fields[index] as (typeof fields)[number];
        const text = textOf(cursor.extracted.get(slot));
        if (text === undefined) continue;
        json += `${key}${jsonText(text)},`;
        rest = rest.without(name);
      }
      cursor.setText(`${json}"_entry":${jsonText(cursor.text())}}`);
      cursor.labels = rest;
      if (setsTime) {
        const { seconds, nanos } = clock.take(1);
        cursor.seconds = seconds;
        cursor.nanos = nanos;
      }
      next(cursor);
    };
  },
});
