import { readEventMessage } from '../../../../formats/windows-event/event-message.ts';
import { bool, string } from '../../../../schema/attributes.ts';
import { eventLink } from '../event-fields.ts';
import { stage } from '../stage.ts';

/** Broken UTF-8 has become U+FFFD. */
const isValidKey = (key: string): boolean => key !== '' && !key.includes('\ufffd');

export const windowsevent = stage({
  doc: `
Extracts values from the message of a Windows event: its first section as \`Description\`, and the keys and values of the
others, with the title of the section in front, as in \`Subject_SecurityID\`. Keys have no white space, and values over
several lines are joined by commas. Sections of sentences are left out.

Without the message the entry passes unchanged. If the message is no text, the entry is dropped and counted with the
reason \`windowsevent_no_text\`.`,
  fields: {
    source: string('The extracted value that is the message.')
      .default('message')
      .check((name) => (name === '' ? 'must not be empty' : undefined)),
    drop_invalid_labels: bool(
      'Whether values whose keys are empty or broken are left out, instead of being given a similar name.',
    ).default(false),
    overwrite_existing: bool(
      'Whether extracted values that are there are replaced. Otherwise `_extracted` is put behind the name.',
    ).default(false),
  },
  compile({ source, drop_invalid_labels: dropsInvalid, overwrite_existing: overwrites }, context) {
    const rules = { isValidKey, dropsInvalid, overwrites };
    return eventLink(source, readEventMessage, rules, context, 'windowsevent_no_text');
  },
});
