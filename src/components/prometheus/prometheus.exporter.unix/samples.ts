import { familyHeader, labelText, sampleLine, type FamilyKind } from '../../../formats/prometheus-text/encode.ts';
import type { Family } from './family.ts';

/** The header of a family; those of one name must agree. */
export type FamilyHead = Pick<Family, 'name' | 'help'> & { readonly kind: FamilyKind };

interface Collected {
  readonly head: FamilyHead;
  /** The lines of each series, by its labels as text. */
  readonly series: Map<string, string>;
}

/** What one scrape has collected so far. */
export class Samples {
  readonly #families = new Map<string, Collected>();
  /** Series that were there already, or contradict the kind of their family; the first one stays. */
  conflicts = 0;

  /** Adds a sample with the values of the labels in the order the family declares them; nothing without a value. */
  add(family: Family, value: number | undefined, ...labels: readonly string[]): void {
    if (value === undefined) return;
    const text = labelText(family.order.map((index) => [family.labels[index] ?? '', labels[index] ?? '']));
    this.addSeries(family, text, sampleLine(family.name, text, value));
  }

  /** Adds lines as they are to be written; the key tells the series apart. */
  addSeries(head: FamilyHead, key: string, lines: string): void {
    let known = this.#families.get(head.name);
    if (known === undefined) this.#families.set(head.name, (known = { head, series: new Map() }));
    if (known.head.kind !== head.kind || known.series.has(key)) this.conflicts++;
    else known.series.set(key, lines);
  }

  addAll(other: Samples): void {
    this.conflicts += other.conflicts;
    for (const { head, series } of other.#families.values())
      for (const [key, lines] of series) this.addSeries(head, key, lines);
  }

  /** Everything in the text format: families by name, series by labels. */
  toText(): string {
    const parts: string[] = [];
    for (const { head, series } of [...this.#families.values()].toSorted((a, b) =>
      a.head.name < b.head.name ? -1 : 1,
    )) {
      parts.push(familyHeader(head.name, head.kind, head.help));
      for (const key of [...series.keys()].toSorted()) parts.push(series.get(key) ?? '');
    }
    return parts.join('');
  }
}
