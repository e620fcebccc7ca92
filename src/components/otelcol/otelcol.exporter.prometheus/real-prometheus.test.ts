import assert from 'node:assert/strict';
import { test } from 'node:test';
import { metrics } from '../../../model/signal.ts';
import { receiverFor } from '../../../testkit/arguments.ts';
import { attributesOf, metricsOf } from '../../../testkit/metric-bridge.ts';
import { deliverOtlp, otlpBatch } from '../../../testkit/otlp-batch.ts';
import { prometheusMissing, RealPrometheus } from '../../../testkit/real-prometheus.ts';
import { runRemoteWrite, writeEndpoint, writeMetric } from '../../../testkit/remote-write.ts';
import { runComponent } from '../../../testkit/run-component.ts';
import { until } from '../../../testkit/until.ts';
import { otelcolExporterPrometheus } from '../otelcol.exporter.prometheus.ts';

const skip = prometheusMissing() ?? false;
const cumulative = { aggregationTemporality: 2 };

test('Prometheus answers queries about OTLP metrics', { skip }, async () => {
  const start = Date.now() - 60_000;
  await using prometheus = await RealPrometheus.start();
  await using writer = await runRemoteWrite(writeEndpoint(prometheus, 'send_native_histograms = true'));
  const names = { write: receiverFor(metrics, writer.exports.receiver) };
  await using c = await runComponent(otelcolExporterPrometheus, 'forward_to = [write]', { names });
  const traceId = Buffer.alloc(16, 0xab);
  for (let round = 0; round <= 4; round++) {
    const timeUnixNano = `${start + round * 10_000}000000`;
    const point = { timeUnixNano, attributes: attributesOf({ 'http.route': '/a "b"' }) };
    // Of one time and in one bucket: old versions of Prometheus keep the first of them, and refuse nothing else for that.
    const exemplars = [0.45, 0.3, 0.4].map((asDouble) => ({ timeUnixNano, asDouble, traceId }));
    const counts = { count: String(6 * round), sum: 1.5 * round };
    const buckets = { bucketCounts: [round, 2 * round, 3 * round], explicitBounds: [0.25, 0.5] };
    const exponential = { scale: 10, zeroCount: round, positive: { offset: -5, bucketCounts: [round, 0, 0, 0, 4 * round] } };
    const ended = round === 4 ? { flags: 1 } : {};
    const request = metricsOf(
      [
        { name: 'requests', sum: { ...cumulative, isMonotonic: true, dataPoints: [{ ...point, asInt: String(100 * round) }] } },
        { name: 'temperature', unit: 'Cel', gauge: { dataPoints: [{ ...point, asDouble: -1.5, ...ended }] } },
        { name: 'latency', unit: 's', histogram: { ...cumulative, dataPoints: [{ ...point, ...counts, ...buckets, exemplars }] } },
        { name: 'native', exponentialHistogram: { ...cumulative, dataPoints: [{ ...point, ...counts, ...exponential }] } },
        { name: 'quantiles', summary: { dataPoints: [{ ...point, ...counts, quantileValues: [{ quantile: 0.99, value: 7 }] }] } },
      ],
      { 'service.name': 'shop', 'service.instance.id': 'one', 'cloud.region': 'eu' },
    );
    await deliverOtlp(c.exports.input, otlpBatch('metrics', request, 5));
  }
  await until(() => writeMetric(writer, 'samples_pending') === 0);
  assert.equal(writeMetric(writer, 'samples_failed_total'), 0);
  assert.equal(writeMetric(writer, 'histograms_total'), 5);
  assert.equal(c.metrics()['prometheus_forwarded_samples_total'], 5 * (1 + 1 + 1 + 5 + 1 + 3));

  const end = start + 40_000;
  const value = (query: string, at = end) => prometheus.value(query, at);
  const series = '{job="shop",instance="one",http_route="/a \\"b\\""}';
  assert.equal(await value(`requests_total${series}`), '400');
  assert.equal(await value('increase(requests_total[20s])'), '200');
  assert.equal(await value(`temperature_celsius${series}`, end - 5000), '-1.5');
  assert.equal(await value('temperature_celsius'), undefined);
  assert.equal(await value('latency_seconds_bucket{le="0.5"}'), '12');
  assert.equal(await value('latency_seconds_count'), '24');
  assert.equal(await value('latency_seconds_bucket{le="+Inf"}'), '24');
  assert.equal(await value('histogram_quantile(0.5, latency_seconds_bucket)'), '0.5');
  assert.equal(await value('histogram_count(native)'), '24');
  assert.equal(await value('histogram_sum(native)'), '6');
  const median = Number(await value('histogram_quantile(0.5, native)'));
  assert.ok(median > 2 ** (-2 / 256) && median <= 1, String(median));
  assert.equal(await value('quantiles{quantile="0.99"}'), '7');
  assert.equal(await value('quantiles_sum'), '6');
  const joined = 'requests_total * on (job, instance) group_left (cloud_region) target_info';
  const [found] = await prometheus.query(joined, Date.now());
  assert.equal(found?.metric['cloud_region'], 'eu');
  const exemplars = JSON.stringify(await prometheus.exemplars('latency_seconds_bucket', start - 1000, end + 1000));
  const traces = exemplars.match(/"trace_id":"(ab){16}"/g)?.length;
  assert.ok(traces === 5 || traces === 15, String(traces));
}); // prettier-ignore
