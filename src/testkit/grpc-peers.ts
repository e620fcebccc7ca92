import * as grpc from '@grpc/grpc-js';
import { ByteBudget } from '../base/byte-budget.ts';
import type { Milliseconds } from '../base/duration.ts';
import { noLog } from '../base/log.ts';
import { GrpcClient, type GrpcClientSettings, type GrpcRequest } from '../net/grpc/grpc-client.ts';
import { GrpcServer, type GrpcServerOptions } from '../net/grpc/grpc-server.ts';
import {
  defaultGrpcLimits,
  type GrpcCall,
  type GrpcCallResult,
  type GrpcServerLimits,
  type GrpcServerObserver,
} from '../net/grpc/grpc-service.ts';
import type { GrpcError } from '../net/grpc/grpc-status.ts';
import { noProxy } from '../net/proxy.ts';

/*
 * Both sides of gRPC as an independent library has them, with messages that are any bytes; and our own, made easily.
 */

/** The method that all of these peers have. */
export const methodPath = '/test.Service/Method';

// Tests end connections in every way, of which the library tells at length.
grpc.setLogVerbosity(grpc.logVerbosity.NONE);

const bytes = (message: Buffer): Buffer => message;

/** How the library compresses: its numbers of the codings. */
export const libraryCompression = { identity: 0, deflate: 1, gzip: 2 } as const;

export interface LibraryAnswer {
  /** Undefined if the call failed. */
  readonly message: Buffer | undefined;
  readonly code: number;
  readonly details: string;
  readonly metadata: grpc.Metadata | undefined;
}

export interface LibraryCall {
  readonly path?: string;
  readonly metadata?: Readonly<Record<string, string | readonly string[]>>;
  readonly timeout?: Milliseconds;
  readonly signal?: AbortSignal;
}

/** A client of the library. */
export class LibraryClient {
  readonly #client: grpc.Client;

  constructor(port: number, options: grpc.ClientOptions = {}, credentials = grpc.credentials.createInsecure()) {
    const unlimited = { 'grpc.max_send_message_length': -1, 'grpc.max_receive_message_length': -1 };
    this.#client = new grpc.Client(`127.0.0.1:${port}`, credentials, { ...unlimited, ...options });
  }

  call(
    message: Buffer,
    { path = methodPath, metadata = {}, timeout, signal }: LibraryCall = {},
  ): Promise<LibraryAnswer> {
    const given = new grpc.Metadata();
    for (const [name, values] of Object.entries(metadata)) for (const value of [values].flat()) given.add(name, value);
    const options = timeout === undefined ? {} : { deadline: Date.now() + timeout };
    return new Promise((resolve) => {
      const call = this.#client.makeUnaryRequest(path, bytes, bytes, message, given, options, (error, answer) =>
        resolve({
          message: error === null ? answer : undefined,
          code: error?.code ?? grpc.status.OK,
          details: error?.details ?? '',
          metadata: error?.metadata,
        }),
      );
      signal?.addEventListener('abort', () => call.cancel());
    });
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }
}

export type LibraryHandler = grpc.handleUnaryCall<Buffer, Buffer>;

/** A server of the library on a port of this machine. Close it with `using`; it cuts calls off then. */
export class LibraryServer {
  readonly port: number;
  readonly #server: grpc.Server;

  private constructor(server: grpc.Server, port: number) {
    this.#server = server;
    this.port = port;
  }

  static async start(
    handle: LibraryHandler,
    options: grpc.ServerOptions = {},
    credentials = grpc.ServerCredentials.createInsecure(),
    address = '127.0.0.1:0',
  ): Promise<LibraryServer> {
    const server = new grpc.Server({ 'grpc.max_receive_message_length': -1, ...options });
    const method = {
      path: methodPath,
      requestStream: false,
      responseStream: false,
      requestSerialize: bytes,
      requestDeserialize: bytes,
      responseSerialize: bytes,
      responseDeserialize: bytes,
    };
    server.addService({ method }, { method: handle });
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync(address, credentials, (error, bound) => (error === null ? resolve(bound) : reject(error)));
    });
    return new LibraryServer(server, port);
  }

  /** Lets calls end. */
  close(): Promise<void> {
    return new Promise((resolve) => this.#server.tryShutdown(() => resolve()));
  }

  [Symbol.dispose](): void {
    this.#server.forceShutdown();
  }
}

/** A server of ours on a port of this machine, and what it told of calls. Close it with `await using`. */
export class OwnServer {
  readonly server: GrpcServer;
  readonly memory: ByteBudget;
  readonly results: GrpcCallResult[] = [];
  connections = 0;
  started = 0;

  private constructor(
    handle: (call: GrpcCall) => Buffer | Promise<Buffer>,
    limits: Partial<GrpcServerLimits>,
    options: Partial<GrpcServerOptions>,
  ) {
    this.memory = options.memory ?? new ByteBudget(1024 * 1024 * 1024);
    const observer: GrpcServerObserver = {
      connectionsChanged: (count) => (this.connections = count),
      connectionRefused: () => undefined,
      callStarted: () => this.started++,
      callEnded: (_path, result) => this.results.push(result),
    };
    const methods = [{ path: methodPath, handle }];
    const whole = { methods, log: noLog, observer, memory: this.memory, ...options };
    this.server = new GrpcServer(whole, { ...defaultGrpcLimits, ...limits });
  }

  static async start(
    handle: (call: GrpcCall) => Buffer | Promise<Buffer> = ({ message }) => message,
    limits: Partial<GrpcServerLimits> = {},
    options: Partial<GrpcServerOptions> = {},
  ): Promise<OwnServer> {
    const own = new OwnServer(handle, limits, options);
    await own.server.listen({ host: '127.0.0.1', port: 0 });
    return own;
  }

  get port(): number {
    return this.server.address?.port ?? 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.close(0);
  }
}

/** A client of ours. Close it with `using`. */
export class OwnClient {
  readonly client: GrpcClient;

  constructor(port: number, settings: Partial<GrpcClientSettings> = {}) {
    this.client = new GrpcClient({
      target: { host: '127.0.0.1', port },
      balancing: 'round_robin',
      tls: undefined,
      proxy: noProxy(),
      pings: undefined,
      authority: '',
      userAgent: 'Millrace/test',
      compression: undefined,
      waitsForReady: false,
      maxResponseBytes: 16 * 1024 * 1024,
      ...settings,
    });
  }

  call(message: Buffer | readonly Buffer[], request: Partial<GrpcRequest> = {}): Promise<Buffer> {
    return this.client.call({
      path: methodPath,
      message: Buffer.isBuffer(message) ? [message] : message,
      headers: {},
      timeout: 30_000,
      signal: new AbortController().signal,
      ...request,
    });
  }

  /** How a call fails. */
  async failure(message: Buffer | readonly Buffer[], request: Partial<GrpcRequest> = {}): Promise<GrpcError> {
    const answer = await this.call(message, request).catch((error: GrpcError) => error);
    if (Buffer.isBuffer(answer)) throw new Error('the call was answered');
    return answer;
  }

  [Symbol.dispose](): void {
    this.client.close();
  }
}
