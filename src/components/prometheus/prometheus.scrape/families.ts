import {
  isOfFamily,
  metricType,
  metricTypeNames,
  type MetricFamily,
  type MetricType,
} from '../../../model/metric-family.ts';

/** So many scrapes without a family are waited for before it is forgotten. */
const maxMissed = 10;
/** More than this is not remembered of one target. */
const maxFamilies = 100_000;

interface Known {
  family: MetricFamily;
  cameIn: number;
}

/** The families of one target, and which of them are to be told with a scrape: those that are new, changed or needed. */
export class Families {
  readonly #known = new Map<string, Known>();
  #document = 0;
  #current: Known | undefined;
  #isChanged = false;
  #told: MetricFamily[] = [];
  /** The place of the current family in the list, as one more than its index; 0 if it is not there. */
  #place = 0;
  #byteSize = 0;
  #list: readonly MetricFamily[] | undefined;
  /** Whether a scrape was read since the last commit. */
  #isRead = false;

  get size(): number {
    return this.#known.size;
  }

  /** The bytes of types, help texts and units. */
  get byteSize(): number {
    return this.#byteSize;
  }

  /** Begins with a scrape. */
  open(): void {
    this.#document++;
    this.#isRead = true;
    this.#current = undefined;
    this.#told = [];
  }

  /** Notes what a scrape says of a family, and goes to it. */
  note(name: string, said: { readonly type?: MetricType; readonly help?: string; readonly unit?: string }): void {
    let known = this.#known.get(name);
    if (known !== this.#current || known === undefined) {
      if (known === undefined) {
        if (this.#known.size >= maxFamilies) return;
        this.#list = undefined;
        known = { family: { name, type: metricType.unknown, help: '', unit: '' }, cameIn: 0 };
        this.#known.set(name, known);
        this.#byteSize += sizeOf(known.family);
      }
      this.#current = known;
      this.#isChanged = false;
      this.#place = 0;
    }
    known.cameIn = this.#document;
    const { type, help, unit } = { ...known.family, ...said };
    const { family } = known;
    if (type === family.type && help === family.help && unit === family.unit) return;
    this.#list = undefined;
    known.family = { name, type, help, unit };
    this.#byteSize += sizeOf(known.family) - sizeOf(family);
    this.#isChanged = true;
    if (this.#place > 0) this.#told[this.#place - 1] = known.family;
  }

  /** Whether the current family must be told with the next series, also if that is known. */
  get isChanged(): boolean {
    return this.#isChanged;
  }

  /** The place of the current family in the list if a metric of that name is of it; 0 otherwise. */
  placeFor(metric: string): number {
    const current = this.#current;
    if (current === undefined || !isOfFamily(current.family, metric)) return 0;
    if (this.#place === 0) this.#place = this.#told.push(current.family);
    return this.#place;
  }

  /** All that are known: another list when something has changed. */
  get all(): readonly MetricFamily[] {
    return (this.#list ??= Array.from(this.#known.values(), ({ family }) => family));
  }

  /** Those to tell, in the order of their places. */
  get told(): readonly MetricFamily[] {
    return this.#told;
  }

  /** Forgets families that have not come for long. */
  commit(): void {
    if (!this.#isRead) return;
    this.#isRead = false;
    for (const [name, { family, cameIn }] of this.#known) {
      if (this.#document - cameIn <= maxMissed) continue;
      this.#list = undefined;
      this.#known.delete(name);
      this.#byteSize -= sizeOf(family);
    }
  }
}

function sizeOf({ type, help, unit }: MetricFamily): number {
  return (metricTypeNames[type] ?? '').length + Buffer.byteLength(help) + Buffer.byteLength(unit);
}
