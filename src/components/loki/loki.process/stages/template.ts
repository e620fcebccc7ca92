import { attribute, string } from '../../../../schema/attributes.ts';
import { textOf } from '../extracted.ts';
import { StageData, templateType } from '../stage-template.ts';
import { stage } from '../stage.ts';

export const template = stage({
  doc: `
Sets an extracted value to the output of a Go template. The template sees every extracted value under its name, the
value of \`source\` as \`.Value\`, and the line as \`.Entry\`. It may call the functions of Go templates, those of sprig
other than the ones that make keys or certificates, hash passwords or ask the network, and \`ToLower\`, \`ToUpper\`,
\`Replace\`, \`Trim\`, \`TrimLeft\`, \`TrimRight\`, \`TrimPrefix\`, \`TrimSuffix\`, \`TrimSpace\`, \`Hash\`, \`Sha2Hash\`,
\`regexReplaceAll\` and \`regexReplaceAllLiteral\`.

Where the template fails, nothing changes; empty output removes the value.`,
  fields: {
    source: string(
      'The extracted value that the template reads as `.Value` and sets. It need not be there before.',
    ).check((name) => (name === '' ? 'must not be empty' : undefined)),
    template: attribute('A Go template such as `{{ .Value | ToUpper }}`.', templateType({ isTextMap: false })),
  },
  compile({ source, template: goTemplate }, { slots }) {
    const slot = slots.writes(source);
    if (goTemplate.fields.has('Value') || goTemplate.usesWholeData) slots.reads(source);
    const data = new StageData(goTemplate, slots, {
      Value: ({ extracted }) => textOf(extracted.get(slot)),
      Entry: (cursor) => cursor.text(),
    });
    return (next) => {
      if (!slots.isRead(slot)) return next;
      return (cursor) => {
        data.cursor = cursor;
        const output = goTemplate.execute(data);
        if (typeof output === 'string') cursor.extracted.set(slot, output === '' ? undefined : output);
        next(cursor);
      };
    };
  },
});
