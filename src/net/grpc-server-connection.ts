import type { ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import type { Milliseconds } from '../base/duration.ts';
import { IncomingCall, type GrpcSurroundings } from './grpc-incoming-call.ts';
import { http2 } from './node-http2.ts';

/** So much of a message may be on its way before the client waits for a sign that it was read. */
const streamWindow = 2 * 1024 * 1024;
/** The same for all messages of a connection. */
const connectionWindow = 16 * 1024 * 1024;

/** How many calls one client can have open if its number is not limited; each takes some kilobytes. */
const mostStreams = 10_000;

/** What a connection may take beside the messages, in megabytes, before calls on it are refused. */
const maxSessionMemory = 64;

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
  readonly #session: ServerHttp2Session;
  readonly #socket: Socket;
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
    this.#socket = socket;
    this.#surroundings = surroundings;
    this.#ended = ended;
    // A session waits for ever for the end of a connection whose TLS has broken.
    socket.on('error', () => socket.destroy());
    const session = http2().performServerHandshake(socket, {
      maxSessionMemory,
      settings: {
        initialWindowSize: streamWindow,
        maxConcurrentStreams: limits.maxConcurrentStreams || mostStreams,
        maxHeaderListSize: limits.maxHeaderBytes,
      },
    });
    this.#session = session;
    session.setLocalWindowSize(connectionWindow);
    const peer = socket.remoteAddress;
    session.on('stream', (stream, headers) => {
      this.#pingStrikes = 0;
      this.#calls.add(new IncomingCall(stream, headers, peer, surroundings, (call) => this.#callEnded(call)));
    });
    session.on('remoteSettings', () => (this.#hasBegun = true));
    session.on('ping', () => this.#pinged());
    session.on('error', (error) => log.debug('a connection has broken', { peer, error }));
    session.on('close', () => ended(true));
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
    if (this.#drainingSince !== undefined || this.#session.destroyed) return;
    this.#drainingSince = performance.now();
    // Calls that are on their way when the client learns of it are still taken: it answers the ping after that, if it
    // does not leave at once.
    this.#session.goaway(http2().constants.NGHTTP2_NO_ERROR, 2 ** 31 - 1);
    const close = (): void => {
      clearTimeout(timer);
      if (!this.#session.destroyed) this.#session.close();
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
    const { bytesRead } = this.#socket;
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
    const { NGHTTP2_ENHANCE_YOUR_CALM: calmDown } = http2().constants;
    this.#session.goaway(calmDown, undefined, Buffer.from('too_many_pings'));
    this.#session.destroy(undefined, calmDown);
  }
}
