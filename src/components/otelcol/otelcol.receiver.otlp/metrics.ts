import { counter, gauge, histogram, type MetersOf } from '../../../component/metrics.ts';
import type { OtlpKind } from '../../../model/otlp-batch.ts';

export type OtlpReceiverMeters = MetersOf<typeof otlpReceiverMetrics>;

const labels = ['receiver', 'transport'] as const;
const rpc = ['rpc_system', 'rpc_service', 'rpc_method', 'rpc_grpc_status_code'] as const;
const http = ['http_request_method', 'http_route', 'http_response_status_code'] as const;
const milliseconds = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10_000];
const seconds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const sizes = [0, 1024, 10_240, 51_200, 102_400, 512_000, 1_048_576, 4_194_304, 20_971_520];

function accepted(items: string, name: string) {
  return counter(`otelcol_receiver_accepted_${name}_total`, `${items} that were accepted by what follows.`, labels);
}

function refused(items: string, name: string) {
  return counter(
    `otelcol_receiver_refused_${name}_total`,
    `${items} that were refused by what follows; their sender was told so.`,
    labels,
  );
}

export const otlpReceiverMetrics = {
  acceptedSpans: accepted('Spans', 'spans'),
  refusedSpans: refused('Spans', 'spans'),
  acceptedPoints: accepted('Data points', 'metric_points'),
  refusedPoints: refused('Data points', 'metric_points'),
  acceptedRecords: accepted('Log records', 'log_records'),
  refusedRecords: refused('Log records', 'log_records'),
  invalidRequests: counter(
    'millrace_receiver_otlp_invalid_requests_total',
    'Requests that were refused before their items were known, by reason: `too_large`, `compression`, `malformed`, `memory`, `unauthenticated`.',
    ['transport', 'reason'],
  ),
  inflightBytes: gauge('millrace_receiver_otlp_inflight_bytes', 'Memory that the bodies of requests under way take.', [
    'transport',
  ]),
  connections: gauge('millrace_receiver_otlp_connections', 'Connections that are open.', ['transport']),
  rpcDuration: histogram('rpc_server_duration_milliseconds', 'Time that calls took.', milliseconds, rpc),
  rpcRequestBytes: histogram('rpc_server_request_size_bytes', 'Sizes of the messages of calls.', sizes, rpc),
  rpcResponseBytes: histogram('rpc_server_response_size_bytes', 'Sizes of the answers to calls.', sizes, rpc),
  httpDuration: histogram('http_server_request_duration_seconds', 'Time that requests took.', seconds, http),
  httpRequestBytes: histogram('http_server_request_body_size_bytes', 'Sizes of the bodies of requests.', sizes, http),
  httpResponseBytes: histogram('http_server_response_body_size_bytes', 'Sizes of the bodies of answers.', sizes, http),
};

/** The counters for the items of a kind. */
export function itemCounters(meters: OtlpReceiverMeters, kind: OtlpKind) {
  if (kind === 'traces') return { accepted: meters.acceptedSpans, refused: meters.refusedSpans };
  if (kind === 'metrics') return { accepted: meters.acceptedPoints, refused: meters.refusedPoints };
  return { accepted: meters.acceptedRecords, refused: meters.refusedRecords };
}
