import path from 'node:path';
import type { Log } from '../base/log.ts';
import { messageOf } from '../base/message-of.ts';
import { adoptQueues, FolderUse, pairUp } from './queue-folders.ts';

/** Sends what waits in queues in a folder of its own. */
export interface QueueingEndpoint<S> {
  readonly folder: string;
  start(): void;
  /** Goes on by another setup. */
  change(setup: S): void;
  /** Sends what is left as long as that may take. */
  stop(): Promise<void>;
  /** The same for an endpoint that is not wanted any more. */
  leave(): Promise<void>;
}

/** What an endpoint gets from those it is one of. */
export interface EndpointPlace {
  readonly folder: string;
  readonly folderUse: FolderUse;
  /** Takes why a folder cannot be written, and undefined when it can be again. */
  problem(folder: string, message: string | undefined): void;
  /** Takes what ends all endpoints. */
  failed(error: unknown): void;
}

export interface QueueingEndpointsOptions<S, E extends QueueingEndpoint<S>> {
  /** The folder that has a folder for each endpoint. */
  readonly folder: string;
  /** What is sent, such as `entries`. */
  readonly items: string;
  readonly log: Log;
  health(state: 'healthy' | 'unhealthy', message: string): void;
  open(setup: S, place: EndpointPlace): E;
}

/** The endpoints of a component, by identity. They live through reloads, so that what waits in their queues does too. */
export class QueueingEndpoints<S, E extends QueueingEndpoint<S>> {
  readonly #options: QueueingEndpointsOptions<S, E>;
  readonly #folderUse = new FolderUse();
  readonly #problems = new Map<string, string>();
  readonly #failure = Promise.withResolvers<never>();
  #endpoints = new Map<string, E>();
  /** Endpoints that were removed, until they have stopped. */
  readonly #leaving = new Set<Promise<void>>();
  #isRunning = false;
  #hasStopped = false;

  constructor(options: QueueingEndpointsOptions<S, E>) {
    this.#options = options;
    // Whoever runs it is told.
    this.#failure.promise.catch(() => undefined);
  }

  /** In the order they were wanted. */
  get all(): readonly E[] {
    return [...this.#endpoints.values()];
  }

  /** Endpoints that are still there go on, by new setups; those that are not send what they have, and go. */
  replace(wanted: readonly { readonly identity: string; readonly setup: S }[]): void {
    const before = this.#endpoints;
    const identities = wanted.map(({ identity }) => identity);
    const pairs = pairUp([...before.keys()], identities);
    this.#endpoints = new Map(
      wanted.map(({ identity, setup }, index): [string, E] => {
        const known = before.get(pairs[index] ?? '');
        known?.change(setup);
        return [identity, known ?? this.#open(identity, setup, before)];
      }),
    );
    for (const [identity, endpoint] of before) if (!pairs.includes(identity)) this.#remove(endpoint);
  }

  /** Sends until the signal aborts, and then what is left. */
  async run(signal: AbortSignal): Promise<void> {
    await this.#adopt();
    this.#isRunning = true;
    for (const endpoint of this.#endpoints.values()) endpoint.start();
    const { promise: stopped, resolve } = Promise.withResolvers<void>();
    const stop = (): void => resolve();
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    try {
      await Promise.race([stopped, this.#failure.promise]);
    } finally {
      signal.removeEventListener('abort', stop);
      await this.#stop();
    }
  }

  /** Stops what has never run, since something may have come all the same. */
  async close(): Promise<void> {
    if (!this.#hasStopped) await this.#stop();
  }

  #open(identity: string, setup: S, before: ReadonlyMap<string, E>): E {
    const endpoint = this.#options.open(setup, {
      folder: this.#folderFor(identity, before),
      folderUse: this.#folderUse,
      problem: (folder, message) => this.#showProblem(folder, message),
      failed: (error) => this.#failure.reject(error),
    });
    if (this.#isRunning) endpoint.start();
    return endpoint;
  }

  /** A folder that no endpoint has, as one may that was changed from what this one is. */
  #folderFor(identity: string, before: ReadonlyMap<string, E>): string {
    const taken = new Set(Array.from(before.values(), ({ folder }) => folder));
    let folder = path.join(this.#options.folder, identity);
    for (let number = 2; taken.has(folder); number++) folder = path.join(this.#options.folder, `${identity}-${number}`);
    return folder;
  }

  #remove(endpoint: E): void {
    const left = endpoint.leave().finally(() => this.#leaving.delete(left));
    this.#leaving.add(left);
  }

  async #stop(): Promise<void> {
    this.#hasStopped = true;
    this.#isRunning = false;
    await Promise.all([...this.#leaving, ...Array.from(this.#endpoints.values(), (endpoint) => endpoint.stop())]);
  }

  async #adopt(): Promise<void> {
    const { folder, log } = this.#options;
    try {
      for (const name of await adoptQueues(folder, [...this.#endpoints.keys()]))
        log.warn('the queue of an endpoint that is not there any more is left alone', {
          folder: path.join(folder, name),
        });
    } catch (error) {
      log.error('cannot look for queues on disk', { error: messageOf(error) });
    }
  }

  #showProblem(folder: string, message: string | undefined): void {
    const before = this.#problems.get(folder);
    if (before === message) return;
    if (message === undefined) this.#problems.delete(folder);
    else this.#problems.set(folder, message);
    const { items, log, health } = this.#options;
    if (message === undefined) log.info('the queue on disk can be written again', { folder });
    else log.error('the queue on disk cannot be written', { error: message });
    const [problem] = this.#problems.values();
    if (problem === undefined) health('healthy', 'the queue on disk can be written again');
    else health('unhealthy', `${problem}; ${items} are sent from memory`);
  }
}
