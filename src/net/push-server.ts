import type { Milliseconds } from '../base/duration.ts';
import type { Log } from '../base/log.ts';
import { FollowedServer } from './followed-server.ts';
import { routeRequests, type HttpRoute, type RequestObserver } from './http-exchange.ts';
import { HttpServer, type ConnectionObserver, type HttpServerLimits } from './http-server.ts';
import { serverSettings, type HttpServerArgs } from './http-server-fields.ts';

interface PushServerArgs {
  readonly http: HttpServerArgs;
  readonly graceful_shutdown_timeout: Milliseconds;
}

/** Takes what clients push. */
export interface PushApi<A> {
  readonly routes: readonly HttpRoute[];
  update(args: A): void;
  /** Refuses requests from now on, and those whose data was not accepted yet. */
  stop(): void;
  /** Refuses those that are left, too. */
  abandon(): void;
}

interface Surroundings {
  readonly log: Log;
  readonly observer: RequestObserver & ConnectionObserver;
  /** Is told whether the server is where it should be. */
  health(state: 'healthy' | 'unhealthy', message: string): void;
}

/** The life of a component that is a server for an API: it goes on with other arguments. */
export class PushServer<A extends PushServerArgs> {
  readonly #api: PushApi<A>;
  readonly #server: FollowedServer;
  #args: A;

  constructor(args: A, api: PushApi<A>, { log, observer, health }: Surroundings) {
    this.#args = args;
    this.#api = api;
    const handler = routeRequests(api.routes, observer, log);
    const serve = (limits: HttpServerLimits): HttpServer => new HttpServer(handler, log, limits, observer);
    const moved = (problem: string | undefined): void =>
      health(problem === undefined ? 'healthy' : 'unhealthy', problem ?? 'the server is listening');
    this.#server = new FollowedServer(serverSettings(args.http), serve, { log, moved });
  }

  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.#api.stop());
    await this.#server.run(signal, () => this.#args.graceful_shutdown_timeout);
  }

  update(args: A): void {
    this.#args = args;
    this.#api.update(args);
    this.#server.update(serverSettings(args.http));
  }

  async close(): Promise<void> {
    this.#api.abandon();
    await this.#server.close();
  }
}
