import { randomUUID } from 'node:crypto';
import { component } from '../../component/component.ts';
import { DeliveryError, type Consumer } from '../../flow/delivery.ts';
import { otlp } from '../../formats/otlp/otlp-signal.ts';
import type { OtlpBatch } from '../../model/otlp-batch.ts';
import { input } from '../../schema/exports.ts';
import { MetricFlush } from './metric-series/metric-flush.ts';
import {
  checkSpanMetrics,
  spanMetricsFields,
  type SpanMetricsArguments,
} from './otelcol.connector.spanmetrics/fields.ts';
import { spanMetricsMeters } from './otelcol.connector.spanmetrics/meters.ts';
import { limitsOf, shapeOf, shapeText } from './otelcol.connector.spanmetrics/settings.ts';
import { SpanAggregator } from './otelcol.connector.spanmetrics/span-aggregator.ts';
import { outputFor, unsupported } from './output-block.ts';

export const otelcolConnectorSpanmetrics = component({
  name: 'otelcol.connector.spanmetrics',
  stability: 'generally-available',
  doc: `
Makes metrics of spans: how many there were (\`calls\`), how long they took (\`duration\`), and what events they had
(\`events\`), by resource, name, kind, status and dimensions. Resources without \`service.name\` are passed over.

Spans are acknowledged when they are counted. What is counted is sent at each interval and once more at the end; a
refused request loses nothing, since the next one has it too or, with \`DELTA\`, it is offered again. A total of \`calls\` is sent as zero first, so that
rates see its first step. Series and their counts survive a reload that does not change what series there are.`,
  example: `
otelcol.connector.spanmetrics "default" {
  dimension {
    name    = "http.method"
    default = "GET"
  }

  histogram {
    explicit { }
  }

  output {
    metrics = [otelcol.exporter.prometheus.default.input]
  }
}

otelcol.exporter.prometheus "default" {
  forward_to = [prometheus.echo.out.receiver]
}

prometheus.echo "out" { }`,
  arguments: spanMetricsFields,
  exports: {
    input: input('Takes the traces to count.', otlp),
  },
  metrics: spanMetricsMeters,
  check: checkSpanMetrics,
  build({ id, args, log, metrics, program }) {
    const instanceId = program.installationId || randomUUID();
    let shape = shapeText(args);
    let spans = new SpanAggregator(shapeOf(args, instanceId), limitsOf(args), metrics);
    let isStopped = false;
    const flush = new MetricFlush(spans, outputOf(args), args.metrics_flush_interval, { log, metrics });
    return {
      exports: {
        input: {
          consume(batch) {
            if (isStopped) throw new DeliveryError(`${id} has exited`, { retryable: true });
            if (batch.kind !== 'traces') throw unsupported();
            spans.add(batch, Date.now());
          },
        },
      },
      async run(signal) {
        signal.addEventListener('abort', () => (isStopped = true));
        await flush.run(signal);
      },
      update(changed) {
        const text = shapeText(changed);
        if (text === shape) spans.limit(limitsOf(changed));
        else {
          shape = text;
          spans = new SpanAggregator(shapeOf(changed, instanceId), limitsOf(changed), metrics);
          flush.replace(spans);
        }
        flush.reschedule(outputOf(changed), changed.metrics_flush_interval);
      },
    };
  },
});

function outputOf({ output }: SpanMetricsArguments): Consumer<OtlpBatch> {
  return outputFor(output, 'metrics');
}
