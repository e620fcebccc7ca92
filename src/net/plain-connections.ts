import type { TcpNetConnectOpts } from 'node:net';
import { longestTimeout, type Milliseconds } from '../base/duration.ts';
import type { HttpHeaders, HttpResponse } from './http-message.ts';
import { PlainConnection, type PlainRequest } from './plain-connection.ts';
import { requestHead } from './request-head.ts';

/** Which connections are kept, and how many there may be. */
export interface ConnectionLimits {
  /** Whether they are used for more than one request. */
  readonly keepAlive: boolean;
  /** How long an idle one is kept; 0 for any time. */
  readonly timeout: Milliseconds;
  /** How many idle ones are kept to a host. */
  readonly maxFreeSockets?: number;
  /** How many there may be to a host; requests wait for one then. */
  readonly maxSockets?: number;
}

/** A request to one host. */
export interface HostRequest extends PlainRequest {
  readonly host: string;
  readonly port: string;
  readonly path: string;
  readonly headers: HttpHeaders;
}

interface Host {
  readonly all: Set<PlainConnection>;
  /** Those that nobody uses; the one that was used last is at the end. */
  readonly idle: PlainConnection[];
  /** Wake those who wait for a connection. */
  readonly waiting: Set<() => void>;
}

/** That the peer has closed an idle connection is only noticed when it is used: try the next one, so many times. */
const maxStaleConnections = 5;
/** A connection is given up before the peer does it. */
const keptForMargin: Milliseconds = 1000;
const shortestExpiry: Milliseconds = 1000;
const usualMaxIdle = 256;

/** Connections without TLS, kept for the next request. */
export class PlainConnections {
  readonly #limits: ConnectionLimits;
  readonly #options: Partial<TcpNetConnectOpts>;
  readonly #hosts = new Map<string, Host>();
  #expiry: NodeJS.Timeout | undefined;

  constructor(limits: ConnectionLimits, options: Partial<TcpNetConnectOpts>) {
    this.#limits = limits;
    this.#options = options;
  }

  /** Sends a request and reads the response. Rejects with the error of the socket, or the reason of the signal. */
  async request(request: HostRequest): Promise<HttpResponse> {
    const head = requestHead(request, this.#limits.keepAlive);
    const { host, port, signal } = request;
    const key = `${host}:${port}`;
    for (let stale = 0; ; stale++) {
      let connection = this.#idleOne(key);
      const isFresh = connection === undefined;
      while (connection === undefined) {
        if (this.#hasRoom(key)) connection = this.#connect(key, { host, port: Number(port) });
        else {
          await this.#room(key, signal);
          connection = this.#idleOne(key);
        }
      }
      try {
        return await connection.send(request, head);
      } catch (error) {
        if (isFresh || connection.hasAnswer || !isReset(error) || stale === maxStaleConnections) throw error;
      }
    }
  }

  /** Ends all connections, also those in use. */
  close(): void {
    for (const { all } of this.#hosts.values()) for (const connection of all) connection.destroy();
    clearTimeout(this.#expiry);
  }

  #idleOne(key: string): PlainConnection | undefined {
    const idle = this.#hosts.get(key)?.idle;
    for (let connection = idle?.pop(); connection !== undefined; connection = idle?.pop()) {
      if (connection.isOpen && connection.expiresAt > performance.now()) return connection;
      connection.destroy();
    }
    return undefined;
  }

  #hasRoom(key: string): boolean {
    const { maxSockets = Infinity } = this.#limits;
    return (this.#hosts.get(key)?.all.size ?? 0) < maxSockets;
  }

  #connect(key: string, to: TcpNetConnectOpts): PlainConnection {
    let host = this.#hosts.get(key);
    if (host === undefined) this.#hosts.set(key, (host = { idle: [], all: new Set(), waiting: new Set() }));
    const { all } = host;
    const connection = new PlainConnection(
      { ...this.#options, ...to },
      {
        free: (keptFor) => this.#rest(host, connection, keptFor),
        gone: () => {
          all.delete(connection);
          const index = host.idle.indexOf(connection);
          if (index >= 0) host.idle.splice(index, 1);
          if (all.size === 0 && host.waiting.size === 0) this.#hosts.delete(key);
          wakeAll(host);
        },
      },
    );
    all.add(connection);
    return connection;
  }

  /** Keeps a connection for the next request, unless that is not wanted. */
  #rest(host: Host, connection: PlainConnection, keptFor: Milliseconds = Infinity): void {
    const { keepAlive, timeout, maxFreeSockets = usualMaxIdle } = this.#limits;
    const time = Math.min(timeout === 0 ? Infinity : timeout, keptFor - keptForMargin);
    if (!keepAlive || time <= 0 || host.idle.length >= maxFreeSockets) {
      connection.destroy();
      return;
    }
    connection.expiresAt = performance.now() + time;
    host.idle.push(connection);
    connection.rest();
    if (time !== Infinity) this.#expiry ??= this.#expireIn(time);
    wakeAll(host);
  }

  /** Looks after a time which connections nobody has used. */
  #expireIn(time: Milliseconds): NodeJS.Timeout {
    const timer = setTimeout(
      () => {
        const now = performance.now();
        let next = Infinity;
        for (const { idle } of this.#hosts.values())
          for (const connection of idle) {
            if (connection.expiresAt <= now) connection.destroy();
            else next = Math.min(next, connection.expiresAt);
          }
        this.#expiry = next === Infinity ? undefined : this.#expireIn(next - now);
      },
      Math.min(Math.max(shortestExpiry, time), longestTimeout),
    );
    return timer.unref();
  }

  /** Resolves when there may be room for a connection, or the signal aborts, with whose reason it rejects then. */
  async #room(key: string, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiting = this.#hosts.get(key)?.waiting;
    waiting?.add(resolve);
    signal.addEventListener('abort', () => resolve(), { once: true });
    await promise;
    waiting?.delete(resolve);
    signal.throwIfAborted();
  }
}

/** Those for whom there is no room wait again. */
function wakeAll({ waiting }: Host): void {
  for (const wake of waiting) wake();
}

function isReset(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
}
