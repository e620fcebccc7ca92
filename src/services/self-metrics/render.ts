import { Histogram, type MetricFamily, type MetricSeries } from '../../component/metrics.ts';

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
  return `# HELP ${name} ${escapeDoc(doc)}\n# TYPE ${name} ${kind}\n${lines.join('')}`;
}

function renderSeries(name: string, { labels, meter }: MetricSeries): string {
  const pairs = labels.map(([label, value]) => `${label}="${escapeValue(value)}"`);
  if (!(meter instanceof Histogram)) return line(name, pairs, meter.value);
  let count = 0;
  const buckets = meter.counts.map((observed, index) => {
    count += observed;
    return line(`${name}_bucket`, [...pairs, `le="${number(meter.bounds[index] ?? Infinity)}"`], count);
  });
  return [...buckets, line(`${name}_sum`, pairs, meter.sum), line(`${name}_count`, pairs, count)].join('');
}

function line(name: string, pairs: readonly string[], value: number): string {
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${number(value)}\n`;
}

function number(value: number): string {
  if (value === Infinity) return '+Inf';
  return value === -Infinity ? '-Inf' : String(value);
}

function escapeDoc(text: string): string {
  return text.replaceAll('\\', String.raw`\\`).replaceAll('\n', String.raw`\n`);
}

function escapeValue(text: string): string {
  return escapeDoc(text).replaceAll('"', String.raw`\"`);
}
