import { atOnce, inTurns, type Turns } from '../../../base/turns.ts';
import type { SampleBatch } from '../../../model/sample-batch.ts';
import { SampleBatchBuilder } from '../../../model/sample-batch-builder.ts';
import type { SeriesTable } from '../../../model/series-table.ts';
import { ScrapeReader } from './scrape-reader.ts';
import { SeriesMarks } from './series-marks.ts';

/** What is needed to make a batch of what a scrape has to say; for one scrape at a time. */
export interface BatchKit {
  readonly builder: SampleBatchBuilder;
  readonly marks: SeriesMarks;
  readonly reader: ScrapeReader;
}

export interface MadeBatch<T> {
  readonly result: T;
  readonly batch: SampleBatch | undefined;
  /** Protects the series of the batch. Whoever gets it closes it. */
  readonly lease: number;
}

/**
 * The making of large batches, of which only one in the process is made at a time, so that no more than one takes memory
 * and others have their turns.
 */
export class LargeBatches {
  readonly #marks: SeriesMarks;
  #last: Promise<unknown> = Promise.resolve();

  constructor(table: SeriesTable) {
    this.#marks = new SeriesMarks(table);
  }

  /** Calls a function after those before, with marks that are its own until it has ended. */
  async make<T>(work: (marks: SeriesMarks) => Promise<T>): Promise<T> {
    const before = this.#last;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last = promise;
    await before;
    try {
      return await work(this.#marks);
    } finally {
      resolve();
    }
  }
}

/** Makes batches for the scrapes of one component: small ones at one go, large ones in turns with everything else. */
export class BatchMaker {
  readonly #table: SeriesTable;
  readonly #large: LargeBatches;
  readonly #kit: BatchKit;

  /** The marks are for batches that are made at one go, whoever makes them. */
  constructor(table: SeriesTable, marks: SeriesMarks, large: LargeBatches) {
    this.#table = table;
    this.#large = large;
    this.#kit = batchKit(table, marks);
  }

  /** Has a function fill a batch. Rejects if the signal aborts. */
  async make<T>(isLarge: boolean, signal: AbortSignal, work: (kit: BatchKit) => Turns<T>): Promise<MadeBatch<T>> {
    if (isLarge) return this.#large.make((marks) => this.#makeLarge(batchKit(this.#table, marks), signal, work));
    // Nothing is waited for from here on until the kit is free again.
    const lease = this.#table.openLease();
    const result = atOnce(work(this.#kit));
    return this.#finish(this.#kit, lease, result);
  }

  async #makeLarge<T>(kit: BatchKit, signal: AbortSignal, work: (kit: BatchKit) => Turns<T>): Promise<MadeBatch<T>> {
    signal.throwIfAborted();
    const lease = this.#table.openLease();
    try {
      return this.#finish(kit, lease, await inTurns(work(kit), signal));
    } catch (error) {
      this.#table.closeLease(lease);
      throw error;
    }
  }

  #finish<T>({ builder }: BatchKit, lease: number, result: T): MadeBatch<T> {
    return { result, batch: builder.finish(), lease };
  }
}

function batchKit(table: SeriesTable, marks: SeriesMarks): BatchKit {
  const builder = new SampleBatchBuilder(table);
  return { builder, marks, reader: new ScrapeReader(table, builder, marks) };
}
