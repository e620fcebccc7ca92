import type { ExemplarCursor } from '../../../formats/otlp/exemplar-cursor.ts';
import { LabelSetBuilder } from '../../../model/label-set-builder.ts';
import type { SampleBatchBuilder } from '../../../model/sample-batch-builder.ts';
import type { SeriesRef } from '../../../model/series-table.ts';
import type { SeriesTimes } from './series-times.ts';

const [traceIdSize, spanIdSize] = [16, 8];

/** Adds exemplars to a batch, but for those that were sent already, and returns how many were too late to be sent. */
export class ExemplarWriter {
  readonly #builder: SampleBatchBuilder;
  readonly #times: SeriesTimes;
  readonly #labels = new LabelSetBuilder();

  constructor(builder: SampleBatchBuilder, times: SeriesTimes) {
    this.#builder = builder;
    this.#times = times;
  }

  /** Adds the exemplars of a point to its one series. One that does not say when it was is of `now`. */
  add(exemplars: ExemplarCursor, series: SeriesRef, now: number): number {
    let late = 0;
    while (exemplars.next()) if (!this.#addOne(exemplars, series, now)) late++;
    return late;
  }

  /** Adds them to the series of the first bucket whose bound is above their value; that of the last has no bound. */
  addToBuckets(exemplars: ExemplarCursor, buckets: Uint32Array, bounds: readonly number[], now: number): number {
    let late = 0;
    while (exemplars.next()) {
      const { value } = exemplars;
      let bucket = 0;
      while (bucket < bounds.length && !(value < (bounds[bucket] ?? 0))) bucket++;
      if (!this.#addOne(exemplars, buckets[bucket] ?? 0, now)) late++;
    }
    return late;
  }

  /** Adds one; false if it is too late. */
  #addOne({ bytes, traceId, spanId, value, timeMillis }: ExemplarCursor, series: SeriesRef, now: number): boolean {
    const time = timeMillis || now;
    const last = this.#times.exemplarOf(series);
    if (time <= last) return time === last;
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
