import type { Socket } from 'node:net';
import type { ByteBudget } from '../../base/byte-budget.ts';
import { Doorbell } from '../../base/doorbell.ts';
import type { Milliseconds } from '../../base/duration.ts';
import type { Log } from '../../base/log.ts';
import type { AdaptableServer } from '../followed-server.ts';
import type { GrpcSurroundings } from './grpc-incoming-call.ts';
import { farewellTime, GrpcServerConnection } from './grpc-server-connection.ts';
import type { GrpcMethod, GrpcServerLimits, GrpcServerObserver } from './grpc-service.ts';
import type { ListenAddress } from '../listen-address.ts';
import { listenOn, type ListeningSocket } from '../listening-socket.ts';
import { ServerTls, type ServerTlsSettings } from '../server-tls.ts';

/** Connections are looked after once in this time, or more often if their limits are shorter. */
const longestRound: Milliseconds = 1000;
const shortestRound: Milliseconds = 10;

export interface GrpcServerOptions {
  readonly methods: readonly GrpcMethod[];
  readonly log: Log;
  readonly observer: GrpcServerObserver;
  /** What the messages of calls under way may take together; shared with others if the caller likes. */
  readonly memory: ByteBudget;
}

/** A gRPC server for methods of one message each way. It can turn TLS on and off without listening anew. */
export class GrpcServer implements AdaptableServer<GrpcServerLimits> {
  readonly #surroundings: GrpcSurroundings;
  readonly #connections = new Set<GrpcServerConnection>();
  #sockets = 0;
  #tls: ServerTls | undefined;
  #listening: ListeningSocket | undefined;
  #round: NodeJS.Timeout | undefined;
  #isClosing = false;
  /** Rings when a connection has ended, or its last call. */
  readonly #ended = new Doorbell();

  constructor({ methods, ...options }: GrpcServerOptions, limits: GrpcServerLimits) {
    const byPath = new Map(methods.map((method) => [method.path, method]));
    this.#surroundings = { ...options, methods: byPath, limits };
  }

  get address(): ListenAddress | undefined {
    return this.#listening?.address;
  }

  async listen(address: ListenAddress, patience: Milliseconds = 0): Promise<void> {
    const handler = {
      connected: (socket: Socket): void => this.#connected(socket),
      failed: (error: Error): void => this.#surroundings.log.warn('cannot accept a connection', { error }),
    };
    const listening = await listenOn(address, handler, patience);
    this.#listening?.release();
    this.#listening = listening;
    this.setLimits(this.#surroundings.limits);
  }

  /** Sets what clients may take from now on; the number of calls and the size of headers, on new connections. */
  setLimits(limits: GrpcServerLimits): void {
    this.#surroundings.limits = limits;
    clearInterval(this.#round);
    this.#round = setInterval(() => this.#check(), roundTime(limits)).unref();
    this.#countSockets(0);
  }

  /** Sets how new connections are secured, if at all; those that are there stay as they are. */
  setTls(settings: ServerTlsSettings | undefined): void {
    const secured = (socket: Socket): void => this.#secured(socket);
    this.#tls = settings && new ServerTls(settings, secured, this.#surroundings.log, 'h2');
  }

  async close(grace: Milliseconds): Promise<void> {
    this.#isClosing = true;
    this.#listening?.release();
    this.#listening = undefined;
    for (const connection of this.#connections) connection.drain();
    await this.#until(() => !this.#connections.values().some(({ isBusy }) => isBusy), grace);
    await this.#until(() => this.#connections.size === 0, Math.min(grace, 2 * farewellTime));
    clearInterval(this.#round);
    for (const connection of this.#connections) connection.destroy();
  }

  #connected(socket: Socket): void {
    this.#countSockets(1);
    socket.once('close', () => this.#countSockets(-1));
    if (this.#tls === undefined) this.#secured(socket);
    else void this.#tls.secure(socket);
  }

  #secured(socket: Socket): void {
    if (this.#isClosing) {
      socket.destroy();
      return;
    }
    const connection: GrpcServerConnection = new GrpcServerConnection(socket, this.#surroundings, (isClosed) => {
      if (isClosed) this.#connections.delete(connection);
      this.#ended.ring();
    });
    this.#connections.add(connection);
  }

  #countSockets(change: number): void {
    this.#sockets += change;
    this.#surroundings.observer.connectionsChanged(this.#sockets, 0);
  }

  #check(): void {
    const now = performance.now();
    for (const connection of this.#connections) connection.check(now);
  }

  /** Waits until something holds that becomes true when calls or connections end. */
  async #until(holds: () => boolean, atMost: Milliseconds): Promise<void> {
    const end = performance.now() + atMost;
    for (let rest = atMost; rest > 0 && !holds(); rest = end - performance.now()) await this.#ended.wait(rest);
  }
}

/** Often enough to notice the end of the shortest time in limits. */
function roundTime({ receiveTimeout, keepalive }: GrpcServerLimits): Milliseconds {
  const { maxIdle, maxAge, maxAgeGrace, time, timeout } = keepalive;
  const times = [receiveTimeout, maxIdle, maxAge, maxAgeGrace, time, timeout].filter((each) => each > 0);
  return Math.max(shortestRound, Math.min(longestRound, ...times.map((each) => each / 4)));
}
