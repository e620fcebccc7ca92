import type { SampleBatch } from './sample-batch.ts';

/** A batch in parts of at most so many float samples, in their order; the last one has histograms and exemplars. */
export function* batchParts(batch: SampleBatch, maxSamples: number): Generator<SampleBatch, void, void> {
  for (let start = 0, end = maxSamples; end < batch.count; start = end, end += maxSamples)
    yield partOf(batch, start, end, false);
  const rest = Math.max(0, Math.ceil(batch.count / maxSamples) - 1) * maxSamples;
  yield rest === 0 ? batch : partOf(batch, rest, batch.count, true);
}

function partOf(batch: SampleBatch, start: number, end: number, isLast: boolean): SampleBatch {
  return {
    ...batch,
    count: end - start,
    series: batch.series.subarray(start, end),
    values: batch.values.subarray(start, end),
    valueBits: batch.valueBits.subarray(2 * start, 2 * end),
    timestamps: batch.timestamps.subarray(start, end),
    startTimestamps: batch.startTimestamps?.subarray(start, end),
    familyOf: batch.familyOf?.subarray(start, end),
    histograms: isLast ? batch.histograms : undefined,
    exemplars: isLast ? batch.exemplars : undefined,
  };
}
