import { ByteBuilder } from '../../../base/byte-builder.ts';
import { grown } from '../../../base/grown-column.ts';
import type { Turns } from '../../../base/turns.ts';
import { entryKind, type ExpositionCursor } from '../../../formats/exposition/exposition-cursor.ts';
import { metricType } from '../../../model/metric-family.ts';
import { appendHistogram } from '../../../model/native-histogram.ts';
import type { SampleBatchBuilder } from '../../../model/sample-batch-builder.ts';
import type { SeriesRef, SeriesTable } from '../../../model/series-table.ts';
import { customHistogram, type ClassicBucket } from './custom-histogram.ts';
import { addStaleHistogram, isFloatHistogram } from './histogram-samples.ts';
import { trackedAs, type TrackedAs } from './series-cache.ts';
import type { SeriesMarks } from './series-marks.ts';

/** What a series is of a classic histogram. */
const partKind = { none: 0, bucket: 1, sum: 2, count: 3 } as const;
const suffixes = ['', '_bucket', '_sum', '_count'] as const;

const nameLabel = Buffer.from('__name__');
const boundLabel = Buffer.from('le');

/**
 * Makes native histograms with custom buckets of the classic ones of one target. Series that belong together follow each
 * other. Has a share in the series of each histogram, and knows by the slots of the cache which series are parts of it.
 */
export class ConvertedHistograms {
  readonly #table: SeriesTable;
  #parts = new Uint8Array(0);
  #bounds = new Float64Array(0);
  #histograms = new Uint32Array(0);
  /** In which document each histogram came last, and what it was then. */
  readonly #known = new Map<SeriesRef, { cameIn: number; readAs: TrackedAs; sentAs: TrackedAs }>();
  #document = 0;
  /** The family of the series that follow, if it is one of histograms. */
  #family = '';
  /** The histogram whose parts come at the moment; 0 if none do. */
  #current: SeriesRef = 0;
  #buckets: ClassicBucket[] = [];
  #sum = 0;
  #count: number | undefined;
  #timestamp = 0;
  readonly #encoded = new ByteBuilder();

  constructor(table: SeriesTable) {
    this.#table = table;
  }

  open(): void {
    this.#document++;
    this.#family = '';
    this.#clear();
  }

  noteFamily(cursor: ExpositionCursor): void {
    if (cursor.kind === entryKind.type) this.#family = cursor.type === metricType.histogram ? cursor.familyName() : '';
  }

  /** Decides what a new series is, whose labels are complete; false if there is no room for the histogram. */
  admit(slot: number, { labels }: ExpositionCursor, capacity: number): boolean {
    if (slot >= this.#parts.length) {
      this.#parts = grown(this.#parts, new Uint8Array(capacity));
      this.#bounds = grown(this.#bounds, new Float64Array(capacity));
      this.#histograms = grown(this.#histograms, new Uint32Array(capacity));
    }
    this.#parts[slot] = partKind.none;
    const nameAt = labels.find(nameLabel);
    const boundAt = labels.find(boundLabel);
    const suffix = this.#family === '' ? '' : labels.valueOf(nameAt).slice(this.#family.length);
    const part = suffixes.findIndex((known) => known === suffix);
    if (part <= 0 || labels.valueOf(nameAt) !== this.#family + suffix) return true;
    if ((part === partKind.bucket) !== boundAt >= 0) return true;
    if (boundAt >= 0) {
      const bound = labels.valueOf(boundAt);
      this.#bounds[slot] = bound === '+Inf' ? Infinity : Number(bound);
      labels.setValue(boundAt, '');
    }
    labels.setValue(nameAt, this.#family);
    const bytes = labels.encode();
    const histogram = this.#table.intern(bytes, 0, labels.encodedSize);
    if (histogram === 0) return false;
    // One share for each histogram is enough.
    if (this.#known.has(histogram)) this.#table.release(histogram);
    else this.#known.set(histogram, { cameIn: this.#document, readAs: trackedAs.none, sentAs: trackedAs.none });
    this.#parts[slot] = part;
    this.#histograms[slot] = histogram;
    return true;
  }

  /** Takes a series if it is a part of a histogram; returns the histogram, or 0 if it is not. */
  take(slot: number, value: number, timestamp: number, builder: SampleBatchBuilder, marks: SeriesMarks): SeriesRef {
    const part = this.#parts[slot] ?? partKind.none;
    const histogram = part === partKind.none ? 0 : (this.#histograms[slot] ?? 0);
    if (histogram !== this.#current) {
      this.flush(builder, marks);
      this.#current = histogram;
    }
    if (part === partKind.bucket) this.#buckets.push({ bound: this.#bounds[slot] ?? 0, count: value });
    else if (part === partKind.sum) this.#sum = value;
    else if (part === partKind.count) this.#count = value;
    this.#timestamp = timestamp;
    return histogram;
  }

  /** Adds the histogram that is complete now. What is no histogram is left out. */
  flush(builder: SampleBatchBuilder, marks: SeriesMarks): void {
    const series = this.#current;
    const known = this.#known.get(series);
    if (series === 0 || known === undefined) return;
    known.cameIn = this.#document;
    const histogram = customHistogram(this.#buckets, this.#sum, this.#count);
    known.readAs = trackedAs.none;
    if (histogram !== undefined && marks.add(series)) {
      const encoded = this.#encoded;
      encoded.clear();
      appendHistogram(encoded, histogram);
      const bytes = encoded.reserve(0);
      builder.addHistogram(series, this.#timestamp, 0, 0, bytes, 0, encoded.size);
      known.readAs = isFloatHistogram(bytes) ? trackedAs.floatHistogram : trackedAs.histogram;
    }
    this.#clear();
  }

  /** Takes what was read as sent. Histograms that did not come are forgotten, and marked as ended. */
  *commit(builder: SampleBatchBuilder, marks: SeriesMarks, timestamp: number): Turns<void> {
    for (const [series, known] of this.#known) {
      yield;
      if (known.cameIn === this.#document && known.readAs !== trackedAs.none) {
        known.sentAs = known.readAs;
        continue;
      }
      markEnd(series, known.sentAs, builder, marks, timestamp);
      known.sentAs = trackedAs.none;
      if (known.cameIn !== this.#document) this.#forget(series);
    }
  }

  /** Marks all histograms as ended. */
  *endAll(builder: SampleBatchBuilder, marks: SeriesMarks, timestamp: number): Turns<void> {
    for (const [series, known] of this.#known) {
      yield;
      markEnd(series, known.sentAs, builder, marks, timestamp);
      known.sentAs = trackedAs.none;
    }
  }

  *close(): Turns<void> {
    for (const series of this.#known.keys()) {
      yield;
      this.#forget(series);
    }
  }

  #forget(series: SeriesRef): void {
    this.#known.delete(series);
    this.#table.release(series);
  }

  #clear(): void {
    this.#current = 0;
    this.#buckets = [];
    this.#sum = 0;
    this.#count = undefined;
  }
}

function markEnd(
  series: SeriesRef,
  sentAs: TrackedAs,
  builder: SampleBatchBuilder,
  marks: SeriesMarks,
  timestamp: number,
): void {
  if (sentAs === trackedAs.none || !marks.add(series)) return;
  addStaleHistogram(builder, series, timestamp, sentAs === trackedAs.floatHistogram);
}
