import { otlpSize, type OtlpBatch } from '../../model/otlp-batch.ts';
import { OtlpSplitter } from './splitter.ts';

/** Divides a batch behind so many items; the second part is undefined if there is nothing left for it. */
export function splitOtlp(batch: OtlpBatch, atMost: number): [OtlpBatch, OtlpBatch | undefined] {
  if (batch.count <= atMost) return [batch, undefined];
  const splitter = new OtlpSplitter(batch);
  return [splitter.take(atMost) ?? { ...batch, chunks: [], count: 0 }, splitter.take(Infinity)];
}

/**
 * Divides a batch into parts of at most so many bytes as requests. Items that are too large for any are not in them; how
 * many those are is `dropped`.
 */
export function splitOtlpBytes(
  batch: OtlpBatch,
  atMost: number,
): { readonly batches: readonly OtlpBatch[]; readonly dropped: number } {
  if (otlpSize(batch) <= atMost) return { batches: [batch], dropped: 0 };
  const splitter = new OtlpSplitter(batch, 'bytes');
  const batches: OtlpBatch[] = [];
  let dropped = 0;
  while (splitter.left > 0) {
    const part = splitter.take(atMost);
    if (part === undefined) dropped += splitter.skip();
    else if (part.count > 0) batches.push(part);
  }
  return { batches, dropped };
}
