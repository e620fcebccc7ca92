import type { Milliseconds } from '../../base/duration.ts';
import type { GrpcCode } from './grpc-status.ts';
import type { ConnectionObserver } from '../http-server.ts';
import type { Http2Headers } from '../http2/header-decoder.ts';

/** A call that has come with all of its message. */
export interface GrpcCall {
  /** Decompressed. When nobody reads it any more, it can be given back to `receivedMemory`. */
  readonly message: Buffer;
  /** With the pseudo-headers of HTTP/2. */
  readonly headers: Http2Headers;
  /** The IP address of the client; undefined if it has gone. */
  readonly peer: string | undefined;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/** A method that takes one message and answers with one. */
export interface GrpcMethod {
  /** Such as `/package.Service/Method`. */
  readonly path: string;
  /** The message to answer with. What is thrown goes to the client as `GrpcError.from` has it. */
  handle(call: GrpcCall): Buffer | Promise<Buffer>;
}

/** When connections are ended, and what clients may do to find out whether they still stand. */
export interface GrpcKeepalive {
  /** How long a connection may be without calls; 0 for any time. */
  readonly maxIdle: Milliseconds;
  /** How long a connection may be open, about; 0 for any time. */
  readonly maxAge: Milliseconds;
  /** How long calls may go on after that; 0 for any time. */
  readonly maxAgeGrace: Milliseconds;
  /** A client from which nothing comes for that long is asked for a sign of life. */
  readonly time: Milliseconds;
  /** It must answer in this time. */
  readonly timeout: Milliseconds;
  /** The shortest time between pings of a client. */
  readonly minPingInterval: Milliseconds;
  /** Whether a client may ping when it has no calls. */
  readonly allowsIdlePings: boolean;
}

/** What clients may take. */
export interface GrpcServerLimits {
  /** Of a message, both as it comes and decompressed. */
  readonly maxMessageBytes: number;
  /** How many calls a client may have open on a connection; it waits with further ones. 0 for the most there can be. */
  readonly maxConcurrentStreams: number;
  readonly maxHeaderBytes: number;
  /** For the message of a call, from its headers on; and for a client to take the answer. */
  readonly receiveTimeout: Milliseconds;
  readonly keepalive: GrpcKeepalive;
}

export const defaultGrpcLimits: GrpcServerLimits = {
  maxMessageBytes: 4 * 1024 * 1024,
  maxConcurrentStreams: 0,
  maxHeaderBytes: 32 * 1024,
  receiveTimeout: 60_000,
  keepalive: {
    maxIdle: 0,
    maxAge: 0,
    maxAgeGrace: 0,
    time: 2 * 3_600_000,
    timeout: 20_000,
    minPingInterval: 300_000,
    allowsIdlePings: false,
  },
};

/** Why a call was refused before its method saw it. */
export type GrpcRefusal = 'too_large' | 'compression' | 'malformed' | 'memory' | 'timeout';

/** What became of a call. */
export interface GrpcCallResult {
  readonly code: GrpcCode;
  readonly seconds: number;
  /** Of the message, decompressed if it came to that. */
  readonly requestBytes: number;
  readonly responseBytes: number;
  readonly refusal: GrpcRefusal | undefined;
}

/** Is told of connections and calls, for metrics. `path` is that of a method, or `other`. */
export interface GrpcServerObserver extends ConnectionObserver {
  callStarted(path: string): void;
  callEnded(path: string, result: GrpcCallResult): void;
}
