import type { Milliseconds } from '../../../base/duration.ts';
import type { ExemplarCursor } from '../../../formats/otlp/exemplar-cursor.ts';
import { LabelSetBuilder } from '../../../model/label-set-builder.ts';
import type { SampleBatchBuilder } from '../../../model/sample-batch-builder.ts';
import type { SeriesRef } from '../../../model/series-table.ts';
import type { SeriesTimes } from './series-times.ts';

const [traceIdSize, spanIdSize] = [16, 8];

/** An exemplar of the current point; its ids are offsets, -1 if empty. */
interface FoundExemplar {
  readonly time: Milliseconds;
  readonly value: number;
  readonly traceId: number;
  readonly spanId: number;
}

/**
 * Adds exemplars to a batch, but for those that were sent already, and returns how many were too late to be sent. Those of one
 * time are in the order of their values, without which receivers refuse them.
 */
export class ExemplarWriter {
  readonly #builder: SampleBatchBuilder;
  readonly #times: SeriesTimes;
  readonly #labels = new LabelSetBuilder();
  #bytes: Buffer = Buffer.alloc(0);
  /** The series whose last exemplars are of the current point. */
  readonly #touched = new Set<SeriesRef>();

  constructor(builder: SampleBatchBuilder, times: SeriesTimes) {
    this.#builder = builder;
    this.#times = times;
  }

  /** Adds the exemplars of a point to its one series. One that does not say when it was is of `now`. */
  add(exemplars: ExemplarCursor, series: SeriesRef, now: Milliseconds): number {
    if (exemplars.count === 0) return 0;
    let late = 0;
    const found = this.#read(exemplars, now).toSorted((a, b) => a.time - b.time || a.value - b.value);
    for (const exemplar of found) if (!this.#addOne(exemplar, series)) late++;
    return late;
  }

  /** Adds them to the series of the first bucket whose bound is above their value; that of the last has no bound. */
  addToBuckets(exemplars: ExemplarCursor, buckets: Uint32Array, bounds: readonly number[], now: Milliseconds): number {
    if (exemplars.count === 0) return 0;
    let late = 0;
    for (const exemplar of this.#read(exemplars, now).toSorted((a, b) => a.value - b.value)) {
      let bucket = 0;
      while (bucket < bounds.length && !(exemplar.value < (bounds[bucket] ?? 0))) bucket++;
      if (!this.#addOne(exemplar, buckets[bucket] ?? 0)) late++;
    }
    return late;
  }

  #read(exemplars: ExemplarCursor, now: Milliseconds): FoundExemplar[] {
    const found: FoundExemplar[] = [];
    this.#bytes = exemplars.bytes;
    this.#touched.clear();
    while (exemplars.next()) {
      const { value, traceId, spanId, timeMillis } = exemplars;
      found.push({ time: timeMillis || now, value, traceId, spanId });
    }
    return found;
  }

  /** Adds one; false if it is too late. */
  #addOne({ time, value, traceId, spanId }: FoundExemplar, series: SeriesRef): boolean {
    const bytes = this.#bytes;
    const last = this.#times.exemplarOf(series);
    if (time < last) return false;
    // Senders repeat an exemplar with each point until they have another one.
    if (time === last && !this.#touched.has(series)) return true;
    this.#touched.add(series);
    this.#times.setExemplar(series, time);
    const labels = this.#labels;
    labels.clear();
    if (spanId >= 0) labels.addText('span_id', bytes.toString('hex', spanId, spanId + spanIdSize));
    if (traceId >= 0) labels.addText('trace_id', bytes.toString('hex', traceId, traceId + traceIdSize));
    labels.sortNames();
    this.#builder.addExemplar(series, value, time, labels.encode(), 0, labels.encodedSize);
    return true;
  }
}
