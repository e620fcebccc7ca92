import type { LabelSetBuilder } from './label-set-builder.ts';
import { metricType, metricTypeNames, type MetricType } from './metric-family.ts';

const typeLabel = Buffer.from('__type__');
const unitLabel = Buffer.from('__unit__');

/** Gives a series its type and its unit as labels. What is not known takes away a label that says otherwise. */
export function setTypeLabels(labels: LabelSetBuilder, type: MetricType, unit: string): void {
  setLabel(labels, typeLabel, type === metricType.unknown ? '' : (metricTypeNames[type] ?? ''));
  setLabel(labels, unitLabel, unit);
}

function setLabel(labels: LabelSetBuilder, name: Buffer, value: string): void {
  const at = labels.find(name);
  if (at >= 0) labels.setValue(at, value);
  else if (value !== '') labels.addText(name.toString(), value);
}
