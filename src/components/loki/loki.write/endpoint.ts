import path from 'node:path';
import { messageOf } from '../../../base/message-of.ts';
import { DeliveryError, type Consumer, type Delivery } from '../../../flow/delivery.ts';
import { entrySize } from '../../../formats/loki-push/encode.ts';
import type { LogBatch } from '../../../model/log-batch.ts';
import { fingerprintOf, nameOf } from '../../../net/endpoint-identity.ts';
import { foldersIn, type FolderUse } from '../../../storage/queue-folders.ts';
import { Deliverer } from './deliverer.ts';
import type { Destination, Destinations } from './destinations.ts';
import type { EndpointArgs, WalArgs } from './fields.ts';
import { countDropped, dropReasons } from './metrics.ts';
import type { Rejections } from './rejections.ts';
import { RequestQueue, type QueueLimits } from './request-queue.ts';
import { Sender, type WriteContext } from './sender.ts';
import { settle, WriteAheadLog } from './write-ahead-log.ts';

export interface EndpointContext extends WriteContext {
  /** The folder of its logs. */
  readonly folder: string;
  readonly folderUse: FolderUse;
  readonly rejections: Rejections;
  /** Is told why a log cannot be written, and with undefined that it can be again. */
  problem(folder: string, message: string | undefined): void;
  /** Is told what should not happen; the component is to be started anew then. */
  failed(error: unknown): void;
}

/** What an endpoint does; the parts that all endpoints of a component have are the same for them. */
export interface EndpointSetup {
  readonly args: EndpointArgs;
  /** Undefined if it has no write-ahead log. */
  readonly wal: WalArgs | undefined;
  readonly destinations: Destinations;
  readonly maxStreams: number;
}

/** A queue in memory and what takes requests out of it, one after the other. */
interface Shard {
  readonly queue: RequestQueue;
  readonly log: WriteAheadLog | undefined;
}

/**
 * One server that gets all entries. It has a queue and who sends from it for each shard. It can be changed while it runs,
 * and what waits in its queues is sent by the new settings then.
 */
export class Endpoint implements Consumer<LogBatch> {
  readonly #context: EndpointContext;
  readonly #deliverer: Deliverer;
  #setup: EndpointSetup;
  #shards: readonly Shard[];
  /** The shards that do not take entries any more, but still have some. */
  readonly #closing = new Set<Shard>();
  readonly #runs = new Set<Promise<void>>();
  #tenants = new Set<string>();
  #hasStarted = false;
  #hasStopped = false;

  constructor(setup: EndpointSetup, context: EndpointContext) {
    this.#setup = setup;
    this.#context = context;
    this.#deliverer = new Deliverer(new Sender(setup.args, context), nameOf(setup.args), context, context.rejections);
    this.#shards = this.#newShards(0);
  }

  consume(batch: LogBatch, delivery: Delivery): Promise<void> | void {
    this.#refuseIfStopped();
    const destinations = batch.streams.map((labels) => this.#setup.destinations.of(labels));
    if (this.#queuesToWaitFor(destinations).length > 0) return this.#addLater(batch, destinations, delivery);
    this.#add(batch, destinations, delivery);
    return undefined;
  }

  /** Where its logs are, also when it has changed since. */
  get folder(): string {
    return this.#context.folder;
  }

  /** Begins to send, also what is in logs of an earlier run. */
  start(): void {
    if (this.#hasStarted) return;
    this.#hasStarted = true;
    for (const shard of this.#shards) this.#run(shard);
    this.#track(this.#sendLogsLeft());
  }

  /** Sends by another setup from now on. */
  change(setup: EndpointSetup): void {
    const before = this.#setup;
    this.#setup = setup;
    if (before.args.url.host !== setup.args.url.host) {
      this.#tenants = new Set();
      this.#context.metrics.queuedBytes.remove(before.args.url.host);
      this.#context.metrics.queuedEntries.remove(before.args.url.host);
    }
    if (fingerprintOf(before.args) !== fingerprintOf(setup.args)) this.#deliverer.sender.change(setup.args);
    this.#deliverer.name = nameOf(setup.args);

    const hasSameKind = (before.wal === undefined) === (setup.wal === undefined);
    const kept = hasSameKind ? this.#shards.slice(0, setup.args.queue_config.min_shards) : [];
    for (const shard of kept) {
      shard.queue.changeLimits(this.#limits());
      if (setup.wal !== undefined) shard.log?.changeMaxBytes(setup.wal.max_size);
    }
    const retired = this.#shards.slice(kept.length);
    const added = this.#newShards(kept.length);
    this.#shards = [...kept, ...added];
    if (this.#hasStarted) for (const shard of added) this.#run(shard);
    for (const shard of retired) {
      this.#closing.add(shard);
      shard.queue.close();
      if (!this.#hasStarted) this.#run(shard);
    }
    this.#showQueues();
  }

  /** Sends what is left, as long as the drain timeout allows; the rest is refused, or stays in the log. */
  async stop(): Promise<void> {
    this.start();
    this.#hasStopped = true;
    for (const { queue } of this.#shards) queue.close();
    const { args, wal } = this.#setup;
    const timeout = wal === undefined ? args.queue_config.drain_timeout : wal.drain_timeout;
    const timer = setTimeout(() => this.#deliverer.sender.stop(), timeout);
    while (this.#runs.size > 0) await Promise.all(this.#runs);
    clearTimeout(timer);
    this.#deliverer.sender.stop();
    this.#showQueues();
    const { unsentEntries } = this.#deliverer;
    if (unsentEntries === 0) return;
    const { log } = this.#context;
    log.warn('failed to flush all queues during shutdown', { endpoint: args.url.host, entries: unsentEntries });
  }

  leave(): Promise<void> {
    return this.stop();
  }

  /** What a person may want to know of it. */
  get state() {
    const { args } = this.#setup;
    const shards = this.#allShards();
    return {
      name: nameOf(args),
      url: `${args.url.origin}${args.url.pathname}`,
      queued_entries: shards.reduce((sum, { queue }) => sum + queue.entryCount, 0),
      logged_requests: shards.reduce((sum, { log }) => sum + (log?.records ?? 0), 0),
      last_error: this.#deliverer.sender.lastError,
    };
  }

  async #addLater(batch: LogBatch, destinations: readonly Destination[], delivery: Delivery): Promise<void> {
    for (;;) {
      const full = this.#queuesToWaitFor(destinations);
      if (full.length === 0) break;
      await Promise.all(full.map((queue) => queue.room()));
      this.#refuseIfStopped();
      if (delivery.signal.aborted) throw new DeliveryError('the sender gave up', { retryable: true });
    }
    this.#add(batch, destinations, delivery);
  }

  #add(batch: LogBatch, destinations: readonly Destination[], delivery: Delivery): void {
    const { tenant_id: defaultTenant, queue_config: queueConfig, url } = this.#setup.args;
    for (const { tenant = defaultTenant } of destinations) this.#showTenant(tenant);
    for (let index = 0; index < batch.count; index++) {
      const destination = destinations[batch.streamOf[index] ?? 0] as Destination;
      const queue = this.#queueOf(destination);
      const tenant = destination.tenant ?? defaultTenant;
      const isFull = !queueConfig.block_on_overflow && queue.isFull;
      if (isFull || !queue.add(batch, index, tenant, destination, delivery)) {
        const reason = isFull ? 'queue_is_full' : 'stream_limited';
        countDropped(this.#context.metrics, { host: url.host, tenant, reason }, 1, entrySize(batch, index));
      }
    }
    this.#showQueues();
  }

  /** Shows the counters of a tenant from its first entry on, before there is anything to count. */
  #showTenant(tenant: string): void {
    if (this.#tenants.has(tenant)) return;
    this.#tenants.add(tenant);
    const { metrics } = this.#context;
    const { host } = this.#setup.args.url;
    for (const family of [metrics.sentBytes, metrics.sentEntries, metrics.retries]) family.with(host, tenant);
    for (const reason of dropReasons) countDropped(metrics, { host, tenant, reason }, 0, 0);
  }

  #queueOf({ hash }: Destination): RequestQueue {
    return (this.#shards[hash % this.#shards.length] as Shard).queue;
  }

  #queuesToWaitFor(destinations: readonly Destination[]): RequestQueue[] {
    const { block_on_overflow: isBlocking } = this.#setup.args.queue_config;
    if (!isBlocking || !this.#shards.some(({ queue }) => queue.isFull)) return [];
    const wanted = new Set(destinations.map((destination) => this.#queueOf(destination)));
    return [...wanted].filter((queue) => queue.isFull);
  }

  #refuseIfStopped(): void {
    if (!this.#hasStopped) return;
    throw new DeliveryError(`the endpoint ${this.#setup.args.url.host} has stopped`, { retryable: true });
  }

  #limits(): QueueLimits {
    const { args, maxStreams } = this.#setup;
    return {
      batchSize: args.batch_size,
      batchWait: args.batch_wait,
      capacity: Math.max(1, Math.floor(args.queue_config.capacity / args.batch_size)),
      maxStreams,
    };
  }

  /** The shards from one number on, up to how many there should be. */
  #newShards(from: number): readonly Shard[] {
    const { args, wal } = this.#setup;
    return Array.from({ length: Math.max(0, args.queue_config.min_shards - from) }, (_, index) => ({
      queue: new RequestQueue(this.#limits()),
      log: wal === undefined ? undefined : this.#newLog(`${from + index}`, wal.max_size),
    }));
  }

  #newLog(shard: string, maxBytes: number): WriteAheadLog {
    const folder = path.join(this.#context.folder, shard);
    const labels = [nameOf(this.#setup.args), shard] as const;
    const problem = (message: string | undefined): void => this.#context.problem(folder, message);
    return new WriteAheadLog({ folder, maxBytes, labels, problem }, this.#context);
  }

  /** Sends what earlier runs have left in the logs of shards that there are not any more. */
  async #sendLogsLeft(): Promise<void> {
    const { wal } = this.#setup;
    const count = wal === undefined ? 0 : this.#shards.length;
    for (const name of await this.#foldersOfShards()) {
      if (Number(name) < count) continue;
      const shard: Shard = { queue: new RequestQueue(this.#limits()), log: this.#newLog(name, wal?.max_size ?? 0) };
      shard.queue.close();
      this.#closing.add(shard);
      this.#run(shard);
    }
  }

  async #foldersOfShards(): Promise<readonly string[]> {
    const { folder, log } = this.#context;
    try {
      return (await foldersIn(folder)).filter((name) => /^\d+$/.test(name));
    } catch (error) {
      log.error('cannot look for write-ahead logs', { error: messageOf(error) });
      return [];
    }
  }

  #run(shard: Shard): void {
    const { log } = shard;
    const show = (): void => this.#showQueues();
    const run =
      log === undefined
        ? this.#sendFromMemory(shard.queue)
        : this.#context.folderUse.use(log.folder, () => log.run(shard.queue, this.#deliverer, show));
    this.#track(run.finally(() => this.#closing.delete(shard)));
  }

  /** Sends the requests of a queue in order, each until it is delivered or given up. */
  async #sendFromMemory(queue: RequestQueue): Promise<void> {
    for (let request = await queue.first(); request !== undefined; request = await queue.first()) {
      const error = await this.#deliverer.deliver(request);
      settle(queue, request, error);
      this.#showQueues();
    }
  }

  #track(run: Promise<void>): void {
    const tracked = run
      .catch((error: unknown) => this.#context.failed(error))
      .finally(() => this.#runs.delete(tracked));
    this.#runs.add(tracked);
  }

  #allShards(): readonly Shard[] {
    return [...this.#shards, ...this.#closing];
  }

  #showQueues(): void {
    const { queuedBytes, queuedEntries } = this.#context.metrics;
    const { host } = this.#setup.args.url;
    let bytes = 0;
    let entries = 0;
    for (const { queue } of this.#allShards()) {
      bytes += queue.byteCount;
      entries += queue.entryCount;
    }
    queuedBytes.with(host).set(bytes);
    queuedEntries.with(host).set(entries);
  }
}
