import type { ExportFields } from '../schema/exports.ts';
import { receiverType } from '../schema/receiver.ts';
import { referenceOf, table } from '../schema/reference.ts';
import type { ComponentSpec, DebugFields } from './component.ts';
import type { MetricSpecs } from './metrics.ts';

/** The page of a component in the reference. Everything on it comes from the definition. */
export function referencePage(spec: ComponentSpec): string {
  const stability =
    spec.stability === 'generally-available'
      ? ''
      : `\n> **Stability:** ${spec.stability}. Needs \`--stability.level=${spec.stability}\`.\n`;
  const sections = [
    `# ${spec.name}\n${stability}\n${spec.doc.trim()}`,
    `## Example\n\n\`\`\`alloy\n${spec.example.trim()}\n\`\`\``,
    `## Arguments\n\n${referenceOf(spec.arguments, 3)}`,
    `## Exports\n\n${exportTable(spec.exports)}`,
    `## Metrics\n\n${metricTable(spec.metrics)}`,
  ];
  if (spec.debugInfo !== undefined) sections.push(`## Debug information\n\n${debugTable(spec.debugInfo)}`);
  return `${sections.join('\n\n')}\n`;
}

function exportTable(fields: ExportFields): string {
  const rows = Object.entries(fields).map(([name, field]) => {
    const type = field.kind === 'input' ? receiverType(field.signal).name : field.type.name;
    return [`\`${name}\``, `\`${type}\``, field.doc];
  });
  return rows.length === 0 ? 'None.' : table(['Name', 'Type', 'Description'], rows);
}

function metricTable(metrics: MetricSpecs): string {
  const rows = Object.values(metrics).map(({ name, kind, labels, doc }) => [
    `\`${name}${kind === 'defined by arguments' ? '*' : ''}\``,
    kind,
    labels.map((label) => `\`${label}\``).join(', '),
    doc,
  ]);
  return rows.length === 0 ? 'None of its own.' : table(['Name', 'Type', 'Labels', 'Description'], rows);
}

function debugTable(fields: DebugFields): string {
  const rows = Object.entries(fields).flatMap(([name, field]) => {
    if (field.kind === 'value') return [[`\`${name}\``, `\`${field.type.name}\``, field.doc]];
    const columns = Object.entries(field.fields).map(([column, { type, doc }]) => [
      `\`${name}.${column}\``,
      `\`${type.name}\``,
      doc,
    ]);
    return [[`\`${name}\``, 'list', field.doc], ...columns];
  });
  return table(['Name', 'Type', 'Description'], rows);
}
