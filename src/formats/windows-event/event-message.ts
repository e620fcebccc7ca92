/** A key and its value in the message of an event. */
interface Field {
  readonly key: string;
  value: string;
}

const lineEnd = '\r\n';
const description = 'Description';

/**
 * Reads the message of a Windows event as it is rendered for people. Empty lines divide it into sections. The first is
 * the description; the others have lines `Key: value`, with further values in lines without a colon. A section may begin
 * with a title, a key without a value, which the keys of the section then have in front.
 */
export function readEventMessage(message: string): Field[] {
  const [first = '', ...sections] = message.split(lineEnd + lineEnd);
  return [{ key: description, value: first }, ...sections.flatMap(readSection)];
}

function readSection(section: string): Field[] {
  const fields: Field[] = [];
  let title: string | undefined;
  let last: Field | undefined;
  const lines = section.split(lineEnd).filter((line) => line.trim() !== '');
  for (const [index, line] of lines.entries()) {
    const colon = line.indexOf(':');
    const text = line.slice(colon + 1).trim();
    if (colon < 0) {
      if (last === undefined) continue;
      last.value += last.value === '' ? text : `,${text}`;
      // Values of its own make the title a key.
      if (fields.length === 0) fields.push(last);
      continue;
    }
    const key = line.slice(0, colon).replaceAll(/[\t\r\n ]/g, '');
    last = { key: title === undefined ? key : `${title}_${key}`, value: text };
    if (index === 0 && text === '') title = key;
    else fields.push(last);
  }
  return fields;
}
