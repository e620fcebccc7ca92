import type { Counter, Family, Gauge } from '../../../component/metrics.ts';
import { DeliveryError, type Consumer, type Delivery } from '../../../flow/delivery.ts';
import type { OtlpBatch } from '../../../model/otlp-batch.ts';
import type { MetricFamily } from '../../../model/metric-family.ts';
import type { SampleBatch } from '../../../model/sample-batch.ts';
import type { SampleTarget } from '../../../model/sample-target.ts';
import type { SeriesTable } from '../../../model/series-table.ts';
import { FamilyMemory } from './family-memory.ts';
import { PointWriter } from './point-writer.ts';
import { SeriesInfos } from './series-info.ts';
import { Transaction } from './transaction.ts';

interface IntakeMeters {
  readonly dropped: Family<Counter, ['reason']>;
  readonly droppedExemplars: Counter;
  readonly remembered: Gauge;
}

/** Makes an OTLP request of each batch of samples, and sends it on under the same delivery. */
export class MetricIntake implements Consumer<SampleBatch> {
  readonly #id: string;
  readonly #to: Consumer<OtlpBatch> | undefined;
  readonly #metrics: IntakeMeters;
  readonly #families = new FamilyMemory();
  readonly #writer: PointWriter;
  /** What targets have told last; forgotten with them. */
  readonly #told = new WeakMap<SampleTarget, readonly MetricFamily[]>();
  /** What is dropped of the current batch, by reason. */
  readonly #dropped = new Map<string, number>();
  #table: SeriesTable | undefined;
  #infos: SeriesInfos | undefined;
  #isClosed = false;

  constructor(id: string, to: Consumer<OtlpBatch> | undefined, metrics: IntakeMeters, version: string) {
    this.#id = id;
    this.#to = to;
    this.#metrics = metrics;
    this.#writer = new PointWriter(version, (reason, samples) => this.#drop(reason, samples));
  }

  consume(batch: SampleBatch, delivery: Delivery): Promise<void> | void {
    if (this.#isClosed) throw new DeliveryError(`${this.#id} has exited`, { retryable: true });
    if (this.#to === undefined) return undefined;
    this.#families.remember(batch.families);
    if (batch.target !== undefined) this.#learnFrom(batch.target);
    const transaction = new Transaction(this.#infosFor(batch.table));
    transaction.add(batch);
    this.#dropped.clear();
    this.#drop('no_name', transaction.unnamed);
    this.#drop('no_bound', transaction.unbounded);
    const points = this.#writer.write(transaction.resources.values(), batch.target?.labels);
    const dropped = [...this.#dropped];
    const { lostExemplars } = transaction;
    this.#metrics.remembered.set(this.#families.size + (this.#infos?.size ?? 0));
    const accepted = points && this.#to.consume(points, delivery);
    if (accepted === undefined) return this.#count(dropped, lostExemplars);
    return accepted.then(() => this.#count(dropped, lostExemplars));
  }

  close(): void {
    this.#isClosed = true;
    this.#infos?.close();
    this.#infos = undefined;
  }

  #learnFrom(target: SampleTarget): void {
    const families = target.families();
    if (this.#told.get(target) === families) return;
    this.#told.set(target, families);
    this.#families.remember(families);
  }

  /** What is known of the series of a table, which is the same for all batches. */
  #infosFor(table: SeriesTable): SeriesInfos {
    if (this.#infos !== undefined && this.#table === table) return this.#infos;
    this.#infos?.close();
    this.#table = table;
    this.#infos = new SeriesInfos(table, this.#families);
    return this.#infos;
  }

  #drop(reason: string, samples: number): void {
    if (samples > 0) this.#dropped.set(reason, (this.#dropped.get(reason) ?? 0) + samples);
  }

  /** Counts what was dropped of a batch that was accepted; one that was refused may come again. */
  #count(dropped: Iterable<readonly [reason: string, samples: number]>, lostExemplars: number): void {
    for (const [reason, samples] of dropped) this.#metrics.dropped.with(reason).inc(samples);
    this.#metrics.droppedExemplars.inc(lostExemplars);
  }
}
