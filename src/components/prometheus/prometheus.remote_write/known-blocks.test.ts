import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { Delivery } from '../../../flow/delivery.ts';
import type { SampleBatch } from '../../../model/sample-batch.ts';
import { SeriesTable } from '../../../model/series-table.ts';
import { internSeries, sampleBatch, testSeries, type PlainSample } from '../../../testkit/metric-samples.ts';
import { writeRequestV1 } from '../../../testkit/metrics-reference.ts';
import { referenceSnappy } from '../../../testkit/push-reference.ts';
import { KnownBlocks } from './known-blocks.ts';
import type { OutgoingRequest } from './outgoing-request.ts';
import { RequestQueue } from './request-queue.ts';

const now = 1_700_000_000_000;
const delivery: Delivery = { signal: new AbortController().signal, hold: () => () => undefined };

function refs(from: number, count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, index) => from + index);
}

function tableWith(count: number): SeriesTable {
  const table = testSeries();
  for (let index = 0; index < count; index++) internSeries(table, { __name__: `metric_${index}` });
  return table;
}

test('series get a block when they come in the same order for the second time', () => {
  const blocks = new KnownBlocks(tableWith(300));
  const series = refs(1, 300);
  assert.equal(blocks.find(series, 0, 300), undefined);
  const block = blocks.find(series, 0, 300);
  assert.equal(block?.count, 128);
  assert.equal(blocks.find(series, 0, 300), block);
  assert.equal(blocks.find(series, 0, 200), block);
  // There is not enough for it, and what is there comes for the first time.
  assert.equal(blocks.find(series, 0, 100), undefined);
  assert.equal(blocks.find(series, 0, 100)?.count, 100);
  const other = series.with(50, 290);
  assert.equal(blocks.find(other, 0, 300), undefined);
  assert.equal(blocks.find(series, 0, 300), undefined);
  assert.equal(blocks.find(series, 0, 300)?.count, 128);
});

test('a few series get none', () => {
  const blocks = new KnownBlocks(tableWith(10));
  for (let time = 0; time < 3; time++) assert.equal(blocks.find(refs(1, 7), 0, 7), undefined);
});

test('series whose numbers belong to others now get another block', () => {
  let time = 0;
  const table = new SeriesTable({ maxSeries: 1000, lingerSeconds: 1, now: () => time });
  const series = Uint32Array.from({ length: 10 }, (_, index) => internSeries(table, { __name__: `old_${index}` }));
  const blocks = new KnownBlocks(table);
  blocks.find(series, 0, 10);
  const before = blocks.find(series, 0, 10);
  assert.ok(before);
  const last = series[9] ?? 0;
  table.release(last);
  time = 10;
  table.closeLease(table.openLease());
  assert.equal(internSeries(table, { __name__: 'new' }), last);
  assert.equal(blocks.find(series, 0, 10), undefined);
  const after = blocks.find(series, 0, 10);
  assert.ok(after !== undefined && after !== before);
});

test('what is known of orders that do not come again is bounded', () => {
  const table = tableWith(2000);
  const blocks = new KnownBlocks(table);
  const series = refs(1, 2000);
  for (let start = 0; start < 1800; start++) for (let time = 0; time < 2; time++) blocks.find(series, start, 2000);
  assert.ok(blocks.size <= 2 * table.size + 8192);
});

/** The numbers of the series and values in requests, by series and in the order they are sent. */
function sent(requests: readonly OutgoingRequest[]): Map<string, number[]> {
  const all = new Map<string, number[]>();
  for (const { body } of requests) {
    const { timeseries } = writeRequestV1.decode(Buffer.from(referenceSnappy.uncompress(body))) as {
      timeseries: { labels: { name: string; value: string }[]; samples: { value?: number; timestamp: number }[] }[];
    };
    for (const { labels, samples } of timeseries) {
      const name = labels.map((one) => one.value).join();
      for (const one of samples) all.set(name, [...(all.get(name) ?? []), one.timestamp, one.value ?? 0]);
    }
  }
  return all;
}

const round = fc.record({
  /** Of which series the samples are, as the first and how many. */
  first: fc.constantFrom<number>(0, 0, 0, 40),
  count: fc.constantFrom(600, 600, 5, 1500),
  /** One that is left out, and whether one has a time of its own. */
  missing: fc.constantFrom<number | undefined>(undefined, undefined, 300),
  hasOwnTime: fc.boolean(),
  shards: fc.constantFrom(1, 1, 1, 3),
});

test('whatever comes again in whatever order, each sample is sent once, and those of a series in their order', () => {
  fc.assert(
    fc.property(fc.array(round, { maxLength: 12 }), (rounds) => {
      const table = testSeries();
      const queue = new RequestQueue({ protocol: 'v1', maxItems: 1100, deadline: 1000, capacity: 1000 }, 1);
      const wanted = new Map<string, number[]>();
      for (const [index, { first, count, missing, hasOwnTime, shards }] of rounds.entries()) {
        const samples: PlainSample[] = [];
        for (let series = first; series < first + count; series++) {
          if (series === missing) continue;
          const labels = { __name__: 'metric', series: String(series) };
          const timestamp = now + 15_000 * index + (hasOwnTime && series === 200 ? 1 : 0);
          samples.push({ labels, value: (series * index) % 7, timestamp });
          const name = `metric,${series}`;
          wanted.set(name, [...(wanted.get(name) ?? []), timestamp, (series * index) % 7]);
        }
        queue.setShardCount(shards);
        add(queue, sampleBatch(table, { samples }));
      }
      queue.close();
      for (const { samples } of queue.complete) assert.ok(samples <= 1100);
      const { complete } = queue;
      assert.equal(
        complete.reduce((sum, { samples }) => sum + samples, 0),
        Array.from(wanted.values()).reduce((sum, list) => sum + list.length / 2, 0),
      );
      assert.deepEqual(sent(complete), new Map(Array.from(wanted.keys(), (name) => [name, wanted.get(name)])));
    }),
    { numRuns: 30 },
  );
});

function add(queue: RequestQueue, batch: SampleBatch | undefined): void {
  if (batch === undefined) return;
  for (const [index, series] of batch.series.entries()) queue.requestFor(series).chosen.add(series, index);
  queue.addChosen(batch, delivery);
}
