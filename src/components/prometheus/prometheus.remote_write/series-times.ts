import { grown } from '../../../base/grown-column.ts';
import type { SampleBatch } from '../../../model/sample-batch.ts';
import type { SeriesTable } from '../../../model/series-table.ts';
import type { RemoteWriteMeters } from './metrics.ts';

/** Stands for the time 0, which is that of series that are not known. */
const zero = Number.MIN_VALUE;

type SeriesMeters = Pick<RemoteWriteMeters, 'activeSeries' | 'createdSeries' | 'removedSeries' | 'outOfOrder'>;

/**
 * The latest time of each series that samples came of, for metrics: eight bytes a series of the table. A series counts as
 * active until the table reclaims it, as nobody has sent it for a while. Whoever makes one closes it.
 */
export class SeriesTimes {
  /** The latest time of all, in milliseconds since 1970. */
  newest = -Infinity;
  readonly #meters: SeriesMeters;
  #table: SeriesTable | undefined;
  #times = new Float64Array(0);
  #stop = (): void => undefined;
  #isClosed = false;

  constructor(meters: SeriesMeters) {
    this.#meters = meters;
  }

  /** Notes the samples and histograms of a batch. */
  note({ table, series, timestamps, histograms }: SampleBatch): void {
    if (this.#isClosed) return;
    if (table !== this.#table) this.#follow(table);
    if (this.#times.length < table.capacity) this.#times = grown(this.#times, new Float64Array(table.capacity));
    this.#noteAll(series, timestamps);
    if (histograms !== undefined) this.#noteAll(histograms.series, histograms.timestamps);
  }

  /** Forgets all series, and notes no more. */
  close(): void {
    this.#isClosed = true;
    this.#forgetAll();
  }

  #noteAll(series: Uint32Array, timestamps: Float64Array): void {
    const times = this.#times;
    for (let index = 0; index < series.length; index++) {
      const ref = series[index] ?? 0;
      const time = timestamps[index] || zero;
      const last = times[ref] ?? 0;
      if (last === 0) {
        this.#meters.createdSeries.inc();
        this.#meters.activeSeries.inc();
      } else if (time < last) {
        this.#meters.outOfOrder.inc();
        continue;
      }
      times[ref] = time;
      if (time > this.newest) this.newest = time;
    }
  }

  #follow(table: SeriesTable): void {
    this.#forgetAll();
    this.#table = table;
    this.#stop = table.onReclaim((ref) => this.#forget(ref));
  }

  #forgetAll(): void {
    this.#stop();
    for (let ref = 1; ref < this.#times.length; ref++) this.#forget(ref);
  }

  #forget(ref: number): void {
    if ((this.#times[ref] ?? 0) === 0) return;
    this.#times[ref] = 0;
    this.#meters.removedSeries.inc();
    this.#meters.activeSeries.dec();
  }
}
