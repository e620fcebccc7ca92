import type { ByteBuilder } from '../../../base/byte-builder.ts';
import { coarserHistogram, finestSchema } from '../../../model/coarser-histogram.ts';
import {
  appendHistogram,
  coarsestSchema,
  decodeHistogram,
  isExponential,
  type NativeHistogram,
} from '../../../model/native-histogram.ts';

/** The finest schema whose buckets grow by at least a factor; any if the factor is 0. */
export function schemaForFactor(minFactor: number): number {
  if (minFactor <= 1) return finestSchema;
  return 0 + Math.min(finestSchema, Math.max(coarsestSchema, -Math.ceil(Math.log2(Math.log2(minFactor)))));
}

/** Makes the histogram coarser until it keeps to the limits, of which 0 buckets is none; false if that cannot be. */
export function keepToLimits(encoded: ByteBuilder, maxBuckets: number, finest: number): boolean {
  if (maxBuckets === 0 && finest === finestSchema) return true;
  const given = decodeHistogram(encoded.reserve(0), 0, encoded.size);
  const canBeCoarser = isExponential(given.schema);
  let histogram = canBeCoarser && given.schema > finest ? coarserHistogram(given, finest) : given;
  const isTooFine = (): boolean => maxBuckets > 0 && bucketsOf(histogram) > maxBuckets;
  while (isTooFine()) {
    if (!canBeCoarser || histogram.schema <= coarsestSchema) return false;
    histogram = coarserHistogram(histogram, histogram.schema - 1);
  }
  if (histogram === given) return true;
  encoded.clear();
  appendHistogram(encoded, histogram);
  return true;
}

function bucketsOf({ positiveBuckets, negativeBuckets }: NativeHistogram): number {
  return positiveBuckets.length + negativeBuckets.length;
}
