import type { ByteBuilder } from '../../../base/byte-builder.ts';
import {
  appendHistogram,
  decodeHistogram,
  isExponential,
  type BucketSpan,
  type NativeHistogram,
} from '../../../model/native-histogram.ts';

const [minSchema, maxSchema] = [-4, 8];

/** The finest schema whose buckets grow by at least a factor; any if the factor is 0. */
export function finestSchema(minFactor: number): number {
  if (minFactor <= 1) return maxSchema;
  return 0 + Math.min(maxSchema, Math.max(minSchema, -Math.ceil(Math.log2(Math.log2(minFactor)))));
}

/** Makes the histogram coarser until it keeps to the limits, of which 0 buckets is none; false if that cannot be. */
export function keepToLimits(encoded: ByteBuilder, maxBuckets: number, finest: number): boolean {
  if (maxBuckets === 0 && finest === maxSchema) return true;
  const given = decodeHistogram(encoded.reserve(0), 0, encoded.size);
  const canBeCoarser = isExponential(given.schema);
  let histogram = canBeCoarser && given.schema > finest ? coarser(given, finest) : given;
  const isTooFine = (): boolean => maxBuckets > 0 && bucketsOf(histogram) > maxBuckets;
  while (isTooFine()) {
    if (!canBeCoarser || histogram.schema <= minSchema) return false;
    histogram = coarser(histogram, histogram.schema - 1);
  }
  if (histogram === given) return true;
  encoded.clear();
  appendHistogram(encoded, histogram);
  return true;
}

function bucketsOf({ positiveBuckets, negativeBuckets }: NativeHistogram): number {
  return positiveBuckets.length + negativeBuckets.length;
}

function coarser(histogram: NativeHistogram, schema: number): NativeHistogram {
  const { isFloat } = histogram;
  const halvings = histogram.schema - schema;
  const positive = merged(histogram.positiveSpans, histogram.positiveBuckets, halvings, isFloat);
  const negative = merged(histogram.negativeSpans, histogram.negativeBuckets, halvings, isFloat);
  return {
    ...histogram,
    schema,
    positiveSpans: positive.spans,
    positiveBuckets: positive.buckets,
    negativeSpans: negative.spans,
    negativeBuckets: negative.buckets,
  };
}

/** Adds up the buckets that become one when the resolution is halved so many times. */
function merged(
  spans: readonly BucketSpan[],
  buckets: readonly number[],
  halvings: number,
  isFloat: boolean,
): { readonly spans: BucketSpan[]; readonly buckets: number[] } {
  const indexes: number[] = [];
  const counts: number[] = [];
  let index = 0;
  let at = 0;
  let count = 0;
  for (const { offset, length } of spans) {
    index += offset;
    for (let step = 0; step < length; step++, index++) {
      count = isFloat ? (buckets[at] ?? 0) : count + (buckets[at] ?? 0);
      at++;
      const target = Math.ceil(index / 2 ** halvings);
      if (indexes.at(-1) === target) counts[counts.length - 1] = (counts.at(-1) ?? 0) + count;
      else {
        indexes.push(target);
        counts.push(count);
      }
    }
  }
  return { spans: spansOf(indexes), buckets: isFloat ? counts : differences(counts) };
}

function spansOf(indexes: readonly number[]): BucketSpan[] {
  const spans: { offset: number; length: number }[] = [];
  let next = 0;
  for (const index of indexes) {
    const last = spans.at(-1);
    if (last !== undefined && index === next) last.length++;
    else spans.push({ offset: index - next, length: 1 });
    next = index + 1;
  }
  return spans;
}

function differences(counts: readonly number[]): number[] {
  return counts.map((count, index) => count - (counts[index - 1] ?? 0));
}
