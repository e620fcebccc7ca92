import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { SampleBatch } from '../../../model/sample-batch.ts';
import { SeriesTable } from '../../../model/series-table.ts';
import { countPoints } from '../../../testkit/metric-bridge.ts';
import { plainSamples, testSeries } from '../../../testkit/metric-samples.ts';
import { anyRequest } from '../../../testkit/otlp-arbitrary.ts';
import { otlpBatch } from '../../../testkit/otlp-batch.ts';
import { Converter } from './converter.ts';
import type { ConverterOptions } from './fields.ts';

const plainOptions: ConverterOptions = {
  include_target_info: false,
  include_scope_info: false,
  include_scope_labels: true,
  add_metric_suffixes: true,
  resource_to_telemetry_conversion: false,
  honor_metadata: false,
  convert_classic_histograms_to_nhcb: false,
  keep_identifying_resource_attributes: false,
  start_timestamp_zero_ingestion: false,
};

/** Points that became samples: each has one at its own place, which those of its other parts follow. */
function pointsIn(samples: SampleBatch | undefined): number {
  if (samples === undefined) return 0;
  const parts = /_sum$|_bucket$|^$/;
  const { samples: all } = plainSamples(samples);
  return all.filter(({ labels }) => labels['quantile'] === undefined && !parts.test(labels['__name__'] ?? '')).length;
}

test('whatever comes, each data point becomes samples or is counted with a reason', () => {
  const anyOptions = fc.record(
    Object.fromEntries(Object.entries(plainOptions).map(([name, value]) => [name, name.startsWith('include') ? fc.constant(value) : fc.boolean()])),
  ) as unknown as fc.Arbitrary<ConverterOptions>; // prettier-ignore
  let converted = 0;
  fc.assert(
    fc.property(anyRequest('metrics'), anyOptions, (request, options) => {
      const converter = new Converter(testSeries(), { ...options, start_timestamp_zero_ingestion: false });
      const points = countPoints(request);
      for (const second of [1, 2]) {
        const { samples, drops } = converter.convert(otlpBatch('metrics', request, points), 5, second);
        const dropped = [...drops.entries()].reduce((sum, drop) => sum + drop.points, 0);
        assert.equal(pointsIn(samples) + dropped, points);
        converted += pointsIn(samples);
      }
      converter.close();
    }),
    { numRuns: 300 },
  );
  assert.ok(converted > 0);
});

test('what is remembered is bounded by what came lately, and gives its series back', () => {
  let now = 0;
  const table = new SeriesTable({ maxSeries: 100_000, lingerSeconds: 0, now: () => now });
  const converter = new Converter(table, { ...plainOptions, include_target_info: true, include_scope_info: true });
  const request = (part: number) => {
    const attributes = [{ key: 'part', value: { intValue: String(part) } }];
    const dataPoints = [{ timeUnixNano: '1700000000000000000', attributes, bucketCounts: [1, 1], explicitBounds: [part] }];
    const metrics = [
      { name: `m${part}`, gauge: { dataPoints } },
      { name: 'h', histogram: { aggregationTemporality: 2, dataPoints } },
    ];
    return { resourceMetrics: [{ resource: { attributes }, scopeMetrics: [{ scope: { name: `${part}` }, metrics }] }] };
  }; // prettier-ignore
  for (let part = 0; part < 500; part++) {
    now = part;
    const lease = table.openLease();
    const { samples, drops } = converter.convert(otlpBatch('metrics', request(part), 2), 1 + part, part);
    assert.equal(samples?.count, 2 + 1 + 3);
    assert.deepEqual([...drops.entries()], []);
    table.closeLease(lease);
    converter.forgetBefore(part - 10);
    // A resource, a scope, two metrics, bounds and two points for each second.
    assert.ok(converter.cacheSize <= 11 * 7 + 1);
  }
  assert.ok(table.size < 200, String(table.size));
  converter.close();
  assert.equal(table.size, table.lingering);
});

test('points for whose series there is no room are counted, and nothing is kept of them', () => {
  const table = new SeriesTable({ maxSeries: 3, lingerSeconds: 0 });
  const converter = new Converter(table, plainOptions);
  const point = (index: number) => ({
    timeUnixNano: '1700000000000000000',
    attributes: [{ key: 'k', value: { intValue: `${index}` } }],
    bucketCounts: ['1', '1'],
    explicitBounds: [1],
  });
  const metrics = [
    { name: 'g', gauge: { dataPoints: [point(1), point(2)] } },
    { name: 'h', histogram: { aggregationTemporality: 2, dataPoints: [point(1)] } },
  ];
  const batch = otlpBatch('metrics', { resourceMetrics: [{ scopeMetrics: [{ metrics }] }] }, 3);
  for (let turn = 0; turn < 5; turn++) {
    const { samples, drops } = converter.convert(batch, turn, turn);
    assert.equal(samples?.count, 2);
    assert.deepEqual([...drops.entries()], [{ reason: 'series_limit', points: 1, metric: 'h' }]);
    assert.equal(table.size - table.lingering, 2);
  }
  converter.close();
});
