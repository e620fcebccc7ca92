import { Doorbell, repeat } from '../../base/doorbell.ts';
import { component } from '../../component/component.ts';
import { DeliveryError, type Consumer } from '../../flow/delivery.ts';
import { otlp } from '../../formats/otlp/otlp-signal.ts';
import type { OtlpBatch } from '../../model/otlp-batch.ts';
import { input } from '../../schema/exports.ts';
import { MetricFlush } from './metric-series/metric-flush.ts';
import {
  checkServiceGraph,
  serviceGraphFields,
  type ServiceGraphArguments,
} from './otelcol.connector.servicegraph/fields.ts';
import { serviceGraphMeters } from './otelcol.connector.servicegraph/meters.ts';
import { ServiceGraph } from './otelcol.connector.servicegraph/service-graph.ts';
import { outputFor, unsupported } from './output-block.ts';

export const otelcolConnectorServicegraph = component({
  name: 'otelcol.connector.servicegraph',
  stability: 'generally-available',
  doc: `
Makes metrics of the requests between services, the edges of their graph: how many there were
(\`traces_service_graph_request_total\`), how many failed (\`_request_failed_total\`), and how long they took on either
side (\`_request_client\`, \`_request_server\`). An edge is a client or producer span and the server or consumer span that has it as its
parent; both must come within \`ttl\`, in any order. Copies of spans are not counted again for that time.

Where only one side sends spans, the edge is counted after \`ttl\` with an invented other side: databases and other peers
by the attributes of the client span, and \`user\` for servers whose span is the first of its trace.

Spans are acknowledged when they are taken. What is counted is sent at each interval and once more at the end; a
refused request loses nothing, since the next one has the same totals.`,
  example: `
otelcol.connector.servicegraph "default" {
  dimensions = ["http.method"]

  output {
    metrics = [otelcol.exporter.prometheus.default.input]
  }
}

otelcol.exporter.prometheus "default" {
  forward_to = [prometheus.echo.out.receiver]
}

prometheus.echo "out" { }`,
  arguments: serviceGraphFields,
  exports: {
    input: input('Takes the traces to pair.', otlp),
  },
  metrics: serviceGraphMeters,
  check: checkServiceGraph,
  build({ id, args: first, log, metrics }) {
    let args = first;
    let graph = new ServiceGraph(args, metrics);
    let isStopped = false;
    const flush = new MetricFlush(graph, outputOf(args), args.metrics_flush_interval, { log, metrics });
    const expiration = new Doorbell();
    const cleaning = new Doorbell();
    return {
      exports: {
        input: {
          consume(batch) {
            if (isStopped) throw new DeliveryError(`${id} has exited`, { retryable: true });
            if (batch.kind !== 'traces') throw unsupported();
            graph.add(batch, Date.now());
            if (args.metrics_flush_interval === 0) flush.flushSoon();
          },
        },
      },
      async run(signal) {
        signal.addEventListener('abort', () => {
          isStopped = true;
          graph.expire(Date.now());
        });
        const expire = async (): Promise<void> => {
          graph.expire(Date.now());
          if (args.metrics_flush_interval === 0 && graph.hasMore) flush.flushSoon();
        };
        const clean = async (): Promise<void> => graph.clean(Date.now());
        await Promise.all([
          flush.run(signal),
          repeat(expiration, signal, () => args.store_expiration_loop, expire),
          repeat(cleaning, signal, () => args.cache_loop, clean),
        ]);
        graph.close();
      },
      update(changed) {
        if (shapeText(changed) === shapeText(args)) graph.limit(changed.store);
        else {
          graph.close();
          graph = new ServiceGraph(changed, metrics);
          flush.replace(graph);
        }
        args = changed;
        flush.reschedule(outputOf(args), args.metrics_flush_interval);
        expiration.ring();
        cleaning.ring();
      },
    };
  },
});

/** Text that is the same for arguments that make the same series. */
function shapeText(args: ServiceGraphArguments): string {
  return JSON.stringify([
    args.latency_histogram_buckets,
    args.exponential_histogram_max_size,
    args.dimensions,
    args.virtual_node_peer_attributes,
    args.virtual_node_extra_label,
    args.database_name_attributes,
  ]);
}

function outputOf({ output }: ServiceGraphArguments): Consumer<OtlpBatch> {
  return outputFor(output, 'metrics');
}
