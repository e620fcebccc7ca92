import { seedBlock } from '../src/testkit/seed-block.ts';

export type Protocol = 'grpc' | 'http';

/** One way to send traces through. */
export interface TraceCase {
  readonly title: string;
  readonly protocol: Protocol;
  readonly isChain: boolean;
  readonly isCompressed: boolean;
  readonly spansPerRequest: number;
}

const sizes = { '20k': 50, '200k': 500 } as const;

export const traceCases: Readonly<Record<string, TraceCase>> = Object.fromEntries(
  (['grpc', 'http', 'chain'] as const).flatMap((kind) =>
    [false, true].flatMap((isCompressed) =>
      Object.entries(sizes).map(([size, spansPerRequest]): [string, TraceCase] => {
        const protocol = kind === 'http' ? 'http' : 'grpc';
        const way =
          kind === 'chain' ? 'the trace section of the seed pipeline' : `OTLP ${kind} -> batch -> OTLP ${kind}`;
        const title = `${way}, requests of ${size}B, ${isCompressed ? 'gzip' : 'plain'}`;
        const name = `${kind}-${size}${isCompressed ? '-gzip' : ''}`;
        return [name, { title, protocol, isChain: kind === 'chain', isCompressed, spansPerRequest }];
      }),
    ),
  ),
);

/** Ports on this host. */
export interface TracePorts {
  /** The receiver of the collector. */
  readonly input: number;
  /** Where it sends to: OTLP over gRPC and over HTTP, which takes pushed logs and written metrics, too. */
  readonly grpc: number;
  readonly http: number;
}

export async function traceConfig(traceCase: TraceCase, ports: TracePorts): Promise<string> {
  const { protocol, isChain, isCompressed } = traceCase;
  const compression = isCompressed ? 'gzip' : 'none';
  const exporter =
    protocol === 'grpc'
      ? `otelcol.exporter.otlp "tempo" {
           client {
             endpoint    = "127.0.0.1:${ports.grpc}"
             compression = "${compression}"
             tls { insecure = true }
           }
           sending_queue { block_on_overflow = true }
         }`
      : `otelcol.exporter.otlphttp "tempo" {
           client {
             endpoint    = "http://127.0.0.1:${ports.http}"
             compression = "${compression}"
           }
           sending_queue { block_on_overflow = true }
         }`;
  const exporterName = `otelcol.exporter.${protocol === 'grpc' ? 'otlp' : 'otlphttp'}.tempo.input`;
  return `
    otelcol.receiver.otlp "default" {
      ${protocol} { endpoint = "127.0.0.1:${ports.input}" }
      output { traces = [otelcol.processor.batch.default.input${isChain ? connectorInputs : ''}] }
    }
    otelcol.processor.batch "default" {
      timeout             = "2s"
      send_batch_size     = 1024
      send_batch_max_size = 2048
      output {
        traces = [${exporterName}]
      }
    }
    ${exporter}
    ${isChain ? await chain(ports) : ''}`;
}

const connectors = ['spanlogs', 'spanmetrics', 'servicegraph'] as const;
const connectorInputs = connectors.map((name) => `, otelcol.connector.${name}.default.input`).join('');

/** What follows the receiver in the seed pipeline besides the batch: its blocks as they are, with endpoints of this host. */
async function chain({ http }: TracePorts): Promise<string> {
  const blocks = await Promise.all([
    ...connectors.map((name) => seedBlock(`otelcol.connector.${name}`, 'default')),
    seedBlock('otelcol.exporter.loki', 'spanlogs_exporter'),
    seedBlock('otelcol.exporter.prometheus', 'default'),
  ]);
  return `
    ${blocks.join('\n')}
    loki.write "loki" {
      endpoint { url = "http://127.0.0.1:${http}/loki/api/v1/push" }
    }
    prometheus.remote_write "mimir" {
      endpoint { url = "http://127.0.0.1:${http}/api/v1/write" }
    }`;
}
