import type { Milliseconds } from '../../../base/duration.ts';
import type { ServerSettings } from '../../../net/followed-server.ts';
import { defaultGrpcLimits, type GrpcServerLimits } from '../../../net/grpc/grpc-service.ts';
import { defaultLimits, type HttpServerLimits } from '../../../net/http-server.ts';
import { serverTlsOf } from '../tls-block.ts';
import { largestMessage, type GrpcArgs, type HttpArgs } from './fields.ts';

const mebibyte = 1024 * 1024;

/** A client that sends more slowly would hold memory for ever. */
const slowest: Milliseconds = 300_000;

/** As in the gRPC library of Go. */
const leastPingTime: Milliseconds = 1000;

/** What the bodies of all requests under way may take together, if the largest may have that size. */
export function memoryFor(largest: number): number {
  return Math.max(64 * mebibyte, 4 * largest);
}

export function httpSettings(args: HttpArgs): ServerSettings<HttpServerLimits> {
  const { endpoint, read_header_timeout: head, read_timeout: read, idle_timeout: idle } = args;
  return {
    address: endpoint,
    limits: {
      ...defaultLimits,
      headersTimeout: head,
      requestTimeout: read || slowest,
      keepAliveTimeout: idle,
    },
    tls: args.tls && serverTlsOf(args.tls),
  };
}

export function grpcSettings(args: GrpcArgs): ServerSettings<GrpcServerLimits> {
  const server = args.keepalive?.server_parameters;
  const policy = args.keepalive?.enforcement_policy;
  const { keepalive } = defaultGrpcLimits;
  return {
    address: args.endpoint,
    limits: {
      ...defaultGrpcLimits,
      maxMessageBytes: largestMessage(args),
      maxConcurrentStreams: args.max_concurrent_streams,
      keepalive: {
        maxIdle: server?.max_connection_idle ?? keepalive.maxIdle,
        maxAge: server?.max_connection_age ?? keepalive.maxAge,
        maxAgeGrace: server?.max_connection_age_grace ?? keepalive.maxAgeGrace,
        // With 0 these are the usual times, as in the gRPC library of Go.
        time: Math.max(leastPingTime, server?.time || keepalive.time),
        timeout: server?.timeout || keepalive.timeout,
        minPingInterval: policy?.min_time || keepalive.minPingInterval,
        allowsIdlePings: policy?.permit_without_stream ?? keepalive.allowsIdlePings,
      },
    },
    tls: args.tls && serverTlsOf(args.tls),
  };
}
