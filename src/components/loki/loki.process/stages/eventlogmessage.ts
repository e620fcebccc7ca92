import { bool, string } from '../../../../schema/attributes.ts';
import { eventLink, type EventField } from '../event-fields.ts';
import { stage } from '../stage.ts';

const labelName = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const isValidKey = (key: string): boolean => labelName.test(key);

export const eventlogmessage = stage({
  doc: `
Extracts values from the message of a Windows event: each of its lines that has a colon is a key and a value. Deprecated
in favour of \`stage.windowsevent\`.

Without the message the entry passes unchanged. If the message is no text, the entry is dropped and counted with the
reason \`eventlogmessage_no_text\`.`,
  fields: {
    source: string('The extracted value that is the message.')
      .default('message')
      .check((name) => (isValidKey(name) ? undefined : 'must be a label name')),
    drop_invalid_labels: bool(
      'Whether values whose keys are no label names are left out, instead of being given a similar name.',
    ).default(false),
    overwrite_existing: bool(
      'Whether extracted values that are there are replaced. Otherwise `_extracted` is put behind the name.',
    ).default(false),
  },
  compile({ source, drop_invalid_labels: dropsInvalid, overwrite_existing: overwrites }, context) {
    const rules = { isValidKey, dropsInvalid, overwrites };
    return eventLink(source, fieldsOf, rules, context, 'eventlogmessage_no_text');
  },
});

function* fieldsOf(message: string): Generator<EventField> {
  for (const line of message.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon >= 0) yield { key: line.slice(0, colon), value: line.slice(colon + 1).trim() };
  }
}
