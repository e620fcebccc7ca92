import { showValue } from '../syntax/show-value.ts';
import type { Attribute, Field, Fields, NestedBlock, VariantChoice } from './field.ts';

/** The tables of the reference for the arguments of a block, with a section for each block inside of it. */
export function referenceOf(fields: Fields, level: number): string {
  const sections: string[] = [];
  const rows: (readonly string[])[] = [];
  for (const [name, field] of Object.entries(fields)) {
    if (field.kind === 'attribute') rows.push(attributeRow(name, field));
    else sections.push(blockSection(name, field, level));
  }
  if (rows.length > 0) sections.unshift(table(['Name', 'Type', 'Description', 'Default'], rows));
  return sections.length > 0 ? sections.join('\n\n') : 'None.';
}

/** A Markdown table. Cells are put on one line each. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');
}

function row(cells: readonly string[]): string {
  return `| ${cells.map(cell).join(' | ')} |`;
}

function cell(text: string): string {
  return text
    .trim()
    .replaceAll(/\s*\n\s*/g, ' ')
    .replaceAll('|', String.raw`\|`);
}

function attributeRow(name: string, field: Attribute<unknown>): readonly string[] {
  const stability = field.stability === 'generally-available' ? '' : ` Needs \`--stability.level=${field.stability}\`.`;
  return [`\`${name}\``, `\`${field.type.name}\``, field.doc + stability, defaultOf(field)];
}

function defaultOf(field: Attribute<unknown>): string {
  if (field.isRequired) return '*required*';
  if (field.fallback === undefined) return '';
  return `\`${field.fallback === null ? 'null' : showValue(field.type.encode(field.fallback))}\``;
}

function blockSection(name: string, field: Exclude<Field<unknown>, Attribute<unknown>>, level: number): string {
  if (field.kind === 'variants') {
    const choices = Object.entries(field.choices());
    return choices.map(([choice, spec]) => choiceSection(choice, spec, level)).join('\n\n');
  }
  return `${heading(name, level)}\n\n${field.doc.trim()} ${occurrence(field)}\n\n${referenceOf(field.fields, level + 1)}`;
}

function choiceSection(name: string, choice: VariantChoice, level: number): string {
  // What may be nested in a choice is the same choice again, which has its sections already.
  const isNesting = Object.values(choice.fields).some((field) => field.kind === 'variants');
  const fields = Object.entries(choice.fields).filter(([, field]) => field.kind !== 'variants');
  const note = isNesting ? '\n\nAny of these blocks may be nested in it.' : '';
  return `${heading(name, level)}\n\n${choice.doc.trim()}${note}\n\n${referenceOf(Object.fromEntries(fields), level + 1)}`;
}

function heading(name: string, level: number): string {
  return `${'#'.repeat(level)} \`${name}\` block`;
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
