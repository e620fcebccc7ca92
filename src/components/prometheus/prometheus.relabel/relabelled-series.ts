import { encodeLabels } from '../../../model/label-set-builder.ts';
import { relabel, type RelabelRule } from '../../../model/relabel.ts';
import { droppedSeries, SeriesMap } from '../../../model/series-map.ts';
import type { SeriesRef, SeriesTable } from '../../../model/series-table.ts';

/** What rules make of series, decided once for each series as long as that is known. */
export class RelabelledSeries {
  /** How often a result was remembered, and how often the rules ran. */
  hits = 0;
  misses = 0;
  /** Series whose new labels found no room in the table. */
  unplaced = 0;
  readonly #table: SeriesTable;
  readonly #rules: readonly RelabelRule[];
  readonly #results: SeriesMap;

  constructor(table: SeriesTable, rules: readonly RelabelRule[]) {
    this.#table = table;
    this.#rules = rules;
    this.#results = new SeriesMap(table);
  }

  get size(): number {
    return this.#results.size;
  }

  /** What a series becomes; 0 if it is dropped. */
  resultOf(series: SeriesRef): SeriesRef {
    const known = this.#results.get(series);
    if (known !== 0) this.hits++;
    const result = known === 0 ? this.#decide(series) : known;
    return result === droppedSeries ? 0 : result;
  }

  close(): void {
    this.#results.close();
  }

  #decide(series: SeriesRef): SeriesRef {
    this.misses++;
    const labels = relabel(this.#table.labelsOf(series), this.#rules, 'legacy');
    let result: SeriesRef = droppedSeries;
    if (labels !== undefined && labels.size > 0) {
      const bytes = encodeLabels(labels);
      result = this.#table.intern(bytes, 0, bytes.length);
      if (result === 0) {
        this.unplaced++;
        return 0;
      }
    }
    this.#results.set(series, result);
    return result;
  }
}
