/** How the collector sends on what it received. */
export type Protocol = 'grpc' | 'http';

export interface Places {
  /** The ports that the collector listens on. */
  readonly grpcPort: number;
  readonly httpPort: number;
  /** Where it sends to. */
  readonly backend: string;
}

/**
 * What the collector runs: a receiver, and an exporter whose queue is on disk. Nothing stands between them that keeps spans
 * in memory only, so that what a client was told is accepted is on disk.
 */
export function configOf(protocol: Protocol, { grpcPort, httpPort, backend }: Places): string {
  const exporter = protocol === 'grpc' ? 'otlp' : 'otlphttp';
  return `
otelcol.receiver.otlp "in" {
  grpc {
    endpoint = "127.0.0.1:${grpcPort}"
  }

  http {
    endpoint = "127.0.0.1:${httpPort}"
  }

  output {
    traces = [otelcol.exporter.${exporter}.out.input]
  }
}

otelcol.storage.file "queue" { }

otelcol.exporter.${exporter} "out" {
  client {
    endpoint = "${backend}"

    ${protocol === 'grpc' ? 'tls {\n      insecure = true\n    }' : 'timeout = "1s"'}
  }

  ${protocol === 'grpc' ? 'timeout = "1s"' : ''}

  sending_queue {
    storage       = otelcol.storage.file.queue.handler
    queue_size    = 100000
    num_consumers = 4
  }

  retry_on_failure {
    initial_interval = "50ms"
    max_interval     = "500ms"
    max_elapsed_time = "0s"
  }
}
`;
}
