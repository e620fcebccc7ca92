import { encodeLabels, LabelSetBuilder } from '../../../model/label-set-builder.ts';
import { decodeLabels } from '../../../model/encoded-labels.ts';
import { relabel, type RelabelRule } from '../../../model/relabel.ts';
import { droppedSeries, SeriesMap } from '../../../model/series-map.ts';
import type { SeriesRef, SeriesTable } from '../../../model/series-table.ts';

const builder = new LabelSetBuilder();

/**
 * What series become on their way to one endpoint: with external labels, which those of the series win over, and after
 * the rules. Each is decided once, for as long as the series is known; without labels and rules, nothing is remembered.
 */
export class OutgoingSeries {
  readonly #external: readonly (readonly [name: Buffer, value: Buffer])[];
  readonly #rules: readonly RelabelRule[];
  /** Made with the first batch, since it listens to the table. */
  #results: { readonly table: SeriesTable; readonly map: SeriesMap } | undefined;

  constructor(external: ReadonlyMap<string, string>, rules: readonly RelabelRule[]) {
    this.#external = Array.from(external, ([name, value]) => [Buffer.from(name), Buffer.from(value)] as const);
    this.#rules = rules;
  }

  /** What a series becomes: `droppedSeries` if rules drop it, 0 if there is no room for it in the table. */
  of(table: SeriesTable, series: SeriesRef): SeriesRef {
    if (this.#external.length === 0 && this.#rules.length === 0) return series;
    if (this.#results?.table !== table) {
      this.#results?.map.close();
      this.#results = { table, map: new SeriesMap(table) };
    }
    const { map } = this.#results;
    const known = map.get(series);
    if (known !== 0) return known;
    const result = this.#decide(table, series);
    if (result !== 0) map.set(series, result);
    return result;
  }

  close(): void {
    this.#results?.map.close();
    this.#results = undefined;
  }

  #decide(table: SeriesTable, series: SeriesRef): SeriesRef {
    builder.clear();
    builder.addEncoded(table.bytesOf(series), table.startOf(series), table.endOf(series));
    for (const [name, value] of this.#external)
      if (builder.find(name) === -1) builder.add(name, 0, name.length, value, 0, value.length);
    builder.sortNames();
    const merged = builder.encode();
    const size = builder.encodedSize;
    if (this.#rules.length === 0) return size === 0 ? droppedSeries : table.intern(merged, 0, size);
    const labels = relabel(decodeLabels(merged, 0, size), this.#rules, 'legacy');
    if (labels === undefined) return droppedSeries;
    const bytes = encodeLabels(labels);
    return bytes.length === 0 ? droppedSeries : table.intern(bytes, 0, bytes.length);
  }
}
