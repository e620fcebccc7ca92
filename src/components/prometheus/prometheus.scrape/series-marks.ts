import { grown } from '../../../base/grown-column.ts';
import type { SeriesRef, SeriesTable } from '../../../model/series-table.ts';

/**
 * Which series came in the scrape that is read at the moment. A response is read at one go, so that one column is enough
 * for all scrapes of the process: four bytes a series of the table.
 */
export class SeriesMarks {
  readonly #table: SeriesTable;
  #marks = new Uint32Array(0);
  #current = 0;

  constructor(table: SeriesTable) {
    this.#table = table;
  }

  /** Takes all marks away. */
  begin(): void {
    this.#current++;
    if (this.#current < 0xffff_ffff) return;
    this.#marks.fill(0);
    this.#current = 1;
  }

  /** Marks a series; false if it was marked. */
  add(series: SeriesRef): boolean {
    if (series >= this.#marks.length) this.#marks = grown(this.#marks, new Uint32Array(this.#table.capacity));
    if (this.#marks[series] === this.#current) return false;
    this.#marks[series] = this.#current;
    return true;
  }
}
