import { isStale } from '../../../model/float-bits.ts';
import { customBoundsSchema, decodeHistogram } from '../../../model/native-histogram.ts';
import type { SampleBatch } from '../../../model/sample-batch.ts';
import type { SeriesRef } from '../../../model/series-table.ts';
import { readExemplar } from './exemplar.ts';
import {
  createdKey,
  kindOf,
  metricIn,
  pointIn,
  resourceIn,
  scopeIn,
  type MetricKind,
  type ResourceGroup,
} from './groups.ts';
import type { Point } from './point.ts';
import type { SeriesInfo, SeriesInfos } from './series-info.ts';

/** Labels of info series that say whose they are. */
const infoLabels: ReadonlySet<string> = new Set([
  '__name__',
  'job',
  'instance',
  'otel_scope_name',
  'otel_scope_version',
  'otel_scope_schema_url',
]);

/** The samples of one batch, put together to data points. */
export class Transaction {
  readonly resources = new Map<string, ResourceGroup>();
  /** Samples that are of no point: without a name, and buckets and quantiles without a bound. */
  unnamed = 0;
  unbounded = 0;
  /** Exemplars without a sample of their series. */
  lostExemplars = 0;
  readonly #infos: SeriesInfos;
  /** The latest point of each series. */
  readonly #points = new Map<SeriesRef, Point>();
  /** Series and times at which their counting began, as later samples say. */
  readonly #starts = new Set<string>();

  constructor(infos: SeriesInfos) {
    this.#infos = infos;
  }

  add(batch: SampleBatch): void {
    this.#noteStarts(batch.series, batch.startTimestamps);
    this.#noteStarts(batch.histograms?.series, batch.histograms?.startTimestamps);
    for (let index = 0; index < batch.count; index++) this.#addFloat(batch, index);
    this.#addHistograms(batch);
    this.#addExemplars(batch);
  }

  #noteStarts(series: Uint32Array | undefined, starts: Float64Array | undefined): void {
    for (const [index, start] of starts?.entries() ?? [])
      if (start !== 0) this.#starts.add(`${series?.[index] ?? 0} ${start}`);
  }

  /** Whether a zero is there only to say that counting began, which the sample behind it says as well. */
  #isOnlyStart(ref: SeriesRef, time: number): boolean {
    return this.#starts.size > 0 && this.#starts.has(`${ref} ${time}`);
  }

  #addFloat(batch: SampleBatch, index: number): void {
    const ref = batch.series[index] ?? 0;
    const time = batch.timestamps[index] ?? 0;
    const hasEnded = isStale(batch.valueBits, index);
    const value = hasEnded ? 0 : (batch.values[index] ?? 0);
    if (!hasEnded && value === 0 && this.#isOnlyStart(ref, time)) return;
    const info = this.#infos.of(ref);
    const name = info.labels.get('__name__') ?? '';
    const { part } = info.role;
    if (name === '') this.unnamed++;
    else if (name === 'target_info') this.#noteInfo(info, resourceIn(this.resources, info).info, hasEnded);
    else if (name === 'otel_scope_info') this.#noteInfo(info, this.#scopeOf(info).attributes, hasEnded);
    else if (part === 'created') this.#noteCreated(info, value);
    else if ((part === 'bucket' || part === 'quantile') && Number.isNaN(info.bound)) this.unbounded++;
    else {
      const point = this.#pointOf(ref, info, kindOf(info), time, batch.startTimestamps?.[index] ?? 0);
      if (hasEnded) point.isStale = true;
      if (part === 'value') point.value = value;
      else if (part === 'sum') point.sum = value;
      else if (part === 'count') point.count = value;
      else point.pairs.push([info.bound, value]);
    }
  }

  #scopeOf(info: SeriesInfo) {
    return scopeIn(resourceIn(this.resources, info), info);
  }

  #pointOf(ref: SeriesRef, info: SeriesInfo, kind: MetricKind, time: number, start: number): Point {
    const point = pointIn(metricIn(this.#scopeOf(info), kind, info), info, time);
    point.samples++;
    if (start !== 0) point.startTime = start;
    this.#points.set(ref, point);
    return point;
  }

  /** What has ended says nothing any more. */
  #noteInfo({ labels }: SeriesInfo, into: Map<string, string>, hasEnded: boolean): void {
    if (!hasEnded) for (const [label, value] of labels) if (!infoLabels.has(label)) into.set(label, value);
  }

  /** The value is seconds since 1970. */
  #noteCreated(info: SeriesInfo, value: number): void {
    const { role, attributesKey } = info;
    if (value > 0 && value < Infinity)
      this.#scopeOf(info).created.set(createdKey(role.metric, attributesKey), 1000 * value);
  }

  #addHistograms({ histograms }: SampleBatch): void {
    for (let index = 0; index < (histograms?.count ?? 0); index++) {
      if (histograms === undefined) return;
      const { series, timestamps, startTimestamps, bytes, starts, ends } = histograms;
      const ref = series[index] ?? 0;
      const time = timestamps[index] ?? 0;
      const native = decodeHistogram(bytes, starts[index] ?? 0, ends[index] ?? 0);
      if (native.count === 0 && !native.isStale && this.#isOnlyStart(ref, time)) continue;
      const info = this.#infos.ofHistogram(ref);
      if (info.role.metric === '') {
        this.unnamed++;
        continue;
      }
      const kind = native.schema === customBoundsSchema ? 'histogram' : 'exponential';
      const point = this.#pointOf(ref, info, kind, time, startTimestamps[index] ?? 0);
      point.native = native;
      point.isStale = native.isStale;
    }
  }

  #addExemplars({ exemplars }: SampleBatch): void {
    for (let index = 0; index < (exemplars?.count ?? 0); index++) {
      if (exemplars === undefined) return;
      const point = this.#points.get(exemplars.series[index] ?? 0);
      if (point === undefined) this.lostExemplars++;
      else point.exemplars.push(readExemplar(exemplars, index));
    }
  }
}
