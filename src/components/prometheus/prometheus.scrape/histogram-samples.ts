import { emptyHistogram, encodeHistogram } from '../../../model/native-histogram.ts';
import type { SampleBatchBuilder } from '../../../model/sample-batch-builder.ts';
import type { SeriesRef } from '../../../model/series-table.ts';

interface Pair {
  readonly ofIntegers: Buffer;
  readonly ofFloats: Buffer;
}

function pair(isStale: boolean): Pair {
  const encoded = (isFloat: boolean): Buffer => encodeHistogram({ ...emptyHistogram, isFloat, isStale });
  return { ofIntegers: encoded(false), ofFloats: encoded(true) };
}

const zero = pair(false);
const stale = pair(true);

/** Adds a histogram without observations, for when one began. */
export function addZeroHistogram(
  builder: SampleBatchBuilder,
  series: SeriesRef,
  timestamp: number,
  isFloat: boolean,
): void {
  add(builder, series, timestamp, isFloat ? zero.ofFloats : zero.ofIntegers);
}

/** Adds what says that a series of histograms has ended. */
export function addStaleHistogram(
  builder: SampleBatchBuilder,
  series: SeriesRef,
  timestamp: number,
  isFloat: boolean,
): void {
  add(builder, series, timestamp, isFloat ? stale.ofFloats : stale.ofIntegers);
}

function add(builder: SampleBatchBuilder, series: SeriesRef, timestamp: number, bytes: Buffer): void {
  builder.addHistogram(series, timestamp, 0, 0, bytes, 0, bytes.length);
}

/** Whether an encoded histogram has floats for its counts: which of the two fields it begins with. */
export function isFloatHistogram(bytes: Buffer): boolean {
  return bytes[0] !== 1 * 8;
}
