import type { Milliseconds } from '../../base/duration.ts';
import { compress } from '../compression.ts';
import { CallLimit } from './grpc-call-limit.ts';
import { GrpcChannel, type GrpcChannelSettings } from './grpc-channel.ts';
import { messageHead } from './grpc-framing.ts';
import { formatGrpcTimeout } from './grpc-headers.ts';
import { callOnce } from './grpc-outgoing-call.ts';
import { GrpcError, grpcCodes } from './grpc-status.ts';
import { showGrpcTarget } from './grpc-target.ts';
import type { HttpHeaders } from '../http-message.ts';

/** A call that servers refuse before they begin with it is made so often. */
const maxAttempts = 5;

const smallMessage = 4000;

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
    using limit = new CallLimit(request.timeout, request.signal);
    const { maxResponseBytes, waitsForReady } = this.#settings;
    const body = await this.#bodyOf(request.message);
    for (let attempts = 0; attempts < maxAttempts; attempts++) {
      const session = this.#channel.ready() ?? (await this.#channel.session(waitsForReady, limit));
      limit.throwIfReached();
      const headers = this.#headersOf(request, limit.rest);
      try {
        const answer = await callOnce(session, { headers, body, maxResponseBytes, limit });
        if (answer !== 'unprocessed') return answer;
      } catch (error) {
        if (limit.reason?.code === grpcCodes.deadlineExceeded) session.probe();
        throw error;
      }
    }
    throw new GrpcError(grpcCodes.unavailable, `the server has refused the call ${maxAttempts} times`);
  }

  /** Ends all connections, also those in use. */
  close(): void {
    this.#channel.close();
  }

  /** The message with its head. Small ones are put together in memory that Node shares, which costs less than several parts. */
  async #bodyOf(message: readonly Buffer[]): Promise<readonly Buffer[]> {
    const { compression } = this.#settings;
    if (compression === undefined) {
      const size = sizeOf(message);
      const parts = [messageHead(size, false), ...message];
      return size <= smallMessage ? [Buffer.concat(parts)] : parts;
    }
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
      'grpc-timeout': formatGrpcTimeout(timeout),
      ...(compression === undefined ? {} : { 'grpc-encoding': compression }),
      ...headers,
    };
  }
}

function sizeOf(chunks: readonly Buffer[]): number {
  return chunks.reduce((sum, chunk) => sum + chunk.length, 0);
}
