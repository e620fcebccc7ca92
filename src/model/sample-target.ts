import type { Labels } from './labels.ts';
import type { MetricFamily } from './metric-family.ts';

/** The target that samples were scraped from, for consumers that make more of them than samples. It outlives the batch. */
export interface SampleTarget {
  /** What discovery has found of it, with the labels that begin with two underscores. */
  readonly labels: Labels;
  /** Types, help and units that it tells of its metrics, as far as they are known. Another list when something has changed. */
  families(): readonly MetricFamily[];
}
