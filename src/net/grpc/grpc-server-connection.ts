import type { Socket } from 'node:net';
import type { Milliseconds } from '../../base/duration.ts';
import { IncomingCall, type GrpcSurroundings } from './grpc-incoming-call.ts';
import { http2Codes, largestWindow } from '../http2/codes.ts';
import { Http2Connection } from '../http2/http2-connection.ts';

/** So much of a message may be on its way before the client waits for a sign that it was read. */
const streamWindow = 2 * 1024 * 1024;
/** The same for all messages of a connection. */
const connectionWindow = 16 * 1024 * 1024;

/** How many calls one client can have open if its number is not limited; each takes some kilobytes. */
const mostStreams = 10_000;

/** Clients must have begun to speak HTTP/2 in this time. */
const prefaceTimeout: Milliseconds = 10_000;

/** The shortest time between pings of clients without calls, if they may not ping then. */
const idlePingInterval: Milliseconds = 2 * 3_600_000;

/** How long a client may take to learn that it should go elsewhere. */
export const farewellTime: Milliseconds = 100;

/** A client that pings too often is sent away at the one after so many. */
const maxPingStrikes = 2;

/** A connection of a client, with what it may do and how long it may stay. */
export class GrpcServerConnection {
  readonly #session: Http2Connection;
  readonly #surroundings: GrpcSurroundings;
  readonly #ended: (isClosed: boolean) => void;
  readonly #calls = new Set<IncomingCall>();
  readonly #start = performance.now();
  /** Connections that began together should not end together. */
  readonly #ageFactor = 0.9 + 0.2 * Math.random();
  #hasBegun = false;
  #idleSince = performance.now();
  #drainingSince: number | undefined;
  #readBytes = 0;
  #lastRead = performance.now();
  #pingedAt: number | undefined;
  #lastPingOfClient = -Infinity;
  #pingStrikes = 0;

  /** `ended` is called when the connection has ended, and each time when its last call has. */
  constructor(socket: Socket, surroundings: GrpcSurroundings, ended: (isClosed: boolean) => void) {
    const { limits, log } = surroundings;
    this.#surroundings = surroundings;
    this.#ended = ended;
    const peer = socket.remoteAddress;
    const maxStreams = limits.maxConcurrentStreams || mostStreams;
    const own = { streamWindow, connectionWindow, maxStreams, maxHeaderBytes: limits.maxHeaderBytes };
    this.#session = new Http2Connection(socket, 'server', own, {
      opened: (stream, headers) => {
        this.#pingStrikes = 0;
        const call = new IncomingCall(stream, headers, peer, surroundings, (over) => this.#callEnded(over));
        if (!stream.isClosed) this.#calls.add(call);
        return call;
      },
      ready: () => (this.#hasBegun = true),
      pinged: () => this.#pinged(),
      goingAway: () => undefined,
      closed: (error) => {
        if (error !== undefined) log.debug('a connection has broken', { peer, error });
        ended(true);
      },
    });
  }

  /** Whether a call is open. */
  get isBusy(): boolean {
    return this.#calls.size > 0;
  }

  /** Ends the connection if its time is over, asks whether it still stands, and gives up on slow calls. */
  check(now: number): void {
    const { keepalive, receiveTimeout } = this.#surroundings.limits;
    const { maxIdle, maxAge, maxAgeGrace } = keepalive;
    for (const call of this.#calls) call.check(now);
    const isOver = (since: number | undefined, time: Milliseconds): boolean =>
      since !== undefined && time > 0 && now - since >= time;
    if (!this.#hasBegun && isOver(this.#start, Math.min(receiveTimeout, prefaceTimeout))) this.destroy();
    else if (isOver(this.#drainingSince, maxAgeGrace)) this.destroy();
    else if (this.#drainingSince === undefined) {
      if (isOver(this.#start, maxAge * this.#ageFactor)) this.drain();
      else if (!this.isBusy && isOver(this.#idleSince, maxIdle)) this.drain();
    }
    this.#checkLife(now);
  }

  /** Takes no more calls. The connection ends when those that are there do. */
  drain(): void {
    if (this.#drainingSince !== undefined || !this.#session.isOpen) return;
    this.#drainingSince = performance.now();
    // Calls that are on their way when the client learns of it are still taken: it answers the ping after that, if it
    // does not leave at once.
    this.#session.goaway(http2Codes.noError, largestWindow);
    const close = (): void => {
      clearTimeout(timer);
      this.#session.close();
    };
    const timer = setTimeout(close, farewellTime);
    if (!this.#session.ping(close)) close();
  }

  destroy(): void {
    this.#session.destroy();
  }

  #callEnded(call: IncomingCall): void {
    this.#calls.delete(call);
    this.#pingStrikes = 0;
    if (this.isBusy) return;
    this.#idleSince = performance.now();
    this.#ended(false);
  }

  /** Bytes that come are a sign of life; without any, the client is asked for one. */
  #checkLife(now: number): void {
    const { time, timeout } = this.#surroundings.limits.keepalive;
    const { bytesRead } = this.#session;
    if (bytesRead !== this.#readBytes) {
      this.#readBytes = bytesRead;
      this.#lastRead = now;
      this.#pingedAt = undefined;
    }
    if (this.#pingedAt !== undefined) {
      if (now - this.#pingedAt >= timeout) this.destroy();
    } else if (now - this.#lastRead >= time && this.#session.ping(() => undefined)) {
      this.#pingedAt = now;
    }
  }

  /** Sends a client away that pings too often. */
  #pinged(): void {
    const { minPingInterval, allowsIdlePings } = this.#surroundings.limits.keepalive;
    const now = performance.now();
    const interval = this.isBusy || allowsIdlePings ? minPingInterval : idlePingInterval;
    if (now - this.#lastPingOfClient < interval) this.#pingStrikes++;
    this.#lastPingOfClient = now;
    if (this.#pingStrikes <= maxPingStrikes) return;
    this.#session.destroy(http2Codes.enhanceYourCalm, new Error('too_many_pings'));
  }
}
