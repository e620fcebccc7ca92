import { ByteBuilder } from '../base/byte-builder.ts';
import { grown } from '../base/grown-column.ts';
import { bitsOf, setNormalNaN, setStale } from './float-bits.ts';
import type { MetricFamily } from './metric-family.ts';
import type { ExemplarColumns, HistogramColumns, SampleBatch } from './sample-batch.ts';
import type { SampleTarget } from './sample-target.ts';
import type { SeriesRef, SeriesTable } from './series-table.ts';

/**
 * Collects samples and makes batches of them. It is reused: `finish` hands out a batch with columns of its own and
 * starts the next. Needs no share in the series, but a lease on the table for as long as the batch is on its way.
 */
export class SampleBatchBuilder {
  readonly #table: SeriesTable;
  #count = 0;
  #capacity = 0;
  #series = new Uint32Array(0);
  #values = new Float64Array(0);
  #valueBits = bitsOf(this.#values);
  #timestamps = new Float64Array(0);
  #startTimestamps = new Float64Array(0);
  #familyOf = new Uint32Array(0);
  #hasStarts = false;
  #hasFamilies = false;
  #families: readonly MetricFamily[] = [];
  #target: SampleTarget | undefined;
  #histograms: SideList | undefined;
  #exemplars: SideList | undefined;

  constructor(table: SeriesTable) {
    this.#table = table;
  }

  /** Float samples so far. */
  get count(): number {
    return this.#count;
  }

  get histogramCount(): number {
    return this.#histograms?.count ?? 0;
  }

  get exemplarCount(): number {
    return this.#exemplars?.count ?? 0;
  }

  /** Adds a float sample. Any NaN becomes the ordinary one. */
  add(series: SeriesRef, value: number, timestamp: number): void {
    const at = this.#append(series, timestamp);
    this.#values[at] = value;
    if (Number.isNaN(value)) setNormalNaN(this.#valueBits, at);
  }

  /** Adds the sample that says that a series has ended. */
  addStale(series: SeriesRef, timestamp: number): void {
    const at = this.#append(series, timestamp);
    setStale(this.#valueBits, at);
  }

  /** Adds a float sample whose value has exactly the bits of one in a column. */
  addBits(series: SeriesRef, bits: Uint32Array, index: number, timestamp: number): void {
    const at = this.#append(series, timestamp);
    this.#valueBits[2 * at] = bits[2 * index] ?? 0;
    this.#valueBits[2 * at + 1] = bits[2 * index + 1] ?? 0;
  }

  /** Says when the counter of the float sample that was added last began. */
  setStart(startTimestamp: number): void {
    this.#startTimestamps[this.#count - 1] = startTimestamp;
    this.#hasStarts ||= startTimestamp !== 0;
  }

  /** Says the family of the float sample that was added last, as one more than its index. */
  setFamily(family: number): void {
    this.#familyOf[this.#count - 1] = family;
    this.#hasFamilies = true;
  }

  /** The families that `setFamily` speaks of. The list becomes part of the batch and must not change any more. */
  setFamilies(families: readonly MetricFamily[]): void {
    this.#families = families;
  }

  /** Says where the samples were scraped. */
  setTarget(target: SampleTarget): void {
    this.#target = target;
  }

  /** Adds a histogram in the form of `native-histogram.ts`. */
  addHistogram(
    series: SeriesRef,
    timestamp: number,
    startTimestamp: number,
    family: number,
    bytes: Buffer,
    start: number,
    end: number,
  ): void {
    this.#histograms ??= new SideList();
    const at = this.#histograms.append(series, timestamp, bytes, start, end);
    this.#histograms.startTimestamps[at] = startTimestamp;
    this.#histograms.familyOf[at] = family;
  }

  /** Adds an exemplar of a series, with labels in the form of `encoded-labels.ts`. Any NaN becomes the ordinary one. */
  addExemplar(series: SeriesRef, value: number, timestamp: number, bytes: Buffer, start: number, end: number): void {
    this.#exemplars ??= new SideList();
    const at = this.#exemplars.append(series, timestamp, bytes, start, end);
    this.#exemplars.values[at] = value;
    if (Number.isNaN(value)) setNormalNaN(bitsOf(this.#exemplars.values), at);
  }

  /** What was added as a batch; undefined if that is nothing. The builder is empty then. */
  finish(): SampleBatch | undefined {
    const count = this.#count;
    const values = this.#values.slice(0, count);
    const histograms = this.#histograms?.histograms();
    const exemplars = this.#exemplars?.exemplars();
    const families = this.#families;
    const batch = {
      table: this.#table,
      count,
      series: this.#series.slice(0, count),
      values,
      valueBits: bitsOf(values),
      timestamps: this.#timestamps.slice(0, count),
      startTimestamps: this.#hasStarts ? this.#startTimestamps.slice(0, count) : undefined,
      familyOf: this.#hasFamilies ? this.#familyOf.slice(0, count) : undefined,
      histograms,
      exemplars,
      families,
      ...(this.#target === undefined ? {} : { target: this.#target }),
    };
    this.clear();
    if (count === 0 && histograms === undefined && exemplars === undefined && families.length === 0) return undefined;
    return batch;
  }

  /** Forgets what was added. */
  clear(): void {
    this.#count = 0;
    this.#hasStarts = false;
    this.#hasFamilies = false;
    this.#families = [];
    this.#target = undefined;
    this.#histograms = undefined;
    this.#exemplars = undefined;
  }

  #append(series: SeriesRef, timestamp: number): number {
    const at = this.#count++;
    if (at >= this.#capacity) this.#grow();
    this.#series[at] = series;
    this.#timestamps[at] = timestamp;
    this.#startTimestamps[at] = 0;
    this.#familyOf[at] = 0;
    return at;
  }

  #grow(): void {
    this.#capacity = Math.max(64, this.#capacity * 2);
    const size = this.#capacity;
    this.#series = grown(this.#series, new Uint32Array(size));
    this.#values = grown(this.#values, new Float64Array(size));
    this.#valueBits = bitsOf(this.#values);
    this.#timestamps = grown(this.#timestamps, new Float64Array(size));
    this.#startTimestamps = grown(this.#startTimestamps, new Float64Array(size));
    this.#familyOf = grown(this.#familyOf, new Uint32Array(size));
  }
}

/** What histograms and exemplars have, most of it in common. */
class SideList {
  count = 0;
  series = new Uint32Array(16);
  timestamps = new Float64Array(16);
  startTimestamps = new Float64Array(16);
  values = new Float64Array(16);
  familyOf = new Uint32Array(16);
  #starts = new Uint32Array(16);
  #ends = new Uint32Array(16);
  readonly #bytes = new ByteBuilder();

  append(series: SeriesRef, timestamp: number, bytes: Buffer, start: number, end: number): number {
    const at = this.count++;
    if (at === this.series.length) this.#grow();
    this.series[at] = series;
    this.timestamps[at] = timestamp;
    this.#starts[at] = this.#bytes.append(bytes, start, end);
    this.#ends[at] = this.#bytes.size;
    return at;
  }

  histograms(): HistogramColumns {
    return {
      ...this.#common(),
      startTimestamps: this.startTimestamps.slice(0, this.count),
      familyOf: this.familyOf.slice(0, this.count),
    };
  }

  exemplars(): ExemplarColumns {
    const values = this.values.slice(0, this.count);
    return { ...this.#common(), values, valueBits: bitsOf(values) };
  }

  #common() {
    const { count } = this;
    return {
      count,
      series: this.series.slice(0, count),
      timestamps: this.timestamps.slice(0, count),
      bytes: this.#bytes.copy(),
      starts: this.#starts.slice(0, count),
      ends: this.#ends.slice(0, count),
    };
  }

  #grow(): void {
    const size = 2 * this.series.length;
    this.series = grown(this.series, new Uint32Array(size));
    this.timestamps = grown(this.timestamps, new Float64Array(size));
    this.startTimestamps = grown(this.startTimestamps, new Float64Array(size));
    this.values = grown(this.values, new Float64Array(size));
    this.familyOf = grown(this.familyOf, new Uint32Array(size));
    this.#starts = grown(this.#starts, new Uint32Array(size));
    this.#ends = grown(this.#ends, new Uint32Array(size));
  }
}
