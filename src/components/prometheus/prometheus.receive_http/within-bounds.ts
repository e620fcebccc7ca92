import { SampleBatchBuilder } from '../../../model/sample-batch-builder.ts';
import type { SampleBatch } from '../../../model/sample-batch.ts';

/** A batch without samples and histograms that are later than a time; the same one if it has none. */
export function notLaterThan(batch: SampleBatch, maxTime: number): SampleBatch | undefined {
  const { histograms, exemplars } = batch;
  const isLate = (timestamp: number): boolean => timestamp > maxTime;
  if (!batch.timestamps.some(isLate) && histograms?.timestamps.some(isLate) !== true) return batch;
  const kept = new SampleBatchBuilder(batch.table);
  for (let index = 0; index < batch.count; index++) {
    const timestamp = batch.timestamps[index] ?? 0;
    if (isLate(timestamp)) continue;
    kept.addBits(batch.series[index] ?? 0, batch.valueBits, index, timestamp);
    const start = batch.startTimestamps?.[index] ?? 0;
    const family = batch.familyOf?.[index] ?? 0;
    if (start !== 0) kept.setStart(start);
    if (family !== 0) kept.setFamily(family);
  }
  for (let index = 0; index < (histograms?.count ?? 0); index++) {
    if (histograms === undefined || isLate(histograms.timestamps[index] ?? 0)) continue;
    const { series, timestamps, startTimestamps, familyOf, bytes, starts, ends } = histograms;
    const times = [timestamps[index] ?? 0, startTimestamps[index] ?? 0] as const;
    kept.addHistogram(series[index] ?? 0, ...times, familyOf[index] ?? 0, bytes, starts[index] ?? 0, ends[index] ?? 0);
  }
  kept.setFamilies(batch.families);
  const samples = kept.finish();
  return samples && { ...samples, exemplars };
}
