import assert from 'node:assert/strict';
import { test } from 'node:test';
import { send } from '../../flow/delivery.ts';
import { emptyHistogram } from '../../model/native-histogram.ts';
import { sampleBatch, testSeries } from '../../testkit/metric-samples.ts';
import { runComponent } from '../../testkit/run-component.ts';
import { prometheusEcho } from './prometheus.echo.ts';

async function shown(args: string): Promise<unknown[]> {
  await using c = await runComponent(prometheusEcho, args);
  const histogram = { ...emptyHistogram, count: 3, sum: 4.5 };
  const batch = sampleBatch(testSeries(), {
    samples: [
      { labels: { __name__: 'b', y: '2', x: '"' }, value: 1, timestamp: 1500 },
      { labels: { __name__: 'b' }, value: Number.NaN, timestamp: 0 },
      { labels: { __name__: 'a' }, value: 1, timestamp: 1000 },
      { labels: { __name__: 'a' }, value: 2, timestamp: 2000 },
      { labels: { x: 'no name' }, value: 2, timestamp: 2000 },
      { labels: { __name__: 'h', x: '1' }, value: histogram, timestamp: 1000 },
    ],
  });
  assert.ok(batch !== undefined);
  await send(c.exports.receiver, batch, new AbortController().signal).delivered;
  return c.logged.map(({ level, message, fields }) => [level, message, fields['metrics'] ?? fields['format']]);
}

test('samples are logged as an exposition, sorted, and the last of each series', async () => {
  const text = `# TYPE a untyped
a 2 2000
# TYPE b untyped
b NaN
b{x="\\"",y="2"} 1 1500
# TYPE h histogram
h_bucket{x="1",le="+Inf"} 3 1000
h_sum{x="1"} 4.5 1000
h_count{x="1"} 3 1000
`;
  assert.deepEqual(await shown(''), [['info', 'received metrics', text]]);
  assert.deepEqual(await shown('format = "other"'), [
    ['warn', 'unknown format, text is used', 'other'],
    ['info', 'received metrics', text],
  ]);
});

test('OpenMetrics has times in seconds and floats with a point', async () => {
  const text = `# TYPE a unknown
a 2.0 2.0
# TYPE b unknown
b NaN
b{x="\\"",y="2"} 1.0 1.5
# TYPE h histogram
h_bucket{x="1",le="+Inf"} 3 1.0
h_sum{x="1"} 4.5 1.0
h_count{x="1"} 3 1.0
`;
  assert.deepEqual(await shown('format = "openmetrics"'), [['info', 'received metrics', text]]);
});
