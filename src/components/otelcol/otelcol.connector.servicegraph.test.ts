import assert from 'node:assert/strict';
import { test } from 'node:test';
import { otlp } from '../../formats/otlp/otlp-signal.ts';
import type { OtlpBatch } from '../../model/otlp-batch.ts';
import { receiverFor } from '../../testkit/arguments.ts';
import { collect } from '../../testkit/collect.ts';
import { metricPoints } from '../../testkit/metric-points.ts';
import { deliverOtlp } from '../../testkit/otlp-batch.ts';
import { problemsOf, runComponent } from '../../testkit/run-component.ts';
import { traceBatch, type TestSpan } from '../../testkit/trace-batch.ts';
import { until } from '../../testkit/until.ts';
import { otelcolConnectorServicegraph as spec } from './otelcol.connector.servicegraph.ts';

const output = 'output { metrics = [out] }';
const id = '00000000000000c1';

function receiver() {
  const out = collect(otlp);
  const totals = () =>
    out.batches.flatMap((batch) => metricPoints(batch)).filter(({ metric }) => metric.endsWith('request_total'));
  return { out, totals, names: { out: receiverFor(otlp, out) } };
}

function edge(trace = '01'): [TestSpan, TestSpan] {
  const traceId = trace.repeat(16);
  return [
    { traceId, service: 'a', kind: 'client', spanId: id },
    { traceId, service: 'b', kind: 'server', parentSpanId: id },
  ];
}

test('edges are sent at each interval, and what is left at the end', async () => {
  const { totals, names } = receiver();
  await using running = await runComponent(spec, `metrics_flush_interval = "1ms"\n${output}`, { names });
  await deliverOtlp(running.exports.input, traceBatch(...edge('01')));
  await until(() => totals().length > 0);
  await deliverOtlp(running.exports.input, traceBatch(...edge('02')));
  await running.stop();
  assert.equal(totals().at(-1)?.value, 2);
  await assert.rejects(deliverOtlp(running.exports.input, traceBatch({})), /has exited/);
});

test('without an interval, edges are sent after the spans', async () => {
  const { totals, names } = receiver();
  await using running = await runComponent(spec, `metrics_flush_interval = "0s"\n${output}`, { names });
  await deliverOtlp(running.exports.input, traceBatch(...edge()));
  await until(() => totals().length === 1);
});

test('spans without their other side become edges while nothing else comes', async () => {
  for (const interval of ['1ms', '0s']) {
    const { totals, names } = receiver();
    const text = `store { ttl = "1ms" }\nstore_expiration_loop = "1ms"\nmetrics_flush_interval = "${interval}"\n${output}`;
    await using running = await runComponent(spec, text, { names });
    await deliverOtlp(running.exports.input, traceBatch(edge()[0]));
    await until(() => totals().length > 0);
    assert.equal(totals()[0]?.attributes['server'], 'unknown');
  }
});

test('a span that waits when the component ends is counted', async () => {
  const { names } = receiver();
  await using running = await runComponent(spec, `store { ttl = "1h" }\n${output}`, { names });
  await deliverOtlp(running.exports.input, traceBatch(edge()[0]));
  await running.stop();
  assert.equal(running.metrics()['millrace_connector_skipped_spans_total{reason="unpaired_at_end"}'], 1);
});

test('a change that leaves the series as they are keeps them, and another one tells what they had', async () => {
  const { totals, names } = receiver();
  await using running = await runComponent(spec, output, { names });
  const [client, server] = edge('01');
  await deliverOtlp(running.exports.input, traceBatch(client));
  await running.update(`store { max_items = 2 }\n${output}`);
  await deliverOtlp(running.exports.input, traceBatch(server, ...edge('02')));
  await running.update(`dimensions = ["x"]\n${output}`);
  await deliverOtlp(running.exports.input, traceBatch(...edge('03')));
  await running.stop();
  assert.deepEqual(
    totals().map(({ value }) => value),
    [2, 1],
  );
});

test('only traces are taken', async () => {
  const { names } = receiver();
  await using running = await runComponent(spec, output, { names });
  const batch: OtlpBatch = { kind: 'metrics', chunks: [], count: 0, client: undefined };
  await assert.rejects(deliverOtlp(running.exports.input, batch), /telemetry type is not supported/);
});

test('what is wrong with the arguments is told', () => {
  const { names } = receiver();
  for (const name of ['cache_loop', 'store_expiration_loop']) {
    const text = `${name} = "0s"\n${output}`;
    assert.match(problemsOf(spec, text, names).join('\n'), new RegExp(`${name}.* must be greater than 0`));
  }
  for (const text of ['max_items = 0', 'ttl = "0s"']) {
    assert.match(problemsOf(spec, `store { ${text} }\n${output}`, names).join('\n'), /must be greater than 0/);
  }
  assert.match(problemsOf(spec, 'output { }', names).join('\n'), /must have receivers for metrics/);
});
