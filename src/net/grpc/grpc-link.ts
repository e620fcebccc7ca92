import { Backoff } from '../../base/backoff.ts';
import type { Milliseconds } from '../../base/duration.ts';
import { sleep } from '../../base/sleep.ts';
import type { GrpcConnector } from './grpc-connector.ts';
import type { GrpcSession, GrpcPings } from './grpc-session.ts';
import type { GrpcTarget } from './grpc-target.ts';

/** A connection that ends sooner than this has not stood, and the next waits. */
const leastLife: Milliseconds = 5000;

const shortestWait: Milliseconds = 200;
const longestWait: Milliseconds = 10_000;

/** Keeps one connection to one of some addresses, the first that can be had, until it is closed. */
export class GrpcLink {
  readonly #connector: GrpcConnector;
  readonly #changed: (link: GrpcLink) => void;
  readonly #stop = new AbortController();
  #pings: GrpcPings | undefined;
  addresses: readonly GrpcTarget[];
  /** Where calls can be made now. */
  session: GrpcSession | undefined;
  /** Why there is none; undefined while that is not known. */
  problem: unknown;

  /** `changed` is called when there is a session, or none any more, or still none. */
  constructor(
    connector: GrpcConnector,
    addresses: readonly GrpcTarget[],
    pings: GrpcPings | undefined,
    changed: (link: GrpcLink) => void,
  ) {
    this.#connector = connector;
    this.addresses = addresses;
    this.#pings = pings;
    this.#changed = changed;
    void this.#run();
  }

  /** Calls that are there may go on. */
  close(): void {
    this.#stop.abort();
    this.session?.close();
    this.session = undefined;
  }

  /** Ends calls that are there too. */
  destroy(): void {
    this.#stop.abort();
    this.session?.destroy();
    this.session = undefined;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    const backoff = new Backoff(shortestWait, longestWait);
    while (!signal.aborted) {
      const connected = await this.#connect(signal);
      if (connected !== undefined) {
        const start = performance.now();
        this.session = connected;
        this.problem = undefined;
        this.#changed(this);
        await connected.left;
        this.session = undefined;
        if (connected.wantsFewerPings && this.#pings !== undefined)
          this.#pings = { ...this.#pings, time: 2 * this.#pings.time };
        if (performance.now() - start >= leastLife) backoff.reset();
      }
      if (signal.aborted) return;
      this.#changed(this);
      // What has stood is made again at once.
      if (connected === undefined || backoff.attempts > 0) await sleep(backoff.next(), signal);
      else backoff.next();
    }
  }

  /** Tries the addresses one after another. */
  async #connect(signal: AbortSignal): Promise<GrpcSession | undefined> {
    for (const address of this.addresses) {
      try {
        return await this.#connector.connect(address, this.#pings, signal);
      } catch (error) {
        if (signal.aborted) return undefined;
        this.problem = error;
      }
    }
    return undefined;
  }
}
