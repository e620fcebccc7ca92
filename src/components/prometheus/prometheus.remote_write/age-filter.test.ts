import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { WriteRequestV1Builder } from '../../../formats/remote-write/encode-v1.ts';
import { WriteRequestV2Builder } from '../../../formats/remote-write/encode-v2.ts';
import { compressed } from '../../../formats/snappy/compress.ts';
import { emptyHistogram } from '../../../model/native-histogram.ts';
import { sampleBatch, testSeries } from '../../../testkit/metric-samples.ts';
import { writeRequestV1, writeRequestV2, type ProtobufMessage } from '../../../testkit/metrics-reference.ts';
import { referenceSnappy } from '../../../testkit/push-reference.ts';
import { withoutOld } from './age-filter.ts';

const table = testSeries();
const versions = [
  ['v1', writeRequestV1, () => new WriteRequestV1Builder()],
  ['v2', writeRequestV2, () => new WriteRequestV2Builder()],
] as const;

for (const [protocol, reference, builderOf] of versions) {
  test(`everything that is older is left out of ${protocol}, and nothing else`, () => {
    const time = fc.integer({ min: -5, max: 20 });
    fc.assert(
      fc.property(fc.array(time), fc.array(time), fc.array(time), (samples, histograms, exemplars) => {
        const labels = { __name__: 'n' };
        const requestOf = (isKept: (timestamp: number) => boolean): Buffer => {
          const builder = builderOf();
          const batch = sampleBatch(table, {
            samples: [
              ...samples.filter(isKept).map((timestamp) => ({ labels, value: 1, timestamp, family: 1 })),
              ...histograms.filter(isKept).map((timestamp) => ({ labels, value: emptyHistogram, timestamp })),
            ],
            exemplars: exemplars
              .filter(isKept)
              .map((timestamp) => ({ labels, exemplar: { a: 'b' }, value: 1, timestamp })),
            families: [{ name: 'n', type: 1, help: 'h', unit: 'u' }],
          });
          if (batch === undefined) return builder.finish();
          for (let at = 0; at < batch.count; at++) builder.addSample(batch, at, batch.series[at] ?? 0);
          const { histograms: some, exemplars: more } = batch;
          for (let at = 0; at < (some?.count ?? 0); at++) builder.addHistogram(batch, at, some?.series[at] ?? 0);
          for (let at = 0; at < (more?.count ?? 0); at++) builder.addExemplar(batch, at, more?.series[at] ?? 0);
          return builder.finish();
        };
        const { body, dropped } = withoutOld(
          requestOf(() => true),
          protocol,
          10,
        );
        const decode = (bytes: Buffer): ProtobufMessage =>
          reference.decode(Buffer.from(referenceSnappy.uncompress(bytes)));
        const series = (bytes: Buffer): unknown => decode(bytes)['timeseries'];
        const expected = requestOf((timestamp) => timestamp >= 10);
        const isEmpty = [...samples, ...histograms, ...exemplars].every((timestamp) => timestamp < 10);
        // Texts that nothing refers to any more may stay.
        if (isEmpty) assert.equal(series(body), undefined);
        else if (protocol === 'v1') assert.deepEqual(series(body), series(expected));
        else assert.equal((series(body) as unknown[]).length, (series(expected) as unknown[]).length);
        const old = (times: readonly number[]): number => times.filter((timestamp) => timestamp < 10).length;
        const wanted = { samples: old(samples), histograms: old(histograms), exemplars: old(exemplars) };
        assert.deepEqual({ ...dropped, metadata: 0 }, { ...wanted, metadata: 0 });
        assert.equal(dropped.metadata, protocol === 'v2' ? old(samples) : 0);
      }),
    );
  });
}

test('a request that cannot be read is left to the server', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.constantFrom('v1' as const, 'v2' as const), (bytes, protocol) => {
      const junk = Buffer.from(bytes);
      for (const body of [junk, compressed(junk)]) withoutOld(body, protocol, 10);
      assert.equal(withoutOld(Buffer.from([5, 1]), protocol, 10).body.length, 2);
    }),
  );
});
