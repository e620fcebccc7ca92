import { isStale } from '../model/float-bits.ts';
import { decodeLabels } from '../model/encoded-labels.ts';
import { encodeLabels } from '../model/label-set-builder.ts';
import { Labels } from '../model/labels.ts';
import type { MetricFamily } from '../model/metric-family.ts';
import { decodeHistogram, encodeHistogram, type NativeHistogram } from '../model/native-histogram.ts';
import type { SampleBatch } from '../model/sample-batch.ts';
import { SampleBatchBuilder } from '../model/sample-batch-builder.ts';
import { SeriesTable, type SeriesRef } from '../model/series-table.ts';

type LabelRecord = Readonly<Record<string, string>>;

/** A sample as plain values, for tests. */
export interface PlainSample {
  readonly labels: LabelRecord;
  /** A float, a native histogram, or what says that the series has ended. */
  readonly value: number | 'stale' | NativeHistogram;
  readonly timestamp: number;
  readonly start?: number;
  /** One more than the index of its family. */
  readonly family?: number;
}

export interface PlainExemplar {
  readonly labels: LabelRecord;
  readonly exemplar: LabelRecord;
  readonly value: number;
  readonly timestamp: number;
}

export interface PlainSamples {
  readonly samples?: readonly PlainSample[];
  readonly exemplars?: readonly PlainExemplar[];
  readonly families?: readonly MetricFamily[];
}

/** A table of series for a test, large enough for any. */
export function testSeries(): SeriesTable {
  return new SeriesTable({ maxSeries: 1_000_000, lingerSeconds: 300 });
}

/** The series with those labels, and a share in it. */
export function internSeries(table: SeriesTable, labels: LabelRecord): SeriesRef {
  const bytes = encodeLabels(Labels.fromRecord(labels));
  return table.intern(bytes, 0, bytes.length);
}

/** A batch of plain samples; the test owns a share in each of its series. */
export function sampleBatch(table: SeriesTable, plain: PlainSamples): SampleBatch | undefined {
  const builder = new SampleBatchBuilder(table);
  for (const { labels, value, timestamp, start = 0, family = 0 } of plain.samples ?? []) {
    const series = internSeries(table, labels);
    if (typeof value === 'object') {
      const bytes = encodeHistogram(value);
      builder.addHistogram(series, timestamp, start, family, bytes, 0, bytes.length);
      continue;
    }
    if (value === 'stale') builder.addStale(series, timestamp);
    else builder.add(series, value, timestamp);
    if (start !== 0) builder.setStart(start);
    if (family !== 0) builder.setFamily(family);
  }
  for (const { labels, exemplar, value, timestamp } of plain.exemplars ?? []) {
    const bytes = encodeLabels(Labels.fromRecord(exemplar));
    builder.addExemplar(internSeries(table, labels), value, timestamp, bytes, 0, bytes.length);
  }
  builder.setFamilies(plain.families ?? []);
  return builder.finish();
}

/** What is in a batch: float samples, then histograms, and exemplars. */
export function plainSamples(batch: SampleBatch): Required<PlainSamples> {
  const { table, histograms, exemplars, families } = batch;
  const labelsOf = (ref: number | undefined): LabelRecord => Object.fromEntries(table.labelsOf(ref ?? 0));
  const samples: PlainSample[] = Array.from({ length: batch.count }, (_, index) => ({
    labels: labelsOf(batch.series[index]),
    value: isStale(batch.valueBits, index) ? 'stale' : (batch.values[index] ?? 0),
    timestamp: batch.timestamps[index] ?? 0,
    ...times(batch.startTimestamps?.[index], batch.familyOf?.[index]),
  }));
  for (let index = 0; index < (histograms?.count ?? 0); index++) {
    if (histograms === undefined) break;
    samples.push({
      labels: labelsOf(histograms.series[index]),
      value: decodeHistogram(histograms.bytes, histograms.starts[index] ?? 0, histograms.ends[index] ?? 0),
      timestamp: histograms.timestamps[index] ?? 0,
      ...times(histograms.startTimestamps[index], histograms.familyOf[index]),
    });
  }
  return {
    samples,
    exemplars: Array.from({ length: exemplars?.count ?? 0 }, (_, index) => ({
      labels: labelsOf(exemplars?.series[index]),
      exemplar:
        exemplars === undefined
          ? {}
          : Object.fromEntries(decodeLabels(exemplars.bytes, exemplars.starts[index] ?? 0, exemplars.ends[index] ?? 0)),
      value: exemplars?.values[index] ?? 0,
      timestamp: exemplars?.timestamps[index] ?? 0,
    })),
    families,
  };
}

function times(start = 0, family = 0): { start?: number; family?: number } {
  return { ...(start === 0 ? {} : { start }), ...(family === 0 ? {} : { family }) };
}
