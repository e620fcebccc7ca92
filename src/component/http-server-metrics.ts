import { counter, gauge, histogram, type MetersOf } from './metrics.ts';

/*
 * The metrics that every component with a server has, under a prefix of its own.
 */

const mebibyte = 1024 * 1024;
const sizes = [1, 2.5, 5, 10, 25, 50, 100, 250].map((size) => size * mebibyte);
const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100];
const route = ['method', 'route'] as const;

export type HttpServerMeters = MetersOf<ReturnType<typeof httpServerMetrics>>;

export function httpServerMetrics(prefix: string) {
  return {
    requestDuration: histogram(
      `${prefix}_request_duration_seconds`,
      'Time from when a request came until it was answered; the status code is 499 if the client had gone before.',
      seconds,
      [...route, 'status_code', 'ws'],
    ),
    requestBytes: histogram(`${prefix}_request_message_bytes`, 'Sizes of the bodies of requests.', sizes, route),
    responseBytes: histogram(`${prefix}_response_message_bytes`, 'Sizes of the bodies of answers.', sizes, route),
    openRequests: gauge(`${prefix}_inflight_requests`, 'Requests that are under way.', route),
    connections: gauge(`${prefix}_tcp_connections`, 'Connections that are open.', ['protocol']),
    connectionLimit: gauge(`${prefix}_tcp_connections_limit`, 'How many connections may be open; 0 for any number.', [
      'protocol',
    ]),
    refusedConnections: counter(`${prefix}_refused_connections_total`, 'Connections beyond that number.'),
  };
}

/** Keeps the metrics of requests. */
export class HttpServerObserver {
  readonly #meters: HttpServerMeters;

  constructor(meters: HttpServerMeters) {
    this.#meters = meters;
  }

  requestStarted({ method, name }: { readonly method: string; readonly name: string }): void {
    this.#meters.openRequests.with(method, name).inc();
  }

  requestEnded(
    { method, name }: { readonly method: string; readonly name: string },
    result: { status: number; seconds: number; requestBytes: number; responseBytes: number },
  ): void {
    this.#meters.openRequests.with(method, name).dec();
    this.#meters.requestDuration.with(method, name, String(result.status), 'false').observe(result.seconds);
    this.#meters.requestBytes.with(method, name).observe(result.requestBytes);
    this.#meters.responseBytes.with(method, name).observe(result.responseBytes);
  }

  connectionsChanged(count: number, limit: number): void {
    this.#meters.connections.with('http').set(count);
    this.#meters.connectionLimit.with('http').set(limit);
  }

  connectionRefused(): void {
    this.#meters.refusedConnections.inc();
  }
}
