import { grown } from '../../base/grown-column.ts';

/** The numbers of a repeated field, in memory that is used over and over. */
export class NumberList {
  count = 0;
  values = new Float64Array(16);

  clear(): void {
    this.count = 0;
  }

  add(value: number): void {
    if (this.count === this.values.length) this.values = grown(this.values, new Float64Array(2 * this.count));
    this.values[this.count++] = value;
  }
}
