import { labelText, sampleLine, type FamilyKind } from '../../../formats/prometheus-text/encode.ts';
import type { Family } from './family.ts';

/** The header of a family; those of one name must agree. */
export type FamilyHead = Pick<Family, 'name' | 'help'> & { readonly kind: FamilyKind };

/** A series as it is written. */
export interface Row {
  readonly head: FamilyHead;
  /** The values of its labels as they were given; undefined if its lines were given. */
  readonly labels: readonly string[] | undefined;
  /** Tells the series of a family apart: its labels as text. */
  readonly key: string;
  value: number;
  lines: string;
}

/**
 * What one collector has found. It is kept from scrape to scrape: as long as the same series come in the same order, only
 * values that have changed are written anew.
 */
export class Samples {
  readonly #rows: Row[] = [];
  /** The rows of the current scrape. */
  #count = 0;
  /** Another number than before if there are other series than before. */
  version = 0;

  get rows(): readonly Row[] {
    return this.#rows;
  }

  /** Begins with a scrape that has not found anything yet. */
  begin(): void {
    this.#count = 0;
  }

  /** Ends a scrape: what was there before and did not come again is gone. */
  end(): void {
    if (this.#count < this.#rows.length) this.#cut();
  }

  /** Adds a sample with the values of the labels in the order the family declares them; nothing without a value. */
  add(family: Family, value: number | undefined, ...labels: readonly string[]): void {
    if (value === undefined) return;
    const row = this.#rows[this.#count];
    if (row !== undefined && isSameFamily(row.head, family) && areEqual(row.labels, labels)) {
      if (!Object.is(row.value, value)) {
        row.value = value;
        row.lines = sampleLine(family.name, row.key, value);
      }
      this.#count++;
      return;
    }
    const key = labelText(family.order.map((index) => [family.labels[index] ?? '', labels[index] ?? '']));
    this.#replace({ head: family, labels, key, value, lines: sampleLine(family.name, key, value) });
  }

  /** Adds lines as they are to be written; the key tells the series apart. */
  addSeries(head: FamilyHead, key: string, lines: string): void {
    const row = this.#rows[this.#count];
    if (row !== undefined && row.labels === undefined && isSameHead(row.head, head) && row.key === key) {
      row.lines = lines;
      this.#count++;
      return;
    }
    this.#replace({ head, labels: undefined, key, value: Number.NaN, lines });
  }

  #replace(row: Row): void {
    this.#cut();
    this.#rows.push(row);
    this.#count++;
  }

  #cut(): void {
    this.#rows.length = this.#count;
    this.version++;
  }
}

/** Families are mostly the very same; those that a collector makes anew each time are compared. */
function isSameFamily(head: FamilyHead, family: Family): boolean {
  return head === family || (isSameHead(head, family) && areEqual((head as Partial<Family>).labels, family.labels));
}

function isSameHead(a: FamilyHead, b: FamilyHead): boolean {
  return a.name === b.name && a.kind === b.kind && a.help === b.help;
}

function areEqual(a: readonly string[] | undefined, b: readonly string[]): boolean {
  if (a?.length !== b.length) return false;
  for (let index = 0; index < b.length; index++) if (a[index] !== b[index]) return false;
  return true;
}
