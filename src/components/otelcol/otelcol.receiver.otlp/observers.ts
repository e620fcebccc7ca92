import type { GrpcCallResult, GrpcServerObserver } from '../../../net/grpc/grpc-service.ts';
import type { RequestObserver, RequestResult, RequestRoute } from '../../../net/http-exchange.ts';
import type { ConnectionObserver } from '../../../net/http-server.ts';
import type { OtlpReceiverMeters } from './metrics.ts';

/** Keeps the metrics of requests over HTTP. */
export function httpObserver(meters: OtlpReceiverMeters): RequestObserver & ConnectionObserver {
  return {
    requestStarted: nothing,
    requestEnded(route: RequestRoute, { status, seconds, requestBytes, responseBytes }: RequestResult) {
      const labels = [route.method, route.name, String(status)] as const;
      meters.httpDuration.with(...labels).observe(seconds);
      meters.httpRequestBytes.with(...labels).observe(requestBytes);
      meters.httpResponseBytes.with(...labels).observe(responseBytes);
    },
    connectionsChanged: (count) => meters.connections.with('http').set(count),
    connectionRefused: nothing,
  };
}

/** Keeps the metrics of calls over gRPC. */
export function grpcObserver(meters: OtlpReceiverMeters): GrpcServerObserver {
  return {
    callStarted: nothing,
    callEnded(path: string, { code, seconds, requestBytes, responseBytes, refusal }: GrpcCallResult) {
      const [, service = '', method = ''] = path.split('/');
      const labels = ['grpc', service || path, method, String(code)] as const;
      meters.rpcDuration.with(...labels).observe(seconds * 1000);
      meters.rpcRequestBytes.with(...labels).observe(requestBytes);
      meters.rpcResponseBytes.with(...labels).observe(responseBytes);
      if (refusal !== undefined) meters.invalidRequests.with('grpc', refusal).inc();
    },
    connectionsChanged: (count) => meters.connections.with('grpc').set(count),
    connectionRefused: nothing,
  };
}

function nothing(): void {}
