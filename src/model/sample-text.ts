import { formatFloat } from '../base/go-printf/format-float.ts';
import { decodeLabels } from './encoded-labels.ts';
import { isStale } from './float-bits.ts';
import { metricTypeNames } from './metric-family.ts';
import { decodeHistogram } from './native-histogram.ts';
import type { SampleBatch } from './sample-batch.ts';

/** One text for each sample, histogram, exemplar and family of a batch, for live debugging. */
export function* describeSamples(batch: SampleBatch): Generator<string> {
  const { table, histograms, exemplars } = batch;
  const labels = (ref: number | undefined): string => table.labelsOf(ref ?? 0).toString();
  for (let index = 0; index < batch.count; index++) {
    const value = isStale(batch.valueBits, index) ? 'stale' : formatFloat(batch.values[index] ?? 0, 'g');
    yield `sample: ts=${batch.timestamps[index]}, labels=${labels(batch.series[index])}, value=${value}`;
  }
  for (let index = 0; index < (histograms?.count ?? 0); index++) {
    if (histograms === undefined) break;
    const { bytes, starts, ends } = histograms;
    const histogram = decodeHistogram(bytes, starts[index] ?? 0, ends[index] ?? 0);
    const value = histogram.isStale ? 'stale' : `count ${histogram.count}, sum ${formatFloat(histogram.sum, 'g')}`;
    yield `histogram: ts=${histograms.timestamps[index]}, labels=${labels(histograms.series[index])}, value=${value}`;
  }
  for (let index = 0; index < (exemplars?.count ?? 0); index++) {
    if (exemplars === undefined) break;
    const own = decodeLabels(exemplars.bytes, exemplars.starts[index] ?? 0, exemplars.ends[index] ?? 0).toString();
    const value = formatFloat(exemplars.values[index] ?? 0, 'g');
    yield `exemplar: ts=${exemplars.timestamps[index]}, labels=${labels(exemplars.series[index])}, exemplar_labels=${own}, value=${value}`;
  }
  for (const { name, type, help, unit } of batch.families)
    yield `metadata: family=${name}, type=${metricTypeNames[type]}, unit=${unit}, help=${help}`;
}
