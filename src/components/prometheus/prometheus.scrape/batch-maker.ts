import { ByteBudget, type Reservation } from '../../../base/byte-budget.ts';
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

export interface MadeBatch {
  readonly batch: SampleBatch | undefined;
  /** Protects the series of the batch. Whoever gets it closes it. */
  readonly lease: number;
}

/** What large responses may take that wait to be read: twice the largest one. */
const maxWaitingBytes = 512 * 1024 * 1024;

/**
 * The making of large batches, of which only one in the process is made at a time, so that no more than one takes memory
 * and others have their turns. The responses that wait for that have a bound.
 */
export class LargeBatches {
  readonly #marks: SeriesMarks;
  readonly #waiting = new ByteBudget(maxWaitingBytes);
  #last: Promise<unknown> = Promise.resolve();

  constructor(table: SeriesTable) {
    this.#marks = new SeriesMarks(table);
  }

  /** Reserves memory for a response; undefined if there is no room. Whoever gets it releases it. */
  reserve(bytes: number): Reservation | undefined {
    const reservation = this.#waiting.open();
    return reservation.take(bytes) ? reservation : undefined;
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

  /** Reserves memory for a large response; undefined if there is no room. Whoever gets it releases it. */
  reserve(bytes: number): Reservation | undefined {
    return this.#large.reserve(bytes);
  }

  /** Has a function fill a batch. Rejects if the signal aborts. */
  async make(isLarge: boolean, signal: AbortSignal, work: (kit: BatchKit) => Turns<void>): Promise<MadeBatch> {
    if (isLarge) return this.#large.make((marks) => this.#makeLarge(batchKit(this.#table, marks), signal, work));
    // Nothing is waited for from here on until the kit is free again.
    const lease = this.#table.openLease();
    atOnce(work(this.#kit));
    return { batch: this.#kit.builder.finish(), lease };
  }

  async #makeLarge(kit: BatchKit, signal: AbortSignal, work: (kit: BatchKit) => Turns<void>): Promise<MadeBatch> {
    signal.throwIfAborted();
    const lease = this.#table.openLease();
    try {
      await inTurns(work(kit), signal);
    } catch (error) {
      this.#table.closeLease(lease);
      throw error;
    }
    return { batch: kit.builder.finish(), lease };
  }
}

function batchKit(table: SeriesTable, marks: SeriesMarks): BatchKit {
  const builder = new SampleBatchBuilder(table);
  return { builder, marks, reader: new ScrapeReader(table, builder, marks) };
}
