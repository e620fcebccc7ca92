import type { RequestListener } from 'node:http';
import { Backoff } from '../base/backoff.ts';
import { Doorbell, repeat } from '../base/doorbell.ts';
import type { Milliseconds } from '../base/duration.ts';
import type { Log } from '../base/log.ts';
import { messageOf } from '../base/message-of.ts';
import { HttpServer, type ConnectionObserver } from './http-server.ts';
import type { HttpServerSettings } from './http-server-fields.ts';
import { showListenAddress } from './listen-address.ts';

/** The server that had the address before, of a component with another name, is stopped when this one already runs. */
const patience = 5000;

interface Surroundings {
  readonly log: Log;
  readonly observer: ConnectionObserver;
  /** Is told why the server is not where it should be, or that it is. */
  readonly moved: (problem: string | undefined) => void;
}

/**
 * A server that follows its settings while it runs. An address that stays is never left: only another one means listening
 * anew, and until that works the server stays where it was.
 */
export class FollowedServer {
  readonly #handler: RequestListener;
  readonly #surroundings: Surroundings;
  readonly #bell = new Doorbell();
  readonly #backoff = new Backoff(1000, 30_000);
  #settings: HttpServerSettings;
  #listensOn = '';
  #retryIn: Milliseconds = Infinity;
  #closed: Promise<void> | undefined;

  constructor(settings: HttpServerSettings, handler: RequestListener, surroundings: Surroundings) {
    this.#settings = settings;
    this.#handler = handler;
    this.#surroundings = surroundings;
  }

  /** Serves until the signal aborts; requests that are there then can still be answered. Rejects if it cannot begin. */
  async run(signal: AbortSignal, grace: () => Milliseconds): Promise<void> {
    const { log, observer } = this.#surroundings;
    const server = new HttpServer(this.#handler, log, this.#settings.limits, observer);
    try {
      await this.#listen(server);
      const follow = (): Promise<void> => this.#follow(server);
      await repeat(this.#bell, signal, () => this.#retryIn, follow);
    } finally {
      this.#closed = server.close(grace());
    }
  }

  update(settings: HttpServerSettings): void {
    this.#settings = settings;
    this.#backoff.reset();
    this.#bell.ring();
  }

  /** Resolves when the requests that were there have been answered, or their time is over. */
  async close(): Promise<void> {
    await this.#closed;
  }

  async #listen(server: HttpServer): Promise<void> {
    const { address, tls } = this.#settings;
    server.setTls(tls);
    await server.listen(address, patience);
    this.#listensOn = showListenAddress(address);
    this.#surroundings.log.info('server listening', { address: showListenAddress(server.address ?? address) });
  }

  async #follow(server: HttpServer): Promise<void> {
    const { address, limits, tls } = this.#settings;
    const { log, moved } = this.#surroundings;
    server.setLimits(limits);
    server.setTls(tls);
    this.#retryIn = Infinity;
    const wanted = showListenAddress(address);
    try {
      if (wanted !== this.#listensOn) await this.#listen(server);
      moved(undefined);
    } catch (error) {
      const problem = messageOf(error);
      this.#retryIn = this.#backoff.next();
      if (this.#backoff.attempts === 1)
        log.error('cannot listen on the new address, the server stays where it is', { error: problem });
      moved(`cannot listen on ${wanted}: ${problem}`);
    }
  }
}
