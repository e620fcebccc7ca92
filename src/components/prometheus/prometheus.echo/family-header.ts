import { escapeHelp, escapeValue, type FamilyKind } from '../../../formats/prometheus-text/encode.ts';
import { metricType, metricTypeNames, type MetricFamily, type MetricType } from '../../../model/metric-family.ts';

export type EchoFormat = 'text' | 'openmetrics';

/** What the text format has for each type. */
const textKinds: { readonly [T in MetricType]: FamilyKind } = {
  [metricType.unknown]: 'untyped',
  [metricType.counter]: 'counter',
  [metricType.gauge]: 'gauge',
  [metricType.histogram]: 'histogram',
  [metricType.gaugehistogram]: 'untyped',
  [metricType.summary]: 'summary',
  [metricType.info]: 'gauge',
  [metricType.stateset]: 'gauge',
};

/** The lines before the samples of a family. */
export function familyHeader({ name, type, help, unit }: MetricFamily, format: EchoFormat): string {
  if (format === 'text')
    return `${help === '' ? '' : `# HELP ${name} ${escapeHelp(help)}\n`}# TYPE ${name} ${textKinds[type]}\n`;
  // Counters are headed without the suffix of their samples.
  const title = type === metricType.counter && name.endsWith('_total') ? name.slice(0, -'_total'.length) : name;
  const helpLine = help === '' ? '' : `# HELP ${title} ${escapeValue(help)}\n`;
  const unitLine = unit !== '' && title.endsWith(`_${unit}`) ? `# UNIT ${title} ${unit}\n` : '';
  return `${helpLine}# TYPE ${title} ${metricTypeNames[type]}\n${unitLine}`;
}
