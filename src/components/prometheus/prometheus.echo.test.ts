import assert from 'node:assert/strict';
import { test } from 'node:test';
import { send } from '../../flow/delivery.ts';
import { metricType } from '../../model/metric-family.ts';
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

test('what is known of metrics is shown, also when only earlier samples came with it', async () => {
  await using c = await runComponent(prometheusEcho, '');
  await using open = await runComponent(prometheusEcho, 'format = "openmetrics"');
  const metric = (__name__: string, labels: Readonly<Record<string, string>> = {}) => ({
    labels: { __name__, ...labels },
    value: 1,
    timestamp: 0,
  });
  const samples = [
    metric('a_seconds_total'),
    ...['10.0', '2.0', '+Inf'].map((le) => metric('h_bucket', { le })),
    metric('h_count'),
    metric('h_sum'),
    metric('h_other'),
    ...['0.9', '0.5'].map((quantile) => metric('s', { quantile, x: 'y' })),
    metric('s_count', { x: 'y' }),
    metric('i'),
  ];
  const families = [
    { name: 'a_seconds_total', type: metricType.counter, help: 'A "text"\nand more.', unit: '' },
    { name: 'h', type: metricType.histogram, help: '', unit: '' },
    { name: 's', type: metricType.summary, help: 'S.', unit: '' },
    { name: 'i', type: metricType.info, help: '', unit: '' },
  ];
  const table = testSeries();
  const { signal } = new AbortController();
  for (const parts of [{ samples: [metric('i')], families }, { samples }]) {
    const batch = sampleBatch(table, parts);
    assert.ok(batch !== undefined);
    for (const component of [c, open]) await send(component.exports.receiver, batch, signal).delivered;
  }
  assert.equal(
    c.logged[1]?.fields['metrics'],
    `# HELP a_seconds_total A "text"\\nand more.
# TYPE a_seconds_total counter
a_seconds_total 1
# TYPE h histogram
h_bucket{le="2.0"} 1
h_bucket{le="10.0"} 1
h_bucket{le="+Inf"} 1
h_count 1
h_sum 1
# TYPE h_other untyped
h_other 1
# TYPE i gauge
i 1
# HELP s S.
# TYPE s summary
s{quantile="0.5",x="y"} 1
s{quantile="0.9",x="y"} 1
s_count{x="y"} 1
`,
  );
  const text = String(open.logged[1]?.fields['metrics']);
  assert.match(text, /^# HELP a_seconds A \\"text\\"\\nand more\.\n# TYPE a_seconds counter\na_seconds_total 1\.0\n/);
  assert.match(text, /\n# TYPE i info\ni 1\.0\n/);
});
