import { ByteBuilder } from '../../base/byte-builder.ts';
import { grown } from '../../base/grown-column.ts';
import type { LabelSetBuilder } from '../../model/label-set-builder.ts';

/** The exemplars of the current entry of an exposition, as columns that are used over and over. */
export class ExemplarList {
  count = 0;
  values = new Float64Array(16);
  /** In milliseconds since 1970; NaN of those that have none. */
  timestamps = new Float64Array(16);
  starts = new Uint32Array(16);
  ends = new Uint32Array(16);
  readonly #labels = new ByteBuilder();

  /** Where the labels are, in the form of `encoded-labels.ts`. */
  get bytes(): Buffer {
    return this.#labels.reserve(0);
  }

  /** The indexes, those of earlier exemplars first. */
  byTime(): readonly number[] {
    const indexes = Array.from({ length: this.count }, (_, index) => index);
    if (this.count < 2) return indexes;
    return indexes.toSorted((a, b) => (this.timestamps[a] ?? 0) - (this.timestamps[b] ?? 0));
  }

  clear(): void {
    if (this.count === 0) return;
    this.count = 0;
    this.#labels.clear();
  }

  /** Adds an exemplar with labels that are sorted. */
  add(labels: LabelSetBuilder, value: number, timestamp: number): void {
    const at = this.count++;
    if (at === this.values.length) this.#grow();
    const bytes = labels.encode();
    this.starts[at] = this.#labels.append(bytes, 0, labels.encodedSize);
    this.ends[at] = this.#labels.size;
    this.values[at] = value;
    this.timestamps[at] = timestamp;
  }

  /** Adds those of another list that have times. */
  addTimed(others: ExemplarList): void {
    for (let index = 0; index < others.count; index++) {
      const timestamp = others.timestamps[index] ?? Number.NaN;
      if (Number.isNaN(timestamp)) continue;
      const at = this.count++;
      if (at === this.values.length) this.#grow();
      this.starts[at] = this.#labels.append(others.bytes, others.starts[index] ?? 0, others.ends[index] ?? 0);
      this.ends[at] = this.#labels.size;
      this.values[at] = others.values[index] ?? 0;
      this.timestamps[at] = timestamp;
    }
  }

  #grow(): void {
    const size = 2 * this.values.length;
    this.values = grown(this.values, new Float64Array(size));
    this.timestamps = grown(this.timestamps, new Float64Array(size));
    this.starts = grown(this.starts, new Uint32Array(size));
    this.ends = grown(this.ends, new Uint32Array(size));
  }
}
