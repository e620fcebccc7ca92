import { isOfFamily, type MetricFamily } from '../../../model/metric-family.ts';

/** Of further metrics nothing is remembered. */
const maxFamilies = 10_000;

/** What batches have said of metrics. Sources say it once, with the first samples, and again when it changes. */
export class KnownFamilies {
  readonly #families = new Map<string, MetricFamily>();

  remember(families: readonly MetricFamily[]): void {
    for (const family of families)
      if (this.#families.size < maxFamilies || this.#families.has(family.name)) this.#families.set(family.name, family);
  }

  /** The family that series of a name are of; undefined if nothing is known of it. */
  of(metric: string): MetricFamily | undefined {
    const own = this.#families.get(metric);
    if (own !== undefined) return own;
    const family = this.#families.get(metric.slice(0, Math.max(0, metric.lastIndexOf('_'))));
    return family !== undefined && isOfFamily(family, metric) ? family : undefined;
  }
}
