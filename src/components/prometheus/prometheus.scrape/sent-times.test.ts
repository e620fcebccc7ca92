import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainSamples } from '../../../testkit/metric-samples.ts';
import { TestLoop } from '../../../testkit/scrape-loop.ts';
import { SentTimes, standing } from './sent-times.ts';

test('samples are compared with the last one of their series', () => {
  const { later, same, conflicting, earlier } = standing;
  const sent = new SentTimes();
  const cases = [
    [1, 100, 1, later],
    [1, 100, 1, same],
    [1, 100, 2, conflicting],
    [1, 99, 1, earlier],
    [1, 101, NaN, later],
    [1, 101, NaN, same],
    [40, 1, 0, later],
    [1, 101, NaN, same],
  ] as const;
  for (const [slot, time, value, expected] of cases)
    assert.equal(sent.takeSample(slot, time, value, slot + 1), expected, `slot ${slot} at ${time}: ${value}`);
  sent.forget(40);
  assert.equal(sent.takeSample(40, 1, 0, 41), later);
  sent.clear();
  assert.equal(sent.takeSample(1, 50, 0, 41), later);
});

test('a sample with a time of its own is sent once, and not after a later one', async () => {
  const scraping = new TestLoop();
  const at = 1_600_000_000_000;
  assert.deepEqual(await scraping.scrapeSeries(`a 1 ${at}\n`), ['a 1']);
  assert.deepEqual(await scraping.scrapeSeries(`a 1 ${at}\n`), []);
  assert.deepEqual([scraping.meters.duplicates.value, scraping.meters.outOfOrder.value], [0, 0]);
  assert.deepEqual(await scraping.scrapeSeries(`a 2 ${at}\n`), []);
  assert.deepEqual(await scraping.scrapeSeries(`a 3 ${at - 1}\n`), []);
  assert.deepEqual([scraping.meters.duplicates.value, scraping.meters.outOfOrder.value], [1, 1]);
  assert.equal(scraping.logged.filter((line) => line.startsWith('warn')).length, 1);
  assert.deepEqual(await scraping.scrapeSeries(`a 3 ${at + 1}\na 4 ${at + 2}\n`), ['a 3', 'a 4']);
  assert.equal(scraping.loop.last.samples, 2);
  await scraping.stop();
});

test('what was read in a scrape that failed was not sent', async () => {
  const scraping = new TestLoop();
  const sample = 'a 1 1600000000000\n';
  assert.deepEqual(await scraping.scrapeSeries(`${sample}b{`), []);
  assert.deepEqual(await scraping.scrapeSeries(sample), ['a 1']);
  await scraping.stop();
});

test('a series whose sample was sent before is marked when it ends, if that is wanted', async () => {
  const scraping = new TestLoop('track_timestamps_staleness = true');
  const sample = 'a 1 1600000000000\n';
  assert.deepEqual(await scraping.scrapeSeries(sample), ['a 1']);
  assert.deepEqual(await scraping.scrapeSeries(sample), []);
  assert.deepEqual(await scraping.scrapeSeries(''), ['a stale']);
  await scraping.stop();
});

test('an exemplar with a time is sent once', async () => {
  const scraping = new TestLoop();
  const exposing = async (...exemplars: readonly string[]): Promise<unknown> => {
    const lines = exemplars.map((exemplar, index) => `a${index}_total 1 # {id="${index}"} ${exemplar}\n`);
    const text = exemplars.map((_, index) => `# TYPE a${index} counter\n${lines[index]}`).join('');
    await scraping.scrape({ body: Buffer.from(`${text}# EOF\n`), contentType: 'application/openmetrics-text' });
    const batch = scraping.batches.at(-1);
    return batch === undefined ? [] : plainSamples(batch).exemplars?.map(({ value }) => value);
  };
  assert.deepEqual(await exposing('1 1600000000', '2'), [1, 2]);
  assert.deepEqual(await exposing('1 1600000000', '2'), [2]);
  assert.equal(scraping.meters.exemplarsOutOfOrder.value, 0);
  assert.deepEqual(await exposing('3 1500000000', '4'), [4]);
  assert.equal(scraping.meters.exemplarsOutOfOrder.value, 1);
  assert.deepEqual(await exposing('5 1600000001'), [5]);
  await scraping.stop();
});

test('the summaries of Prometheus are there, by interval and by job', async () => {
  const scraping = new TestLoop('honor_metadata = true');
  const text = '# HELP a Text.\n# TYPE a gauge\na 1\n';
  await scraping.scrape(text);
  await scraping.scrape(text);
  const { intervalSummary, metadataBytes, metadataEntries } = scraping.meters;
  assert.deepEqual(intervalSummary.with('10s').values(), [10, 10, 10, 10, 10]);
  assert.equal(metadataBytes.with('prometheus.scrape.x').value, 'Text.'.length + 'gauge'.length);
  assert.equal(metadataEntries.with('prometheus.scrape.x').value, 1);
  for (let turn = 0; turn < 11; turn++) await scraping.scrape('b 1\n');
  assert.equal(metadataBytes.with('prometheus.scrape.x').value, 0);
  await scraping.stop();
});
