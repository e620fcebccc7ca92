import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeliveryError, send } from '../../flow/delivery.ts';
import { emptyHistogram } from '../../model/native-histogram.ts';
import type { SampleBatch } from '../../model/sample-batch.ts';
import { SeriesTable } from '../../model/series-table.ts';
import { metrics } from '../../model/signal.ts';
import { receiverFor } from '../../testkit/arguments.ts';
import { refuse } from '../../testkit/collect.ts';
import { SampleSink } from '../../testkit/exposed-metrics.ts';
import {
  internSeries,
  plainSamples,
  sampleBatch,
  testSeries,
  type PlainSamples,
} from '../../testkit/metric-samples.ts';
import { problemsOf, runComponent } from '../../testkit/run-component.ts';
import { prometheusRelabel } from './prometheus.relabel.ts';

const rule = (body: string) => `rule {\n${body.replaceAll('; ', '\n')}\n}\n`;

function batchOf(table: SeriesTable, plain: PlainSamples): SampleBatch {
  const batch = sampleBatch(table, plain);
  assert.ok(batch !== undefined);
  return batch;
}

const cacheOf = (all: Readonly<Record<string, number>>) =>
  ['hits', 'misses', 'deletes', 'size'].map((name) => all[`alloy_prometheus_relabel_cache_${name}`]);

test('samples, histograms, exemplars and marks get the new labels, and those of dropped series do not go on', async () => {
  const table = testSeries();
  const sink = new SampleSink();
  const rules =
    rule('source_labels = ["app"]; regex = "noise"; action = "drop"') +
    rule('target_label = "env"; replacement = "prod"') +
    rule('regex = "secret"; action = "labeldrop"');
  await using c = await runComponent(prometheusRelabel, `${rules}forward_to = [sink]`, {
    names: { sink: sink.receiver },
  });
  const histogram = { ...emptyHistogram, count: 1, sum: 2 };
  const batch = batchOf(table, {
    samples: [
      { labels: { __name__: 'a', app: 'x', secret: 's' }, value: 1, timestamp: 10, start: 5, family: 1 },
      { labels: { __name__: 'b', app: 'noise' }, value: 2, timestamp: 20 },
      { labels: { __name__: 'c', app: 'x' }, value: 'stale', timestamp: 30 },
      { labels: { __name__: 'd', app: 'noise' }, value: histogram, timestamp: 40 },
      { labels: { __name__: 'e' }, value: histogram, timestamp: 50, start: 6 },
    ],
    exemplars: [
      { labels: { __name__: 'b', app: 'noise' }, exemplar: { id: '1' }, value: 1, timestamp: 10 },
      { labels: { __name__: 'a', app: 'x', secret: 's' }, exemplar: { id: '2' }, value: 2, timestamp: 11 },
    ],
    families: [{ name: 'a', type: 1, help: 'Text.', unit: '' }],
  });
  await send(c.exports.receiver, batch, new AbortController().signal).delivered;
  const [relabelled] = sink.batches;
  assert.ok(relabelled !== undefined);
  assert.deepEqual(plainSamples(relabelled), {
    samples: [
      { labels: { __name__: 'a', app: 'x', env: 'prod' }, value: 1, timestamp: 10, start: 5, family: 1 },
      { labels: { __name__: 'c', app: 'x', env: 'prod' }, value: 'stale', timestamp: 30 },
      { labels: { __name__: 'e', env: 'prod' }, value: histogram, timestamp: 50, start: 6 },
    ],
    exemplars: [{ labels: { __name__: 'a', app: 'x', env: 'prod' }, exemplar: { id: '2' }, value: 2, timestamp: 11 }],
    families: [{ name: 'a', type: 1, help: 'Text.', unit: '' }],
  });
  const all = c.metrics();
  assert.equal(all['alloy_prometheus_relabel_metrics_processed'], 3);
  assert.equal(all['alloy_prometheus_relabel_metrics_written'], 2);
  assert.equal(all['prometheus_forwarded_samples_total'], 3);
  assert.equal(all['millrace_relabel_samples_dropped_total{reason="rules"}'], 2);
  assert.equal(table.openLeases, 0);
});

test('a batch of which nothing is left is delivered', async () => {
  const table = testSeries();
  const error = new DeliveryError('not now', { retryable: true });
  await using c = await runComponent(
    prometheusRelabel,
    `${rule('action = "labeldrop"; regex = "__name__"')}forward_to = [sink]`,
    {
      names: { sink: receiverFor(metrics, refuse(error)) },
    },
  );
  const sample = (labels: Readonly<Record<string, string>>) => ({ samples: [{ labels, value: 1, timestamp: 1 }] });
  const { signal } = new AbortController();
  await send(c.exports.receiver, batchOf(table, sample({ __name__: 'a' })), signal).delivered;
  const refused = send(c.exports.receiver, batchOf(table, sample({ __name__: 'a', b: 'c' })), signal);
  await assert.rejects(refused.accepted, error);
  await assert.rejects(refused.delivered, error);
});

test('the rules run once for a series, and the result is forgotten with it', async () => {
  let now = 0;
  const table = new SeriesTable({ maxSeries: 1000, lingerSeconds: 10, now: () => now });
  const sink = new SampleSink();
  const c = await runComponent(
    prometheusRelabel,
    `${rule('target_label = "x"; replacement = "y"')}forward_to = [sink]`,
    {
      names: { sink: sink.receiver },
    },
  );
  const batch = batchOf(table, {
    samples: ['a', 'b'].map((name) => ({ labels: { __name__: name }, value: 1, timestamp: 1 })),
  });
  const { signal } = new AbortController();
  for (let turn = 0; turn < 3; turn++) await send(c.exports.receiver, batch, signal).delivered;
  assert.deepEqual(cacheOf(c.metrics()), [4, 2, 0, 2]);
  assert.equal(table.size, 4);

  for (const series of batch.series) table.release(series);
  now = 60;
  for (let turn = 0; turn < 10; turn++) table.closeLease(table.openLease());
  const other = internSeries(table, { __name__: 'other' });
  await send(
    c.exports.receiver,
    batchOf(table, { samples: [{ labels: { __name__: 'other' }, value: 1, timestamp: 1 }] }),
    signal,
  ).delivered;
  assert.deepEqual(cacheOf(c.metrics()), [4, 3, 2, 1]);
  await c[Symbol.asyncDispose]();
  assert.ok(other > 0);
  assert.equal(table.size - table.lingering, 1, 'only the test has a share left');
});

test('the results of series that have ended are forgotten', async () => {
  const table = testSeries();
  const sink = new SampleSink();
  const text = `${rule('target_label = "x"; replacement = "y"')}forward_to = [sink]`;
  await using c = await runComponent(prometheusRelabel, text, { names: { sink: sink.receiver } });
  const labels = ['a', 'b', 'c'].map((name) => ({ __name__: name }));
  const ended = { ...emptyHistogram, isStale: true, sum: Number.NaN };
  const values = [['stale', ended, 1], [1, 1, 1]] as const; // prettier-ignore
  for (const row of values) {
    const samples = row.map((value, index) => ({ labels: labels[index] ?? {}, value, timestamp: 1 }));
    await send(c.exports.receiver, batchOf(table, { samples }), new AbortController().signal).delivered;
  }
  assert.deepEqual(cacheOf(c.metrics()), [1, 5, 2, 3]);
});

test('names that Prometheus did not have are not made', async () => {
  const table = testSeries();
  const sink = new SampleSink();
  await using c = await runComponent(
    prometheusRelabel,
    `${rule('target_label = "a.b"; replacement = "x"')}${rule('target_label = "ab"; replacement = "x"')}forward_to = [sink]`,
    { names: { sink: sink.receiver } },
  );
  const batch = batchOf(table, { samples: [{ labels: { __name__: 'm' }, value: 1, timestamp: 1 }] });
  await send(c.exports.receiver, batch, new AbortController().signal).delivered;
  assert.ok(sink.valuesOf('{__name__="m", ab="x"}').length === 1);
});

test('the cache has one kind of bound', () => {
  const names = { sink: new SampleSink().receiver };
  for (const [text, problem] of [
    ['', ''],
    ['max_cache_size = 0\ncache_ttl = "1m"', ''],
    ['max_cache_size = 1', ''],
    ['max_cache_size = 1\ncache_ttl = "2m"', 'cache_ttl needs max_cache_size = 0'],
    ['max_cache_size = 0', 'one of max_cache_size and cache_ttl must be greater than 0'],
    ['cache_ttl = "2m"', 'cache_ttl needs max_cache_size = 0'],
    ['max_cache_size = 0\ncache_ttl = "59s"', 'cache_ttl must be at least 1m'],
    ['max_cache_size = -1', 'max_cache_size must not be negative'],
  ] as const)
    assert.equal(problemsOf(prometheusRelabel, `forward_to = [sink]\n${text}`, names).join(), problem, text);
});
