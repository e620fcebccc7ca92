import { canonicalFloat } from '../../../formats/exposition/canonical-float.ts';
import { formatValue, labelText } from '../../../formats/prometheus-text/encode.ts';
import { decodeHistogram } from '../../../model/native-histogram.ts';
import type { SampleBatch } from '../../../model/sample-batch.ts';
import type { SeriesRef } from '../../../model/series-table.ts';

export type EchoFormat = 'text' | 'openmetrics';

/** The last sample of each series, by its labels as text, in families. */
interface Family {
  readonly isHistogram: boolean;
  readonly series: Map<string, string>;
}

/** A batch as an exposition, sorted by families and series. What types the metrics have is not known to a batch. */
export function sampleExposition(batch: SampleBatch, format: EchoFormat): string {
  const { table, histograms } = batch;
  const families = new Map<string, Family>();
  const isOpenMetrics = format === 'openmetrics';
  const float = (value: number): string => (isOpenMetrics ? canonicalFloat(value) : formatValue(value));
  const integer = (value: number): string => (isOpenMetrics ? String(value) : formatValue(value));
  const time = (timestamp: number | undefined = 0): string => {
    if (timestamp <= 0) return '';
    return isOpenMetrics ? ` ${canonicalFloat(timestamp / 1000)}` : ` ${timestamp}`;
  };
  const add = (ref: SeriesRef, isHistogram: boolean, write: (name: string, labels: string) => string): void => {
    const all = [...table.labelsOf(ref)];
    const name = all.find(([label]) => label === '__name__')?.[1];
    if (name === undefined) return;
    const labels = labelText(all.filter(([label]) => label !== '__name__'));
    let family = families.get(name);
    if (family === undefined) families.set(name, (family = { isHistogram, series: new Map() }));
    family.series.set(labels, write(name, labels));
  };

  for (let index = 0; index < batch.count; index++) {
    const value = `${float(batch.values[index] ?? 0)}${time(batch.timestamps[index])}\n`;
    add(batch.series[index] ?? 0, false, (name, labels) => `${name}${braced(labels)} ${value}`);
  }
  for (let index = 0; index < (histograms?.count ?? 0); index++) {
    if (histograms === undefined) break;
    const { bytes, starts, ends } = histograms;
    const { count, sum } = decodeHistogram(bytes, starts[index] ?? 0, ends[index] ?? 0);
    const at = time(histograms.timestamps[index]);
    add(histograms.series[index] ?? 0, true, (name, labels) =>
      [
        `${name}_bucket${braced(labels === '' ? 'le="+Inf"' : `${labels},le="+Inf"`)} ${integer(count)}${at}\n`,
        `${name}_sum${braced(labels)} ${float(sum)}${at}\n`,
        `${name}_count${braced(labels)} ${integer(count)}${at}\n`,
      ].join(''),
    );
  }
  const untyped = isOpenMetrics ? 'unknown' : 'untyped';
  return [...families]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { isHistogram, series }]) => {
      const lines = [...series].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text);
      return `# TYPE ${name} ${isHistogram ? 'histogram' : untyped}\n${lines.join('')}`;
    })
    .join('');
}

function braced(labels: string): string {
  return labels === '' ? '' : `{${labels}}`;
}
