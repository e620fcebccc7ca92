import { ByteBuilder } from '../../../base/byte-builder.ts';
import { metricData } from '../../../formats/otlp/data-point.ts';
import { MetricCursor } from '../../../formats/otlp/metric-cursor.ts';
import { temporality } from '../../../formats/otlp/metric-writer.ts';
import { metricType, type MetricFamily } from '../../../model/metric-family.ts';
import { appendHistogram, type NativeHistogram } from '../../../model/native-histogram.ts';
import type { OtlpBatch } from '../../../model/otlp-batch.ts';
import { SampleBatchBuilder } from '../../../model/sample-batch-builder.ts';
import type { SampleBatch } from '../../../model/sample-batch.ts';
import type { SeriesRef, SeriesTable } from '../../../model/series-table.ts';
import type { BoundList } from './bound-lists.ts';
import { Drops, type DropReason } from './drops.ts';
import { ExemplarWriter } from './exemplar-writer.ts';
import type { ConverterOptions } from './fields.ts';
import { fromClassic, fromExponential, staleHistogram, zeroHistogram } from './native-histograms.ts';
import { SeriesCache, type KnownMetric, type KnownResource } from './series-cache.ts';
import type { SeriesPart } from './series-maker.ts';
import { SeriesTimes } from './series-times.ts';

const targetInfo: MetricFamily = { name: 'target_info', type: metricType.gauge, help: 'Target metadata', unit: '' };
const scopeInfo: MetricFamily = { name: 'otel_scope_info', type: metricType.gauge, help: '', unit: '' };

/** What a batch becomes. */
export interface Converted {
  /** Undefined if there is no sample. */
  readonly samples: SampleBatch | undefined;
  readonly drops: Drops;
}

/** Makes samples of data points. Whoever makes one closes it, and has a lease on the table while a batch is on its way. */
export class Converter {
  readonly #options: ConverterOptions;
  readonly #cache: SeriesCache;
  readonly #times: SeriesTimes;
  readonly #builder: SampleBatchBuilder;
  readonly #exemplars: ExemplarWriter;
  readonly #cursor = new MetricCursor();
  readonly #histogram = new ByteBuilder();
  #counts = new Float64Array(32);
  #families: MetricFamily[] = [];
  #drops = new Drops();
  /** The moment of the batch, in milliseconds since 1970. */
  #now = 0;
  /** What is said of the current point: its times, and the place of its family, 0 for none. */
  #time = 0;
  #zeroTime = 0;
  #family = 0;

  constructor(table: SeriesTable, options: ConverterOptions) {
    this.#options = options;
    this.#cache = new SeriesCache(table, options);
    this.#times = new SeriesTimes(table);
    this.#builder = new SampleBatchBuilder(table);
    this.#exemplars = new ExemplarWriter(this.#builder, this.#times);
  }

  /** What is remembered, and how often it was forgotten since there was too much of it. */
  get cacheSize(): number {
    return this.#cache.size;
  }

  get cacheResets(): number {
    return this.#cache.resets;
  }

  /** Converts a batch at a time in milliseconds since 1970, and at a second of a clock that never goes back. */
  convert(batch: OtlpBatch, now: number, second: number): Converted {
    const cursor = this.#cursor;
    const cache = this.#cache;
    const { include_scope_info: hasScopeInfo } = this.#options;
    this.#now = now;
    this.#drops = new Drops();
    this.#families = [];
    cache.begin(batch.count, second);
    cursor.open(batch);
    while (cursor.nextResource()) {
      const resource = cache.resource(cursor);
      if (resource !== undefined) this.#addInfo(resource.info, targetInfo);
      while (cursor.nextScope()) {
        if (hasScopeInfo && resource !== undefined) this.#addInfo(cache.scopeInfo(cursor, resource), scopeInfo);
        while (cursor.nextMetric()) this.#convertMetric(resource);
      }
    }
    this.#builder.setFamilies(this.#families);
    return { samples: this.#builder.finish(), drops: this.#drops };
  }

  /** Takes back what a batch said of the times of its series, as it was refused and may come again. */
  takeBack(samples: SampleBatch): void {
    this.#times.forget(samples);
  }

  /** Forgets what did not come since a second. */
  forgetBefore(second: number): void {
    this.#cache.forgetBefore(second);
  }

  close(): void {
    this.#cache.clear();
    this.#times.close();
  }

  /** Adds the series that tells of a resource or scope, once at a time. */
  #addInfo(series: SeriesRef, family: MetricFamily): void {
    if (series === 0 || this.#times.sampleOf(series) >= this.#now) return;
    this.#times.setSample(series, this.#now);
    this.#builder.add(series, 1, this.#now);
    if (this.#options.honor_metadata) this.#builder.setFamily(this.#families.push(family));
  }

  #convertMetric(resource: KnownResource | undefined): void {
    const cursor = this.#cursor;
    const refused = this.#problemOfMetric();
    if (refused !== undefined) return this.#drop(refused, cursor.skipPoints());
    const metric = this.#cache.metric(cursor);
    if (resource === undefined || metric === undefined) return this.#drop('series_limit', cursor.skipPoints());
    if (metric.family.name === '') return this.#drop('no_name', cursor.skipPoints());
    this.#family = this.#options.honor_metadata ? this.#families.push(metric.family) : 0;
    while (cursor.nextPoint()) {
      const dropped = this.#convertPoint(resource, metric);
      if (dropped !== undefined) this.#drop(dropped, 1);
    }
  }

  #problemOfMetric(): DropReason | undefined {
    const { type, temporality: over } = this.#cursor;
    if (type === metricData.gauge || type === metricData.summary || over === temporality.cumulative) return undefined;
    return over === temporality.delta ? 'delta' : 'no_temporality';
  }

  #convertPoint(resource: KnownResource, metric: KnownMetric): DropReason | undefined {
    const { type, isMonotonic, point } = this.#cursor;
    this.#time = point.timeMillis;
    if (this.#time === 0) return 'no_time';
    if (type === metricData.gauge) return this.#addNumber(resource, metric, false);
    if (type === metricData.sum) return this.#addNumber(resource, metric, isMonotonic);
    if (type === metricData.exponentialHistogram) return this.#addExponential(resource, metric);
    if (type === metricData.summary) return this.#addSummary(resource, metric);
    return this.#options.convert_classic_histograms_to_nhcb
      ? this.#addCustomHistogram(resource, metric)
      : this.#addHistogram(resource, metric);
  }

  #addNumber(resource: KnownResource, metric: KnownMetric, isCounter: boolean): DropReason | undefined {
    const { point } = this.#cursor;
    const series = this.#cache.seriesOf(resource, metric, point.attributes);
    const refused = this.#takeTime(series, isCounter);
    if (refused !== undefined) return refused;
    this.#addSample(series, point.value);
    this.#addExemplars(series);
    return undefined;
  }

  #addHistogram(resource: KnownResource, metric: KnownMetric): DropReason | undefined {
    const { point } = this.#cursor;
    const list = this.#cache.listOf(metric, point.bounds);
    if (list === undefined) return 'series_limit';
    const parts = this.#cache.partsOf(resource, metric, list, point.attributes, bucketParts);
    const refused = this.#takeTime(parts[1] ?? 0, true);
    if (refused !== undefined) return refused;
    if (point.hasSum || point.hasNoValue) this.#addSample(parts[0] ?? 0, point.sum);
    this.#addSample(parts[1] ?? 0, point.count);
    // How many buckets there are is not said then.
    if (point.hasNoValue) return undefined;
    const counts = this.#countsOf(list);
    let below = 0;
    for (let place = 0; place < list.sorted.length; place++) {
      below += counts[place] ?? 0;
      this.#addSample(parts[2 + place] ?? 0, below);
    }
    this.#addSample(parts[2 + list.sorted.length] ?? 0, point.count);
    this.#drops.exemplars += this.#exemplars.addToBuckets(point.exemplars, parts.subarray(2), list.sorted, this.#now);
    return undefined;
  }

  /** The counts of the current histogram in the order of its bounds. */
  #countsOf({ places, sorted }: BoundList): Float64Array {
    const { bucketCounts, bounds } = this.#cursor.point;
    if (this.#counts.length <= sorted.length) this.#counts = new Float64Array(2 * sorted.length + 1);
    const counts = this.#counts.fill(0, 0, sorted.length + 1);
    const known = Math.min(bounds.count, bucketCounts.count);
    for (let index = 0; index < known; index++) {
      const place = places[index] ?? 0;
      counts[place] = (counts[place] ?? 0) + (bucketCounts.values[index] ?? 0);
    }
    return counts;
  }

  #addSummary(resource: KnownResource, metric: KnownMetric): DropReason | undefined {
    const { point } = this.#cursor;
    const list = this.#cache.listOf(metric, point.quantiles);
    if (list === undefined) return 'series_limit';
    const parts = this.#cache.partsOf(resource, metric, list, point.attributes, quantileParts);
    const refused = this.#takeTime(parts[1] ?? 0, true);
    if (refused !== undefined) return refused;
    this.#addSample(parts[0] ?? 0, point.sum);
    this.#addSample(parts[1] ?? 0, point.count);
    // What quantiles were at the beginning is not zero.
    this.#zeroTime = 0;
    for (const [index, place] of list.places.entries()) {
      const isLast = list.places.lastIndexOf(place) === index;
      if (isLast && place < list.sorted.length)
        this.#addSample(parts[2 + place] ?? 0, point.quantileValues.values[index] ?? 0);
    }
    return undefined;
  }

  #addExponential(resource: KnownResource, metric: KnownMetric): DropReason | undefined {
    const { point } = this.#cursor;
    return this.#addNative(resource, metric, point.hasNoValue ? undefined : fromExponential(point));
  }

  #addCustomHistogram(resource: KnownResource, metric: KnownMetric): DropReason | undefined {
    const { point } = this.#cursor;
    const list = this.#cache.listOf(metric, point.bounds);
    if (list === undefined) return 'series_limit';
    return this.#addNative(resource, metric, point.hasNoValue ? undefined : fromClassic(point, list));
  }

  /** Adds a native histogram, or without one the mark that its series has ended. */
  #addNative(
    resource: KnownResource,
    metric: KnownMetric,
    histogram: NativeHistogram | DropReason | undefined,
  ): DropReason | undefined {
    if (typeof histogram === 'string') return histogram;
    const series = this.#cache.seriesOf(resource, metric, this.#cursor.point.attributes);
    const refused = this.#takeTime(series, true);
    if (refused !== undefined) return refused;
    if (this.#zeroTime !== 0) this.#addHistogramBytes(series, this.#zeroTime, zeroHistogram, zeroHistogram.length);
    if (histogram === undefined) {
      this.#addHistogramBytes(series, this.#time, staleHistogram, staleHistogram.length);
      return undefined;
    }
    const bytes = this.#histogram;
    bytes.clear();
    appendHistogram(bytes, histogram);
    this.#addHistogramBytes(series, this.#time, bytes.reserve(0), bytes.size);
    this.#addExemplars(series);
    return undefined;
  }

  #addHistogramBytes(series: SeriesRef, time: number, bytes: Buffer, size: number): void {
    this.#builder.addHistogram(series, time, 0, this.#family, bytes, 0, size);
  }

  /** Takes the times of a point whose samples are those of the series and others; or says why they do not fit. */
  #takeTime(series: SeriesRef, hasBeginning: boolean): DropReason | undefined {
    if (series === 0) return 'series_limit';
    const times = this.#times;
    const last = times.sampleOf(series);
    if (this.#time < last) return 'out_of_order';
    this.#zeroTime = 0;
    if (hasBeginning && this.#options.start_timestamp_zero_ingestion && !this.#cursor.point.hasNoValue) {
      const start = this.#cursor.point.startMillis;
      if (start > last && start < this.#time && start !== times.startOf(series)) this.#zeroTime = start;
      if (start !== 0) times.setStart(series, start);
    }
    times.setSample(series, this.#time);
    return undefined;
  }

  /** Adds a sample of the current point. */
  #addSample(series: SeriesRef, value: number): void {
    const builder = this.#builder;
    const family = this.#family;
    if (this.#zeroTime !== 0) {
      builder.add(series, 0, this.#zeroTime);
      if (family !== 0) builder.setFamily(family);
    }
    if (this.#cursor.point.hasNoValue) builder.addStale(series, this.#time);
    else builder.add(series, value, this.#time);
    if (family !== 0) builder.setFamily(family);
  }

  #addExemplars(series: SeriesRef): void {
    this.#drops.exemplars += this.#exemplars.add(this.#cursor.point.exemplars, series, this.#now);
  }

  #drop(reason: DropReason, points: number): void {
    const { bytes, name } = this.#cursor;
    this.#drops.add(reason, () => bytes.toString('utf8', name.start, name.end), points);
  }
}

function bucketParts({ texts }: BoundList): SeriesPart[] {
  return [...texts, '+Inf'].map((text) => ({ suffix: '_bucket', label: ['le', text] }));
}

function quantileParts({ texts }: BoundList): SeriesPart[] {
  return texts.map((text) => ({ suffix: '', label: ['quantile', text] }));
}
