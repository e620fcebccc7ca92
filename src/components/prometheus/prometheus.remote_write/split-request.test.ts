import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { WriteRequestV1Builder } from '../../../formats/remote-write/encode-v1.ts';
import { WriteRequestV2Builder } from '../../../formats/remote-write/encode-v2.ts';
import { compressed } from '../../../formats/snappy/compress.ts';
import { emptyHistogram } from '../../../model/native-histogram.ts';
import { sampleBatch, testSeries } from '../../../testkit/metric-samples.ts';
import { readWrite, type ReceivedSeries } from '../../../testkit/remote-write-receiver.ts';
import { itemCount, type OutgoingRequest, type WriteProtocol } from './outgoing-request.ts';
import { splitRequest } from './split-request.ts';

const table = testSeries();
const common = { epoch: 'e', shard: 3, settles: [] };

function requestWith(protocol: WriteProtocol, times: readonly number[]): OutgoingRequest {
  const builder = protocol === 'v1' ? new WriteRequestV1Builder() : new WriteRequestV2Builder();
  for (const [at, timestamp] of times.entries()) {
    const labels = { __name__: `n${at}`, job: 'j'.repeat(at) };
    const family = 1;
    const batch = sampleBatch(table, {
      samples: at % 3 === 0 ? [{ labels, value: at, timestamp, family }] : at % 3 === 1 ? [{ labels, value: emptyHistogram, timestamp }] : [], // prettier-ignore
      exemplars: at % 3 === 2 ? [{ labels, exemplar: { id: String(at) }, value: at, timestamp }] : [],
      families: [{ name: 'n', type: 1, help: `help ${at}`, unit: `unit${at}` }],
    });
    assert.ok(batch);
    if (at % 3 === 0) builder.addSample(batch, 0, batch.series[0] ?? 0);
    else if (at % 3 === 1) builder.addHistogram(batch, 0, batch.histograms?.series[0] ?? 0);
    else builder.addExemplar(batch, 0, batch.exemplars?.series[0] ?? 0);
  }
  const {
    sampleCount: samples,
    histogramCount: histograms,
    exemplarCount: exemplars,
    metadataCount: metadata,
  } = builder;
  const span = { oldest: Math.min(...times), newest: Math.max(...times) };
  return { ...common, protocol, samples, histograms, exemplars, metadata, ...span, body: builder.finish() };
}

function read({ protocol, body }: OutgoingRequest): { series: readonly ReceivedSeries[]; symbols: readonly string[] } {
  const { problem, series, symbols } = readWrite(protocol, body);
  assert.equal(problem, undefined);
  return { series, symbols };
}

for (const protocol of ['v1', 'v2'] as const) {
  test(`the halves of a request have together what it has, in its order: ${protocol}`, () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -5, max: 20 }), { minLength: 2, maxLength: 20 }), (times) => {
        const whole = requestWith(protocol, times);
        const halves = splitRequest(whole) ?? assert.fail();
        const [first, second] = halves.map(read);
        assert.ok(first && second);
        assert.deepEqual([...first.series, ...second.series], read(whole).series);
        assert.ok(Math.abs(first.series.length - second.series.length) <= 1);
        for (const kind of ['samples', 'histograms', 'exemplars', 'metadata'] as const)
          assert.equal(halves[0][kind] + halves[1][kind], whole[kind], kind);
        for (const [index, half] of halves.entries()) {
          const own: readonly number[] =
            index === 0 ? times.slice(0, first.series.length) : times.slice(first.series.length);
          assert.deepEqual([half.oldest, half.newest], [Math.min(...own), Math.max(...own)]);
          assert.equal(itemCount(half), own.length);
          assert.deepEqual([half.epoch, half.shard, half.protocol], ['e', 3, protocol]);
        }
      }),
    );
  });
}

test('texts go with the time series that refer to them', () => {
  const [first, second] = splitRequest(requestWith('v2', [1, 2, 3, 4, 5, 6])) ?? assert.fail();
  const texts = (half: OutgoingRequest): readonly string[] => read(half).symbols.filter((text) => text !== '');
  const both = texts(first).filter((text) => texts(second).includes(text));
  assert.deepEqual(both, ['__name__', 'job', 'id']);
  assert.ok(texts(first).includes('unit0') && texts(second).includes('unit3'));
  assert.equal(read(second).symbols[0], '');
});

test('requests with metadata alone are split too', () => {
  const builder = new WriteRequestV1Builder();
  for (const name of ['a', 'b', 'c']) builder.addFamily({ name, type: 1, help: name, unit: '' });
  const counts = { samples: 0, histograms: 0, exemplars: 0, metadata: 3, oldest: 7, newest: 7 };
  const halves = splitRequest({ ...common, protocol: 'v1', ...counts, body: builder.finish() }) ?? assert.fail();
  assert.deepEqual(halves.map(({ protocol, body }) => readWrite(protocol, body).metadata.map(({ name }) => name)), [['a'], ['b', 'c']]); // prettier-ignore
  assert.deepEqual(halves.map(({ metadata, oldest, newest }) => [metadata, oldest, newest]), [[1, 7, 7], [2, 7, 7]]); // prettier-ignore
});

test('what has one time series, or cannot be read, is not split', () => {
  for (const protocol of ['v1', 'v2'] as const) {
    assert.equal(splitRequest(requestWith(protocol, [1])), undefined);
    fc.assert(
      fc.property(fc.uint8Array(), (junk) => {
        const whole = requestWith(protocol, [1]);
        assert.equal(splitRequest({ ...whole, body: Buffer.from([255, ...junk]) }), undefined);
        splitRequest({ ...whole, body: compressed(Buffer.from(junk)) });
      }),
    );
  }
});
