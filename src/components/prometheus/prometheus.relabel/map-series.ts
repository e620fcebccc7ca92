import { bitsOf, isStale } from '../../../model/float-bits.ts';
import { isStaleHistogram } from '../../../model/native-histogram.ts';
import type { ExemplarColumns, HistogramColumns, SampleBatch } from '../../../model/sample-batch.ts';
import type { SeriesRef } from '../../../model/series-table.ts';

/** What a series becomes; 0 drops its samples. */
export type SeriesChange = (series: SeriesRef) => SeriesRef;

/** A batch with other series, which shares the columns that stay the same; undefined if nothing is left of it. */
export function mapSeries(batch: SampleBatch, change: SeriesChange): SampleBatch | undefined {
  const series = changed(batch.series, change);
  const floats = floatsOf(batch, series);
  const histograms = batch.histograms === undefined ? undefined : mapHistograms(batch.histograms, change);
  const exemplars = batch.exemplars === undefined ? undefined : mapExemplars(batch.exemplars, change);
  const isEmpty = floats.count === 0 && histograms === undefined && exemplars === undefined;
  const hadSeries = batch.count > 0 || batch.histograms !== undefined || batch.exemplars !== undefined;
  // A message about families alone goes on.
  return isEmpty && (hadSeries || batch.families.length === 0) ? undefined : { ...floats, histograms, exemplars };
}

/** Calls a function with each series of which a batch says that it has ended. */
export function forEndedSeries(
  { series, valueBits, count, histograms }: SampleBatch,
  ended: (series: SeriesRef) => void,
): void {
  for (let index = 0; index < count; index++) if (isStale(valueBits, index)) ended(series[index] ?? 0);
  for (let index = 0; index < (histograms?.count ?? 0); index++)
    if (histograms !== undefined && isStaleHistogram(histograms.bytes, histograms.starts[index] ?? 0))
      ended(histograms.series[index] ?? 0);
}

function floatsOf(batch: SampleBatch, series: Uint32Array): SampleBatch {
  if (!series.includes(0)) return { ...batch, series };
  const isKept = (_: number, index: number): boolean => series[index] !== 0;
  const kept = series.filter((ref) => ref !== 0);
  const values = new Float64Array(kept.length);
  const bits = bitsOf(values);
  let at = 0;
  for (const [index, ref] of series.entries()) {
    if (ref === 0) continue;
    bits[2 * at] = batch.valueBits[2 * index] ?? 0;
    bits[2 * at + 1] = batch.valueBits[2 * index + 1] ?? 0;
    at++;
  }
  return {
    ...batch,
    count: kept.length,
    series: kept,
    values,
    valueBits: bits,
    timestamps: batch.timestamps.filter(isKept),
    startTimestamps: batch.startTimestamps?.filter(isKept),
    familyOf: batch.familyOf?.filter(isKept),
  };
}

function mapHistograms(columns: HistogramColumns, change: SeriesChange): HistogramColumns | undefined {
  const series = changed(columns.series, change);
  if (!series.includes(0)) return { ...columns, series };
  const isKept = (_: number, index: number): boolean => series[index] !== 0;
  const kept = series.filter((ref) => ref !== 0);
  if (kept.length === 0) return undefined;
  return {
    ...columns,
    count: kept.length,
    series: kept,
    timestamps: columns.timestamps.filter(isKept),
    startTimestamps: columns.startTimestamps.filter(isKept),
    familyOf: columns.familyOf.filter(isKept),
    starts: columns.starts.filter(isKept),
    ends: columns.ends.filter(isKept),
  };
}

function mapExemplars(columns: ExemplarColumns, change: SeriesChange): ExemplarColumns | undefined {
  const series = changed(columns.series, change);
  if (!series.includes(0)) return { ...columns, series };
  const isKept = (_: number, index: number): boolean => series[index] !== 0;
  const kept = series.filter((ref) => ref !== 0);
  if (kept.length === 0) return undefined;
  const values = columns.values.filter(isKept);
  return {
    ...columns,
    count: kept.length,
    series: kept,
    values,
    valueBits: bitsOf(values),
    timestamps: columns.timestamps.filter(isKept),
    starts: columns.starts.filter(isKept),
    ends: columns.ends.filter(isKept),
  };
}

function changed(series: Uint32Array, change: SeriesChange): Uint32Array {
  const result = new Uint32Array(series.length);
  for (let index = 0; index < series.length; index++) result[index] = change(series[index] ?? 0);
  return result;
}
