import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { emptyHistogram } from '../../../model/native-histogram.ts';
import { prometheusMissing, RealPrometheus } from '../../../testkit/real-prometheus.ts';
import { runRemoteWrite, sample, sendSamples, writeEndpoint, writeMetric } from '../../../testkit/remote-write.ts';
import { until } from '../../../testkit/until.ts';

const skip = prometheusMissing() ?? false;

test('Prometheus knows what was sent: floats, labels, ends of series, histograms and exemplars', { skip }, async () => {
  const now = Date.now() - 10_000;
  await using prometheus = await RealPrometheus.start();
  const text = `${writeEndpoint(prometheus, 'send_native_histograms = true')}\nexternal_labels = {cluster = "eu"}`;
  await using c = await runRemoteWrite(text);
  const values = [123.45, 42, 0, -15.5, Infinity, -Infinity, NaN, 1.7e308, 5e-324];
  const labels = { __name__: 'requests_total', path: 'Xin chào "x"\\\n' };
  const histogram = {
    ...emptyHistogram,
    count: 5,
    sum: 12.5,
    schema: 1,
    positiveSpans: [{ offset: 0, length: 2 }],
    positiveBuckets: [2, 1],
  };
  await sendSamples(c.exports.receiver, {
    samples: [
      ...values.map((value, index) => sample('value', value, now, { index: `${index}` })),
      sample('requests_total', 7, now, { path: labels.path }),
      sample('ended', 1, now),
      { labels: { __name__: 'ended' }, value: 'stale', timestamp: now + 1000 },
      { labels: { __name__: 'native' }, value: histogram, timestamp: now },
    ],
    exemplars: [{ labels, exemplar: { trace_id: 'abc' }, value: 0.5, timestamp: now }],
  }).delivered;
  await until(() => writeMetric(c, 'samples_total') === values.length + 3 && writeMetric(c, 'samples_pending') === 0);
  assert.equal(writeMetric(c, 'histograms_total'), 1);
  assert.equal(writeMetric(c, 'samples_failed_total'), 0);

  const found = await prometheus.query('value', now);
  const texts = found.map(({ metric, value }) => [metric['index'], metric['cluster'], value[1]]);
  const expected = ['123.45', '42', '0', '-15.5', '+Inf', '-Inf', 'NaN', '1.7e+308', '5e-324'];
  assert.deepEqual(
    texts.toSorted((a, b) => Number(a[0]) - Number(b[0])),
    expected.map((value, index) => [String(index), 'eu', value]),
  );
  const [series] = await prometheus.query('requests_total', now);
  assert.equal(series?.metric['path'], labels.path);
  assert.equal(await prometheus.value('ended', now), '1');
  assert.equal(await prometheus.value('ended', now + 2000), undefined);
  assert.equal(await prometheus.value('histogram_count(native)', now), '5');
  assert.equal(await prometheus.value('histogram_sum(native)', now), '12.5');
  const exemplars = JSON.stringify(await prometheus.exemplars('requests_total', now - 1000, now + 1000));
  assert.match(exemplars, /"trace_id":"abc"/);
});

test('Prometheus gets every sample once and in order, through an outage and a restart', { skip }, async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'remote-write-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const rounds = 150;
  const start = Date.now() - rounds * 1000;
  await using prometheus = await RealPrometheus.start();
  const text = writeEndpoint(prometheus, '', 'min_shards = 3\nmax_shards = 3\nmax_samples_per_send = 50');
  let round = 0;
  const sendUntil = async (c: Awaited<ReturnType<typeof runRemoteWrite>>, end: number): Promise<void> => {
    for (; round < end; round++) {
      const time = start + round * 1000;
      const samples = Array.from({ length: 20 }, (_, at) => sample('n', round, time, { series: `${at}` }));
      await sendSamples(c.exports.receiver, samples).delivered;
    }
  };
  {
    await using c = await runRemoteWrite(text, folder);
    await sendUntil(c, 50);
    await prometheus.down();
    await sendUntil(c, 100);
  }
  await prometheus.up();
  await using c = await runRemoteWrite(text, folder);
  await sendUntil(c, rounds);
  await until(() => writeMetric(c, 'samples_pending') === 0 && writeMetric(c, 'wal_requests') === 0);
  assert.equal(writeMetric(c, 'samples_failed_total'), 0);
  const end = start + rounds * 1000;
  const query = (promql: string) => prometheus.value(promql, end);
  assert.equal(await query('count(n)'), '20');
  assert.equal(await query('min(count_over_time(n[10m]))'), String(rounds));
  assert.equal(await query('sum(sum_over_time(n[10m]))'), String((20 * rounds * (rounds - 1)) / 2));
});
