import { grown } from '../../../base/grown-column.ts';
import type { SampleBatch } from '../../../model/sample-batch.ts';
import type { SeriesRef, SeriesTable } from '../../../model/series-table.ts';

/**
 * When the last samples and exemplars of series were, and when their counting began: 8 bytes each for a series of the
 * table, from the first one on that has such a time. All in milliseconds since 1970, and 0 if not known. Whoever makes
 * one closes it.
 */
export class SeriesTimes {
  readonly #table: SeriesTable;
  readonly #stop: () => void;
  #samples = new Float64Array(0);
  #starts = new Float64Array(0);
  #exemplars = new Float64Array(0);

  constructor(table: SeriesTable) {
    this.#table = table;
    this.#stop = table.onReclaim((ref) => this.#forget(ref));
  }

  sampleOf(ref: SeriesRef): number {
    return this.#samples[ref] ?? 0;
  }

  setSample(ref: SeriesRef, time: number): void {
    if (ref >= this.#samples.length) this.#samples = this.#larger(this.#samples);
    this.#samples[ref] = time;
  }

  startOf(ref: SeriesRef): number {
    return this.#starts[ref] ?? 0;
  }

  setStart(ref: SeriesRef, time: number): void {
    if (ref >= this.#starts.length) this.#starts = this.#larger(this.#starts);
    this.#starts[ref] = time;
  }

  exemplarOf(ref: SeriesRef): number {
    return this.#exemplars[ref] ?? 0;
  }

  setExemplar(ref: SeriesRef, time: number): void {
    if (ref >= this.#exemplars.length) this.#exemplars = this.#larger(this.#exemplars);
    this.#exemplars[ref] = time;
  }

  /** Forgets the times of a batch that was refused, and may come again. */
  forget({ series, histograms, exemplars }: SampleBatch): void {
    for (const refs of [series, histograms?.series, exemplars?.series]) for (const ref of refs ?? []) this.#forget(ref);
  }

  close(): void {
    this.#stop();
  }

  #forget(ref: SeriesRef): void {
    for (const column of [this.#samples, this.#starts, this.#exemplars]) if (ref < column.length) column[ref] = 0;
  }

  #larger(column: Float64Array): Float64Array<ArrayBuffer> {
    return grown(column, new Float64Array(this.#table.capacity)) as Float64Array<ArrayBuffer>;
  }
}
