import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextTurn } from '../../../base/turns.ts';
import type { SampleBatch } from '../../../model/sample-batch.ts';
import { plainSamples, testSeries } from '../../../testkit/metric-samples.ts';
import { TestLoop } from '../../../testkit/scrape-loop.ts';
import { until } from '../../../testkit/until.ts';
import { LargeBatches } from './batch-maker.ts';

const count = 20_000;
const large = Array.from({ length: count }, (_, index) => line(index)).join('');

function line(index: number): string {
  return `exploded_total{path="/orders/${String(index).padStart(20, '0')}/items"} ${index}\n`;
}

/** A loop whose scrapes may take as long as they do. */
function scraping(args = '') {
  let sent: { readonly name: string; readonly isStale: boolean }[] = [];
  const sizes: number[] = [];
  // Batches are looked at when they come, since series may be forgotten as soon as they are delivered.
  const consume = (batch: SampleBatch): void => {
    sizes.push(batch.count);
    for (const { labels, value } of plainSamples(batch).samples ?? [])
      sent.push({ name: labels['__name__'] ?? '', isStale: value === 'stale' });
  };
  const loop = new TestLoop(args, { consume });
  /** Scrapes once, and tells how many samples were sent, and how many of them say that a series has ended. */
  const scrape = async (answer: string): Promise<readonly [samples: number, ended: number]> => {
    const { at } = loop.loop.last;
    sent = [];
    await loop.scrape(answer);
    await until(() => loop.loop.last.at !== at && loop.table.openLeases === 0);
    const exposed = sent.filter(({ name }) => !/^(?:up|scrape_\w+)$/.test(name));
    return [exposed.length, exposed.filter(({ isStale }) => isStale).length];
  };
  return { loop, scrape, sizes };
}

test('a large response is read in turns with everything else, and sent in parts', async () => {
  const { loop, scrape, sizes } = scraping();
  let turns = 0;
  let isOver = false;
  const others = (async () => {
    for (; !isOver; turns++) await nextTurn();
  })();
  const first = await scrape(`small 1\n${large}`).finally(() => (isOver = true));
  await others;
  assert.deepEqual(first, [count + 1, 0]);
  assert.deepEqual(sizes, [10_000, 10_000, 6]);
  assert.ok(turns > sizes.length);
  assert.deepEqual(await scrape(`small 1\n${large}`), [count + 1, 0]);
  assert.deepEqual(await scrape('small 1\n'), [count + 1, count]);
  assert.deepEqual(await scrape('small 1\n'), [1, 0]);
  await loop.stop();
  assert.equal(loop.table.size - loop.table.lingering, 0, 'no share is left');
});

test('a large response that is beyond a limit is left out, and nothing is kept of what is beyond', async () => {
  const { loop, scrape } = scraping('sample_limit = 10');
  assert.deepEqual(await scrape('small 1\n'), [1, 0]);
  assert.deepEqual(await scrape(`small 1\n${large}`), [1, 1]);
  assert.equal(loop.loop.last.samples, count + 1, 'all are counted');
  assert.equal(loop.meters.cachedSeries.value, 10);
  assert.deepEqual(await scrape(line(count + 1)), [1, 0]);
  await loop.stop();
});

test('a large response with a mistake is left out, and its series are forgotten', async () => {
  const { loop, scrape } = scraping();
  assert.deepEqual(await scrape(`${large}a{`), [0, 0]);
  assert.match(loop.loop.last.error, /line 20001 of the exposition/);
  assert.equal(loop.meters.cachedSeries.value, 0);
  assert.deepEqual(await scrape('small 1\n'), [1, 0]);
  await loop.stop();
  assert.equal(loop.table.size - loop.table.lingering, 0, 'no share is left');
});

test('a large response is not read on when everything stops', async () => {
  const { loop, scrape, sizes } = scraping();
  await scrape('small 1\n');
  loop.answer = large;
  const passing = loop.clock.advance(10_000);
  await until(() => loop.table.openLeases === 1);
  await loop.stop();
  await passing;
  assert.equal(sizes.length, 1);
  assert.equal(loop.table.openLeases, 0);
  assert.equal(loop.table.size - loop.table.lingering, 0, 'no share is left');
});

test('responses that wait to be read do not take memory without a bound', () => {
  const batches = new LargeBatches(testSeries());
  const half = 256 * 1024 * 1024;
  const [first, second] = [batches.reserve(half), batches.reserve(half)];
  assert.ok(first !== undefined && second !== undefined);
  assert.equal(batches.reserve(1), undefined);
  second.release();
  assert.ok(batches.reserve(1) !== undefined);
});
