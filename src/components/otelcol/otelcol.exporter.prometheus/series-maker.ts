import type { AttributeList } from '../../../formats/otlp/attribute-list.ts';
import { LabelSetBuilder } from '../../../model/label-set-builder.ts';
import type { SeriesRef, SeriesTable } from '../../../model/series-table.ts';
import { addAttributes, type ResourceLabels } from './resource-labels.ts';

/** What tells the series of one data point from each other: what is added to the name of the metric, or a label. */
export interface SeriesPart {
  readonly suffix: string;
  readonly label?: readonly [name: string, value: string];
}

/** Makes the labels of series. The caller gets a share in each series; 0 is given where there is no room for one. */
export class SeriesMaker {
  readonly #table: SeriesTable;
  readonly #addsResource: boolean;
  readonly #builder = new LabelSetBuilder();

  /** Makes series that have the labels of their resources, too, if that is wanted. */
  constructor(table: SeriesTable, addsResource: boolean) {
    this.#table = table;
    this.#addsResource = addsResource;
  }

  /** The series of the parts of a data point; undefined if there is no room for one of them. */
  make(
    name: string,
    parts: readonly SeriesPart[],
    { base, all }: ResourceLabels,
    attributes: AttributeList,
  ): Uint32Array | undefined {
    const labels = new Map(base);
    addAttributes(labels, attributes);
    if (this.#addsResource) for (const [label, value] of all) labels.set(label, value);
    const refs = new Uint32Array(parts.length);
    for (const [index, { suffix, label }] of parts.entries()) {
      const own = label === undefined ? labels : new Map(labels).set(...label);
      const ref = this.intern(`${name}${suffix}`, own);
      if (ref === 0) {
        for (const made of refs.subarray(0, index)) this.#table.release(made);
        return undefined;
      }
      refs[index] = ref;
    }
    return refs;
  }

  /** The series with a name and labels, of which those without a name or value are none. */
  intern(name: string, labels: ReadonlyMap<string, string>): SeriesRef {
    const builder = this.#builder;
    builder.clear();
    builder.addText('__name__', name);
    for (const [label, value] of labels) if (label !== '' && label !== '__name__') builder.addText(label, value);
    builder.sortNames();
    const bytes = builder.encode();
    return this.#table.intern(bytes, 0, builder.encodedSize);
  }
}
