import type { RequestListener, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Log } from '../base/log.ts';
import type { Milliseconds } from '../base/duration.ts';
import type { ListenAddress } from './listen-address.ts';
import { http } from './node-http.ts';
import { listenOn, type ListeningSocket } from './listening-socket.ts';
import { ServerTls, type ServerTlsSettings } from './server-tls.ts';

/** What clients may take. */
export interface HttpServerLimits {
  readonly maxHeaderBytes: number;
  /** For the headers of a request. */
  readonly headersTimeout: Milliseconds;
  /** For a whole request. */
  readonly requestTimeout: Milliseconds;
  /** Between requests on one connection. */
  readonly keepAliveTimeout: Milliseconds;
}

export const defaultLimits: HttpServerLimits = {
  maxHeaderBytes: 32 * 1024,
  headersTimeout: 10_000,
  requestTimeout: 60_000,
  keepAliveTimeout: 75_000,
};

/** A server for HTTP/1.1. It can turn TLS on and off for new connections without listening anew. */
export class HttpServer {
  readonly #log: Log;
  readonly #server: Server;
  #tls: ServerTls | undefined;
  #socket: ListeningSocket | undefined;
  #openRequests = 0;
  #drained: (() => void) | undefined;

  constructor(handler: RequestListener, log: Log, limits: HttpServerLimits = defaultLimits) {
    this.#log = log;
    this.#server = http.createServer({
      maxHeaderSize: limits.maxHeaderBytes,
      headersTimeout: Math.min(limits.headersTimeout, limits.requestTimeout),
      requestTimeout: limits.requestTimeout,
      keepAliveTimeout: limits.keepAliveTimeout,
      connectionsCheckingInterval: 1000,
    });
    this.#server.on('request', (request, response) => {
      this.#openRequests++;
      response.once('close', () => this.#requestEnded());
      if (this.#drained !== undefined) response.setHeader('connection', 'close');
      handler(request, response);
    });
    // Its connections are handed to it; this starts the check of its timeouts, as listening would.
    this.#server.emit('listening');
  }

  /** Where it listens; undefined if it does not. */
  get address(): ListenAddress | undefined {
    return this.#socket?.address;
  }

  /** Begins to listen. Rejects if the address cannot be had. */
  async listen(address: ListenAddress): Promise<void> {
    this.#socket = await listenOn(address, {
      connected: (socket) => this.#connected(socket),
      failed: (error) => this.#log.warn('cannot accept a connection', { error }),
    });
  }

  /** Sets how new connections are secured, if at all; those that are there stay as they are. */
  setTls(settings: ServerTlsSettings | undefined): void {
    const secured = (socket: Socket): unknown => this.#server.emit('connection', socket);
    this.#tls = settings === undefined ? undefined : new ServerTls(settings, secured, this.#log);
  }

  /** Takes no more connections, and lets requests that are there end for the given time. */
  async close(grace: Milliseconds): Promise<void> {
    this.#socket?.release();
    this.#socket = undefined;
    this.#server.close();
    if (this.#openRequests > 0) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#drained = resolve;
      const timer = setTimeout(resolve, grace);
      await promise;
      clearTimeout(timer);
    }
    this.#server.closeAllConnections();
  }

  #connected(socket: Socket): void {
    if (this.#tls === undefined) this.#server.emit('connection', socket);
    else void this.#tls.secure(socket);
  }

  #requestEnded(): void {
    this.#openRequests--;
    if (this.#openRequests === 0) this.#drained?.();
  }
}
