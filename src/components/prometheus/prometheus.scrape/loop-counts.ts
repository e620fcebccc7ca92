import type { Families } from './families.ts';
import type { ScrapeMeters } from './metrics.ts';

/** What one target counts for in the metrics that speak of all targets of a component. */
export class LoopCounts {
  readonly #meters: ScrapeMeters;
  readonly #job: string;
  #series = 0;
  #families = 0;
  #metadataBytes = 0;

  constructor(meters: ScrapeMeters, job: string) {
    this.#meters = meters;
    this.#job = job;
  }

  update(series: number, families: Families | undefined): void {
    const { cachedSeries, metadataEntries, metadataBytes } = this.#meters;
    const size = families?.size ?? 0;
    const byteSize = families?.byteSize ?? 0;
    cachedSeries.inc(series - this.#series);
    metadataEntries.with(this.#job).inc(size - this.#families);
    metadataBytes.with(this.#job).inc(byteSize - this.#metadataBytes);
    this.#series = series;
    this.#families = size;
    this.#metadataBytes = byteSize;
  }
}
