import { grown } from '../../../base/grown-column.ts';
import type { SeriesRef } from '../../../model/series-table.ts';

/** The float samples of a batch that are sent: as what series, and where they are in the batch. Used over and over. */
export class ChosenSamples {
  count = 0;
  series = new Uint32Array(64);
  indices = new Uint32Array(64);

  clear(): void {
    this.count = 0;
  }

  add(series: SeriesRef, index: number): void {
    if (this.count === this.series.length) {
      this.series = grown(this.series, new Uint32Array(2 * this.count));
      this.indices = grown(this.indices, new Uint32Array(2 * this.count));
    }
    this.series[this.count] = series;
    this.indices[this.count++] = index;
  }
}
