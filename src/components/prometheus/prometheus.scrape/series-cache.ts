import { grown } from '../../../base/grown-column.ts';
import type { Turns } from '../../../base/turns.ts';
import type { EntryCache } from '../../../formats/exposition/entry-cache.ts';
import type { ExpositionCursor } from '../../../formats/exposition/exposition-cursor.ts';
import type { SampleBatchBuilder } from '../../../model/sample-batch-builder.ts';
import type { SeriesRef, SeriesTable } from '../../../model/series-table.ts';
import { addStaleHistogram } from './histogram-samples.ts';
import { SentTimes } from './sent-times.ts';
import type { SeriesMarks } from './series-marks.ts';

/** What a series last had, which says how to mark its end. A series that has not to be marked has `none`. */
export const trackedAs = { none: 0, float: 1, histogram: 2, floatHistogram: 3 } as const;

export type TrackedAs = (typeof trackedAs)[keyof typeof trackedAs];

/** Series that are looked at in one go. */
const slotsPerTurn = 4096;

/**
 * The series of one target as far as they are exposed in one format: 10 bytes a series besides what the target writes
 * them with. It has a share in each, and the only cursor that reads with its entries.
 */
export class SeriesCache {
  readonly cursor: ExpositionCursor;
  readonly sent = new SentTimes();
  readonly #entries: EntryCache;
  readonly #table: SeriesTable;
  /** By slot. 0 if the slot is free, or the series was not admitted. */
  #series = new Uint32Array(0);
  /** In which document it came last. */
  #cameIn = new Uint32Array(0);
  /** What it was when it was sent last, and in the document that is read. */
  #sentAs = new Uint8Array(0);
  #readAs = new Uint8Array(0);
  #document = 0;

  constructor(entries: EntryCache, cursor: ExpositionCursor, table: SeriesTable) {
    this.#entries = entries;
    this.cursor = cursor;
    this.#table = table;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** All slots are below; grows. */
  get capacity(): number {
    return this.#entries.capacity;
  }

  /** Whether so many series have gone that a new cache would take much less memory. */
  get isMostlyFree(): boolean {
    return this.#series.length > 4 * this.#entries.size + 1024;
  }

  /** Begins with a document. */
  open(document: Buffer): void {
    this.#document = (this.#document + 1) >>> 0;
    this.cursor.open(document);
  }

  /** The series of a slot; 0 if it is not admitted yet. */
  seriesAt(slot: number): SeriesRef {
    return this.#series[slot] ?? 0;
  }

  /** Says which series a slot is; the share of the caller becomes that of the cache. */
  admit(slot: number, series: SeriesRef): void {
    if (slot >= this.#series.length) {
      const { capacity } = this.#entries;
      this.#series = grown(this.#series, new Uint32Array(capacity));
      this.#cameIn = grown(this.#cameIn, new Uint32Array(capacity));
      this.#sentAs = grown(this.#sentAs, new Uint8Array(capacity));
      this.#readAs = grown(this.#readAs, new Uint8Array(capacity));
    }
    this.#series[slot] = series;
    this.#sentAs[slot] = trackedAs.none;
  }

  /** Notes that a series came in the document. */
  visit(slot: number, as: TrackedAs): void {
    this.#cameIn[slot] = this.#document;
    this.#readAs[slot] = as;
  }

  /** Notes that a series came in the document again, or in another way; what it is does not change by that. */
  visitAgain(slot: number): void {
    if (this.#cameIn[slot] !== this.#document) this.visit(slot, trackedAs.none);
  }

  /** Notes that a series came in the document with what was sent before. */
  visitUnchanged(slot: number): void {
    if (this.#cameIn[slot] !== this.#document) this.visit(slot, (this.#sentAs[slot] ?? 0) as TrackedAs);
  }

  /** Takes what was read as sent. Series that did not come are forgotten, and marked as ended. */
  *commit(builder: SampleBatchBuilder, marks: SeriesMarks, timestamp: number): Turns<void> {
    const series = this.#series;
    for (let slot = 1; slot < series.length; slot++) {
      if (slot % slotsPerTurn === 0) yield;
      if (series[slot] === 0) continue;
      if (this.#cameIn[slot] === this.#document) {
        this.#sentAs[slot] = this.#readAs[slot] ?? 0;
      } else {
        this.#markEnd(slot, builder, marks, timestamp);
        this.#forget(slot);
      }
    }
  }

  /** Marks all series that were sent last as ended, but for those that have come in another way. */
  *endAll(builder: SampleBatchBuilder, marks: SeriesMarks, timestamp: number): Turns<void> {
    this.sent.clear();
    for (let slot = 1; slot < this.#series.length; slot++) {
      if (slot % slotsPerTurn === 0) yield;
      if (this.#series[slot] !== 0) this.#markEnd(slot, builder, marks, timestamp);
    }
  }

  /** Forgets all series. */
  *close(): Turns<void> {
    for (let slot = 1; slot < this.#series.length; slot++) {
      if (slot % slotsPerTurn === 0) yield;
      if (this.#series[slot] !== 0) this.#forget(slot);
    }
  }

  /** Has no new series come into the cache until the document ends. */
  refuseNew(): void {
    this.#entries.refuseNew();
  }

  #markEnd(slot: number, builder: SampleBatchBuilder, marks: SeriesMarks, timestamp: number): void {
    const series = this.#series[slot] ?? 0;
    const sentAs = this.#sentAs[slot];
    this.#sentAs[slot] = trackedAs.none;
    if (sentAs === trackedAs.none || !marks.add(series)) return;
    if (sentAs === trackedAs.float) builder.addStale(series, timestamp);
    else addStaleHistogram(builder, series, timestamp, sentAs === trackedAs.floatHistogram);
  }

  #forget(slot: number): void {
    this.#table.release(this.#series[slot] ?? 0);
    this.#series[slot] = 0;
    this.sent.forget(slot);
    this.#entries.delete(slot);
  }
}
