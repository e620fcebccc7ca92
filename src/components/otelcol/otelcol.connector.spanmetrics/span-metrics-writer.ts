import type { Milliseconds } from '../../../base/duration.ts';
import { MetricWriter, temporality, type PointHead, type Temporality } from '../../../formats/otlp/metric-writer.ts';
import type { OtlpBatch } from '../../../model/otlp-batch.ts';
import type { ExemplarLog } from '../metric-series/exemplar-log.ts';
import type { SeriesRows } from '../metric-series/series-rows.ts';
import type { ResourceState } from './resource-states.ts';
import type { SeriesSet, SpanMetricsShape } from './settings.ts';

const scopeName = 'spanmetricsconnector';

/** Writes the metrics of spans as requests. */
export class SpanMetricsWriter {
  readonly #shape: SpanMetricsShape;
  readonly #exemplars: ExemplarLog;
  readonly #over: Temporality;
  readonly #out = new MetricWriter();

  constructor(shape: SpanMetricsShape, exemplars: ExemplarLog) {
    this.#shape = shape;
    this.#exemplars = exemplars;
    this.#over = shape.isDelta ? temporality.delta : temporality.cumulative;
  }

  /** Writes all resources, and notes in their rows what was written. */
  write(resources: Iterable<ResourceState>, time: Milliseconds): OtlpBatch | undefined {
    for (const { attributes, rows } of resources) {
      const due = rows.map((set) => this.#rowsToWrite(set, time));
      if (due.every((list) => list.length === 0)) continue;
      this.#out.resource(attributes);
      this.#out.scope(scopeName);
      for (const [at, set] of this.#shape.sets.entries()) {
        const list = due[at] ?? [];
        if (list.length > 0) this.#writeSet(set, rows[at] as SeriesRows, list, time);
      }
    }
    return this.#out.finish();
  }

  /** Of totals all, of deltas those with something new. */
  #rowsToWrite(rows: SeriesRows, time: Milliseconds): number[] {
    const list: number[] = [];
    for (let row = 1; row < rows.capacity; row++) {
      if (!rows.has(row) || (this.#shape.isDelta && !rows.isChanged(row))) continue;
      // The clock may have been set back meanwhile.
      if ((rows.starts[row] ?? 0) > time) rows.starts[row] = time;
      list.push(row);
    }
    return list;
  }

  #writeSet({ counts, durations }: SeriesSet, rows: SeriesRows, list: readonly number[], time: Milliseconds): void {
    const out = this.#out;
    const { isDelta } = this.#shape;
    const head = (row: number): PointHead => ({
      attributes: rows.attributesOf(row),
      startTime: rows.starts[row] ?? 0,
      time,
    });
    const isOnlyZero = (row: number): boolean => !isDelta && counts !== undefined && !rows.hasBegun(row);
    if (counts !== undefined) {
      out.sum(counts, this.#over, true);
      for (const row of list) {
        // The first total is zero, so that rates see the step to the next one.
        out.integerPoint(head(row), isOnlyZero(row) ? 0 : (rows.counts[row] ?? 0));
        this.#exemplars.write(out, rows.exemplars[row] ?? 0, time);
      }
    }
    const histogram = rows.histograms[0];
    if (durations !== undefined && histogram !== undefined) {
      histogram.writeMetric(out, durations, this.#over);
      for (const row of list) {
        histogram.writePoint(out, head(row), row, rows.counts[row] ?? 0);
        this.#exemplars.write(out, rows.exemplars[row] ?? 0, time);
      }
    }
    for (const row of list) {
      rows.written(row, isOnlyZero(row));
      rows.exemplars[row] = 0;
      rows.exemplarCounts[row] = 0;
      if (isDelta) rows.reset(row, time);
    }
  }
}
