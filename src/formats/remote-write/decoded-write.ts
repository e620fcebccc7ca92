import type { SampleBatch } from '../../model/sample-batch.ts';

/** What is in a request of remote write. */
export interface DecodedWrite {
  /** Undefined if nothing is in the request that could be passed on. */
  readonly batch: SampleBatch | undefined;
  /**
   * The series of the batch, once for each time series of the request. The caller has shares in them, which it must
   * release, one for each element, when the batch was delivered.
   */
  readonly shares: Uint32Array;
  /** What was left out because of its labels or because a histogram is not valid, and the first such problem. */
  readonly invalidSeries: number;
  readonly problem: string | undefined;
  /** Time series that were left out because the table of series is full. */
  readonly lostSeries: number;
}

export interface WriteLimits {
  /** Samples, histograms, exemplars, time series, symbols and families in one request, each. */
  readonly maxItems: number;
}
