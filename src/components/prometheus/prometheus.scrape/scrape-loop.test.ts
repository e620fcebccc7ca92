import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeliveryError, type Consumer } from '../../../flow/delivery.ts';
import type { SampleBatch } from '../../../model/sample-batch.ts';
import { plainSamples } from '../../../testkit/metric-samples.ts';
import { TestLoop } from '../../../testkit/scrape-loop.ts';

test('what a target exposes is sent with its labels and one timestamp, and what is reported of the scrape', async () => {
  const scraping = new TestLoop('extra_metrics = true\nsample_limit = 7');
  const sent = await scraping.scrape('a 1\nb{x="y"} 2.5\n');
  assert.deepEqual(
    sent.map((line) => line.replace(/^scrape_duration_seconds .*/, 'scrape_duration_seconds')),
    [
      'a 1',
      'b{x="y"} 2.5',
      'up 1',
      'scrape_duration_seconds',
      'scrape_samples_scraped 2',
      'scrape_samples_post_metric_relabeling 2',
      'scrape_series_added 2',
      'scrape_timeout_seconds 5',
      'scrape_sample_limit 7',
      'scrape_body_size_bytes 17',
    ],
  );
  const [batch] = scraping.batches;
  assert.ok(batch !== undefined);
  const { samples } = plainSamples(batch);
  assert.equal(new Set(samples.map(({ timestamp }) => timestamp)).size, 1);
  assert.deepEqual(samples[1]?.labels, { __name__: 'b', instance: 'i', job: 'j', x: 'y' });
  assert.ok((await scraping.scrape('a 1\nb{x="y"} 2.5\n')).includes('scrape_series_added 0'));
  await scraping.stop();
});

test('series that do not come again are marked once, and those that come again are new', async () => {
  const scraping = new TestLoop();
  assert.deepEqual(await scraping.scrapeSeries('a 1\nb 2\nc 3\n'), ['a 1', 'b 2', 'c 3']);
  assert.deepEqual(await scraping.scrapeSeries('b 2\n'), ['b 2', 'a stale', 'c stale']);
  assert.deepEqual(await scraping.scrapeSeries('b 2\n'), ['b 2']);
  assert.deepEqual(await scraping.scrapeSeries('c 4\nb 2\n'), ['c 4', 'b 2']);
  assert.deepEqual(await scraping.scrapeSeries(''), ['b stale', 'c stale'].toSorted(byFirst('b', 'c')));
  await scraping.stop();
  assert.equal(scraping.table.size - scraping.table.lingering, 0, 'no share is left');
  assert.equal(scraping.table.openLeases, 0);
  assert.equal(scraping.meters.cachedSeries.value, 0);
});

const byFirst =
  (...order: readonly string[]) =>
  (a: string, b: string) =>
    order.indexOf(a.charAt(0)) - order.indexOf(b.charAt(0));

test('after a scrape that failed everything is marked, and nothing of it is sent', async () => {
  const cases: readonly [what: string, answer: string | Error, error: RegExp][] = [
    ['no answer', new Error('GET http://host:1/metrics: connect ECONNREFUSED'), /ECONNREFUSED/],
    ['a line that cannot be read', 'a 5\nb{ 6\n', /line 2 of the exposition/],
    ['an end in the middle of a line', 'a 5\nb', /expected a value at line 2/],
    ['a name that is not valid', 'a 5\n{"b.c"} 6\n', /invalid metric name "b.c"/],
    ['a label name that is not valid', 'a 5\nb{"c.d"="x"} 6\n', /invalid label name "c.d" of the metric "b"/],
  ];
  for (const [what, answer, error] of cases) {
    const scraping = new TestLoop();
    await scraping.scrape('a 1\nb 2\n');
    const failed = await scraping.scrape(answer);
    assert.equal(failed[0], 'up 0', what);
    assert.deepEqual(
      failed.filter((line) => /^[a-z] /.test(line)),
      ['a stale', 'b stale'],
      what,
    );
    assert.equal(scraping.loop.last.health, 'down');
    assert.match(scraping.loop.last.error, error);
    assert.deepEqual(await scraping.scrapeSeries(answer), [], `${what}, again`);
    assert.deepEqual(await scraping.scrapeSeries('a 1\nb 2\n'), ['a 1', 'b 2'], `${what}, and then again`);
    assert.equal(scraping.loop.last.health, 'up');
    await scraping.stop();
  }
});

test('the known series of a target that stays away are forgotten', async () => {
  const scraping = new TestLoop();
  await scraping.scrape('a 1\nb 2\n');
  for (let turn = 0; turn < 4; turn++) await scraping.scrape(new Error('no'));
  assert.equal(scraping.meters.cachedSeries.value, 2);
  await scraping.scrape(new Error('no'));
  assert.equal(scraping.meters.cachedSeries.value, 0);
  assert.equal(scraping.meters.cacheFlushed.value, 1);
  assert.deepEqual(await scraping.scrapeSeries('a 1\n'), ['a 1']);
  await scraping.stop();
});

test('series are the same however they are written', async () => {
  const scraping = new TestLoop();
  assert.deepEqual(await scraping.scrapeSeries('a{x="1",y="2"} 1\n'), ['a{x="1",y="2"} 1']);
  assert.deepEqual(await scraping.scrapeSeries('a{ y="2", x="1", } 2\n'), ['a{x="1",y="2"} 2']);
  const openMetrics = { body: Buffer.from('a{x="1",y="2"} 3\n# EOF\n'), contentType: 'application/openmetrics-text' };
  assert.deepEqual(await scraping.scrapeSeries(openMetrics), ['a{x="1",y="2"} 3']);
  assert.deepEqual(await scraping.scrapeSeries('b 1\n'), ['b 1', 'a{x="1",y="2"} stale']);
  await scraping.stop();
});

test('of a series that comes twice the second sample is dropped and counted', async () => {
  const scraping = new TestLoop();
  const twice = 'a{x="1",y="2"} 1\na{y="2",x="1"} 2\na{x="1",y="2"} 3\n';
  assert.deepEqual(await scraping.scrapeSeries(twice), ['a{x="1",y="2"} 1']);
  assert.deepEqual(await scraping.scrapeSeries(twice), ['a{x="1",y="2"} 1']);
  assert.equal(scraping.meters.duplicates.value, 4);
  assert.equal(scraping.logged.filter((line) => line.startsWith('warn')).length, 1, 'told once');
  assert.deepEqual(await scraping.scrapeSeries('a{y="2",x="1"} 2\n'), ['a{x="1",y="2"} 2']);
  assert.deepEqual(await scraping.scrapeSeries(''), ['a{x="1",y="2"} stale']);
  await scraping.stop();
});

test('timestamps of the target count if they are honored, and such series are not marked unless that is wanted', async () => {
  const later = Date.now() * 1000;
  for (const [args, times, ended] of [
    ['', [true, false], ['b stale']],
    ['track_timestamps_staleness = true', [true, false], ['a stale', 'b stale']],
    ['honor_timestamps = false', [false, false], ['a stale', 'b stale']],
  ] as const) {
    const scraping = new TestLoop(args);
    await scraping.scrape('a 1 1600000000000\nb 2\n');
    const [batch] = scraping.batches;
    assert.ok(batch !== undefined);
    const { samples } = plainSamples(batch);
    assert.deepEqual([samples[0]?.timestamp === 1_600_000_000_000, samples[1]?.timestamp === 1_600_000_000_000], times);
    assert.deepEqual(await scraping.scrapeSeries(''), ended, args);
    if (args === '') {
      assert.deepEqual(await scraping.scrapeSeries(`a 1 ${later}\nb 2\n`), ['b 2']);
      assert.equal(scraping.meters.outOfBounds.value, 1);
    }
    await scraping.stop();
  }
});

test('limits fail the scrape, and all samples are counted', async () => {
  const samples = new TestLoop('sample_limit = 2');
  const sent = await samples.scrape('a 1\nb 2\nc 3\n');
  assert.deepEqual(sent.filter((line) => !line.includes('duration')), [
    'up 0',
    'scrape_samples_scraped 3',
    'scrape_samples_post_metric_relabeling 2',
    'scrape_series_added 2',
  ]); // prettier-ignore
  assert.equal(samples.meters.sampleLimitExceeded.value, 1);
  assert.match(samples.loop.last.error, /sample_limit exceeded \(number of samples: 3, limit: 2\)/);
  assert.deepEqual(await samples.scrapeSeries('b 1\nc 2\n'), ['b 1', 'c 2']);
  await samples.stop();

  for (const [args, text, error] of [
    ['label_limit = 4', 'a{b="c",d="e"} 1', /^label_limit exceeded \(metric: "a", number of labels: 5, limit: 4\)$/],
    ['label_name_length_limit = 8', 'a{bcdefghij="c"} 1', /^label_name_length_limit exceeded .*length: 9, limit: 8\)$/],
    ['label_value_length_limit = 3', 'a{b="cdef"} 1', /^label_value_length_limit exceeded .*value: "cdef", length: 4/],
  ] as const) {
    const scraping = new TestLoop(args);
    assert.equal((await scraping.scrape(`x 1\n${text}\n`))[0], 'up 0');
    assert.match(scraping.loop.last.error, error);
    assert.equal(scraping.meters.labelLimitsExceeded.value, 1);
    await scraping.stop();
  }
});

test('after a target has gone its series are marked with the time of the first scrape that did not take place', async () => {
  const scraping = new TestLoop();
  await scraping.scrape('a 1\n');
  const [first] = scraping.batches;
  let isGone = false;
  scraping.loop.leave(() => (isGone = true));
  await scraping.clock.advance(15_000);
  assert.deepEqual(scraping.taken(), []);
  await scraping.clock.advance(10_000);
  const sent = scraping.taken();
  assert.ok(isGone);
  assert.deepEqual(
    sent.map((line) => line.split(' ').at(-1)),
    Array.from({ length: 6 }, () => 'stale'),
  );
  assert.ok(sent.includes('a stale') && sent.includes('up stale'));
  const [, last] = scraping.batches;
  assert.equal(last?.timestamps[0], (first?.timestamps[0] ?? 0) + 10_000);
  await scraping.stop();
  assert.equal(scraping.table.size - scraping.table.lingering, 0);
});

test('a target that comes again in time goes on as if it had been there', async () => {
  const scraping = new TestLoop();
  await scraping.scrape('a 1\nb 2\n');
  scraping.loop.leave(() => assert.fail('it has come again'));
  await scraping.clock.advance(12_000);
  scraping.answer = 'b 2\n';
  scraping.loop.start();
  await scraping.clock.advance(30_000);
  const sent = scraping.taken();
  assert.deepEqual(
    sent.filter((line) => line.includes('stale') || line === 'up 1'),
    ['up 1', 'a stale', 'up 1', 'up 1'],
  );
  await scraping.stop();
});

test('a target that comes again while its end is told begins anew', async () => {
  const waits: (() => void)[] = [];
  let isBlocking = false;
  const consumer: Consumer<SampleBatch> = {
    consume: () => (isBlocking ? new Promise((resolve) => waits.push(resolve)) : undefined),
  };
  const scraping = new TestLoop('', consumer);
  await scraping.scrape('a 1\n');
  isBlocking = true;
  scraping.loop.leave(() => assert.fail('it has come again'));
  await scraping.clock.advance(25_000);
  assert.equal(waits.length, 1);
  scraping.loop.start();
  isBlocking = false;
  waits.shift()?.();
  const forwarded = scraping.meters.forwarded.value;
  await scraping.scrape('a 1\n');
  assert.equal(scraping.meters.forwarded.value - forwarded, 12, 'the end, and a scrape');
  await scraping.stop();
});

test('nothing is said when the component stops', async () => {
  const scraping = new TestLoop();
  await scraping.scrape('a 1\n');
  await scraping.stop();
  await scraping.clock.advance(60_000);
  assert.deepEqual(scraping.taken(), []);
});

test('another interval counts at once, and other settings with the next scrape', async () => {
  const scraping = new TestLoop();
  await scraping.scrapeSeries('a{job="x"} 1\nb 1\n');
  scraping.update('honor_labels = true');
  const sent = await scraping.scrapeSeries('a{job="x"} 1\nb 1\n');
  assert.deepEqual(sent, ['a 1', 'b 1', 'a{exported_job="x"} stale']);
  scraping.loop.update(scraping.target({ __scrape_interval__: '5s', __scrape_timeout__: '1s' }));
  await scraping.clock.advance(50_000);
  assert.equal(scraping.batches.length, 12);
  await scraping.stop();
});

test('a clock that is set back or forward does not stop scrapes, and those that were missed are counted', async () => {
  const scraping = new TestLoop();
  await scraping.scrape('a 1\n');
  scraping.clock.set(scraping.clock.now() - 3_600_000);
  assert.ok((await scraping.scrapeSeries('a 1\n')).length >= 1);
  assert.equal((await scraping.scrapeSeries('a 1\n')).length, 1);
  scraping.clock.set(scraping.clock.now() + 100_000);
  await scraping.scrape('a 1\n');
  assert.ok([9, 10].includes(scraping.meters.skipped.value), `${scraping.meters.skipped.value} left out`);
  await scraping.stop();
});

test('while samples are not accepted scrapes are left out and counted', async () => {
  const waits: (() => void)[] = [];
  const batches: SampleBatch[] = [];
  const consumer: Consumer<SampleBatch> = {
    consume(batch) {
      batches.push(batch);
      return new Promise((resolve) => waits.push(resolve));
    },
  };
  const scraping = new TestLoop('', consumer);
  scraping.answer = 'a 1\n';
  await scraping.clock.advance(45_000);
  assert.equal(batches.length, 1);
  assert.equal(scraping.table.openLeases, 1);
  waits.shift()?.();
  await scraping.clock.advance(100);
  assert.equal(batches.length, 2, 'the latest is caught up with');
  assert.ok([2, 3].includes(scraping.meters.skipped.value), `${scraping.meters.skipped.value} left out`);
  const stopped = scraping.stop();
  for (const accept of waits) accept();
  await stopped;
});

test('samples that are refused are offered again until the next scrape, and counted when they are lost', async () => {
  let isRefusing = true;
  let offers = 0;
  const consumer: Consumer<SampleBatch> = {
    consume() {
      offers++;
      if (isRefusing) throw new DeliveryError('full', { retryable: true });
    },
  };
  const scraping = new TestLoop('', consumer);
  scraping.answer = 'a 1\n';
  await scraping.clock.advance(25_000);
  assert.ok(offers > 4);
  assert.equal(scraping.meters.dropped.with('refused').value % 6, 0);
  assert.ok(scraping.meters.dropped.with('refused').value > 0);
  assert.equal(scraping.logged.filter((line) => line.includes('samples were lost')).length, 1);
  isRefusing = false;
  await scraping.clock.advance(20_000);
  assert.ok(scraping.meters.forwarded.value >= 6);
  await scraping.stop();
  assert.equal(scraping.table.openLeases, 0);
});

test('samples that are lost after they were accepted are counted', async () => {
  const consumer: Consumer<SampleBatch> = {
    consume(_, delivery) {
      const settle = delivery.hold();
      setImmediate(() => settle(new DeliveryError('gone', { retryable: true })));
    },
  };
  const scraping = new TestLoop('', consumer);
  scraping.answer = 'a 1\n';
  await scraping.clock.advance(10_000);
  await scraping.clock.advance(1);
  assert.equal(scraping.meters.dropped.with('undelivered').value, 6);
  await scraping.stop();
  assert.equal(scraping.table.openLeases, 0);
});
