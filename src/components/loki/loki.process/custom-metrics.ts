import type { Counter, MetricFamily } from '../../../component/metrics.ts';
import { CustomFamily, validName, type CustomMetric } from './custom-family.ts';
import type { Passage } from './passage.ts';

/** The metrics that the stages of one pipeline define. */
export class CustomMetrics {
  readonly #families = new Map<string, CustomFamily>();
  readonly #passage: Passage;
  readonly #rejected: Counter;

  /** The counter is for updates that find no room. */
  constructor(passage: Passage, rejected: Counter) {
    this.#passage = passage;
    this.#rejected = rejected;
  }

  /** Of metrics of one name, those that are alike are one, and those that differ from the first cannot be shown. */
  define(metric: CustomMetric): CustomFamily {
    const name = validName(metric.name);
    const known = this.#families.get(name);
    if (known?.isLike(metric) === true) return known;
    const family = new CustomFamily({ ...metric, name }, this.#passage, this.#rejected);
    if (known === undefined) this.#families.set(name, family);
    return family;
  }

  collect(): MetricFamily[] {
    return Array.from(this.#families.values(), (family) => family.collect());
  }
}
