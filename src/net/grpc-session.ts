import type { ClientHttp2Session, ClientHttp2Stream, OutgoingHttpHeaders } from 'node:http2';
import { longestTimeout, type Milliseconds } from '../base/duration.ts';
import { http2 } from './node-http2.ts';

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

/** A connection on which calls are made. It ends itself when the server goes away or answers no pings. */
export class GrpcSession {
  readonly #session: ClientHttp2Session;
  readonly #pings: GrpcPings | undefined;
  readonly #left = Promise.withResolvers<void>();
  readonly #round: NodeJS.Timeout | undefined;
  #calls = 0;
  #readBytes = -1;
  #probe: NodeJS.Timeout | undefined;
  #wantsFewerPings = false;

  /** The session belongs to this object from now on. */
  constructor(session: ClientHttp2Session, pings: GrpcPings | undefined) {
    this.#session = session;
    this.#pings = pings;
    const { NGHTTP2_ENHANCE_YOUR_CALM: calmDown } = http2().constants;
    session.on('goaway', (code) => {
      this.#wantsFewerPings = code === calmDown;
      this.#left.resolve();
    });
    // It is closed then, and calls on it fail with what is wrong.
    session.on('error', () => undefined);
    session.on('close', () => {
      clearInterval(this.#round);
      clearTimeout(this.#probe);
      this.#left.resolve();
    });
    if (pings !== undefined)
      this.#round = setInterval(() => this.#checkLife(), Math.min(pings.time, longestTimeout)).unref();
  }

  get isOpen(): boolean {
    return !this.#session.closed && !this.#session.destroyed;
  }

  /** Resolves when no more calls can be made. */
  get left(): Promise<void> {
    return this.#left.promise;
  }

  /** Whether the server has gone because it was asked too often for signs of life. */
  get wantsFewerPings(): boolean {
    return this.#wantsFewerPings;
  }

  /** Opens the stream of a call. Throws if there can be no more on this connection, or not with these headers. */
  request(headers: OutgoingHttpHeaders): ClientHttp2Stream {
    const stream = this.#session.request(headers);
    this.#calls++;
    stream.on('close', () => this.#calls--);
    return stream;
  }

  /** Finds out whether the connection still stands, and ends it if not. */
  probe(timeout: Milliseconds = probeTimeout): void {
    if (this.#probe !== undefined || this.#session.destroyed) return;
    const isSent = this.#session.ping(() => {
      clearTimeout(this.#probe);
      this.#probe = undefined;
    });
    if (!isSent) return;
    this.#probe = setTimeout(
      () => this.#session.destroy(new Error('the server does not answer pings')),
      Math.min(timeout, longestTimeout),
    ).unref();
  }

  /** Calls that are there may go on. */
  close(): void {
    this.#session.close();
  }

  destroy(): void {
    this.#session.destroy();
  }

  /** Bytes that have come are a sign of life. */
  #checkLife(): void {
    const bytesRead = this.#session.socket?.bytesRead ?? 0;
    const isQuiet = bytesRead === this.#readBytes;
    this.#readBytes = bytesRead;
    if (this.#pings !== undefined && isQuiet && (this.#calls > 0 || this.#pings.whileIdle))
      this.probe(this.#pings.timeout);
  }
}
