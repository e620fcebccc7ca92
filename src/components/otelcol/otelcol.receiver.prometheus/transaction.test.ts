import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { metricType, type MetricType } from '../../../model/metric-family.ts';
import { sampleBatch, testSeries, type PlainSample } from '../../../testkit/metric-samples.ts';
import { countPoints } from '../../../testkit/metric-bridge.ts';
import { readOtlpBatch } from '../../../testkit/otlp-reference.ts';
import { FamilyMemory } from './family-memory.ts';
import { PointWriter } from './point-writer.ts';
import { SeriesInfos } from './series-info.ts';
import { Transaction } from './transaction.ts';

const withCreated: readonly MetricType[] = [metricType.counter, metricType.histogram, metricType.summary];

const anySample: fc.Arbitrary<PlainSample> = fc
  .record({
    name: fc.constantFrom('m', 'm_total', 'm_bucket', 'm_sum', 'm_count', 'm_created', '', 'up', 'target_info'),
    value: fc.oneof(fc.double(), fc.constant('stale' as const)),
    labels: fc.dictionary(fc.constantFrom('le', 'quantile', 'job', 'k'), fc.constantFrom('', '1', '+Inf', 'x')),
    timestamp: fc.constantFrom(0, 1, 1_700_000_000_000),
  })
  .map(({ name, labels, ...sample }) => ({ ...sample, labels: { ...labels, __name__: name } }));

test('whatever comes, each sample is part of a point that is written, or counted with a reason', () => {
  let written = 0;
  fc.assert(
    fc.property(
      fc.array(anySample, { minLength: 1, maxLength: 20 }),
      fc.constantFrom(...Object.values(metricType)),
      (samples, type) => {
        const table = testSeries();
        const batch = sampleBatch(table, { samples });
        assert.ok(batch !== undefined);
        const families = new FamilyMemory();
        families.remember([{ name: 'm', type, help: '', unit: '' }]);
        const infos = new SeriesInfos(table, families);
        const transaction = new Transaction(infos);
        transaction.add(batch);
        const groups = [...transaction.resources.values()]
          .flatMap(({ scopes }) => [...scopes.values()])
          .flatMap(({ metrics }) => [...metrics.values()]);
        const points = groups.flatMap((metric) => [...metric.points.values()]);
        const inPoints = points.reduce((sum, point) => sum + point.samples, 0);
        const said = samples.filter(({ labels: { __name__: name } }) => {
          return name === 'target_info' || (name === 'm_created' && withCreated.includes(type));
        });
        const { unnamed, unbounded } = transaction;
        assert.equal(inPoints + said.length + unnamed + unbounded, samples.length);

        let dropped = 0;
        const request = new PointWriter('v1', (_, count) => void (dropped += count)).write(
          transaction.resources.values(),
        );
        const lost = points.filter(({ count }) => count === undefined).reduce((sum, point) => sum + point.samples, 0);
        assert.ok(dropped <= lost);
        if (dropped < inPoints) assert.ok(request !== undefined);
        assert.equal(request === undefined ? 0 : countPoints(readOtlpBatch(request)), request?.count ?? 0);
        written += request?.count ?? 0;
        infos.close();
      },
    ),
    { numRuns: 200 },
  );
  assert.ok(written > 0);
});
