import { canonicalFloat } from '../../../formats/exposition/canonical-float.ts';
import { formatValue, labelText } from '../../../formats/prometheus-text/encode.ts';
import { metricType, type MetricFamily } from '../../../model/metric-family.ts';
import { decodeHistogram } from '../../../model/native-histogram.ts';
import type { SampleBatch } from '../../../model/sample-batch.ts';
import type { SeriesRef } from '../../../model/series-table.ts';
import { familyHeader, type EchoFormat } from './family-header.ts';
import type { KnownFamilies } from './known-families.ts';

/** The last sample of a series, or the lines of a native histogram. */
interface Shown {
  /** Sorts the series of a family: those with the same labels together, and of those buckets and quantiles first. */
  readonly labels: string;
  readonly bound: number;
  readonly name: string;
  readonly text: string;
}

interface ShownFamily {
  readonly family: MetricFamily;
  readonly series: Map<string, Shown>;
}

type Pairs = readonly (readonly [name: string, value: string])[];

/** A batch as an exposition, sorted by families and series, with what is known of their types, help texts and units. */
export function sampleExposition(batch: SampleBatch, format: EchoFormat, known: KnownFamilies): string {
  const { table, histograms } = batch;
  const families = new Map<string, ShownFamily>();
  const isOpenMetrics = format === 'openmetrics';
  const float = (value: number): string => (isOpenMetrics ? canonicalFloat(value) : formatValue(value));
  const integer = (value: number): string => (isOpenMetrics ? String(value) : formatValue(value));
  const time = (timestamp: number | undefined = 0): string => {
    if (timestamp <= 0) return '';
    return isOpenMetrics ? ` ${canonicalFloat(timestamp / 1000)}` : ` ${timestamp}`;
  };
  const add = (ref: SeriesRef, isNative: boolean, write: (name: string, labels: string) => string): void => {
    const all = [...table.labelsOf(ref)];
    const name = all.find(([label]) => label === '__name__')?.[1];
    if (name === undefined) return;
    const pairs = all.filter(([label]) => label !== '__name__');
    const labels = labelText(pairs);
    const type = isNative ? metricType.histogram : metricType.unknown;
    const family = known.of(name) ?? { name, type, help: '', unit: '' };
    let shown = families.get(family.name);
    if (shown === undefined) families.set(family.name, (shown = { family, series: new Map() }));
    const sorted = sortLabels(pairs, family.type);
    shown.series.set(`${name}{${labels}}`, { ...sorted, name, text: write(name, labels) });
  };

  known.remember(batch.families);
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
  return [...families]
    .toSorted(([a], [b]) => compare(a, b))
    .map(([, { family, series }]) => {
      const lines = [...series.values()].toSorted(bySeries).map(({ text }) => text);
      return familyHeader(family, format) + lines.join('');
    })
    .join('');
}

/** What a series is sorted by: of histograms and summaries the bound is a number, and no label as the others. */
function sortLabels(pairs: Pairs, type: MetricFamily['type']): { readonly labels: string; readonly bound: number } {
  const boundName = type === metricType.histogram ? 'le' : type === metricType.summary ? 'quantile' : undefined;
  const value = pairs.find(([name]) => name === boundName)?.[1];
  if (value === undefined) return { labels: labelText(pairs), bound: Number.NaN };
  const bound = value === '+Inf' ? Infinity : Number(value);
  return { labels: labelText(pairs.filter(([name]) => name !== boundName)), bound };
}

function bySeries(a: Shown, b: Shown): number {
  const order = compare(a.labels, b.labels);
  if (order !== 0) return order;
  if (!Number.isNaN(a.bound) && !Number.isNaN(b.bound)) return compare(a.bound, b.bound);
  return Number(Number.isNaN(a.bound)) - Number(Number.isNaN(b.bound)) || compare(a.name, b.name);
}

function compare<T extends string | number>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function braced(labels: string): string {
  return labels === '' ? '' : `{${labels}}`;
}
