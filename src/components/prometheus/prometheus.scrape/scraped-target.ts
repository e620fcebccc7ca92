import { Labels } from '../../../model/labels.ts';
import type { MetricFamily } from '../../../model/metric-family.ts';
import type { SampleTarget } from '../../../model/sample-target.ts';
import type { ScrapeTarget } from './scrape-target.ts';

/** A target as consumers of its samples see it. */
export class ScrapedTarget implements SampleTarget {
  /** The same one for as long as nothing of the target changes. */
  readonly of: ScrapeTarget;
  readonly families: () => readonly MetricFamily[];
  #labels: Labels | undefined;

  constructor(of: ScrapeTarget, families: () => readonly MetricFamily[]) {
    this.of = of;
    this.families = families;
  }

  /** Put together for the first who asks. */
  get labels(): Labels {
    const { discovered, labels, url } = this.of;
    this.#labels ??= Labels.from(new Map([...discovered, ...labels, ['__scheme__', url.protocol.slice(0, -1)]]));
    return this.#labels;
  }
}
