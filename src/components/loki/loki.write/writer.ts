import path from 'node:path';
import { messageOf } from '../../../base/message-of.ts';
import { fanout } from '../../../flow/fanout.ts';
import type { Consumer, Delivery } from '../../../flow/delivery.ts';
import { withValidText } from '../../../formats/loki-push/valid-text.ts';
import type { LogBatch } from '../../../model/log-batch.ts';
import type { HealthState } from '../../../component/health.ts';
import { identitiesOf } from '../../../net/endpoint-identity.ts';
import { adoptQueues, FolderUse, pairUp } from '../../../storage/queue-folders.ts';
import { Destinations } from './destinations.ts';
import { Endpoint, type EndpointContext, type EndpointSetup } from './endpoint.ts';
import type { WriteArgs } from './fields.ts';
import { Rejections } from './rejections.ts';
import type { WriteContext } from './sender.ts';

export interface WriterContext extends WriteContext {
  readonly dataDir: string;
  health(state: HealthState, message: string): void;
}

/** The endpoints of a component. It lives through reloads, so that what waits in their queues does too. */
export class Writer implements Consumer<LogBatch> {
  readonly #context: WriterContext;
  readonly #folder: string;
  readonly #folderUse = new FolderUse();
  readonly #rejections = new Rejections();
  readonly #problems = new Map<string, string>();
  readonly #failure = Promise.withResolvers<never>();
  #endpoints = new Map<string, Endpoint>();
  /** Endpoints that were removed, until they have stopped. */
  readonly #leaving = new Set<Promise<void>>();
  #all: Consumer<LogBatch>;
  #isRunning = false;
  #hasStopped = false;

  constructor(args: WriteArgs, context: WriterContext) {
    this.#context = context;
    this.#folder = path.join(context.dataDir, 'wal');
    this.#all = this.#replaceEndpoints(args);
    // Whoever runs it is told.
    this.#failure.promise.catch(() => undefined);
  }

  consume(batch: LogBatch, delivery: Delivery): Promise<void> | void {
    return this.#all.consume(withValidText(batch), delivery);
  }

  /** Sends until the signal aborts, and then what is left. */
  async run(signal: AbortSignal): Promise<void> {
    await this.#adoptLogs();
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

  /** Endpoints that are still there go on, by new settings; those that are not send what they have, and go. */
  update(args: WriteArgs): void {
    this.#all = this.#replaceEndpoints(args);
  }

  /** Stops what has never run, since entries may have come all the same. */
  async close(): Promise<void> {
    if (!this.#hasStopped) await this.#stop();
  }

  debugInfo() {
    return {
      endpoints: Array.from(this.#endpoints.values(), ({ state }) => state),
      rejected: this.#rejections.latest,
    };
  }

  #replaceEndpoints(args: WriteArgs): Consumer<LogBatch> {
    const before = this.#endpoints;
    const shared = {
      wal: args.wal?.enabled === true ? args.wal : undefined,
      destinations: new Destinations(args.external_labels),
      maxStreams: args.max_streams,
    };
    const identities = identitiesOf(args.endpoint);
    const pairs = pairUp([...before.keys()], identities);
    this.#endpoints = new Map(
      args.endpoint.map((endpoint, index): [string, Endpoint] => {
        const identity = identities[index] ?? '';
        const setup: EndpointSetup = { ...shared, args: endpoint };
        const known = before.get(pairs[index] ?? '');
        known?.change(setup);
        return [identity, known ?? this.#newEndpoint(identity, setup)];
      }),
    );
    for (const [identity, endpoint] of before) if (!pairs.includes(identity)) this.#remove(endpoint);
    return fanout([...this.#endpoints.values()]);
  }

  #newEndpoint(identity: string, setup: EndpointSetup): Endpoint {
    const context: EndpointContext = {
      ...this.#context,
      folder: this.#folderFor(identity),
      folderUse: this.#folderUse,
      rejections: this.#rejections,
      problem: (folder, message) => this.#showProblem(folder, message),
      failed: (error) => this.#failure.reject(error),
    };
    const endpoint = new Endpoint(setup, context);
    if (this.#isRunning) endpoint.start();
    return endpoint;
  }

  /** A folder that no endpoint has, as one may that was changed from what this one is. */
  #folderFor(identity: string): string {
    const taken = new Set(Array.from(this.#endpoints.values(), ({ folder }) => folder));
    let folder = path.join(this.#folder, identity);
    for (let number = 2; taken.has(folder); number++) folder = path.join(this.#folder, `${identity}-${number}`);
    return folder;
  }

  #remove(endpoint: Endpoint): void {
    const left = endpoint.stop().finally(() => this.#leaving.delete(left));
    this.#leaving.add(left);
  }

  async #stop(): Promise<void> {
    this.#hasStopped = true;
    this.#isRunning = false;
    await Promise.all([...this.#leaving, ...Array.from(this.#endpoints.values(), (endpoint) => endpoint.stop())]);
  }

  async #adoptLogs(): Promise<void> {
    const { log } = this.#context;
    try {
      const orphans = await adoptQueues(this.#folder, [...this.#endpoints.keys()]);
      for (const name of orphans) {
        const folder = path.join(this.#folder, name);
        log.warn('the write-ahead log of an endpoint that is not there any more is left alone', { folder });
      }
    } catch (error) {
      log.error('cannot look for write-ahead logs', { error: messageOf(error) });
    }
  }

  #showProblem(folder: string, message: string | undefined): void {
    const before = this.#problems.get(folder);
    if (before === message) return;
    if (message === undefined) this.#problems.delete(folder);
    else this.#problems.set(folder, message);
    const { log, health } = this.#context;
    if (message === undefined) log.info('the write-ahead log can be written again', { folder });
    else log.error('the write-ahead log cannot be written', { error: message });
    const [problem] = this.#problems.values();
    if (problem === undefined) health('healthy', 'the write-ahead log can be written again');
    else health('unhealthy', `${problem}; entries are sent from memory`);
  }
}
