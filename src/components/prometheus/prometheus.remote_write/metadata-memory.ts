import type { MetricFamily } from '../../../model/metric-family.ts';

/** Metrics of which something is remembered; of further ones nothing is. */
const maxFamilies = 50_000;

/** What is known of metrics, to tell the server again and again. */
export class MetadataMemory {
  readonly #families = new Map<string, MetricFamily>();
  #last: readonly MetricFamily[] = [];

  get families(): readonly MetricFamily[] {
    return [...this.#families.values()];
  }

  remember(families: readonly MetricFamily[]): void {
    if (families === this.#last) return;
    this.#last = families;
    for (const family of families) {
      if (this.#families.size < maxFamilies || this.#families.has(family.name)) this.#families.set(family.name, family);
    }
  }
}
