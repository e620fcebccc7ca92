import { ByteBuilder } from '../../base/byte-builder.ts';
import { grown } from '../../base/grown-column.ts';
import { storableHistogram } from '../../model/coarser-histogram.ts';
import { bitsOf, readFloatBits } from '../../model/float-bits.ts';
import { LabelSetBuilder } from '../../model/label-set-builder.ts';
import type { MetricFamily } from '../../model/metric-family.ts';
import { appendHistogram } from '../../model/native-histogram.ts';
import { SampleBatchBuilder } from '../../model/sample-batch-builder.ts';
import type { SeriesRef, SeriesTable } from '../../model/series-table.ts';
import { FieldReader, wireType } from '../protobuf/field-reader.ts';
import { problemOf, type TimedHistogram } from './decode-histogram.ts';
import type { DecodedWrite, WriteLimits } from './decoded-write.ts';

const nameLabel = Buffer.from('__name__');

/** Builds what both versions of requests are decoded to. */
export class WriteCollector {
  readonly labels = new LabelSetBuilder();
  readonly exemplarLabels = new LabelSetBuilder();
  readonly families: MetricFamily[] = [];
  readonly #table: SeriesTable;
  readonly #limits: WriteLimits;
  readonly #batch: SampleBatchBuilder;
  readonly #histogram = new ByteBuilder();
  readonly #sample = new FieldReader();
  /** The value of the current sample, and its times. */
  readonly #bits = bitsOf(new Float64Array(1));
  #timestamp = 0;
  #startTimestamp = 0;
  #shares = new Uint32Array(64);
  #shareCount = 0;
  #seriesCount = 0;
  #invalidSeries = 0;
  #lostSeries = 0;
  #problem: string | undefined;

  constructor(table: SeriesTable, limits: WriteLimits) {
    this.#table = table;
    this.#limits = limits;
    this.#batch = new SampleBatchBuilder(table);
  }

  /** Whether there is more of anything than a request may have. */
  get isTooLarge(): boolean {
    const { maxItems } = this.#limits;
    const { count, histogramCount, exemplarCount } = this.#batch;
    return Math.max(this.#seriesCount, count, histogramCount, exemplarCount, this.families.length) > maxItems;
  }

  /** The series whose labels are written just as the table has them, with the name first; 0 if there is none. */
  openKnownSeries(bytes: Buffer, start: number, end: number): SeriesRef {
    const nameStart = start + 4;
    const nameEnd = nameStart + nameLabel.length;
    if (nameEnd > end || bytes[start + 3] !== nameLabel.length || nameLabel.compare(bytes, nameStart, nameEnd) !== 0)
      return 0;
    const series = this.#table.find(bytes, start, end);
    if (series === 0) return 0;
    this.#seriesCount++;
    this.#table.retain(series);
    this.#share(series);
    return series;
  }

  /** The series with the labels that were collected; 0 if they are not valid or there is no room for it. */
  openSeries(problem: string | undefined): SeriesRef {
    this.#seriesCount++;
    const { labels } = this;
    const wrong = problem ?? this.#labelProblem();
    if (wrong !== undefined) {
      this.#invalidSeries++;
      this.#problem ??= wrong;
      return 0;
    }
    const bytes = labels.encode();
    const series = this.#table.intern(bytes, 0, labels.encodedSize);
    if (series === 0) {
      this.#lostSeries++;
      return 0;
    }
    this.#share(series);
    return series;
  }

  #share(series: SeriesRef): void {
    if (this.#shareCount === this.#shares.length)
      this.#shares = grown(this.#shares, new Uint32Array(2 * this.#shareCount));
    this.#shares[this.#shareCount++] = series;
  }

  #labelProblem(): string | undefined {
    const { labels } = this;
    const twice = labels.sortNames();
    if (twice >= 0) return `label ${JSON.stringify(labels.nameOf(twice))} occurs twice`;
    const name = labels.find(nameLabel);
    if (name < 0 || labels.valueSizeOf(name) === 0) return 'series has no metric name';
    for (let index = 0; index < labels.count; index++) if (labels.nameSizeOf(index) === 0) return 'label has no name';
    return undefined;
  }

  /** Adds a sample, whose fields are the same in both versions; false if it is broken. */
  addSample(series: SeriesRef, family: number, bytes: Buffer, start: number, end: number): boolean {
    const fields = this.#sample;
    fields.open(bytes, start, end);
    this.#clearSample();
    while (fields.next()) {
      if (fields.is(1, wireType.fixed64)) readFloatBits(bytes, fields.start, this.#bits, 0);
      else if (fields.is(2, wireType.varint)) this.#timestamp = fields.value;
      else if (fields.is(3, wireType.varint)) this.#startTimestamp = fields.value;
    }
    if (fields.isBroken) return false;
    if (series === 0) return true;
    this.#batch.addBits(series, this.#bits, 0, this.#timestamp);
    if (this.#startTimestamp !== 0) this.#batch.setStart(this.#startTimestamp);
    if (family !== 0) this.#batch.setFamily(family);
    return true;
  }

  addHistogram(series: SeriesRef, family: number, { histogram, timestamp, startTimestamp }: TimedHistogram): void {
    if (series === 0) return;
    const problem = problemOf(histogram);
    if (problem !== undefined) {
      this.#invalidSeries++;
      this.#problem ??= problem;
      return;
    }
    this.#histogram.clear();
    appendHistogram(this.#histogram, storableHistogram(histogram));
    const { size } = this.#histogram;
    this.#batch.addHistogram(series, timestamp, startTimestamp, family, this.#histogram.reserve(0), 0, size);
  }

  /** Adds an exemplar with the labels that were collected for it. One that is not valid is left out. */
  addExemplar(series: SeriesRef, value: number, timestamp: number): void {
    const { exemplarLabels: labels } = this;
    if (series === 0 || labels.sortNames() >= 0) return;
    const bytes = labels.encode();
    this.#batch.addExemplar(series, value, timestamp, bytes, 0, labels.encodedSize);
  }

  finish(): DecodedWrite {
    this.#batch.setFamilies(this.families);
    return {
      batch: this.#batch.finish(),
      shares: this.#shares.slice(0, this.#shareCount),
      invalidSeries: this.#invalidSeries,
      problem: this.#problem,
      lostSeries: this.#lostSeries,
    };
  }

  /** Gives back the shares in series of a request that is not used. */
  abandon(): void {
    for (let index = 0; index < this.#shareCount; index++) this.#table.release(this.#shares[index] ?? 0);
    this.#shareCount = 0;
  }

  #clearSample(): void {
    this.#bits.fill(0);
    this.#timestamp = 0;
    this.#startTimestamp = 0;
  }
}
