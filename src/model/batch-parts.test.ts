import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainSamples, sampleBatch, testSeries } from '../testkit/metric-samples.ts';
import { batchParts } from './batch-parts.ts';
import { emptyHistogram } from './native-histogram.ts';
import type { SampleBatch } from './sample-batch.ts';

const labelsOf = (index: number) => ({ __name__: `m${index}` });

test('the parts of a batch are the batch', () => {
  const table = testSeries();
  const floats = Array.from({ length: 7 }, (_, index) => ({
    labels: labelsOf(index),
    value: index === 5 ? ('stale' as const) : index,
    timestamp: 100 + index,
    ...(index === 3 ? { start: 50, family: 1 } : {}),
  }));
  const batch = sampleBatch(table, {
    samples: [...floats, { labels: { __name__: 'h' }, value: { ...emptyHistogram, count: 1 }, timestamp: 9 }],
    exemplars: [{ labels: labelsOf(0), exemplar: { id: '1' }, value: 1, timestamp: 1 }],
    families: [{ name: 'm3', type: 1, help: '', unit: '' }],
  });
  assert.ok(batch !== undefined);
  for (const [maxSamples, sizes] of [
    [1, [1, 1, 1, 1, 1, 1, 1]],
    [3, [3, 3, 1]],
    [6, [6, 1]],
    [7, [7]],
    [8, [7]],
  ] as const) {
    const parts: readonly SampleBatch[] = [...batchParts(batch, maxSamples)];
    assert.deepEqual(
      parts.map(({ count }) => count),
      sizes,
    );
    const plain = parts.map(plainSamples);
    assert.deepEqual(
      plain.flatMap(({ samples }) => samples ?? []),
      plainSamples(batch).samples,
    );
    assert.deepEqual(
      plain.flatMap(({ exemplars }) => exemplars ?? []),
      plainSamples(batch).exemplars,
    );
  }
  const histograms = { ...batch, count: 0, series: batch.series.subarray(0, 0) };
  assert.equal([...batchParts(histograms, 3)].length, 1, 'what has no floats is one part');
});
