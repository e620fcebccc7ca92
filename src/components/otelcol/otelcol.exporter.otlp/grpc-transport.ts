import { longestTimeout, type Milliseconds } from '../../../base/duration.ts';
import { messageOf } from '../../../base/message-of.ts';
import { ParseError } from '../../../base/parse-error.ts';
import type { ProgramInfo } from '../../../component/component.ts';
import { otlpSize, type OtlpBatch, type OtlpKind } from '../../../model/otlp-batch.ts';
import { GrpcClient, type GrpcClientSettings } from '../../../net/grpc/grpc-client.ts';
import { GrpcError, grpcCodes, isRetryableStatus, type GrpcCode } from '../../../net/grpc/grpc-status.ts';
import { showGrpcTarget } from '../../../net/grpc/grpc-target.ts';
import { HttpError } from '../../../net/http-error.ts';
import type { HttpHeaders } from '../../../net/http-message.ts';
import { environmentProxy } from '../../../net/proxy.ts';
import { headersToSend, withHeaders } from '../client-fields.ts';
import { readExportResponse } from '../export-response.ts';
import type { SendFailure, SendResult, Transport } from '../sending-queue/transport.ts';
import { clientTlsOf } from '../tls-block.ts';
import { countCall, type CallMeters } from './call-metrics.ts';
import { usesTls, type OtlpArgs } from './fields.ts';

/** Larger answers are refused. */
const maxResponseBytes = 64 * 1024;

/** As in the gRPC library of Go. */
const leastPingTime: Milliseconds = 10_000;
const pingTimeout: Milliseconds = 20_000;

const services: Readonly<Record<OtlpKind, string>> = {
  traces: 'opentelemetry.proto.collector.trace.v1.TraceService',
  metrics: 'opentelemetry.proto.collector.metrics.v1.MetricsService',
  logs: 'opentelemetry.proto.collector.logs.v1.LogsService',
};

export interface GrpcTransportContext {
  readonly program: ProgramInfo;
  readonly metrics: CallMeters;
}

/** Sends requests as OTLP over gRPC. */
export class GrpcTransport implements Transport {
  readonly #args: OtlpArgs;
  readonly #context: GrpcTransportContext;
  readonly #headers: HttpHeaders;
  #client: GrpcClient | undefined;
  #isClosed = false;

  constructor(args: OtlpArgs, context: GrpcTransportContext) {
    this.#args = args;
    this.#context = context;
    this.#headers = headersToSend(args.client.headers);
  }

  whereFor(): readonly string[] {
    const { host, port } = this.#args.client.endpoint.target;
    return [host, String(port)];
  }

  connect(): GrpcClient {
    return (this.#client ??= new GrpcClient(settingsOf(this.#args, this.#context.program)));
  }

  async send(batch: OtlpBatch, signal: AbortSignal): Promise<SendResult> {
    if (this.#isClosed) return failed(new GrpcError(grpcCodes.cancelled, 'the client is closed'));
    const { timeout, client: settings } = this.#args;
    const path = `/${services[batch.kind]}/Export`;
    const start = performance.now();
    try {
      const headers = await this.#headersFor(batch, path, signal);
      const limit = timeout === 0 ? longestTimeout : timeout;
      const answer = await this.connect().call({ path, message: batch.chunks, headers, timeout: limit, signal });
      const read = readExportResponse(answer);
      if (read instanceof ParseError) throw new GrpcError(grpcCodes.internal, `the answer ${read.message}`);
      this.#count(batch, start, grpcCodes.ok, answer.length);
      return { isDelivered: true, ...read };
    } catch (error) {
      const failure = error instanceof HttpError ? withoutCredentials(error) : GrpcError.from(error);
      this.#count(batch, start, failure.code, 0);
      if (failure.code === grpcCodes.unauthenticated) settings.auth?.rejected?.();
      return failed(failure);
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#client?.close();
  }

  #count(batch: OtlpBatch, start: Milliseconds, code: GrpcCode, responseBytes: number): void {
    const duration = performance.now() - start;
    const requestBytes = otlpSize(batch);
    countCall(this.#context.metrics, { service: services[batch.kind], code, duration, requestBytes, responseBytes });
  }

  async #headersFor({ client }: OtlpBatch, path: string, signal: AbortSignal): Promise<HttpHeaders> {
    const { auth, endpoint } = this.#args.client;
    if (auth === undefined) return this.#headers;
    const url = new URL(path, `https://${showGrpcTarget(endpoint.target)}`);
    const request = { method: 'POST', url, headers: this.#headers, body: undefined, client };
    return withHeaders(this.#headers, await auth.headersFor(request, signal));
  }
}

function settingsOf({ client }: OtlpArgs, { userAgent, variables }: ProgramInfo): GrpcClientSettings {
  const { compression, keepalive } = client;
  const isPlain = compression === 'none' || compression === '' || compression === 'zlib';
  return {
    target: client.endpoint.target,
    balancing: client.balancer_name,
    tls: usesTls(client) ? clientTlsOf(client.tls) : undefined,
    proxy: environmentProxy(variables, {}),
    pings: keepalive && {
      time: Math.max(leastPingTime, keepalive.ping_wait),
      timeout: keepalive.ping_response_timeout === 0 ? pingTimeout : keepalive.ping_response_timeout,
      whileIdle: keepalive.ping_without_stream,
    },
    authority: client.authority,
    userAgent,
    compression: isPlain ? undefined : compression,
    waitsForReady: client.wait_for_ready,
    maxResponseBytes,
  };
}

/** The names of codes as the label `error_type` has them. */
const codeNames: ReadonlyMap<GrpcCode, string> = new Map(
  Object.entries(grpcCodes).map(([name, code]) => [
    code,
    code === grpcCodes.cancelled ? 'Canceled' : `${name[0]?.toUpperCase()}${name.slice(1)}`,
  ]),
);

/** What a failed call means. */
export function failed({ code, message, retryDelay }: GrpcError): SendFailure {
  const isThrottled = retryDelay !== undefined && retryDelay > 0;
  return {
    isDelivered: false,
    isRetryable: isRetryableStatus({ code, message, retryDelay }),
    retryAfter: isThrottled ? retryDelay : undefined,
    message: `rpc error: code = ${codeNames.get(code) ?? code} desc = ${message.slice(0, maxMessage)}`,
    type: codeNames.get(code) ?? '_OTHER',
  };
}

/** More of what a server says is not kept. */
const maxMessage = 1024;

/** Credentials that cannot be had for now. */
function withoutCredentials(error: HttpError): GrpcError {
  const code = error.kind === 'aborted' ? grpcCodes.cancelled : grpcCodes.unavailable;
  return new GrpcError(code, messageOf(error), { cause: error });
}
