import { ByteArena } from '../../../base/byte-arena.ts';
import { ByteTable } from '../../../base/byte-table.ts';
import type { Milliseconds } from '../../../base/duration.ts';
import { grown } from '../../../base/grown-column.ts';
import { AttributeWriter } from '../../../formats/otlp/attribute-writer.ts';
import type { EncodedAttributes } from '../../../formats/otlp/metric-writer.ts';
import { makeHistogramColumn, type HistogramColumn, type HistogramShape } from './histogram-column.ts';

/** How many series there may be in all tables that share it. */
export interface SeriesBudget {
  readonly limit: number;
  used: number;
}

export interface RowOptions {
  readonly histograms: readonly HistogramShape[];
  /** How many series the table may have; Infinity for no limit of its own. */
  readonly limit: number;
  readonly budget: SeriesBudget;
}

/** What is known of a row, as bits. */
const flag = {
  /** It has values that no request has. */
  changed: 1,
  /** It had such values that are in a request whose fate is not known. */
  sent: 2,
  /** A request with its zero at the beginning was accepted, or is on its way. */
  begun: 4,
  begins: 8,
};

const overflowAttributes = ((): EncodedAttributes => {
  const writer = new AttributeWriter();
  writer.bool('otel.metric.overflow', true);
  return writer.copy();
})();

const noKey = Buffer.alloc(0);

/**
 * The values of many series in columns. A series is found by its key, any bytes; it has a row, a number from 1 on, which is
 * given to another one after it was removed. What finds no room is counted in one series, the overflow.
 */
export class SeriesRows {
  /** By row: what was counted, since when, and when last; milliseconds since 1970. */
  counts = new Float64Array(0);
  starts = new Float64Array(0);
  lastSeen = new Float64Array(0);
  /** By row: the exemplar that was added last, 0 for none, and how many there are. */
  exemplars = new Uint32Array(0);
  exemplarCounts = new Uint32Array(0);
  readonly histograms: readonly HistogramColumn[];
  readonly #limit: number;
  readonly #budget: SeriesBudget;
  readonly #keys: ByteTable;
  readonly #attributes = new ByteArena();
  #flags = new Uint8Array(0);
  #places = new Uint32Array(0);
  #sizes = new Uint32Array(0);
  #size = 0;
  #overflow = 0;
  /** All rows before have values that no request has, or are free. */
  #firstIdle = 1;

  constructor({ histograms, limit, budget }: RowOptions) {
    this.histograms = histograms.map(makeHistogramColumn);
    this.#limit = limit;
    this.#budget = budget;
    // One more for the overflow.
    this.#keys = new ByteTable(Math.min(limit, budget.limit) + 1);
  }

  /** How many series there are, without the overflow. */
  get size(): number {
    return this.#size;
  }

  /** All rows are below. */
  get capacity(): number {
    return this.#flags.length;
  }

  has(row: number): boolean {
    return this.#keys.has(row);
  }

  isOverflow(row: number): boolean {
    return row === this.#overflow;
  }

  /** Whether there is room for one more series. */
  get hasRoom(): boolean {
    return this.#size < this.#limit && this.#budget.used < this.#budget.limit;
  }

  /** The row of a key; 0 if there is none. */
  find(key: Buffer, start: number, end: number): number {
    return this.#keys.find(key, start, end);
  }

  /** A byte of the key of a row; undefined for the overflow, which has none. */
  keyByte(row: number, at: number): number | undefined {
    return at < this.#keys.sizeOf(row) ? this.#keys.bytesOf(row)[this.#keys.startOf(row) + at] : undefined;
  }

  /** The row of a new series, while there is room; that of the overflow if its key or its attributes are too long. */
  add(key: Buffer, start: number, end: number, attributes: EncodedAttributes, now: Milliseconds): number {
    const row = this.#keys.add(key, start, end);
    if (row === 0) return this.overflow(now);
    if (!this.#begin(row, attributes, now)) {
      this.#keys.delete(row);
      return this.overflow(now);
    }
    this.#size++;
    this.#budget.used++;
    return row;
  }

  /** The row of the series of all that find no room. */
  overflow(now: Milliseconds): number {
    if (this.#overflow === 0) {
      this.#overflow = this.#keys.add(noKey, 0, 0);
      this.#begin(this.#overflow, overflowAttributes, now);
    }
    return this.#overflow;
  }

  remove(row: number): void {
    if (!this.has(row)) return;
    if (this.isOverflow(row)) this.#overflow = 0;
    else {
      this.#size--;
      this.#budget.used--;
    }
    this.#attributes.remove(this.#places[row] ?? 0, this.#sizes[row] ?? 0, this.#places, this.#sizes);
    this.#keys.delete(row);
    this.reset(row, 0);
    this.#flags[row] = 0;
  }

  /** Removes a row of which all was sent, if there is one. */
  removeIdle(): boolean {
    while (this.#firstIdle < this.#flags.length) {
      const row = this.#firstIdle++;
      if (!this.has(row) || this.isOverflow(row) || this.isUnsent(row)) continue;
      this.remove(row);
      return true;
    }
    return false;
  }

  /** Gives its share of the budget back; it is not used any more. */
  close(): void {
    this.#budget.used -= this.#size;
    this.#size = 0;
  }

  /** Sets the values of a row to zero, from a time on. */
  reset(row: number, start: Milliseconds): void {
    this.counts[row] = 0;
    this.starts[row] = start;
    for (const histogram of this.histograms) histogram.clear(row);
  }

  /** Adds to the count of a row. */
  count(row: number, weight: number, now: Milliseconds): void {
    this.counts[row] = (this.counts[row] ?? 0) + weight;
    this.lastSeen[row] = now;
    this.#flags[row] = (this.#flags[row] ?? 0) | flag.changed;
  }

  /** The attributes of a row, until a row is added or removed. */
  attributesOf(row: number): EncodedAttributes {
    const place = this.#places[row] ?? 0;
    const start = this.#attributes.startOf(place);
    return { bytes: this.#attributes.bytesOf(place), start, end: start + (this.#sizes[row] ?? 0) };
  }

  /** Whether a row has values that no request has that was accepted. */
  isUnsent(row: number): boolean {
    return ((this.#flags[row] ?? 0) & (flag.changed | flag.sent)) !== 0;
  }

  /** Whether a row has values that no request has. */
  isChanged(row: number): boolean {
    return ((this.#flags[row] ?? 0) & flag.changed) !== 0;
  }

  /** Whether any row has values that no request has; with `isSentToo`, none that was accepted. */
  hasChanges(isSentToo: boolean): boolean {
    const wanted = isSentToo ? flag.changed | flag.sent : flag.changed;
    return this.#flags.some((flags) => (flags & wanted) !== 0);
  }

  /** Whether a request has told that a row began at zero. */
  hasBegun(row: number): boolean {
    return ((this.#flags[row] ?? 0) & flag.begun) !== 0;
  }

  /** Notes that a request has the values of a row; or only that it began at zero. */
  written(row: number, isOnlyZero: boolean): void {
    const flags = this.#flags[row] ?? 0;
    if (isOnlyZero) this.#flags[row] = flags | flag.begins;
    else if ((flags & flag.changed) !== 0) this.#flags[row] = (flags & ~flag.changed) | flag.sent;
  }

  /** Notes what became of the request. */
  settle(isAccepted: boolean): void {
    this.#firstIdle = 1;
    for (let row = 1; row < this.#flags.length; row++) {
      let flags = this.#flags[row] ?? 0;
      if ((flags & (flag.sent | flag.begins)) === 0) continue;
      if (isAccepted && (flags & flag.begins) !== 0) flags |= flag.begun;
      if (!isAccepted && (flags & flag.sent) !== 0) flags |= flag.changed;
      this.#flags[row] = flags & ~(flag.sent | flag.begins);
    }
  }

  #begin(row: number, { bytes, start, end }: EncodedAttributes, now: Milliseconds): boolean {
    if (this.#keys.capacity > this.#flags.length) this.#grow(this.#keys.capacity);
    const place = this.#attributes.add(row, bytes, start, end);
    if (place < 0) return false;
    this.#places[row] = place;
    this.#sizes[row] = end - start;
    this.starts[row] = now;
    this.lastSeen[row] = now;
    this.exemplars[row] = 0;
    this.exemplarCounts[row] = 0;
    return true;
  }

  #grow(capacity: number): void {
    this.counts = grown(this.counts, new Float64Array(capacity));
    this.starts = grown(this.starts, new Float64Array(capacity));
    this.lastSeen = grown(this.lastSeen, new Float64Array(capacity));
    this.exemplars = grown(this.exemplars, new Uint32Array(capacity));
    this.exemplarCounts = grown(this.exemplarCounts, new Uint32Array(capacity));
    this.#flags = grown(this.#flags, new Uint8Array(capacity));
    this.#places = grown(this.#places, new Uint32Array(capacity));
    this.#sizes = grown(this.#sizes, new Uint32Array(capacity));
    for (const histogram of this.histograms) histogram.grow(capacity);
  }
}
