import type { Milliseconds } from '../../../base/duration.ts';
import type { AttributeList } from '../../../formats/otlp/attribute-list.ts';
import type { SpanCursor } from '../../../formats/otlp/span-cursor.ts';
import type { MetersOf } from '../../../component/metrics.ts';
import type { OtlpBatch } from '../../../model/otlp-batch.ts';
import { ExemplarLog } from '../metric-series/exemplar-log.ts';
import { KeyBuilder } from '../metric-series/key-builder.ts';
import type { FlushSource } from '../metric-series/metric-flush.ts';
import type { SeriesBudget, SeriesRows } from '../metric-series/series-rows.ts';
import type { spanMetricsMeters } from './meters.ts';
import { ResourceStates, type ResourceForm, type ResourceState } from './resource-states.ts';
import { samplingWeight } from './sampling-weight.ts';
import type { SpanMetricsLimits, SpanMetricsShape } from './settings.ts';
import { SpanMetricsWriter } from './span-metrics-writer.ts';
import { SpanSeries } from './span-series.ts';

/** More series than that cost more memory than a collector has to give. */
const maxSeries = 524_288;
/** Attributes of a resource that take more are no identity of anything. */
const maxResourceSize = 64 * 1024;
/** Resources with values that were not sent yet are kept beyond their number, up to so many times as many. */
const resourceSlack = 2;

/** The metrics of spans: what came since when, by resource and by series. */
export class SpanAggregator implements FlushSource {
  readonly isDelta: boolean;
  readonly #shape: SpanMetricsShape;
  readonly #meters: MetersOf<typeof spanMetricsMeters>;
  readonly #random: () => number;
  readonly #budget: SeriesBudget = { limit: maxSeries, used: 0 };
  readonly #key = new KeyBuilder();
  readonly #cursor: SpanCursor;
  readonly #exemplars = new ExemplarLog();
  readonly #series: SpanSeries;
  readonly #resources: ResourceStates;
  readonly #writer: SpanMetricsWriter;
  #limits: SpanMetricsLimits;
  #lastWritten: Milliseconds = 0;

  constructor(
    shape: SpanMetricsShape,
    limits: SpanMetricsLimits,
    meters: MetersOf<typeof spanMetricsMeters>,
    random: () => number = Math.random,
  ) {
    this.#shape = shape;
    this.#limits = limits;
    this.#meters = meters;
    this.#random = random;
    this.isDelta = shape.isDelta;
    this.#series = new SpanSeries(shape, this.#key);
    this.#cursor = this.#series.cursor;
    this.#resources = new ResourceStates(shape, this.#budget, this.#key, limits.resources);
    this.#writer = new SpanMetricsWriter(shape, this.#exemplars);
  }

  /** Takes other limits, which are kept from the next request on. */
  limit(limits: SpanMetricsLimits): void {
    if (limits.resources !== this.#limits.resources) this.#resources.resize(limits.resources);
    this.#limits = limits;
  }

  /** Counts the spans of a batch. */
  add(batch: OtlpBatch, now: Milliseconds): void {
    const cursor = this.#cursor;
    cursor.open(batch);
    while (cursor.nextResource()) {
      const { start, end } = cursor.resourceRange;
      const form = end - start > maxResourceSize ? undefined : this.#resources.find(cursor, now);
      if (form === undefined) {
        this.#skip(end - start > maxResourceSize ? 'large_resource' : 'no_service_name');
        continue;
      }
      if (this.#resources.size > this.#limits.resources) this.#makeRoom();
      while (cursor.nextScope()) {
        this.#series.enterScope();
        while (cursor.nextSpan()) this.#addSpan(form, now);
      }
    }
    this.#meters.series.set(this.#budget.used);
    this.#meters.resources.set(this.#resources.size);
  }

  write(time: Milliseconds): OtlpBatch | undefined {
    this.#lastWritten = time;
    const batch = this.#writer.write(this.#resources.all(), time);
    this.#exemplars.clear();
    return batch;
  }

  settle(isAccepted: boolean): void {
    for (const { rows } of this.#resources.all()) for (const set of rows) set.settle(isAccepted);
    if (!isAccepted) return;
    // Rows may go now.
    this.#series.forgetRows();
    this.#expire();
    if (this.isDelta) this.#forgetSeries();
    for (const state of this.#resources.all()) {
      if (this.#resources.size <= this.#limits.resources) break;
      if (!hasUnsent(state)) this.#resources.remove(state);
    }
    this.#meters.series.set(this.#budget.used);
    this.#meters.resources.set(this.#resources.size);
  }

  get hasMore(): boolean {
    for (const { rows } of this.#resources.all()) if (rows.some((set) => set.hasChanges(false))) return true;
    return false;
  }

  #addSpan(form: ResourceForm, now: Milliseconds): void {
    const cursor = this.#cursor;
    const { stateStart, stateEnd } = cursor;
    const nanos = cursor.durationNanos;
    const duration = nanos > 0 ? nanos / this.#shape.unitNanos : 0;
    const weight = stateStart === stateEnd ? 1 : samplingWeight(cursor.bytes, stateStart, stateEnd, this.#random);
    const { sets } = this.#shape;
    for (let at = 0; at < sets.length; at++) {
      const rows = form.state.rows[at] as SeriesRows;
      if (sets[at]?.ofEvents === true) {
        while (cursor.nextEvent()) {
          this.#count(rows, this.#rowOf(form, at, rows, cursor.eventAttributes, now), duration, weight, now);
        }
      } else {
        let row = this.#series.knownRow(form, at);
        if (row === 0) {
          row = this.#rowOf(form, at, rows, undefined, now);
          if (!rows.isOverflow(row)) this.#series.remember(row);
        }
        this.#count(rows, row, duration, weight, now);
      }
    }
  }

  /** The row of a span, or of an event of it. */
  #rowOf(
    form: ResourceForm,
    set: number,
    rows: SeriesRows,
    event: AttributeList | undefined,
    now: Milliseconds,
  ): number {
    const key = this.#key;
    this.#series.writeKey(form, set, event);
    const row = key.isTooLong ? 0 : rows.find(key.bytes, 0, key.size);
    return row === 0 ? this.#newRow(rows, set, event, now) : row;
  }

  #count(rows: SeriesRows, row: number, duration: number, weight: number, now: Milliseconds): void {
    rows.count(row, weight, now);
    const { histograms } = rows;
    if (histograms.length > 0) histograms[0]?.observe(row, duration, weight);
    if ((rows.exemplarCounts[row] ?? 0) < this.#limits.exemplars) this.#addExemplar(rows, row, duration);
  }

  #addExemplar(rows: SeriesRows, row: number, duration: number): void {
    const { bytes, traceId, spanId } = this.#cursor;
    if (traceId < 0 || rows.isOverflow(row)) return;
    rows.exemplars[row] = this.#exemplars.add(rows.exemplars[row] ?? 0, bytes, traceId, spanId, duration);
    rows.exemplarCounts[row] = (rows.exemplarCounts[row] ?? 0) + 1;
  }

  #newRow(rows: SeriesRows, set: number, event: AttributeList | undefined, now: Milliseconds): number {
    const { bytes, size, isTooLong } = this.#key;
    const row =
      isTooLong || !(rows.hasRoom || this.#makeRoomIn(rows))
        ? rows.overflow(now)
        : rows.add(bytes, 0, size, this.#series.attributes(set, event), now);
    if (rows.isOverflow(row)) this.#meters.overflowed.inc();
    return row;
  }

  /** Of deltas only what came since the last request counts; of others just the time is remembered, which may go. */
  #makeRoomIn(rows: SeriesRows): boolean {
    if (!this.isDelta || !rows.removeIdle()) return false;
    this.#series.forgetRows();
    return true;
  }

  #skip(reason: string): void {
    const cursor = this.#cursor;
    let spans = 0;
    while (cursor.nextScope()) while (cursor.nextSpan()) spans++;
    this.#meters.skipped.with(reason).inc(spans);
  }

  /** Removes the resource that had no spans for the longest time, unless it has something that was not sent. */
  #makeRoom(): void {
    for (const state of this.#resources.all()) {
      const isUnsent = hasUnsent(state);
      if (isUnsent && this.#resources.size <= resourceSlack * this.#limits.resources) return;
      if (isUnsent) {
        const series = state.rows.reduce((sum, rows) => sum + rows.size, 0);
        this.#meters.lostPoints.with('too_many_resources').inc(series);
      }
      this.#resources.remove(state);
      return;
    }
  }

  /** Ends what had no spans for its time and was sent. */
  #expire(): void {
    const { resourceExpiration, seriesExpiration } = this.#limits;
    const now = this.#lastWritten;
    for (const state of this.#resources.all()) {
      if (resourceExpiration > 0 && now - state.lastSeen >= resourceExpiration && !hasUnsent(state)) {
        this.#resources.remove(state);
      } else if (seriesExpiration > 0) {
        for (const rows of state.rows) {
          for (let row = 1; row < rows.capacity; row++) {
            const isOver = now - (rows.lastSeen[row] ?? 0) >= seriesExpiration;
            if (isOver && rows.has(row) && !rows.isUnsent(row)) rows.remove(row);
          }
        }
      }
    }
  }

  /** Of deltas only the times are worth keeping: those of the series that had no spans lately go first. */
  #forgetSeries(): void {
    const { rememberedSeries } = this.#limits;
    for (const isIdleOnly of [true, false]) {
      for (const { rows: sets, lastSeen } of this.#resources.all()) {
        for (const rows of sets) {
          for (let row = 1; row < rows.capacity && this.#budget.used > rememberedSeries; row++) {
            if (!isIdleOnly || (rows.lastSeen[row] ?? 0) < lastSeen) rows.remove(row);
          }
        }
      }
    }
    for (const state of this.#resources.all())
      if (state.rows.every(({ size }) => size === 0)) this.#resources.remove(state);
  }
}

function hasUnsent(state: ResourceState): boolean {
  return state.rows.some((rows) => rows.hasChanges(true));
}
