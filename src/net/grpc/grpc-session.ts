import type { Duplex } from 'node:stream';
import { longestTimeout, type Milliseconds } from '../../base/duration.ts';
import { http2Codes } from '../http2/codes.ts';
import { Http2Connection } from '../http2/http2-connection.ts';
import type { Http2Stream, StreamHandler } from '../http2/http2-stream.ts';

/** How a client finds out whether a connection still stands. */
export interface GrpcPings {
  /** Without a sign of life for that long, the server is asked for one. Many servers want 10 s at least. */
  readonly time: Milliseconds;
  /** It must answer in this time. */
  readonly timeout: Milliseconds;
  /** Whether it is asked also when there are no calls. */
  readonly whileIdle: boolean;
}

/** A server that lets a call run out of time must answer a ping in this time, or the connection is given up. */
const probeTimeout: Milliseconds = 20_000;

/** What may be on its way from the server, in the answer to one call and in all. */
const streamWindow = 1024 * 1024;
const connectionWindow = 16 * 1024 * 1024;

/** Of an answer. */
const maxHeaderBytes = 64 * 1024;

/** A connection on which calls are made. It ends itself when the server goes away or answers no pings. */
export class GrpcSession {
  readonly #session: Http2Connection;
  readonly #pings: GrpcPings | undefined;
  readonly #ready = Promise.withResolvers<void>();
  readonly #left = Promise.withResolvers<void>();
  readonly #round: NodeJS.Timeout | undefined;
  #readBytes = -1;
  #probe: NodeJS.Timeout | undefined;
  #wantsFewerPings = false;

  /** The socket, on which nothing was said yet, belongs to this object from now on. */
  constructor(socket: Duplex, pings: GrpcPings | undefined) {
    this.#pings = pings;
    const limits = { streamWindow, connectionWindow, maxStreams: 0, maxHeaderBytes };
    this.#session = new Http2Connection(socket, 'client', limits, {
      opened: (stream) => {
        throw new Error(`the server has opened stream ${stream.id}`);
      },
      ready: () => this.#ready.resolve(),
      pinged: () => undefined,
      goingAway: (code) => {
        this.#wantsFewerPings = code === http2Codes.enhanceYourCalm;
        this.#left.resolve();
      },
      closed: (error) => {
        clearInterval(this.#round);
        clearTimeout(this.#probe);
        this.#ready.reject(error ?? new Error('the server has closed the connection'));
        this.#left.resolve();
      },
    });
    // Only who has just connected waits for it.
    this.#ready.promise.catch(() => undefined);
    if (pings !== undefined)
      this.#round = setInterval(() => this.#checkLife(), Math.min(pings.time, longestTimeout)).unref();
  }

  get isOpen(): boolean {
    return this.#session.isOpen;
  }

  /** Resolves when the server has said what it takes. Rejects if it does not. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** Resolves when no more calls can be made. */
  get left(): Promise<void> {
    return this.#left.promise;
  }

  /** Whether the server has gone because it was asked too often for signs of life. */
  get wantsFewerPings(): boolean {
    return this.#wantsFewerPings;
  }

  /** Sends a call: a block of headers, and the body, which is not changed before the stream is closed. */
  request(headers: Buffer, body: readonly Buffer[], handler: StreamHandler): Http2Stream {
    return this.#session.request(headers, body, handler);
  }

  /** Finds out whether the connection still stands, and ends it if not. */
  probe(timeout: Milliseconds = probeTimeout): void {
    if (this.#probe !== undefined) return;
    const isSent = this.#session.ping(() => {
      clearTimeout(this.#probe);
      this.#probe = undefined;
    });
    if (!isSent) return;
    this.#probe = setTimeout(
      () => this.#session.destroy(http2Codes.noError, new Error('the server does not answer pings')),
      Math.min(timeout, longestTimeout),
    ).unref();
  }

  /** Calls that are there may go on. */
  close(): void {
    this.#session.close();
  }

  /** Ends calls that are there, too. */
  destroy(error?: Error): void {
    this.#session.destroy(http2Codes.noError, error);
  }

  /** Bytes that have come are a sign of life. */
  #checkLife(): void {
    const { bytesRead, isBusy } = this.#session;
    const isQuiet = bytesRead === this.#readBytes;
    this.#readBytes = bytesRead;
    if (this.#pings !== undefined && isQuiet && (isBusy || this.#pings.whileIdle)) this.probe(this.#pings.timeout);
  }
}
