import { Backoff } from '../../base/backoff.ts';
import { Doorbell } from '../../base/doorbell.ts';
import type { Milliseconds } from '../../base/duration.ts';
import { messageOf } from '../../base/message-of.ts';
import { sleep } from '../../base/sleep.ts';
import type { ClientTls } from '../client-tls.ts';
import type { CallLimit } from './grpc-call-limit.ts';
import { GrpcConnector } from './grpc-connector.ts';
import { GrpcLink } from './grpc-link.ts';
import type { GrpcPings, GrpcSession } from './grpc-session.ts';
import { GrpcError, grpcCodes } from './grpc-status.ts';
import { resolveGrpcTarget, showGrpcTarget, type GrpcTarget } from './grpc-target.ts';
import type { ProxySettings } from '../proxy.ts';

/** Names are looked up again when a connection is lost, but not more often than this. */
const leastBetweenLookups: Milliseconds = 5000;

const shortestWait: Milliseconds = 1000;
const longestWait: Milliseconds = 30_000;

/** `pick_first`: all calls go to the first address that can be had; `round_robin`: they go around all of them. */
export type GrpcBalancing = 'pick_first' | 'round_robin';

/** How a client reaches its server. */
export interface GrpcChannelSettings {
  readonly target: GrpcTarget;
  readonly balancing: GrpcBalancing;
  /** Undefined for no TLS. */
  readonly tls: ClientTls | undefined;
  readonly proxy: ProxySettings;
  readonly pings: GrpcPings | undefined;
  /** Looks the addresses of the target up; as the system does if absent. */
  readonly resolve?: (target: GrpcTarget) => Promise<readonly GrpcTarget[]>;
}

/** Keeps the connections to a target. They are made at once, and again whenever they are lost. */
export class GrpcChannel {
  readonly #settings: GrpcChannelSettings;
  readonly #connector: GrpcConnector;
  readonly #stop = new AbortController();
  readonly #lookupBell = new Doorbell();
  /** By the addresses they lead to. */
  #links = new Map<string, GrpcLink>();
  #next = 0;
  #lookupProblem: unknown;
  #changed = Promise.withResolvers<void>();

  constructor(settings: GrpcChannelSettings) {
    this.#settings = settings;
    this.#connector = new GrpcConnector(settings.target, settings.tls, settings.proxy);
    void this.#run();
  }

  /** A connection for a call, each time the next; undefined if there is none now. */
  ready(): GrpcSession | undefined {
    const links = [...this.#links.values()];
    for (let tried = 0; tried < links.length; tried++) {
      const session = links[this.#next++ % links.length]?.session;
      if (session?.isOpen === true) return session;
    }
    return undefined;
  }

  /** The same, waiting while none was tried, or as long as it takes if the call waits for that. Rejects with a GrpcError. */
  async session(waitsForReady: boolean, limit: CallLimit): Promise<GrpcSession> {
    for (;;) {
      const session = this.ready();
      if (session !== undefined) return session;
      const isClosed = this.#stop.signal.aborted;
      const problem = isClosed ? new Error('the client is closed') : this.#problem();
      if (problem !== undefined && (isClosed || !waitsForReady))
        throw new GrpcError(grpcCodes.unavailable, `cannot connect to ${this.#name}: ${messageOf(problem)}`, {
          cause: problem,
        });
      await this.#change(limit);
    }
  }

  /** Ends all connections, also those in use. */
  close(): void {
    this.#stop.abort();
    this.#lookupBell.ring();
    for (const link of this.#links.values()) link.destroy();
    this.#tell();
  }

  get #name(): string {
    return showGrpcTarget(this.#settings.target);
  }

  /** Why there is no connection; undefined if one may come soon. */
  #problem(): unknown {
    if (this.#links.size === 0) return this.#lookupProblem;
    const problems = [...this.#links.values()].map((link) => link.problem);
    return problems.includes(undefined) ? undefined : lastOf(problems.at(-1));
  }

  #tell(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  async #change(limit: CallLimit): Promise<void> {
    const { promise: reached, reject } = Promise.withResolvers<never>();
    limit.watch(reject);
    try {
      await Promise.race([this.#changed.promise, reached]);
    } finally {
      limit.watch(undefined);
    }
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    const backoff = new Backoff(shortestWait, longestWait);
    while (!signal.aborted) {
      try {
        this.#follow(await this.#addresses());
        this.#lookupProblem = undefined;
        backoff.reset();
      } catch (error) {
        this.#lookupProblem = error;
      }
      this.#tell();
      if (this.#lookupProblem !== undefined) await sleep(backoff.next(), signal);
      else {
        await sleep(leastBetweenLookups, signal);
        await this.#lookupBell.wait();
      }
    }
  }

  /** A proxy looks the name up itself. */
  async #addresses(): Promise<readonly GrpcTarget[]> {
    const { target, resolve = resolveGrpcTarget } = this.#settings;
    return this.#connector.proxy === undefined ? resolve(target) : [target];
  }

  /** Keeps the links whose addresses are still there, and makes those that are not there yet. */
  #follow(addresses: readonly GrpcTarget[]): void {
    if (this.#stop.signal.aborted) return;
    const groups = this.#settings.balancing === 'pick_first' ? [addresses] : addresses.map((address) => [address]);
    const before = this.#links;
    this.#links = new Map();
    for (const group of groups) {
      const key = this.#settings.balancing === 'pick_first' ? '' : group.map(showGrpcTarget).join();
      const known = before.get(key);
      before.delete(key);
      if (known !== undefined) known.addresses = group;
      this.#links.set(key, known ?? this.#link(group));
    }
    for (const link of before.values()) link.close();
  }

  #link(addresses: readonly GrpcTarget[]): GrpcLink {
    return new GrpcLink(this.#connector, addresses, this.#settings.pings, ({ session }) => {
      this.#tell();
      if (session === undefined) this.#lookupBell.ring();
    });
  }
}

/** An error that stands for several tells nothing itself. */
function lastOf(problem: unknown): unknown {
  return problem instanceof AggregateError ? (problem.errors.at(-1) as unknown) : problem;
}
