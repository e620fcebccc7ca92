import type { FamilyKind } from './encode.ts';

/*
 * Metrics as whole families, as files and configurations hold them: everything is read, checked, and written again.
 * What is scraped takes another way, which keeps samples as they come.
 */

export interface FamilyDocument {
  readonly name: string;
  readonly kind: FamilyKind;
  /** Undefined if there was no text. */
  readonly help: string | undefined;
  readonly series: readonly SeriesDocument[];
}

/** All samples with the same labels, but for those that tell buckets and quantiles apart. */
export interface SeriesDocument {
  /** Sorted by name. */
  readonly labels: readonly (readonly [name: string, value: string])[];
  /** Of families other than histograms and summaries. */
  readonly value: number | undefined;
  /** Buckets of a histogram by their upper bounds, or quantiles of a summary. */
  readonly parts: readonly (readonly [bound: number, value: number])[];
  readonly sum: number | undefined;
  readonly count: number | undefined;
  /** In milliseconds since 1970. */
  readonly timestamp: number | undefined;
}
