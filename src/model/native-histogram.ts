import { ByteBuilder } from '../base/byte-builder.ts';
import { varintSize, writeVarint } from '../base/varint.ts';
import { bitsOf, isStale, readFloatBits, setStale, writeFloatBits } from './float-bits.ts';

/** Why a counter histogram may have fewer observations than before; the numbers are those of remote write. */
export const resetHint = { unknown: 0, yes: 1, no: 2, gauge: 3 } as const;

/** The schema of histograms whose bounds are listed, such as those made of classic ones. */
export const customBoundsSchema = -53;

/**
 * A native histogram. In batches it is the bytes that a remote-write request carries for it: the fields 1 to 14 and 16 of
 * `Histogram` in the order of their numbers, without those for times (15 and 17). Integers are exact up to 2^52.
 */
export interface NativeHistogram {
  readonly isFloat: boolean;
  /** Whether it says that its series has ended. */
  readonly isStale: boolean;
  readonly count: number;
  readonly sum: number;
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  readonly resetHint: number;
  readonly negativeSpans: readonly BucketSpan[];
  /** Counts of buckets: of integer histograms, each as the difference to the one before. */
  readonly negativeBuckets: readonly number[];
  readonly positiveSpans: readonly BucketSpan[];
  readonly positiveBuckets: readonly number[];
  /** Upper bounds of buckets, with `customBoundsSchema`. */
  readonly customValues: readonly number[];
}

/** So many empty buckets and then so many that have counts. */
export interface BucketSpan {
  readonly offset: number;
  readonly length: number;
}

export const emptyHistogram: NativeHistogram = {
  isFloat: false,
  isStale: false,
  count: 0,
  sum: 0,
  schema: 0,
  zeroThreshold: 0,
  zeroCount: 0,
  resetHint: resetHint.unknown,
  negativeSpans: [],
  negativeBuckets: [],
  positiveSpans: [],
  positiveBuckets: [],
  customValues: [],
};

/** Each bucket is 16 powers of two. */
export const coarsestSchema = -4;
/** The finest of those that have a meaning, whoever uses it. */
const lastSchema = 52;
/** Up to here differences and what they are written as are exact. */
const maxInteger = 2 ** 52;

/** Whether buckets are as wide as the schema says, rather than having bounds in a list. */
export function isExponential(schema: number): boolean {
  return schema >= coarsestSchema && schema <= lastSchema;
}

/** Whether there are as many buckets as the spans say, and every integer is one that can be written. */
export function isValidHistogram(histogram: NativeHistogram): boolean {
  const { isFloat, count, zeroCount, negativeSpans, positiveSpans, negativeBuckets, positiveBuckets } = histogram;
  if (!isFloat && !(isCount(count) && isCount(zeroCount))) return false;
  if (!isFloat && !(negativeBuckets.every(isDifference) && positiveBuckets.every(isDifference))) return false;
  return areSpansOf(negativeSpans, negativeBuckets.length) && areSpansOf(positiveSpans, positiveBuckets.length);
}

function isCount(value: number): boolean {
  return value >= 0 && value <= maxInteger;
}

function isDifference(value: number): boolean {
  return Math.abs(value) <= maxInteger;
}

function areSpansOf(spans: readonly BucketSpan[], buckets: number): boolean {
  let sum = 0;
  for (const { offset, length } of spans) {
    if (length < 0 || length > buckets || Math.abs(offset) > 0x7fff_ffff) return false;
    sum += length;
  }
  return sum === buckets;
}

const float = new Float64Array(1);
const floatBits = bitsOf(float);
const customValuesTag = 16 * 8 + 2;

/** Appends the bytes of a histogram. */
export function appendHistogram(builder: ByteBuilder, histogram: NativeHistogram): void {
  const { isFloat } = histogram;
  const spans = histogram.negativeSpans.length + histogram.positiveSpans.length;
  const values = histogram.negativeBuckets.length + histogram.positiveBuckets.length + histogram.customValues.length;
  const output = builder.reserve(128 + 32 * spans + 10 * values);
  let at = builder.size;
  at = isFloat ? writeFloat(output, at, 2, histogram.count) : writeInteger(output, at, 1, histogram.count);
  if (histogram.isStale) setStale(floatBits, 0);
  else float[0] = histogram.sum;
  output[at++] = 3 * 8 + 1;
  at = writeFloatBits(output, at, floatBits[0] ?? 0, floatBits[1] ?? 0);
  if (histogram.schema !== 0) at = writeInteger(output, at, 4, zigzag(histogram.schema));
  if (histogram.zeroThreshold !== 0) at = writeFloat(output, at, 5, histogram.zeroThreshold);
  at = isFloat ? writeFloat(output, at, 7, histogram.zeroCount) : writeInteger(output, at, 6, histogram.zeroCount);
  for (const span of histogram.negativeSpans) at = writeSpan(output, at, 8, span);
  at = writeBuckets(output, at, 9, isFloat, histogram.negativeBuckets);
  for (const span of histogram.positiveSpans) at = writeSpan(output, at, 11, span);
  at = writeBuckets(output, at, 12, isFloat, histogram.positiveBuckets);
  if (histogram.resetHint !== 0) at = writeInteger(output, at, 14, histogram.resetHint);
  if (histogram.customValues.length > 0) at = writeFloats(output, at, customValuesTag, histogram.customValues);
  builder.advanceTo(at);
}

/** The bytes of a histogram in memory of their own. */
export function encodeHistogram(histogram: NativeHistogram): Buffer {
  const builder = new ByteBuilder();
  appendHistogram(builder, histogram);
  return builder.copy();
}

function writeInteger(output: Buffer, at: number, field: number, value: number): number {
  output[at] = field * 8;
  return writeVarint(output, at + 1, value);
}

function writeFloat(output: Buffer, at: number, field: number, value: number): number {
  output[at] = field * 8 + 1;
  float[0] = value;
  return writeFloatBits(output, at + 1, floatBits[0] ?? 0, floatBits[1] ?? 0);
}

function writeSpan(output: Buffer, at: number, field: number, { offset, length }: BucketSpan): number {
  output[at] = field * 8 + 2;
  const from = zigzag(offset);
  output[at + 1] = 2 + varintSize(from) + varintSize(length);
  return writeInteger(output, writeInteger(output, at + 2, 1, from), 2, length);
}

/** Writes deltas, or counts to the field that follows that of deltas. */
function writeBuckets(output: Buffer, at: number, field: number, isFloat: boolean, values: readonly number[]): number {
  if (values.length === 0) return at;
  if (isFloat) return writeFloats(output, at, (field + 1) * 8 + 2, values);
  let size = 0;
  for (const value of values) size += varintSize(zigzag(value));
  output[at] = field * 8 + 2;
  let next = writeVarint(output, at + 1, size);
  for (const value of values) next = writeVarint(output, next, zigzag(value));
  return next;
}

function writeFloats(output: Buffer, at: number, tag: number, values: readonly number[]): number {
  let next = writeVarint(output, writeVarint(output, at, tag), 8 * values.length);
  for (const value of values) {
    float[0] = value;
    next = writeFloatBits(output, next, floatBits[0] ?? 0, floatBits[1] ?? 0);
  }
  return next;
}

/** Whether the bytes of a histogram say that its series has ended. */
export function isStaleHistogram(bytes: Buffer, start: number): boolean {
  let at = start + 1;
  // The sum comes after the count, which is a float or an integer.
  if (bytes[start] === 2 * 8 + 1) at += 8;
  else while ((bytes[at++] ?? 0) >= 0x80);
  readFloatBits(bytes, at + 1, floatBits, 0);
  return isStale(floatBits, 0);
}

/** Signed integers with small ones being short, as protobuf has them. */
function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

function unzigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

/** Reads what `appendHistogram` wrote. */
export function decodeHistogram(bytes: Buffer, start: number, end: number): NativeHistogram {
  return new HistogramReader(bytes, start).read(end);
}

class HistogramReader {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, start: number) {
    this.#bytes = bytes;
    this.#at = start;
  }

  read(end: number): NativeHistogram {
    const histogram = {
      ...emptyHistogram,
      negativeSpans: [] as BucketSpan[],
      positiveSpans: [] as BucketSpan[],
    };
    while (this.#at < end) {
      const field = Math.floor(this.#varint() / 8);
      switch (field) {
        case 1:
          histogram.count = this.#varint();
          break;
        case 2:
          histogram.isFloat = true;
          histogram.count = this.#float();
          break;
        case 3:
          histogram.sum = this.#float();
          histogram.isStale = isStale(floatBits, 0);
          break;
        case 4:
          histogram.schema = unzigzag(this.#varint());
          break;
        case 5:
          histogram.zeroThreshold = this.#float();
          break;
        case 6:
          histogram.zeroCount = this.#varint();
          break;
        case 7:
          histogram.zeroCount = this.#float();
          break;
        case 8:
          histogram.negativeSpans.push(this.#span());
          break;
        case 9:
        case 10:
          histogram.negativeBuckets = field === 9 ? this.#deltas() : this.#floats();
          break;
        case 11:
          histogram.positiveSpans.push(this.#span());
          break;
        case 12:
        case 13:
          histogram.positiveBuckets = field === 12 ? this.#deltas() : this.#floats();
          break;
        case 14:
          histogram.resetHint = this.#varint();
          break;
        default:
          histogram.customValues = this.#floats();
      }
    }
    return histogram;
  }

  #varint(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 0x80) {
      const byte = this.#bytes[this.#at++] ?? 0;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  }

  #float(): number {
    readFloatBits(this.#bytes, this.#at, floatBits, 0);
    this.#at += 8;
    return float[0] ?? 0;
  }

  #span(): BucketSpan {
    this.#at += 2;
    const offset = unzigzag(this.#varint());
    this.#at++;
    return { offset, length: this.#varint() };
  }

  #deltas(): number[] {
    const values: number[] = [];
    const size = this.#varint();
    for (const end = this.#at + size; this.#at < end;) values.push(unzigzag(this.#varint()));
    return values;
  }

  #floats(): number[] {
    const size = this.#varint();
    return Array.from({ length: size / 8 }, () => this.#float());
  }
}
