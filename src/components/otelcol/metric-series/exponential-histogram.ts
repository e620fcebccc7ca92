import type { ExponentialHistogramPoint } from '../../../formats/otlp/metric-writer.ts';

/** The finest resolution that OTLP has use for, and a coarser one than any float needs. */
const maxScale = 20;
const minScale = -10;
const smallestNormal = 2 ** -1022;

const float = new DataView(new ArrayBuffer(8));

/**
 * A histogram of values from zero on whose buckets have bounds at powers of 2^(2^-scale). It begins with the finest
 * scale and merges buckets by pairs whenever its values do not fit into its number of buckets.
 */
export class ExponentialHistogram {
  readonly #maxSize: number;
  #scale = maxScale;
  #zeroCount = 0;
  #sum = 0;
  #min = Infinity;
  #max = -Infinity;
  /** The index of the first bucket with a value, and how many there are up to the last one. */
  #offset = 0;
  #length = 0;
  /** Counts from the offset on; grows up to the maximal size. */
  #counts = new Float64Array(4);

  constructor(maxSize: number) {
    this.#maxSize = maxSize;
  }

  /** Counts a value, that many times. */
  observe(value: number, weight: number): void {
    this.#sum += value * weight;
    if (value < this.#min) this.#min = value;
    if (value > this.#max) this.#max = value;
    if (value <= 0) {
      this.#zeroCount += weight;
      return;
    }
    let index = bucketIndex(value, this.#scale);
    if (this.#length === 0) {
      this.#offset = index;
      this.#length = 1;
      this.#counts[0] = weight;
      return;
    }
    let first = Math.min(index, this.#offset);
    let last = Math.max(index, this.#offset + this.#length - 1);
    if (last - first >= this.#maxSize && this.#scale > minScale) {
      let merges = 0;
      while (last - first >= this.#maxSize && this.#scale - merges > minScale) {
        merges++;
        first >>= 1;
        last >>= 1;
      }
      this.#merge(merges);
      index = bucketIndex(value, this.#scale);
      first = Math.min(index, this.#offset);
      last = Math.max(index, this.#offset + this.#length - 1);
    }
    if (first !== this.#offset || last - first >= this.#length) this.#widen(first, last);
    const at = index - this.#offset;
    this.#counts[at] = (this.#counts[at] ?? 0) + weight;
  }

  /** It as a data point, which holds until the next value. */
  point(count: number): ExponentialHistogramPoint {
    const isEmpty = count === 0;
    return {
      count,
      sum: this.#sum,
      scale: this.#length === 0 ? 0 : this.#scale,
      zeroCount: this.#zeroCount,
      positive: { offset: this.#offset, counts: this.#counts, first: 0, length: this.#length },
      negative: { offset: 0, counts: this.#counts, first: 0, length: 0 },
      min: isEmpty ? undefined : this.#min,
      max: isEmpty ? undefined : this.#max,
    };
  }

  /** Makes buckets 2^merges times as wide. */
  #merge(merges: number): void {
    const counts = this.#counts;
    const offset = this.#offset >> merges;
    const last = (this.#offset + this.#length - 1) >> merges;
    for (let at = 0; at < this.#length; at++) {
      const to = ((this.#offset + at) >> merges) - offset;
      const count = counts[at] ?? 0;
      counts[at] = 0;
      counts[to] = (counts[to] ?? 0) + count;
    }
    this.#scale -= merges;
    this.#offset = offset;
    this.#length = last - offset + 1;
  }

  /** Makes room for buckets before and behind. */
  #widen(first: number, last: number): void {
    const length = last - first + 1;
    const shift = this.#offset - first;
    let counts = this.#counts;
    if (length > counts.length) counts = new Float64Array(Math.max(length, Math.min(this.#maxSize, 2 * counts.length)));
    if (counts !== this.#counts) counts.set(this.#counts.subarray(0, this.#length), shift);
    else if (shift > 0) {
      counts.copyWithin(shift, 0, this.#length);
      counts.fill(0, 0, shift);
    }
    counts.fill(0, shift + this.#length, length);
    this.#counts = counts;
    this.#offset = first;
    this.#length = length;
  }
}

/** The bucket of a positive value: the index i for which base^i < value <= base^(i+1), where base is 2^(2^-scale). */
export function bucketIndex(value: number, scale: number): number {
  const normal = Math.max(value, smallestNormal);
  float.setFloat64(0, normal);
  const high = float.getUint32(0);
  const exponent = (high >>> 20) - 1023;
  // Powers of two are upper bounds, which logarithms may miss.
  const isPower = (high & 0xf_ffff) === 0 && float.getUint32(4) === 0;
  if (scale <= 0) return (isPower ? exponent - 1 : exponent) >> -scale;
  const factor = 2 ** scale;
  if (isPower) return exponent * factor - 1;
  const index = Math.ceil(Math.log2(normal) * factor) - 1;
  return Math.min(Math.max(index, exponent * factor), (exponent + 1) * factor - 1);
}
