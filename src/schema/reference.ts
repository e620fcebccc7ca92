import { showValue } from '../syntax/show-value.ts';
import type { Attribute, Field, Fields, NestedBlock, VariantChoice } from './field.ts';

/** The tables of the reference page for the arguments of a block, with a section for each block inside of it. */
export function referenceOf(fields: Fields, level: number): string {
  const sections: string[] = [];
  const attributes = Object.entries(fields).filter(([, field]) => field.kind === 'attribute') as [
    string,
    Attribute<unknown>,
  ][];
  if (attributes.length > 0) sections.push(attributeTable(attributes));
  const blocks = Object.entries(fields).filter(([, field]) => field.kind !== 'attribute');
  for (const [name, field] of blocks) sections.push(blockSection(name, field, level));
  return sections.length > 0 ? sections.join('\n\n') : 'No arguments.';
}

function attributeTable(attributes: readonly [string, Attribute<unknown>][]): string {
  const rows = attributes.map(([name, field]) => {
    const cells = [`\`${name}\``, `\`${field.type.name}\``, cell(field.doc), defaultOf(field)];
    return `| ${cells.map((text) => text.replaceAll('|', String.raw`\|`)).join(' | ')} |`;
  });
  return ['| Name | Type | Description | Default |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function defaultOf(field: Attribute<unknown>): string {
  if (field.isRequired) return '*required*';
  if (field.fallback === undefined) return '';
  return `\`${field.fallback === null ? 'null' : showValue(field.type.encode(field.fallback))}\``;
}

function blockSection(name: string, field: Field<unknown>, level: number): string {
  const heading = '#'.repeat(level);
  switch (field.kind) {
    case 'variants': {
      const choices = Object.entries(field.choices()).map(([choice, spec]) => choiceSection(choice, spec, level));
      return choices.join('\n\n');
    }
    case 'block':
      return `${heading} \`${name}\` block\n\n${paragraph(field.doc)} ${occurrence(field)}\n\n${referenceOf(field.fields, level + 1)}`;
    default:
      throw new TypeError(`${name} is no block`);
  }
}

function choiceSection(name: string, choice: VariantChoice, level: number): string {
  const nested = Object.entries(choice.fields).filter(([, field]) => field.kind === 'variants');
  // What may be nested in a choice is the choice itself again, which has its section already.
  const fields = Object.fromEntries(Object.entries(choice.fields).filter(([, field]) => field.kind !== 'variants'));
  const note = nested.map(([, field]) => `\n\n${paragraph(field.doc)} Any of these blocks may be nested.`).join('');
  return `${'#'.repeat(level)} \`${name}\` block\n\n${choice.doc.trim()}${note}\n\n${referenceOf(fields, level + 1)}`;
}

function occurrence({ occurs, atLeast }: NestedBlock<unknown>): string {
  switch (occurs) {
    case 'required':
      return 'Required.';
    case 'many':
      return atLeast > 0 ? `May be repeated; at least ${atLeast} required.` : 'May be repeated.';
    default:
      return 'Optional.';
  }
}

function paragraph(doc: string): string {
  return doc.trim();
}

/** Text for one cell of a table: on one line. */
function cell(doc: string): string {
  return doc.trim().replaceAll(/\s*\n\s*/g, ' ');
}
