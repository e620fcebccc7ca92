import assert from 'node:assert/strict';
import { test } from 'node:test';
import { otlp } from '../../formats/otlp/otlp-signal.ts';
import type { OtlpBatch } from '../../model/otlp-batch.ts';
import { receiverFor } from '../../testkit/arguments.ts';
import { collect } from '../../testkit/collect.ts';
import { metricPoints } from '../../testkit/metric-points.ts';
import { deliverOtlp } from '../../testkit/otlp-batch.ts';
import { problemsOf, runComponent } from '../../testkit/run-component.ts';
import { traceBatch } from '../../testkit/trace-batch.ts';
import { until } from '../../testkit/until.ts';
import { otelcolConnectorSpanmetrics as spec } from './otelcol.connector.spanmetrics.ts';

const output = 'output { metrics = [out] }';

function receiver() {
  const out = collect(otlp);
  const points = () => out.batches.flatMap((batch) => metricPoints(batch));
  return { out, points, names: { out: receiverFor(otlp, out) } };
}

test('metrics are sent at each interval, and what is left at the end', async () => {
  const { points, names } = receiver();
  const text = `histogram { explicit { } }\nmetrics_flush_interval = "1ms"\n${output}`;
  await using running = await runComponent(spec, text, { names });
  await deliverOtlp(running.exports.input, traceBatch({}, {}));
  await until(() => points().some(({ value }) => value === 2));
  await deliverOtlp(running.exports.input, traceBatch({ name: 'last' }));
  await running.stop();
  const last = points().filter(({ attributes }) => attributes['span.name'] === 'last');
  assert.deepEqual([last.findLast(({ kind }) => kind === 'sum')?.value, last.at(-1)?.count], [1, 1]);
  await assert.rejects(deliverOtlp(running.exports.input, traceBatch({})), /has exited/);
});

test('with an interval of an hour, nothing is lost at the end', async () => {
  const { points, names } = receiver();
  await using running = await runComponent(spec, `histogram { explicit { } }\n${output}`, { names });
  await deliverOtlp(running.exports.input, traceBatch({}));
  await running.stop();
  assert.deepEqual(
    points().map(({ kind, value, count }) => [kind, value, count]),
    [
      ['sum', 0, 0],
      ['histogram', 0, 1],
      ['sum', 1, 0],
      ['histogram', 0, 1],
    ],
  );
});

test('only traces are taken', async () => {
  const { names } = receiver();
  await using running = await runComponent(spec, `histogram { explicit { } }\n${output}`, { names });
  for (const kind of ['metrics', 'logs'] as const) {
    const batch: OtlpBatch = { kind, chunks: [], count: 0, client: undefined };
    await assert.rejects(deliverOtlp(running.exports.input, batch), /telemetry type is not supported/);
  }
});

test('a change that leaves the series as they are keeps them, and another one tells what they had', async () => {
  const { points, names } = receiver();
  const text = (more: string) => `histogram { explicit { } }\n${output}\n${more}`;
  await using running = await runComponent(spec, text('metrics_flush_interval = "1h"'), { names });
  await deliverOtlp(running.exports.input, traceBatch({}));
  await running.update(text('metrics_flush_interval = "2h"\nexemplars { enabled = true }'));
  await deliverOtlp(running.exports.input, traceBatch({}));
  await running.update(text('namespace = "other"'));
  await deliverOtlp(running.exports.input, traceBatch({}));
  await running.stop();
  const totals = points().filter(({ kind }) => kind === 'histogram');
  const last = (metric: string) => totals.findLast((point) => point.metric === metric)?.count;
  assert.deepEqual([last('traces.span.metrics.duration'), last('other.duration')], [2, 1]);
  assert.equal(points().findLast(({ metric }) => metric === 'traces.span.metrics.calls')?.value, 2);
});

test('what is wrong with the arguments is told', () => {
  const explicit = 'histogram { explicit { } }';
  const cases: readonly [text: string, problem: RegExp][] = [
    ['', /missing required block "histogram"/],
    ['histogram { }', /either exponential or explicit histogram configuration must be specified/],
    ['histogram { explicit { } \n exponential { } }', /only one of exponential or explicit/],
    ['histogram { unit = "h" \n explicit { } }', /"h"/],
    ['histogram { exponential { max_size = 0 } }', /max_size.* must be greater than 0/],
    ['histogram { explicit { buckets = ["2ms", "1ms"] } }', /must be in ascending order/],
    [`${explicit}\ndimension { name = "a" \n glob = "b" }`, /must set only one of `name` or `glob`/],
    [`${explicit}\ndimension { }`, /must set one of `name` or `glob`/],
    [`${explicit}\ncalls_dimension { }`, /must set one of `name` or `glob`/],
    [`${explicit}\ndimension { glob = "b" \n default = "c" }`, /`default` is not supported on `glob` dimension/],
    [`${explicit}\ndimension { glob = "[b" }`, /is no set of characters/],
    [`${explicit}\ndimension { name = "a" }\ndimension { name = "a" }`, /duplicate dimension name "a"/],
    [`${explicit}\ndimension { name = "span.name" }`, /duplicate dimension name "span.name"/],
    [`${explicit}\naggregation_temporality = "OTHER"`, /"OTHER"/],
    [`${explicit}\nmetrics_flush_interval = "0s"`, /metrics_flush_interval.* must be greater than 0/],
    [`${explicit}\nmetrics_expiration = "-1s"`, /must not be negative/],
    [`${explicit}\nresource_metrics_cache_size = 0`, /must be greater than 0/],
    [`${explicit}\nevents { enabled = true }`, /must have a `dimension` when events are enabled/],
    [
      `${explicit}\naggregation_temporality = "DELTA"\nmetric_timestamp_cache_size = 0`,
      /invalid delta timestamp cache size: 0/,
    ],
  ];
  const { names } = receiver();
  for (const [text, problem] of cases) assert.match(problemsOf(spec, `${text}\n${output}`, names).join('\n'), problem);
  assert.match(problemsOf(spec, `${explicit}\noutput { }`, names).join('\n'), /must have receivers for metrics/);
});
