import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { SampleBatch } from '../../model/sample-batch.ts';
import type { SeriesTable } from '../../model/series-table.ts';
import { sampleBatch, testSeries, type PlainSample } from '../../testkit/metric-samples.ts';
import { writeRequestV1 } from '../../testkit/metrics-reference.ts';
import { referenceSnappy } from '../../testkit/push-reference.ts';
import { WriteRequestV1Builder } from './encode-v1.ts';
import { makeSampleBlock, maxBlockSeries } from './make-sample-block.ts';
import { isBlockTime } from './sample-block.ts';

const now = 1_700_000_000_000;

function batchOf(table: SeriesTable, samples: readonly PlainSample[]): SampleBatch {
  const batch = sampleBatch(table, { samples });
  assert.ok(batch);
  return batch;
}

/** A request of all samples of a batch, in blocks or one by one. */
function encode(batch: SampleBatch, inBlocks: boolean): Buffer {
  const builder = new WriteRequestV1Builder();
  const indices = Uint32Array.from({ length: batch.count }, (_, index) => index);
  for (let at = 0; at < batch.count;) {
    const block = inBlocks ? makeSampleBlock(batch.table, batch.series, at, batch.count) : undefined;
    if (inBlocks) assert.ok(block);
    if (block === undefined) builder.addSample(batch, at, batch.series[at] ?? 0);
    else builder.addBlock(batch, block, indices, at);
    at += block?.count ?? 1;
  }
  assert.equal(builder.sampleCount, batch.count);
  const { size } = builder;
  const body = builder.finish();
  const plain = Buffer.from(referenceSnappy.uncompress(body));
  assert.equal(plain.length, size);
  return plain;
}

/** What an independent library reads, where a zero that is written and one that is left out are the same. */
function read(plain: Buffer): unknown {
  const { timeseries } = writeRequestV1.decode(plain) as { timeseries: { labels: unknown; samples: object[] }[] };
  return timeseries.map(({ labels, samples }) => ({ labels, samples: samples.map((one) => ({ value: 0, ...one })) }));
}

const label = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).filter((text) => text.isWellFormed());
const value = fc.oneof(
  fc.constantFrom(0, 1, -1, 1000, 2000, 0.1, Infinity, NaN),
  fc.integer(),
  fc.double(),
  fc.constant('stale' as const),
);
const series = fc.record(
  { a: label, b: fc.constantFrom('x', 'y', '/api/v1/orders'), value },
  { noNullPrototype: true },
);

test('blocks hold what samples one by one would', () => {
  fc.assert(
    fc.property(fc.array(series, { minLength: 1, maxLength: 300 }), fc.nat(), (all, more) => {
      const table = testSeries();
      const samples = all.map((one, index) => ({
        labels: { __name__: 'metric', a: one.a, b: one.b, number: String(index) },
        value: one.value,
        timestamp: now + more,
      }));
      const batch = batchOf(table, samples);
      const [inBlocks, oneByOne] = [encode(batch, true), encode(batch, false)];
      assert.deepEqual(read(inBlocks), read(oneByOne));
      // Zeros are written in blocks, and left out otherwise; all else is the same to the bit.
      if (!all.some((one) => Object.is(one.value, 0))) assert.deepEqual(inBlocks, oneByOne);
    }),
    { numRuns: 50 },
  );
});

test('a block is used for other values and times again', () => {
  const table = testSeries();
  const samplesAt = (round: number): PlainSample[] =>
    Array.from({ length: 50 }, (_, index) => ({
      labels: { __name__: `metric_${index >> 3}`, le: String(index % 8) },
      value: (index * round) % 5,
      timestamp: now + 15_000 * round,
    }));
  const first = batchOf(table, samplesAt(0));
  const block = makeSampleBlock(table, first.series, 0, first.count);
  assert.ok(block);
  const indices = Uint32Array.from({ length: first.count }, (_, index) => index);
  for (let round = 1; round < 4; round++) {
    const batch = batchOf(table, samplesAt(round));
    assert.ok(block.isAt(table, batch.series, 0, batch.count));
    const builder = new WriteRequestV1Builder();
    builder.addSample(batch, 0, batch.series[0] ?? 0);
    builder.addBlock(batch, block, indices, 0);
    builder.addBlock(batch, block, indices, 0);
    builder.addSample(batch, 0, batch.series[0] ?? 0);
    const all = read(Buffer.from(referenceSnappy.uncompress(builder.finish()))) as unknown[];
    const wanted = read(encode(batch, false)) as unknown[];
    assert.deepEqual(all, [wanted[0], ...wanted, ...wanted, wanted[0]]);
  }
});

test('a block ends where its places would get too large', () => {
  const table = testSeries();
  const long = Array.from({ length: 200 }, (_, index) => ({
    labels: { __name__: 'long', text: `${index}${'x'.repeat(2000)}` },
    value: index,
    timestamp: now,
  }));
  const batch = batchOf(table, long);
  const block = makeSampleBlock(table, batch.series, 0, batch.count);
  assert.ok(block !== undefined && block.count < maxBlockSeries && block.plainSize < 2 ** 16);
  assert.deepEqual(read(encode(batch, true)), read(encode(batch, false)));
  const huge = batchOf(table, [{ labels: { __name__: 'huge', text: 'x'.repeat(70_000) }, value: 1, timestamp: now }]);
  assert.equal(makeSampleBlock(table, huge.series, 0, 1), undefined);
});

test('a block is of series and not of their numbers, which others may get', () => {
  const table = testSeries();
  const batch = batchOf(
    table,
    Array.from({ length: 9 }, (_, index) => ({ labels: { __name__: `m${index}` }, value: 1, timestamp: now })),
  );
  const block = makeSampleBlock(table, batch.series, 0, batch.count);
  assert.equal(block?.isAt(table, batch.series, 0, batch.count), true);
  assert.equal(block?.isAt(table, batch.series, 0, batch.count - 1), false);
  assert.equal(block?.isAt(table, batch.series.toReversed(), 0, batch.count), false);
  const others = Object.create(table) as SeriesTable;
  others.generationOf = () => 1;
  assert.equal(block?.isAt(others, batch.series, 0, batch.count), false);
});

test('times that take six bytes can be in blocks', () => {
  for (const time of [now, Date.UTC(1972, 0), Date.UTC(2109, 0)]) assert.ok(isBlockTime(time));
  for (const time of [0, -1, 1, Date.UTC(1971, 0), Date.UTC(2110, 0), NaN]) assert.ok(!isBlockTime(time));
});
