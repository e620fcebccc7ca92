import type { ByteBuilder } from '../../base/byte-builder.ts';
import type { ParseError } from '../../base/parse-error.ts';
import type { LabelSetBuilder } from '../../model/label-set-builder.ts';
import type { MetricType } from '../../model/metric-family.ts';
import type { ExemplarList } from './exemplar-list.ts';

/** What a cursor stands at. */
export const entryKind = { series: 0, histogram: 1, type: 2, help: 3, unit: 4 } as const;

export type EntryKind = (typeof entryKind)[keyof typeof entryKind];

/**
 * Steps through an exposition, what a scrape target answers, without an object for each sample: the properties say what
 * the current entry is, and are overwritten by the next.
 *
 * A cursor belongs to one target, and finds its series in the cache of that. Labels are read only of series that are new
 * there; what becomes of them is for the owner of the cache to decide and to remember, by slot.
 */
export interface ExpositionCursor {
  /** Begins with a document, which must not change until the cursor is at its end or was opened anew. */
  open(bytes: Buffer): void;
  /** Goes to the next entry; false at the end, and at a mistake, which is in `error` then. */
  next(): boolean;
  /** Why the document cannot be read to its end. What came before it is valid, but a scrape is taken as a whole. */
  readonly error: ParseError | undefined;

  readonly kind: EntryKind;
  /** The slot of the series in the cache; 0 if there was no room in it. For series and histograms. */
  readonly slot: number;
  /** Whether the series came into the cache just now, or did not find room there. */
  readonly isNew: boolean;
  /** The labels of a new series, sorted and without the same name twice. Others have them after `readLabels`. */
  readonly labels: LabelSetBuilder;
  readLabels(): void;
  /** The value of a series. A NaN is an ordinary one. */
  readonly value: number;
  /** In milliseconds since 1970, if the entry has one. */
  readonly hasTimestamp: boolean;
  readonly timestamp: number;
  /** When the counter began, in milliseconds since 1970; 0 if that is not known. */
  readonly startTimestamp: number;
  /** Where the value of a histogram is, in the form of `native-histogram.ts`. */
  readonly histogram: ByteBuilder;
  /** The exemplars of a series or histogram. */
  readonly exemplars: ExemplarList;

  /** The type that was stated last, which Prometheus takes to be that of all that follows. */
  readonly type: MetricType;
  /** The family of a type, help or unit. */
  familyName(): string;
  /** The text of a help or unit. */
  text(): string;
}
