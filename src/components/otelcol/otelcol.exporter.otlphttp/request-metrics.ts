import { histogram, type MetersOf } from '../../../component/metrics.ts';

const labels = ['http_request_method', 'http_response_status_code', 'server_address', 'server_port'] as const;
const seconds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const sizes = [0, 1024, 10_240, 51_200, 102_400, 512_000, 1_048_576, 4_194_304, 20_971_520];

/** Metrics of requests that got a response. */
export const requestMetrics = {
  httpDuration: histogram('http_client_request_duration_seconds', 'Time that requests took.', seconds, labels),
  httpRequestBytes: histogram(
    'http_client_request_body_size_bytes',
    'Sizes of the bodies of requests, compressed.',
    sizes,
    labels,
  ),
};

export type RequestMeters = MetersOf<typeof requestMetrics>;

/** Counts a request that got a response. */
export function countRequest(
  { httpDuration, httpRequestBytes }: RequestMeters,
  url: URL,
  { status, duration, size }: { readonly status: number; readonly duration: number; readonly size: number },
): void {
  const where = ['POST', String(status), url.hostname, portOf(url)] as const;
  httpDuration.with(...where).observe(duration / 1000);
  httpRequestBytes.with(...where).observe(size);
}

/** The port that a URL leads to. */
export function portOf({ port, protocol }: URL): string {
  return port || (protocol === 'https:' ? '443' : '80');
}
