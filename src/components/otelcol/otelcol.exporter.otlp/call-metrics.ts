import { histogram, type MetersOf } from '../../../component/metrics.ts';
import { grpcCodes, type GrpcCode } from '../../../net/grpc/grpc-status.ts';

const labels = ['rpc_system', 'rpc_service', 'rpc_method', 'rpc_grpc_status_code'] as const;
const milliseconds = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10_000];
const sizes = [0, 1024, 10_240, 51_200, 102_400, 512_000, 1_048_576, 4_194_304, 20_971_520];

/** Metrics of calls. */
export const callMetrics = {
  rpcDuration: histogram('rpc_client_duration_milliseconds', 'Time that calls took.', milliseconds, labels),
  rpcRequestBytes: histogram('rpc_client_request_size_bytes', 'Sizes of messages, not compressed.', sizes, labels),
  rpcResponseBytes: histogram('rpc_client_response_size_bytes', 'Sizes of the answers to calls.', sizes, labels),
};

export type CallMeters = MetersOf<typeof callMetrics>;

/** How a call went. */
export interface CallResult {
  readonly service: string;
  readonly code: GrpcCode;
  /** In milliseconds. */
  readonly duration: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
}

export function countCall({ rpcDuration, rpcRequestBytes, rpcResponseBytes }: CallMeters, call: CallResult): void {
  const which = ['grpc', call.service, 'Export', String(call.code)] as const;
  rpcDuration.with(...which).observe(call.duration);
  rpcRequestBytes.with(...which).observe(call.requestBytes);
  if (call.code === grpcCodes.ok) rpcResponseBytes.with(...which).observe(call.responseBytes);
}
