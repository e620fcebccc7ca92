import type { Milliseconds } from '../../base/duration.ts';
import { AttributeList } from './attribute-list.ts';
import { CheckedReader } from './checked-reader.ts';
import { ExemplarCursor } from './exemplar-cursor.ts';
import { readSigned64, readUnsigned64, unixMillis } from './fixed64.ts';
import { NumberList } from './number-list.ts';

/** What a metric holds. */
export const metricData = { none: 0, gauge: 1, sum: 2, histogram: 3, exponentialHistogram: 4, summary: 5 } as const;

export type MetricData = (typeof metricData)[keyof typeof metricData];

/** Tags that points of all types have, or all but those of numbers. */
const tag = { start: 0x11, time: 0x19, count: 0x21, sum: 0x29 };
const numberTag = { double: 0x21, exemplars: 0x2a, integer: 0x31, attributes: 0x3a, flags: 0x40 };
const histogramTag = {
  count: 0x31,
  counts: 0x32,
  bound: 0x39,
  bounds: 0x3a,
  exemplars: 0x42,
  attributes: 0x4a,
  flags: 0x50,
};
const exponentialTag = {
  attributes: 0x0a,
  scale: 0x30,
  zeroCount: 0x39,
  positive: 0x42,
  negative: 0x4a,
  flags: 0x50,
  exemplars: 0x5a,
  zeroThreshold: 0x71,
};
const bucketsTag = { offset: 0x08, count: 0x10, counts: 0x12 };
const summaryTag = { quantiles: 0x32, attributes: 0x3a, flags: 0x40 };
const quantileTag = { quantile: 0x09, value: 0x11 };

const noRecordedValue = 1;

/** One data point of any type, as far as its type has it. It is filled anew for each, in memory that is used again. */
export class DataPoint {
  readonly attributes = new AttributeList();
  /** Nanoseconds since 1970, in two halves of 32 bits; 0 if unknown. */
  startLow = 0;
  startHigh = 0;
  timeLow = 0;
  timeHigh = 0;
  /** Whether it says that there was nothing to record: its series has ended. */
  hasNoValue = false;
  /** Of gauges and sums. Integers are exact up to 2^53, here and below. */
  value = 0;
  /** Of histograms and summaries. */
  count = 0;
  sum = 0;
  hasSum = false;
  /** Of histograms: upper bounds, and the counts of what is between them; one more of these unless it is malformed. */
  readonly bounds = new NumberList();
  readonly bucketCounts = new NumberList();
  /** Of exponential histograms. */
  scale = 0;
  zeroCount = 0;
  zeroThreshold = 0;
  positiveOffset = 0;
  readonly positiveCounts = new NumberList();
  negativeOffset = 0;
  readonly negativeCounts = new NumberList();
  /** Of summaries. */
  readonly quantiles = new NumberList();
  readonly quantileValues = new NumberList();
  readonly exemplars = new ExemplarCursor();
  readonly #reader = new CheckedReader();

  /** Milliseconds since 1970; 0 if unknown. */
  get startMillis(): Milliseconds {
    return unixMillis(this.startHigh, this.startLow);
  }

  get timeMillis(): Milliseconds {
    return unixMillis(this.timeHigh, this.timeLow);
  }

  /** Reads a data point of a metric of that type. */
  read(type: MetricData, bytes: Buffer, start: number, end: number): void {
    const reader = this.#reader;
    reader.bytes = bytes;
    reader.at = start;
    this.attributes.clear(bytes);
    this.startLow = this.startHigh = this.timeLow = this.timeHigh = 0;
    this.hasNoValue = false;
    this.exemplars.clear(bytes);
    if (type === metricData.gauge || type === metricData.sum) this.#readNumber(end);
    else {
      this.count = this.sum = 0;
      this.hasSum = false;
      if (type === metricData.histogram) this.#readHistogram(end);
      else if (type === metricData.exponentialHistogram) this.#readExponential(end);
      else this.#readSummary(end);
    }
  }

  #readNumber(end: number): void {
    const reader = this.#reader;
    this.value = 0;
    while (reader.at < end) {
      const found = reader.varint();
      if (found === numberTag.attributes) this.#attribute();
      else if (found === numberTag.double) this.value = this.#double();
      else if (found === numberTag.integer) this.value = this.#signed();
      else if (found === numberTag.exemplars) this.#addExemplar();
      else if (found === numberTag.flags) this.#flags();
      else this.#readCommon(found);
    }
  }

  #readHistogram(end: number): void {
    const reader = this.#reader;
    const { bounds, bucketCounts } = this;
    bounds.clear();
    bucketCounts.clear();
    while (reader.at < end) {
      const found = reader.varint();
      if (found === histogramTag.attributes) this.#attribute();
      else if (found === histogramTag.counts)
        for (const last = this.#end(); reader.at < last;) bucketCounts.add(this.#unsigned());
      else if (found === histogramTag.bounds)
        for (const last = this.#end(); reader.at < last;) bounds.add(this.#double());
      else if (found === histogramTag.count) bucketCounts.add(this.#unsigned());
      else if (found === histogramTag.bound) bounds.add(this.#double());
      else if (found === histogramTag.exemplars) this.#addExemplar();
      else if (found === histogramTag.flags) this.#flags();
      else this.#readCounted(found);
    }
  }

  #readExponential(end: number): void {
    const reader = this.#reader;
    this.scale = this.zeroCount = this.zeroThreshold = this.positiveOffset = this.negativeOffset = 0;
    this.positiveCounts.clear();
    this.negativeCounts.clear();
    while (reader.at < end) {
      const found = reader.varint();
      if (found === exponentialTag.attributes) this.#attribute();
      else if (found === exponentialTag.scale) this.scale = unzigzag32(reader.varint());
      else if (found === exponentialTag.zeroCount) this.zeroCount = this.#unsigned();
      else if (found === exponentialTag.positive)
        this.positiveOffset = this.#readBuckets(this.positiveOffset, this.positiveCounts);
      else if (found === exponentialTag.negative)
        this.negativeOffset = this.#readBuckets(this.negativeOffset, this.negativeCounts);
      else if (found === exponentialTag.exemplars) this.#addExemplar();
      else if (found === exponentialTag.flags) this.#flags();
      else if (found === exponentialTag.zeroThreshold) this.zeroThreshold = this.#double();
      else this.#readCounted(found);
    }
  }

  /** Reads counts into a list, and returns the offset of the first. */
  #readBuckets(offset: number, counts: NumberList): number {
    const reader = this.#reader;
    let first = offset;
    for (const end = this.#end(); reader.at < end;) {
      const found = reader.varint();
      if (found === bucketsTag.offset) first = unzigzag32(reader.varint());
      else if (found === bucketsTag.counts)
        for (const last = this.#end(); reader.at < last;) counts.add(reader.varint());
      else if (found === bucketsTag.count) counts.add(reader.varint());
      else reader.skip(found);
    }
    return first;
  }

  #readSummary(end: number): void {
    const reader = this.#reader;
    this.quantiles.clear();
    this.quantileValues.clear();
    while (reader.at < end) {
      const found = reader.varint();
      if (found === summaryTag.attributes) this.#attribute();
      else if (found === summaryTag.quantiles) this.#readQuantile();
      else if (found === summaryTag.flags) this.#flags();
      else this.#readCounted(found);
    }
  }

  #readQuantile(): void {
    const reader = this.#reader;
    let quantile = 0;
    let value = 0;
    for (const end = this.#end(); reader.at < end;) {
      const found = reader.varint();
      if (found === quantileTag.quantile) quantile = this.#double();
      else if (found === quantileTag.value) value = this.#double();
      else reader.skip(found);
    }
    this.quantiles.add(quantile);
    this.quantileValues.add(value);
  }

  #readCounted(found: number): void {
    if (found === tag.count) this.count = this.#unsigned();
    else if (found === tag.sum) {
      this.sum = this.#double();
      this.hasSum = true;
    } else this.#readCommon(found);
  }

  #readCommon(found: number): void {
    const reader = this.#reader;
    if (found === tag.time) {
      this.timeLow = reader.bytes.readUInt32LE(reader.at);
      this.timeHigh = reader.bytes.readUInt32LE(reader.at + 4);
      reader.at += 8;
    } else if (found === tag.start) {
      this.startLow = reader.bytes.readUInt32LE(reader.at);
      this.startHigh = reader.bytes.readUInt32LE(reader.at + 4);
      reader.at += 8;
    } else reader.skip(found);
  }

  #flags(): void {
    this.hasNoValue = (this.#reader.varint() & noRecordedValue) !== 0;
  }

  #attribute(): void {
    const end = this.#end();
    this.attributes.add(this.#reader.at, end);
    this.#reader.at = end;
  }

  #addExemplar(): void {
    const end = this.#end();
    this.exemplars.add(this.#reader.at, end);
    this.#reader.at = end;
  }

  /** Reads a length, and returns where the value ends. */
  #end(): number {
    const length = this.#reader.varint();
    return this.#reader.at + length;
  }

  #double(): number {
    const reader = this.#reader;
    const value = reader.bytes.readDoubleLE(reader.at);
    reader.at += 8;
    return value;
  }

  #unsigned(): number {
    const reader = this.#reader;
    reader.at += 8;
    return readUnsigned64(reader.bytes, reader.at - 8);
  }

  #signed(): number {
    const reader = this.#reader;
    reader.at += 8;
    return readSigned64(reader.bytes, reader.at - 8);
  }
}

function unzigzag32(value: number): number {
  return (value >>> 1) ^ -(value & 1);
}
