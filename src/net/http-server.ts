import type { RequestListener, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Log } from '../base/log.ts';
import type { Milliseconds } from '../base/duration.ts';
import type { ListenAddress } from './listen-address.ts';
import { http } from './node-http.ts';
import { listenOn, type ListeningSocket } from './listening-socket.ts';
import { ServerTls, type ServerTlsSettings } from './server-tls.ts';

/** What clients may take. A time of 0 is no limit. */
export interface HttpServerLimits {
  readonly maxHeaderBytes: number;
  /** For the headers of a request. */
  readonly headersTimeout: Milliseconds;
  /** For a whole request. */
  readonly requestTimeout: Milliseconds;
  /** Between requests on one connection. */
  readonly keepAliveTimeout: Milliseconds;
  /** Connections beyond that are closed at once; 0 for any number. */
  readonly maxConnections: number;
}

export const defaultLimits: HttpServerLimits = {
  maxHeaderBytes: 32 * 1024,
  headersTimeout: 10_000,
  requestTimeout: 60_000,
  keepAliveTimeout: 75_000,
  maxConnections: 0,
};

/** A client that has just connected when the server closes may send a request in this time. */
const firstRequestTime = 200;

/** Is told of connections, for metrics. */
export interface ConnectionObserver {
  connectionsChanged(count: number, limit: number): void;
  connectionRefused(): void;
}

/** A server for HTTP/1.1. It can turn TLS on and off for new connections without listening anew. */
export class HttpServer {
  readonly #log: Log;
  readonly #observer: ConnectionObserver | undefined;
  readonly #server: Server;
  #limits: HttpServerLimits;
  #tls: ServerTls | undefined;
  #socket: ListeningSocket | undefined;
  #connections = 0;
  #openRequests = 0;
  #isClosing = false;
  /** Is called when a request or a connection ends while the server closes. */
  #ended: () => void = () => undefined;

  constructor(
    handler: RequestListener,
    log: Log,
    limits: HttpServerLimits = defaultLimits,
    observer?: ConnectionObserver,
  ) {
    this.#log = log;
    this.#observer = observer;
    this.#limits = limits;
    this.#server = http.createServer({
      maxHeaderSize: limits.maxHeaderBytes,
      connectionsCheckingInterval: 1000,
    });
    this.setLimits(limits);
    this.#server.on('request', (request, response) => {
      this.#openRequests++;
      response.once('close', () => this.#requestEnded());
      if (this.#isClosing) response.setHeader('connection', 'close');
      handler(request, response);
    });
    // Its connections are handed to it; this starts the check of its timeouts, as listening would.
    this.#server.emit('listening');
  }

  /** Where it listens; undefined if it does not. */
  get address(): ListenAddress | undefined {
    return this.#socket?.address;
  }

  /**
   * Begins to listen, or listens elsewhere: what it listened on is given back once the new address is there, and
   * connections stay as they are. Waits that long if the program itself uses the address. Rejects if it cannot be had.
   */
  async listen(address: ListenAddress, patience: Milliseconds = 0): Promise<void> {
    const handler = {
      connected: (connection: Socket): void => this.#connected(connection),
      failed: (error: Error): void => this.#log.warn('cannot accept a connection', { error }),
    };
    const socket = await listenOn(address, handler, patience);
    this.#socket?.release();
    this.#socket = socket;
  }

  /** Sets what clients may take from now on, but for the size of headers. */
  setLimits(limits: HttpServerLimits): void {
    const { headersTimeout, requestTimeout, keepAliveTimeout } = limits;
    this.#limits = limits;
    this.#server.headersTimeout = requestTimeout === 0 ? headersTimeout : Math.min(headersTimeout, requestTimeout);
    this.#server.requestTimeout = requestTimeout;
    this.#server.keepAliveTimeout = keepAliveTimeout;
    this.#countConnections(0);
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
    this.#isClosing = true;
    this.#server.close();
    await this.#until(() => this.#connections === 0, Math.min(grace, firstRequestTime));
    await this.#until(() => this.#openRequests === 0, grace);
    this.#server.closeAllConnections();
  }

  #connected(socket: Socket): void {
    const { maxConnections } = this.#limits;
    if (maxConnections > 0 && this.#connections >= maxConnections) {
      this.#observer?.connectionRefused();
      socket.destroy();
      return;
    }
    this.#countConnections(1);
    socket.once('close', () => this.#countConnections(-1));
    if (this.#tls === undefined) this.#server.emit('connection', socket);
    else void this.#tls.secure(socket);
  }

  #countConnections(change: number): void {
    this.#connections += change;
    this.#ended();
    this.#observer?.connectionsChanged(this.#connections, this.#limits.maxConnections);
  }

  #requestEnded(): void {
    this.#openRequests--;
    this.#ended();
  }

  /** Waits until something holds that becomes true when requests or connections end. */
  async #until(holds: () => boolean, atMost: Milliseconds): Promise<void> {
    if (holds()) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#ended = () => {
      if (holds()) resolve();
    };
    const timer = setTimeout(resolve, atMost);
    await promise;
    clearTimeout(timer);
  }
}
