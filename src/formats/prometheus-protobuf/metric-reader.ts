import { storableHistogram } from '../../model/coarser-histogram.ts';
import {
  emptyHistogram,
  isExponential,
  isValidHistogram,
  resetHint,
  type NativeHistogram,
} from '../../model/native-histogram.ts';
import { metricType, type MetricType } from '../../model/metric-family.ts';
import { FieldReader, wireType } from '../protobuf/field-reader.ts';
import { unzigzag } from '../protobuf/zigzag.ts';
import { valueFields } from './family-types.ts';
import { MetricPoints, pointKind } from './metric-points.ts';

export interface HistogramOptions {
  /** Whether native histograms are read as such, rather than as the classic ones that the same message may have. */
  readonly hasNativeHistograms: boolean;
  /** Whether the classic histogram of the same message is read besides the native one. */
  readonly keepsClassicHistograms: boolean;
}

const noBytes = Buffer.alloc(0);
/** The fields of a metric for labels and for its time. */
const labelField = 1;
const timestampField = 6;

/** Reads one `Metric` message: where its labels are, and the series it stands for. */
export class MetricReader {
  /** The labels as fields of the message, with their tags: columns of ranges. */
  readonly labelStarts: number[] = [];
  readonly labelEnds: number[] = [];
  /** In milliseconds since 1970; 0 for none. */
  timestamp = 0;
  startTimestamp = 0;
  readonly points = new MetricPoints();
  /** The first of the points; those before are not meant. */
  first = 0;
  /** The value of a point that is a native histogram. */
  histogram: NativeHistogram = emptyHistogram;
  /** Where the exemplars of the native histogram are. */
  readonly exemplarStarts: number[] = [];
  readonly exemplarEnds: number[] = [];
  readonly #options: HistogramOptions;
  readonly #fields = new FieldReader();
  readonly #value = new FieldReader();
  readonly #inner = new FieldReader();
  readonly #packed = new FieldReader();
  #bytes: Buffer = noBytes;

  constructor(options: HistogramOptions) {
    this.#options = options;
  }

  /** Reads a metric of a family of that type; false if it is not valid. */
  read(bytes: Buffer, start: number, end: number, type: MetricType): boolean {
    this.#bytes = bytes;
    this.labelStarts.length = 0;
    this.labelEnds.length = 0;
    this.timestamp = 0;
    this.startTimestamp = 0;
    this.points.clear();
    this.first = 0;
    const fields = this.#fields;
    const valueField = valueFields[type];
    let valueStart = -1;
    let valueEnd = -1;
    fields.open(bytes, start, end);
    while (fields.next()) {
      if (fields.is(labelField, wireType.bytes)) {
        this.labelStarts.push(fields.tagStart);
        this.labelEnds.push(fields.end);
      } else if (fields.is(timestampField, wireType.varint)) this.timestamp = fields.value;
      else if (fields.is(valueField, wireType.bytes)) {
        valueStart = fields.start;
        valueEnd = fields.end;
      }
    }
    if (fields.isBroken) return false;
    if (valueStart < 0) return true;
    if (type === metricType.summary) return this.#readSummary(valueStart, valueEnd);
    const isGauge = type === metricType.gaugehistogram;
    if (isGauge || type === metricType.histogram) return this.#readHistogram(valueStart, valueEnd, isGauge);
    return this.#readNumber(valueStart, valueEnd, type === metricType.counter);
  }

  /** Lets go of the document. */
  close(): void {
    this.#bytes = noBytes;
    for (const reader of [this.#fields, this.#value, this.#inner, this.#packed]) reader.open(noBytes, 0, 0);
    this.points.clear();
  }

  #readNumber(start: number, end: number, isCounter: boolean): boolean {
    const value = this.#value;
    let number = 0;
    let exemplarStart = 0;
    let exemplarEnd = 0;
    value.open(this.#bytes, start, end);
    while (value.next()) {
      if (value.is(1, wireType.fixed64)) number = this.#double(value);
      else if (isCounter && value.is(2, wireType.bytes)) {
        exemplarStart = value.start;
        exemplarEnd = value.end;
      } else if (isCounter && value.is(3, wireType.bytes)) this.startTimestamp = this.timeOf(value.start, value.end);
    }
    this.points.add(pointKind.plain, 0, number, exemplarStart, exemplarEnd);
    return !value.isBroken;
  }

  #readSummary(start: number, end: number): boolean {
    const value = this.#value;
    const { points } = this;
    let count = 0;
    let sum = 0;
    points.add(pointKind.count, 0, 0);
    points.add(pointKind.sum, 0, 0);
    value.open(this.#bytes, start, end);
    while (value.next()) {
      if (value.is(1, wireType.varint)) count = value.value;
      else if (value.is(2, wireType.fixed64)) sum = this.#double(value);
      else if (value.is(3, wireType.bytes)) {
        const inner = this.#inner;
        let quantile = 0;
        let at = 0;
        inner.open(this.#bytes, value.start, value.end);
        while (inner.next()) {
          if (inner.is(1, wireType.fixed64)) quantile = this.#double(inner);
          else if (inner.is(2, wireType.fixed64)) at = this.#double(inner);
        }
        if (inner.isBroken) return false;
        points.add(pointKind.quantile, quantile, at);
      } else if (value.is(4, wireType.bytes)) this.startTimestamp = this.timeOf(value.start, value.end);
    }
    points.values[0] = count;
    points.values[1] = sum;
    return !value.isBroken;
  }

  #readHistogram(start: number, end: number, isGauge: boolean): boolean {
    const value = this.#value;
    const { points } = this;
    const native = {
      ...emptyHistogram,
      resetHint: isGauge ? resetHint.gauge : resetHint.unknown,
      negativeSpans: [] as { offset: number; length: number }[],
      positiveSpans: [] as { offset: number; length: number }[],
    };
    const negativeDeltas: number[] = [];
    const positiveDeltas: number[] = [];
    const negativeCounts: number[] = [];
    const positiveCounts: number[] = [];
    let count = 0;
    let countFloat = 0;
    let zeroCountFloat = 0;
    this.exemplarStarts.length = 0;
    this.exemplarEnds.length = 0;
    this.first = 1;
    points.add(pointKind.histogram, 0, 0);
    points.add(pointKind.count, 0, 0);
    points.add(pointKind.sum, 0, 0);
    value.open(this.#bytes, start, end);
    while (value.next()) {
      const isFloat = value.type === wireType.fixed64;
      const isMessage = value.type === wireType.bytes;
      if (value.is(1, wireType.varint)) count = value.value;
      else if (value.number === 4 && isFloat) countFloat = this.#double(value);
      else if (value.number === 2 && isFloat) native.sum = this.#double(value);
      else if (value.number === 3 && isMessage) this.#readBucket(value.start, value.end);
      else if (value.number === 15 && isMessage) this.startTimestamp = this.timeOf(value.start, value.end);
      else if (value.is(5, wireType.varint)) native.schema = unzigzag(value.value);
      else if (value.number === 6 && isFloat) native.zeroThreshold = this.#double(value);
      else if (value.is(7, wireType.varint)) native.zeroCount = value.value;
      else if (value.number === 8 && isFloat) zeroCountFloat = this.#double(value);
      else if (value.number === 9 && isMessage) native.negativeSpans.push(this.#span(value.start, value.end));
      else if (value.number === 10) this.#readDeltas(negativeDeltas);
      else if (value.number === 11) this.#readCounts(negativeCounts);
      else if (value.number === 12 && isMessage) native.positiveSpans.push(this.#span(value.start, value.end));
      else if (value.number === 13) this.#readDeltas(positiveDeltas);
      else if (value.number === 14) this.#readCounts(positiveCounts);
      else if (value.number === 16 && isMessage) {
        this.exemplarStarts.push(value.start);
        this.exemplarEnds.push(value.end);
      }
    }
    if (value.isBroken || this.#inner.isBroken || this.#packed.isBroken) return false;
    native.isFloat = countFloat > 0 || zeroCountFloat > 0;
    native.count = native.isFloat ? countFloat : count;
    const isNative =
      native.negativeSpans.length > 0 ||
      native.positiveSpans.length > 0 ||
      native.zeroThreshold > 0 ||
      native.zeroCount > 0 ||
      zeroCountFloat > 0;
    if (native.isFloat) native.zeroCount = zeroCountFloat;
    native.negativeBuckets = native.isFloat ? negativeCounts : negativeDeltas;
    native.positiveBuckets = native.isFloat ? positiveCounts : positiveDeltas;
    this.histogram = native;
    const hasBuckets = points.count > 3;
    if (!isNative || !this.#options.hasNativeHistograms) {
      if (isNative && !hasBuckets) points.clear();
      else this.#finishClassic(native);
      return true;
    }
    if (!isExponential(native.schema) || !isValidHistogram(native)) return false;
    this.histogram = storableHistogram(native);
    if (this.exemplarStarts.length === 0) this.#takeBucketExemplars();
    if (this.#options.keepsClassicHistograms && hasBuckets) this.#finishClassic(native);
    else points.count = 1;
    this.first = 0;
    return true;
  }

  /** Fills in count and sum, and the last bucket if it is left out. */
  #finishClassic({ count, sum }: NativeHistogram): void {
    const { points } = this;
    points.values[1] = count;
    points.values[2] = sum;
    const last = points.count - 1;
    if (last < 3 || points.bounds[last] !== Infinity) points.add(pointKind.bucket, Infinity, count);
  }

  /** Without exemplars of its own a native histogram has those of its classic buckets. */
  #takeBucketExemplars(): void {
    const { count, exemplarStarts, exemplarEnds } = this.points;
    for (let index = 0; index < count; index++) {
      if (exemplarStarts[index] === exemplarEnds[index]) continue;
      this.exemplarStarts.push(exemplarStarts[index] ?? 0);
      this.exemplarEnds.push(exemplarEnds[index] ?? 0);
    }
  }

  #readBucket(start: number, end: number): void {
    const inner = this.#inner;
    let count = 0;
    let countFloat = 0;
    let bound = 0;
    let exemplarStart = 0;
    let exemplarEnd = 0;
    if (inner.isBroken) return;
    inner.open(this.#bytes, start, end);
    while (inner.next()) {
      if (inner.is(1, wireType.varint)) count = inner.value;
      else if (inner.is(4, wireType.fixed64)) countFloat = this.#double(inner);
      else if (inner.is(2, wireType.fixed64)) bound = this.#double(inner);
      else if (inner.is(3, wireType.bytes)) {
        exemplarStart = inner.start;
        exemplarEnd = inner.end;
      }
    }
    this.points.add(pointKind.bucket, bound, countFloat > 0 ? countFloat : count, exemplarStart, exemplarEnd);
  }

  #span(start: number, end: number): { offset: number; length: number } {
    const inner = this.#inner;
    const span = { offset: 0, length: 0 };
    if (inner.isBroken) return span;
    inner.open(this.#bytes, start, end);
    while (inner.next()) {
      if (inner.is(1, wireType.varint)) span.offset = unzigzag(inner.value);
      else if (inner.is(2, wireType.varint)) span.length = inner.value;
    }
    return span;
  }

  /** Reads deltas, packed or one by one. */
  #readDeltas(deltas: number[]): void {
    const value = this.#value;
    const packed = this.#packed;
    if (value.type === wireType.varint) deltas.push(unzigzag(value.value));
    if (value.type !== wireType.bytes || packed.isBroken) return;
    packed.open(this.#bytes, value.start, value.end);
    while (packed.nextVarint()) deltas.push(unzigzag(packed.value));
  }

  #readCounts(counts: number[]): void {
    const { type, start, end } = this.#value;
    if (type === wireType.fixed64 || type === wireType.bytes)
      for (let at = start; at + 8 <= end; at += 8) counts.push(this.#bytes.readDoubleLE(at));
  }

  /** Reads a timestamp, as milliseconds. */
  timeOf(start: number, end: number): number {
    const inner = this.#inner;
    let seconds = 0;
    let nanos = 0;
    inner.open(this.#bytes, start, end);
    while (inner.next()) {
      if (inner.is(1, wireType.varint)) seconds = inner.value;
      else if (inner.is(2, wireType.varint)) nanos = inner.value;
    }
    return seconds * 1000 + Math.trunc(nanos / 1e6);
  }

  #double(field: FieldReader): number {
    return this.#bytes.readDoubleLE(field.start);
  }
}
