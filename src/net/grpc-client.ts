import { longestTimeout, type Milliseconds } from '../base/duration.ts';
import { compress } from './compression.ts';
import { GrpcChannel, type GrpcChannelSettings } from './grpc-channel.ts';
import { messageHead } from './grpc-framing.ts';
import { formatGrpcTimeout } from './grpc-headers.ts';
import { acceptedEncodings, callOnce } from './grpc-outgoing-call.ts';
import { GrpcError, grpcCodes } from './grpc-status.ts';
import { showGrpcTarget } from './grpc-target.ts';
import type { HttpHeaders } from './http-message.ts';

/** A call that servers refuse before they begin with it is made so often. */
const maxAttempts = 5;

/** How messages can be compressed, by the names that gRPC has for it. */
export type GrpcCompression = 'gzip' | 'zstd' | 'snappy' | 'deflate';

export interface GrpcClientSettings extends GrpcChannelSettings {
  /** What the server is called in calls; empty for the target. */
  readonly authority: string;
  readonly userAgent: string;
  readonly compression: GrpcCompression | undefined;
  /** Whether calls wait for a connection; otherwise they fail while none can be made. */
  readonly waitsForReady: boolean;
  readonly maxResponseBytes: number;
}

export interface GrpcRequest {
  /** Such as `/package.Service/Method`. */
  readonly path: string;
  /** The message in parts, which are not changed before there is an answer. */
  readonly message: readonly Buffer[];
  readonly headers: HttpHeaders;
  /** For all of it: connection, compression, and the answer. */
  readonly timeout: Milliseconds;
  readonly signal: AbortSignal;
}

/** Calls the methods of one server. Begins to connect when it is made. */
export class GrpcClient {
  readonly #settings: GrpcClientSettings;
  readonly #channel: GrpcChannel;

  constructor(settings: GrpcClientSettings) {
    this.#settings = settings;
    this.#channel = new GrpcChannel(settings);
  }

  /** Resolves with the message of the answer. Rejects with a GrpcError. */
  async call(request: GrpcRequest): Promise<Buffer> {
    const { timeout } = request;
    const end = performance.now() + timeout;
    const limit = new AbortController();
    const abort = (): void => limit.abort(new GrpcError(grpcCodes.cancelled, 'the call was given up'));
    const timer = setTimeout(
      () => limit.abort(new GrpcError(grpcCodes.deadlineExceeded, `no answer in ${timeout / 1000} s`)),
      Math.min(timeout, longestTimeout),
    );
    request.signal.addEventListener('abort', abort, { once: true });
    if (request.signal.aborted) abort();
    try {
      return await this.#call(request, end, limit.signal);
    } finally {
      clearTimeout(timer);
      request.signal.removeEventListener('abort', abort);
    }
  }

  /** Ends all connections, also those in use. */
  close(): void {
    this.#channel.close();
  }

  async #call(request: GrpcRequest, end: Milliseconds, signal: AbortSignal): Promise<Buffer> {
    const { maxResponseBytes, waitsForReady } = this.#settings;
    signal.throwIfAborted();
    const body = await this.#bodyOf(request.message);
    for (let attempts = 0; attempts < maxAttempts; attempts++) {
      const session = await this.#channel.session(waitsForReady, signal);
      signal.throwIfAborted();
      const headers = this.#headersOf(request, end - performance.now());
      try {
        const answer = await callOnce(session, { headers, body, maxResponseBytes, signal });
        if (answer !== 'unprocessed') return answer;
      } catch (error) {
        if (signal.reason instanceof GrpcError && signal.reason.code === grpcCodes.deadlineExceeded) session.probe();
        throw error;
      }
    }
    throw new GrpcError(grpcCodes.unavailable, `the server has refused the call ${maxAttempts} times`);
  }

  async #bodyOf(message: readonly Buffer[]): Promise<readonly Buffer[]> {
    const { compression } = this.#settings;
    if (compression === undefined) return [messageHead(sizeOf(message), false), ...message];
    // Snappy of gRPC is always a stream.
    const packed = compress(compression === 'snappy' ? 'x-snappy-framed' : compression, message);
    const body = packed instanceof Promise ? await packed : packed;
    return [messageHead(body.length, true), body];
  }

  #headersOf({ path, headers }: GrpcRequest, timeout: Milliseconds): Record<string, string | string[]> {
    const { authority, compression, target, tls, userAgent } = this.#settings;
    return {
      ':method': 'POST',
      ':scheme': tls === undefined ? 'http' : 'https',
      ':authority': authority === '' ? showGrpcTarget(target) : authority,
      ':path': path,
      te: 'trailers',
      'content-type': 'application/grpc',
      'user-agent': userAgent,
      'grpc-accept-encoding': acceptedEncodings,
      'grpc-timeout': formatGrpcTimeout(timeout),
      ...(compression === undefined ? {} : { 'grpc-encoding': compression }),
      ...headers,
    };
  }
}

function sizeOf(chunks: readonly Buffer[]): number {
  return chunks.reduce((sum, chunk) => sum + chunk.length, 0);
}
