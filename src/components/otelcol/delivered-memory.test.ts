import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openMetrics } from '../../component/metrics.ts';
import { otlp } from '../../formats/otlp/otlp-signal.ts';
import type { OtlpBatch } from '../../model/otlp-batch.ts';
import { argumentsFrom, receiverFor } from '../../testkit/arguments.ts';
import { collect } from '../../testkit/collect.ts';
import { SampleSink } from '../../testkit/exposed-metrics.ts';
import { entriesIn } from '../../testkit/log-entries.ts';
import { attributesOf, metricsOf, nanos } from '../../testkit/metric-bridge.ts';
import { metricPoints } from '../../testkit/metric-points.ts';
import { plainSamples } from '../../testkit/metric-samples.ts';
import { deliverOtlp, otlpBatch } from '../../testkit/otlp-batch.ts';
import { recordOf, requestOf } from '../../testkit/otlp-logs.ts';
import { readOtlpBatch } from '../../testkit/otlp-reference.ts';
import { runComponent } from '../../testkit/run-component.ts';
import { aggregator, start } from '../../testkit/span-aggregator.ts';
import { traceBatch, type TestSpan } from '../../testkit/trace-batch.ts';
import { serviceGraphFields } from './otelcol.connector.servicegraph/fields.ts';
import { serviceGraphMeters } from './otelcol.connector.servicegraph/meters.ts';
import { ServiceGraph } from './otelcol.connector.servicegraph/service-graph.ts';
import { otelcolConnectorSpanlogs } from './otelcol.connector.spanlogs.ts';
import { otelcolExporterLoki } from './otelcol.exporter.loki.ts';
import { otelcolExporterPrometheus } from './otelcol.exporter.prometheus.ts';

/** Gives batches one after the other, each until the next is asked for. */
type Feed = (batches: readonly OtlpBatch[]) => Iterable<OtlpBatch>;

/** All in the same memory, in which other bytes are once a batch was delivered. */
function* inOneMemory(batches: readonly OtlpBatch[]): Iterable<OtlpBatch> {
  const { buffer } = Buffer.alloc(64 * 1024);
  for (const batch of batches) {
    const bytes = Buffer.concat(batch.chunks);
    const chunk = Buffer.from(buffer, 0, bytes.length);
    bytes.copy(chunk);
    yield { ...batch, chunks: [chunk] };
    Buffer.from(buffer).fill(0xff);
  }
}

/** Batches have an item for each letter, so that what is at a place of the memory is something else in each of them. */
const words = ['a', 'b', 'cdefgh', 'hi', 'a', 'jklmno', 'bh'];

const traces = words.map((letters, batch) =>
  traceBatch(
    ...Array.from(letters, (letter, index): TestSpan => {
      const isServer = batch % 2 === 1;
      return {
        service: `service ${letter}`,
        resource: { pod: letter.repeat(batch + 1), 'service.instance.id': `${batch % 3}` },
        scope: { name: `scope ${letter}` },
        name: `name ${letter.repeat(index)}`,
        kind: isServer ? 'server' : 'client',
        traceId: String(batch).repeat(32),
        spanId: `00000000000000${letter.charCodeAt(0).toString(16)}`,
        parentSpanId: isServer && index > 0 ? `00000000000000${letter.charCodeAt(0).toString(16)}` : '',
        duration: 10 * index,
        attributes: { 'http.method': letter, 'peer.service': `peer ${letter}`, code: BigInt(index) },
        events: [{ name: 'event', attributes: { kind: letter } }],
      };
    }),
  ),
);

async function spanMetrics(feed: Feed): Promise<unknown> {
  const { spans, flush } = aggregator(`
    histogram { exponential { } }
    exemplars { enabled = true }
    dimension { name = "code" }
    dimension { glob = "http.*" }
    events { enabled = true \n dimension { name = "kind" } }
    include_instrumentation_scope = ["scope a", "scope h"]`);
  for (const batch of feed(traces)) spans.add(batch, start);
  return [flush(1), flush(2)];
}

async function serviceGraph(feed: Feed): Promise<unknown> {
  const out = receiverFor(otlp, collect(otlp));
  const text = 'dimensions = ["pod", "code"]\noutput { metrics = [out] }';
  const { meters } = openMetrics(serviceGraphMeters);
  const graph = new ServiceGraph(argumentsFrom(serviceGraphFields, text, { out }), meters);
  for (const batch of feed([...traces, ...traces.toReversed()])) graph.add(batch, start);
  graph.expire(start + 10_000);
  const batch = graph.write(start + 20_000);
  return batch && metricPoints(batch);
}

async function spanLogs(feed: Feed): Promise<unknown> {
  const sink = collect(otlp);
  const text =
    'spans = true\nprocesses = true\nspan_attributes = ["code"]\nprocess_attributes = ["pod"]\nlabels = ["pod"]';
  const names = { sink: receiverFor(otlp, sink) };
  await using c = await runComponent(otelcolConnectorSpanlogs, `${text}\noutput { logs = [sink] }`, { names });
  for (const batch of feed(traces)) await deliverOtlp(c.exports.input, batch);
  return sink.batches.map(readOtlpBatch);
}

async function samples(feed: Feed): Promise<unknown> {
  const sink = new SampleSink();
  const text = 'include_target_info = false\nhonor_metadata = true\nforward_to = [sink]';
  await using c = await runComponent(otelcolExporterPrometheus, text, { names: { sink: sink.receiver } });
  const batches = words.map((letters, batch) => {
    const metrics = Array.from(letters, (letter, index) => {
      const head = { timeUnixNano: nanos(batch), attributes: attributesOf({ [letter]: letter.repeat(index) }) };
      const traceId = Buffer.alloc(16, letter);
      const exemplars = [{ timeUnixNano: nanos(batch), asDouble: index, traceId }];
      const point = { ...head, count: '3', sum: 1, bucketCounts: ['1', '2'], explicitBounds: [index + 0.5], exemplars };
      const histogram = { aggregationTemporality: 2, dataPoints: [point] };
      return { name: `metric ${letter}`, description: letter.repeat(9), unit: 's', histogram };
    });
    return otlpBatch('metrics', metricsOf(metrics, { 'service.name': `service ${letters}` }), letters.length);
  });
  for (const batch of feed(batches)) await deliverOtlp(c.exports.input, batch);
  return sink.batches.map(plainSamples);
}

async function entries(feed: Feed): Promise<unknown> {
  await using c = await runComponent(otelcolExporterLoki, 'forward_to = [out]');
  const batches = words.map((letters, batch) => {
    const records = Array.from(letters, (letter) => {
      const attributes = { [letter]: `${batch}`, x: letter, 'loki.attribute.labels': `${letter},level` };
      return recordOf({ body: `body ${letter}`, attributes });
    });
    const resource = { 'service.name': letters, pod: 'p', 'loki.resource.labels': 'pod' };
    return otlpBatch('logs', requestOf(resource, ...records), letters.length);
  });
  for (const batch of feed(batches)) await deliverOtlp(c.exports.input, batch);
  return entriesIn(c.out.batches);
}

for (const [name, outcome] of [
  ['otelcol.connector.spanmetrics', spanMetrics],
  ['otelcol.connector.servicegraph', serviceGraph],
  ['otelcol.connector.spanlogs', spanLogs],
  ['otelcol.exporter.prometheus', samples],
  ['otelcol.exporter.loki', entries],
] as const) {
  test(`${name} keeps nothing that is in the memory of a batch that was delivered`, async () => {
    const expected = await outcome((batches) => batches);
    assert.ok(JSON.stringify(expected).length > 1000);
    assert.deepEqual(await outcome(inOneMemory), expected);
  });
}
