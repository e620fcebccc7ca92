import assert from 'node:assert/strict';
import { openMetrics } from '../component/metrics.ts';
import { spanMetricsFields } from '../components/otelcol/otelcol.connector.spanmetrics/fields.ts';
import { spanMetricsMeters } from '../components/otelcol/otelcol.connector.spanmetrics/meters.ts';
import { limitsOf, shapeOf } from '../components/otelcol/otelcol.connector.spanmetrics/settings.ts';
import { SpanAggregator } from '../components/otelcol/otelcol.connector.spanmetrics/span-aggregator.ts';
import { otlp } from '../formats/otlp/otlp-signal.ts';
import { argumentsFrom, receiverFor } from './arguments.ts';
import { collect } from './collect.ts';
import { metricPoints, type TestPoint } from './metric-points.ts';
import { traceBatch, type TestSpan } from './trace-batch.ts';

/** When the clock of seconds begins. */
export const start = 1_700_000_000_000;

/** The aggregator of `otelcol.connector.spanmetrics` with the arguments in a text, and a clock of seconds. */
export function aggregator(text: string, random: () => number = Math.random) {
  const out = receiverFor(otlp, collect(otlp));
  const args = argumentsFrom(spanMetricsFields, `${text}\noutput { metrics = [out] }`, { out });
  const { meters, collect: families } = openMetrics(spanMetricsMeters);
  const spans = new SpanAggregator(shapeOf(args, 'this collector'), limitsOf(args), meters, random);
  return {
    spans,
    add: (seconds: number, ...added: readonly TestSpan[]) => spans.add(traceBatch(...added), start + seconds * 1000),
    flush(seconds: number, isAccepted = true): TestPoint[] {
      const batch = spans.write(start + seconds * 1000);
      spans.settle(isAccepted);
      if (batch === undefined) return [];
      const points = metricPoints(batch);
      assert.equal(points.length, batch.count);
      return points;
    },
    metric: (name: string) =>
      families()
        .filter((family) => family.name === name)
        .flatMap(({ series }) => series.map(({ meter }) => ('value' in meter ? meter.value : 0)))
        .reduce((sum, value) => sum + value, 0),
  };
}
