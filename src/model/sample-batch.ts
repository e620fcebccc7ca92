import type { MetricFamily } from './metric-family.ts';
import type { SampleTarget } from './sample-target.ts';
import type { SeriesTable } from './series-table.ts';

/**
 * Samples of metrics as columns, with side lists for what is rarer. Immutable once it was handed over. A batch names
 * series without having shares in them: its numbers are valid until it was delivered, see `SeriesTable`.
 */
export interface SampleBatch {
  /** The table that the numbers of series belong to. */
  readonly table: SeriesTable;
  /** Number of float samples; the columns below have one element for each. */
  readonly count: number;
  readonly series: Uint32Array;
  readonly values: Float64Array;
  /** The same memory as `values`: copied instead of them, so that staleness markers stay exactly what they are. */
  readonly valueBits: Uint32Array;
  /** Milliseconds since 1970. */
  readonly timestamps: Float64Array;
  /** When counters began, in milliseconds since 1970, 0 where that is not known; absent if it is for no sample. */
  readonly startTimestamps: Float64Array | undefined;
  /** The family of each sample, as one more than its index in `families`; absent if none has one. */
  readonly familyOf: Uint32Array | undefined;
  readonly histograms: HistogramColumns | undefined;
  readonly exemplars: ExemplarColumns | undefined;
  /** Types, help and units: of the series of the batch, or a message of their own. */
  readonly families: readonly MetricFamily[];
  /** Where the samples were scraped; absent if they come from elsewhere. */
  readonly target?: SampleTarget | undefined;
}

/** Native histograms, each a sample. Integer and float ones, and their staleness markers, are told apart by their bytes. */
export interface HistogramColumns {
  readonly count: number;
  readonly series: Uint32Array;
  readonly timestamps: Float64Array;
  readonly startTimestamps: Float64Array;
  readonly familyOf: Uint32Array;
  /** Where each is in the bytes, in the form of `native-histogram.ts`. */
  readonly bytes: Buffer;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
}

export interface ExemplarColumns {
  readonly count: number;
  readonly series: Uint32Array;
  readonly values: Float64Array;
  readonly valueBits: Uint32Array;
  readonly timestamps: Float64Array;
  /** Where the labels of each are in the bytes, in the form of `encoded-labels.ts`. */
  readonly bytes: Buffer;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
}

/** Float samples and histograms. */
export function sampleCount(batch: SampleBatch): number {
  return batch.count + (batch.histograms?.count ?? 0);
}
