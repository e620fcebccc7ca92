import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { openMetrics } from '../../../component/metrics.ts';
import { checkOtlpRequest } from '../../../formats/otlp/check-request.ts';
import { otlp } from '../../../formats/otlp/otlp-signal.ts';
import { ParseError } from '../../../base/parse-error.ts';
import { argumentsFrom, receiverFor } from '../../../testkit/arguments.ts';
import { collect } from '../../../testkit/collect.ts';
import { anyRequest } from '../../../testkit/otlp-arbitrary.ts';
import { writeOtlp } from '../../../testkit/otlp-reference.ts';
import { aggregator } from '../../../testkit/span-aggregator.ts';
import { serviceGraphFields } from '../otelcol.connector.servicegraph/fields.ts';
import { serviceGraphMeters } from '../otelcol.connector.servicegraph/meters.ts';
import { ServiceGraph } from '../otelcol.connector.servicegraph/service-graph.ts';
import type { FlushSource } from './metric-flush.ts';

/** Any spans, in resources that have a service as often as not. */
const anyTraces = fc
  .tuple(anyRequest('traces'), fc.boolean(), fc.string({ unit: 'binary' }))
  .map(([request, has, name]) => {
    const traces = structuredClone(request) as {
      resourceSpans?: { resource?: { attributes?: unknown[] } | null }[];
    };
    for (const spans of traces.resourceSpans ?? []) {
      if (!has) continue;
      spans.resource ??= {};
      spans.resource.attributes = [
        { key: 'service.name', value: { stringValue: name } },
        ...(spans.resource.attributes ?? []),
      ];
    }
    return traces;
  });

/** Requests are such as a receiver takes, and have as many points as they say. */
function assertSound(source: FlushSource): void {
  for (const time of [1_700_000_000_000, 1_700_000_060_000]) {
    const batch = source.write(time);
    source.settle(true);
    if (batch === undefined) continue;
    const checked = checkOtlpRequest('metrics', Buffer.concat(batch.chunks));
    assert.ok(!(checked instanceof ParseError));
    assert.equal(checked.count, batch.count);
  }
}

test('no spans make a connector throw, or tell what is no request', () => {
  fc.assert(
    fc.property(fc.array(anyTraces, { maxLength: 3 }), (all) => {
      const { spans } = aggregator(`
        histogram { exponential { } }
        dimension { glob = "*" }
        dimension { name = "a" \n default = "b" }
        events { enabled = true \n dimension { name = "c" } }
        exemplars { enabled = true }
        include_instrumentation_scope = [""]`);
      const out = receiverFor(otlp, collect(otlp));
      const text = 'dimensions = ["a", ""]\nvirtual_node_extra_label = true\noutput { metrics = [out] }';
      const graph = new ServiceGraph(
        argumentsFrom(serviceGraphFields, text, { out }),
        openMetrics(serviceGraphMeters).meters,
      );
      for (const [index, request] of all.entries()) {
        const body = writeOtlp('traces', request);
        const batch = checkOtlpRequest('traces', body);
        assert.ok(!(batch instanceof ParseError));
        spans.add(batch, 1_600_000_000_000 + index);
        graph.add(batch, 1_600_000_000_000 + index);
      }
      graph.expire(1_600_000_100_000);
      assertSound(spans);
      assertSound(graph);
    }),
  );
});
