import { Histogram, type MetricFamily, type MetricSeries } from '../../component/metrics.ts';
import { Summary } from '../../component/summary.ts';
import { familyHeader, formatValue, labelText, sampleLine } from '../../formats/prometheus-text/encode.ts';

/**
 * Writes metrics in the Prometheus text format 0.0.4. Families of one name, as several components have them, become
 * one; a family whose kind differs from that of the first is left out, since the format cannot say it.
 */
export function renderMetrics(families: Iterable<MetricFamily>): string {
  const byName = Map.groupBy(families, ({ name }) => name);
  return [...byName.keys()]
    .toSorted()
    .map((name) => renderFamily(byName.get(name) ?? []))
    .join('');
}

function renderFamily(families: readonly MetricFamily[]): string {
  const [first] = families;
  if (first === undefined) return '';
  const { name, doc, kind } = first;
  const series = families.filter((family) => family.kind === kind).flatMap((family) => family.series);
  if (series.length === 0) return '';
  const lines = series.map((one) => renderSeries(name, one)).toSorted();
  return familyHeader(name, kind, doc) + lines.join('');
}

function renderSeries(name: string, { labels, meter }: MetricSeries): string {
  const text = labelText(labels);
  const totals = (sum: number, count: number): string =>
    sampleLine(`${name}_sum`, text, sum) + sampleLine(`${name}_count`, text, count);
  if (meter instanceof Summary) {
    const values = meter.values();
    const shown = meter.quantiles.map((quantile, index) =>
      sampleLine(name, labelText([...labels, ['quantile', formatValue(quantile)]]), values[index] ?? Number.NaN),
    );
    return shown.join('') + totals(meter.sum, meter.count);
  }
  if (!(meter instanceof Histogram)) return sampleLine(name, text, meter.value);
  let count = 0;
  const buckets = meter.counts.map((observed, index) => {
    count += observed;
    const bound = labelText([...labels, ['le', formatValue(meter.bounds[index] ?? Infinity)]]);
    return sampleLine(`${name}_bucket`, bound, count);
  });
  return buckets.join('') + totals(meter.sum, count);
}
