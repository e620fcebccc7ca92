import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openMetrics } from '../../../component/metrics.ts';
import { emptyHistogram } from '../../../model/native-histogram.ts';
import { SeriesTable } from '../../../model/series-table.ts';
import { sampleBatch, testSeries, type PlainSample } from '../../../testkit/metric-samples.ts';
import { SeriesTimes } from './series-times.ts';
import { walMetrics } from './wal-metrics.ts';

function at(name: string, timestamp: number, value: PlainSample['value'] = 1): PlainSample {
  return { labels: { __name__: name }, value, timestamp };
}

test('series are counted once, and samples that are older than the last one of their series', () => {
  const cases: readonly [samples: readonly PlainSample[], created: number, outOfOrder: number, newest: number][] = [
    [[at('a', 5), at('b', 5)], 2, 0, 5],
    [[at('a', 5), at('a', 6), at('b', 4)], 2, 1, 6],
    [[at('a', 0), at('c', 0), at('c', 0), at('d', -1)], 4, 2, 6],
    [[at('c', 0), at('d', -2)], 4, 3, 6],
    [[at('a', 7, emptyHistogram), at('h', 1, emptyHistogram)], 5, 3, 7],
    [[at('a', 6)], 5, 4, 7],
  ];
  const table = testSeries();
  const { meters } = openMetrics(walMetrics);
  const times = new SeriesTimes(meters);
  for (const [samples, created, outOfOrder, newest] of cases) {
    times.note(sampleBatch(table, { samples }) ?? assert.fail());
    const { createdSeries, activeSeries, outOfOrder: late, removedSeries } = meters;
    assert.deepEqual([createdSeries.value, activeSeries.value, removedSeries.value], [created, created, 0]);
    assert.deepEqual([late.value, times.newest], [outOfOrder, newest]);
  }
  times.close();
  assert.deepEqual([meters.activeSeries.value, meters.removedSeries.value], [0, 5]);
});

test('a series that the table reclaims is active no more, and is new when it comes again', () => {
  const table = new SeriesTable({ maxSeries: 2, lingerSeconds: 0 });
  const { meters } = openMetrics(walMetrics);
  const times = new SeriesTimes(meters);
  const note = (name: string, timestamp: number): void => {
    const batch = sampleBatch(table, { samples: [at(name, timestamp)] }) ?? assert.fail(name);
    times.note(batch);
    for (const ref of batch.series) table.release(ref);
  };
  for (const [index, name] of ['a', 'b', 'c', 'd', 'a'].entries()) note(name, 10 - index);
  const { createdSeries, activeSeries, removedSeries, outOfOrder } = meters;
  assert.deepEqual([createdSeries.value, outOfOrder.value], [5, 0]);
  assert.ok(removedSeries.value >= 3);
  assert.equal(activeSeries.value, 5 - removedSeries.value);
  times.close();
  assert.equal(removedSeries.value, 5);
  for (const name of ['e', 'f', 'g']) sampleBatch(table, { samples: [at(name, 1)] });
  assert.deepEqual([activeSeries.value, removedSeries.value], [0, 5]);
});
