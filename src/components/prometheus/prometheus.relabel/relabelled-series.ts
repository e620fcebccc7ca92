import { grown } from '../../../base/grown-column.ts';
import { encodeLabels } from '../../../model/label-set-builder.ts';
import { relabel, type RelabelRule } from '../../../model/relabel.ts';
import { droppedSeries, SeriesMap } from '../../../model/series-map.ts';
import type { SeriesRef, SeriesTable } from '../../../model/series-table.ts';

/** Results that were not used for so many seconds make room for others. */
const idleSeconds = 300;
/** So many series are looked at for one whose result can make room. */
const lookSteps = 64;

export interface ResultLimits {
  /** Results that are remembered; `Infinity` for as many as there are series. */
  readonly maxSize: number;
  /** Results are forgotten that were not used for so long; `Infinity` if they are kept. */
  readonly ttlSeconds: number;
}

/**
 * What rules make of series, decided once for each series as long as the result is remembered: until the series has
 * ended, or the table does not know it any more. While there is no room new results are not remembered, so that those
 * which are there stay of use.
 */
export class RelabelledSeries {
  /** How often a result was remembered, and how often the rules ran. */
  hits = 0;
  misses = 0;
  /** Series whose new labels found no room in the table. */
  unplaced = 0;
  /** Results that were not used for too long, and all others that were forgotten. */
  expired = 0;
  #remembered = 0;
  readonly #table: SeriesTable;
  readonly #rules: readonly RelabelRule[];
  readonly #limits: ResultLimits;
  readonly #results: SeriesMap;
  /** When each result was used last, in seconds; kept if there is a limit. */
  #usedAt = new Uint32Array(0);
  readonly #isLimited: boolean;
  #now = 0;
  /** The series that is looked at next for room. */
  #hand = 0;

  constructor(table: SeriesTable, rules: readonly RelabelRule[], limits: ResultLimits) {
    this.#table = table;
    this.#rules = rules;
    this.#limits = limits;
    this.#isLimited = limits.maxSize !== Infinity || limits.ttlSeconds !== Infinity;
    this.#results = new SeriesMap(table);
  }

  get size(): number {
    return this.#results.size;
  }

  /** How many results were forgotten before they expired. */
  get deleted(): number {
    return this.#remembered - this.expired - this.size;
  }

  /** Says how late it is, in seconds from any moment on. Without limits that does not matter. */
  setTime(now: number): void {
    this.#now = Math.floor(now);
  }

  /** What a series becomes; 0 if it is dropped. */
  resultOf(series: SeriesRef): SeriesRef {
    const known = this.#results.get(series);
    if (known === 0) return this.#decide(series);
    this.hits++;
    if (this.#isLimited) this.#usedAt[series] = this.#now;
    return known === droppedSeries ? 0 : known;
  }

  /** Forgets the result of a series that has ended. */
  end(series: SeriesRef): void {
    this.#results.forget(series);
  }

  /** Forgets results that were not used for too long. */
  expire(): void {
    for (let series = 1; series < this.#usedAt.length; series++) {
      if (!this.#isIdle(series, this.#limits.ttlSeconds)) continue;
      this.expired++;
      this.#results.forget(series);
    }
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
    const isDropped = result === droppedSeries;
    if (this.size < this.#limits.maxSize || this.#makeRoom()) this.#remember(series, result);
    // Whoever sent the batch keeps it from being reclaimed.
    else if (!isDropped) this.#table.release(result);
    return isDropped ? 0 : result;
  }

  #remember(series: SeriesRef, result: SeriesRef): void {
    this.#results.set(series, result);
    this.#remembered++;
    if (!this.#isLimited) return;
    if (series >= this.#usedAt.length) this.#usedAt = grown(this.#usedAt, new Uint32Array(this.#table.capacity));
    this.#usedAt[series] = this.#now;
  }

  #makeRoom(): boolean {
    for (let step = 0; step < lookSteps; step++) {
      this.#hand = this.#hand + 1 < this.#usedAt.length ? this.#hand + 1 : 1;
      if (!this.#isIdle(this.#hand, idleSeconds)) continue;
      this.#results.forget(this.#hand);
      return true;
    }
    return false;
  }

  #isIdle(series: SeriesRef, seconds: number): boolean {
    return this.#results.get(series) !== 0 && this.#now - (this.#usedAt[series] ?? 0) >= seconds;
  }
}
