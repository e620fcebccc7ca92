import { formatValue, labelText, sampleLine } from './encode.ts';
import type { FamilyDocument, SeriesDocument } from './family-document.ts';

/** The lines of one series. Those of a histogram end with a bucket for everything, also if there was none. */
export function writeSeries({ name, kind }: Pick<FamilyDocument, 'name' | 'kind'>, series: SeriesDocument): string {
  const { labels, value, parts, sum = 0, count = 0, timestamp } = series;
  const text = labelText(labels);
  if (kind !== 'histogram' && kind !== 'summary') return sampleLine(name, text, value ?? 0, timestamp);
  const [partName, bound] = kind === 'histogram' ? ([`${name}_bucket`, 'le'] as const) : ([name, 'quantile'] as const);
  const isWhole = kind === 'summary' || parts.some(([limit]) => limit === Infinity);
  const all = isWhole ? parts : [...parts, [Infinity, count] as const];
  return [
    ...all
      .toSorted(([a], [b]) => a - b)
      .map(([limit, part]) =>
        sampleLine(partName, labelText([...labels, [bound, formatValue(limit)]]), part, timestamp),
      ),
    sampleLine(`${name}_sum`, text, sum, timestamp),
    sampleLine(`${name}_count`, text, count, timestamp),
  ].join('');
}
