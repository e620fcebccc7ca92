import { Backoff } from '../base/backoff.ts';
import { Doorbell, repeat } from '../base/doorbell.ts';
import type { Milliseconds } from '../base/duration.ts';
import type { Log } from '../base/log.ts';
import { messageOf } from '../base/message-of.ts';
import type { HttpServerLimits } from './http-server.ts';
import { showListenAddress, type ListenAddress } from './listen-address.ts';
import type { ServerTlsSettings } from './server-tls.ts';

/** The server that had the address before, of a component with another name, is stopped when this one already runs. */
const patience = 5000;

/** How a server is to serve. */
export interface ServerSettings<L> {
  readonly address: ListenAddress;
  /** What clients may take. */
  readonly limits: L;
  readonly tls: ServerTlsSettings | undefined;
}

/** A server whose settings can change while it runs, such as one for HTTP/1.1 or gRPC. */
export interface AdaptableServer<L> {
  /** Where it listens; undefined if it does not. */
  readonly address: ListenAddress | undefined;
  /** Listens, from now on there only. Rejects if the address cannot be had; then it stays where it was. */
  listen(address: ListenAddress, patience: Milliseconds): Promise<void>;
  setLimits(limits: L): void;
  setTls(settings: ServerTlsSettings | undefined): void;
  /** Takes no more connections, and lets requests that are there end for the given time. */
  close(grace: Milliseconds): Promise<void>;
}

interface Surroundings {
  readonly log: Log;
  /** Is told why the server is not where it should be, or that it is. */
  readonly moved: (problem: string | undefined) => void;
}

/**
 * A server that follows its settings while it runs. An address that stays is never left: only another one means listening
 * anew, and until that works the server stays where it was.
 */
export class FollowedServer<L = HttpServerLimits> {
  readonly #make: (limits: L) => AdaptableServer<L>;
  readonly #surroundings: Surroundings;
  readonly #bell = new Doorbell();
  readonly #backoff = new Backoff(1000, 30_000);
  #settings: ServerSettings<L>;
  #listensOn = '';
  #retryIn: Milliseconds = Infinity;
  #closed: Promise<void> | undefined;

  /** Makes the server when it runs. */
  constructor(settings: ServerSettings<L>, make: (limits: L) => AdaptableServer<L>, surroundings: Surroundings) {
    this.#settings = settings;
    this.#make = make;
    this.#surroundings = surroundings;
  }

  /** Serves until the signal aborts; requests that are there then can still be answered. Rejects if it cannot begin. */
  async run(signal: AbortSignal, grace: () => Milliseconds): Promise<void> {
    const server = this.#make(this.#settings.limits);
    try {
      await this.#listen(server);
      const follow = (): Promise<void> => this.#follow(server);
      await repeat(this.#bell, signal, () => this.#retryIn, follow);
    } finally {
      this.#closed = server.close(grace());
    }
  }

  update(settings: ServerSettings<L>): void {
    this.#settings = settings;
    this.#backoff.reset();
    this.#bell.ring();
  }

  /** Resolves when the requests that were there have been answered, or their time is over. */
  async close(): Promise<void> {
    await this.#closed;
  }

  async #listen(server: AdaptableServer<L>): Promise<void> {
    const { address, tls } = this.#settings;
    server.setTls(tls);
    await server.listen(address, patience);
    this.#listensOn = showListenAddress(address);
    this.#surroundings.log.info('server listening', { address: showListenAddress(server.address ?? address) });
  }

  async #follow(server: AdaptableServer<L>): Promise<void> {
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
