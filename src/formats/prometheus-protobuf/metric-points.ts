import { grown } from '../../base/grown-column.ts';

/** What is written behind the name of a family for one of its series. */
export const pointKind = { plain: 0, count: 1, sum: 2, bucket: 3, quantile: 4, histogram: 5 } as const;

export const pointSuffixes = ['', '_count', '_sum', '_bucket', '', ''] as const;

/** The series that one metric of the protobuf format stands for, as columns that are used over and over. */
export class MetricPoints {
  count = 0;
  kinds = new Uint8Array(64);
  /** Upper bounds of buckets, and quantiles. */
  bounds = new Float64Array(64);
  values = new Float64Array(64);
  /** Where the exemplar of each is; the same place if there is none. */
  exemplarStarts = new Uint32Array(64);
  exemplarEnds = new Uint32Array(64);

  clear(): void {
    this.count = 0;
  }

  add(kind: number, bound: number, value: number, exemplarStart = 0, exemplarEnd = 0): void {
    const at = this.count++;
    if (at === this.kinds.length) this.#grow();
    this.kinds[at] = kind;
    this.bounds[at] = bound;
    this.values[at] = value;
    this.exemplarStarts[at] = exemplarStart;
    this.exemplarEnds[at] = exemplarEnd;
  }

  #grow(): void {
    const size = 2 * this.kinds.length;
    this.kinds = grown(this.kinds, new Uint8Array(size));
    this.bounds = grown(this.bounds, new Float64Array(size));
    this.values = grown(this.values, new Float64Array(size));
    this.exemplarStarts = grown(this.exemplarStarts, new Uint32Array(size));
    this.exemplarEnds = grown(this.exemplarEnds, new Uint32Array(size));
  }
}
