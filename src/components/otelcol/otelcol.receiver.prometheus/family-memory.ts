import { metricType, type MetricFamily, type MetricType } from '../../../model/metric-family.ts';

/** Families that are remembered; nothing is of further ones. */
const maxFamilies = 50_000;

/** What scraping says of itself. */
const builtIn: ReadonlyMap<string, MetricFamily> = new Map(
  [
    ['up', 'Whether the target could be scraped.', ''],
    ['scrape_duration_seconds', 'How long the scrape took.', 'seconds'],
    ['scrape_samples_scraped', 'Samples that the target exposed.', ''],
    ['scrape_samples_post_metric_relabeling', 'Samples that were left after relabelling.', ''],
    ['scrape_series_added', 'New series of the scrape.', ''],
  ].map(([name = '', help = '', unit = '']) => [name, { name, help, unit, type: metricType.gauge }]),
);

/** What a series is to the metric that it is of. */
export interface SeriesRole {
  readonly part: 'value' | 'sum' | 'count' | 'bucket' | 'quantile' | 'created';
  /** The name of the metric. */
  readonly metric: string;
  readonly type: MetricType;
  readonly help: string;
  readonly unit: string;
}

/** Types, help and units by name. Batches tell of them only when there is something new. */
export class FamilyMemory {
  readonly #families = new Map<string, MetricFamily>();
  /** Changes whenever something new is known. */
  version = 0;

  get size(): number {
    return this.#families.size;
  }

  remember(families: readonly MetricFamily[]): void {
    for (const family of families) {
      const known = this.#families.get(family.name);
      if (known === undefined && this.#families.size >= maxFamilies) continue;
      if (known?.type === family.type && known.help === family.help && known.unit === family.unit) continue;
      this.#families.set(family.name, family);
      this.version++;
    }
  }

  /** What a series of floats with that name is; a gauge of an unknown type if nothing is known. */
  roleOf(name: string): SeriesRole {
    const family = this.familyOf(name);
    const { type = metricType.unknown, help = '', unit = '' } = family ?? {};
    const common = { metric: name, type, help, unit };
    const suffix = family === undefined ? '' : name.slice(family.name.length);
    // Those of counters begin another metric only by name.
    if (suffix === '_created' && (isGrouped(type) || type === metricType.counter))
      return { ...common, part: 'created', metric: family?.name ?? '' };
    if (!isGrouped(type)) return { ...common, part: 'value' };
    const metric = family?.name ?? '';
    if (suffix === '_sum') return { ...common, metric, part: 'sum' };
    if (suffix === '_count') return { ...common, metric, part: 'count' };
    if (suffix === '_bucket' && type === metricType.histogram) return { ...common, metric, part: 'bucket' };
    if (suffix === '' && type === metricType.summary) return { ...common, metric, part: 'quantile' };
    return { ...common, type: metricType.unknown, part: 'value' };
  }

  /** What is known of the metrics with that name, or with that name but for its ending. */
  familyOf(name: string): MetricFamily | undefined {
    const end = /_(?:bucket|count|sum|total|info|created)$/.exec(name)?.index ?? name.length;
    return builtIn.get(name) ?? this.#families.get(name) ?? this.#families.get(name.slice(0, end));
  }
}

function isGrouped(type: MetricType): boolean {
  return type === metricType.histogram || type === metricType.summary;
}
