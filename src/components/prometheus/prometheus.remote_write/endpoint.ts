import type { Milliseconds } from '../../../base/duration.ts';
import type { Log } from '../../../base/log.ts';
import type { ProgramInfo } from '../../../component/component.ts';
import { DeliveryError, type Consumer, type Delivery } from '../../../flow/delivery.ts';
import { writeProtocols } from '../../../formats/remote-write/write-request.ts';
import type { SampleBatch } from '../../../model/sample-batch.ts';
import { fingerprintOf, nameOf } from '../../../net/endpoint-identity.ts';
import { shownUrl } from '../../../net/http-error.ts';
import type { FolderUse } from '../../../storage/queue-folders.ts';
import { Dispatcher } from './dispatcher.ts';
import { EndpointMeters } from './endpoint-meters.ts';
import type { EndpointArgs, WalArgs } from './fields.ts';
import { Intake } from './intake.ts';
import { MetadataMemory } from './metadata-memory.ts';
import type { RemoteWriteMeters } from './metrics.ts';
import { RequestQueue, type QueueLimits } from './request-queue.ts';
import { RequestStore } from './request-store.ts';
import { Sender } from './sender.ts';
import { ShardCount } from './shard-count.ts';

export interface EndpointContext {
  readonly metrics: RemoteWriteMeters;
  readonly program: ProgramInfo;
  readonly log: Log;
  /** The folder of its requests. */
  readonly folder: string;
  readonly folderUse: FolderUse;
  /** Is told why nothing can be written to disk, and with undefined that it can be again. */
  problem(message: string | undefined): void;
  /** Is told what should not happen; the component is to be started anew then. */
  failed(error: unknown): void;
}

/** What an endpoint does; what is not in its arguments is the same for all endpoints of a component. */
export interface EndpointSetup {
  readonly args: EndpointArgs;
  readonly externalLabels: ReadonlyMap<string, string>;
  readonly wal: WalArgs;
}

/** How long what waits may still be sent when the component stops, while that works. The rest is on disk. */
const flushTimeout: Milliseconds = 15_000;

/**
 * One server that gets all samples. It can be changed while it runs, and what waits is sent by the new settings then, in
 * the form it was made for.
 */
export class Endpoint implements Consumer<SampleBatch> {
  readonly #context: EndpointContext;
  readonly #queue: RequestQueue;
  readonly #sender: Sender;
  readonly #dispatcher: Dispatcher;
  readonly #store: RequestStore;
  readonly #shardCount = new ShardCount();
  readonly #metadata = new MetadataMemory();
  #setup: EndpointSetup;
  #meters: EndpointMeters;
  #intake: Intake;
  #run: Promise<void> | undefined;
  #timers: readonly NodeJS.Timeout[] = [];
  #hasStopped = false;

  constructor(setup: EndpointSetup, context: EndpointContext) {
    const { log, program, folder, problem } = context;
    const { args, wal } = setup;
    this.#setup = setup;
    this.#context = context;
    this.#queue = new RequestQueue(limitsOf(args), Math.max(1, args.queue_config.min_shards));
    this.#meters = this.#newMeters();
    this.#sender = new Sender(args, this.#meters, { log, program, shardCount: this.#shardCount });
    this.#dispatcher = new Dispatcher(this.#sender, wal.max_keepalive_time, (request) => this.#queue.isOwn(request));
    this.#store = new RequestStore({ folder, maxBytes: wal.max_size, sender: this.#sender, log, problem });
    this.#intake = this.#newIntake();
  }

  consume(batch: SampleBatch, delivery: Delivery): Promise<void> | void {
    this.#refuseIfStopped();
    if (this.#queue.isFull) return this.#addLater(batch, delivery);
    this.#intake.add(batch, delivery, this.#meters);
    return undefined;
  }

  /** Where its requests are, also when it has changed since. */
  get folder(): string {
    return this.#context.folder;
  }

  /** Begins to send, also what an earlier run has left. */
  start(): void {
    if (this.#run !== undefined) return;
    const { folder, folderUse, failed } = this.#context;
    this.#run = folderUse.use(folder, () => this.#store.run(this.#queue, this.#dispatcher)).catch(failed);
    this.#startTimers();
  }

  /** Sends by another setup from now on. */
  change(setup: EndpointSetup): void {
    const before = this.#setup;
    this.#setup = setup;
    const { args, wal } = setup;
    if (nameOf(before.args) !== nameOf(args) || before.args.url.href !== args.url.href) {
      const { waiting } = this.#meters;
      this.#meters.remove();
      this.#meters = this.#newMeters();
      this.#meters.pending(waiting, 1);
      this.#sender.meters = this.#meters;
    }
    if (fingerprintOf(before.args) !== fingerprintOf(args)) this.#sender.change(args);
    this.#intake.close();
    this.#intake = this.#newIntake();
    this.#dispatcher.maxAge = wal.max_keepalive_time;
    this.#store.changeMaxBytes(wal.max_size);
    this.#queue.change(limitsOf(args));
    this.#setShards(this.#queue.shardCount);
    if (this.#run !== undefined) this.#startTimers();
  }

  /** Sends what is left, as long as there is time; the rest stays on disk. */
  async stop(): Promise<void> {
    this.start();
    this.#hasStopped = true;
    for (const timer of this.#timers) clearInterval(timer);
    this.#queue.close();
    const timer = setTimeout(() => this.#sender.stop(), flushTimeout);
    await this.#run;
    clearTimeout(timer);
    this.#sender.stop();
    this.#intake.close();
  }

  /** Stops for good. */
  async leave(): Promise<void> {
    await this.stop();
    this.#meters.remove();
  }

  /** What a person may want to know of it. */
  get state() {
    const { args } = this.#setup;
    return {
      name: nameOf(args),
      url: shownUrl(args.url),
      shards: this.#queue.shardCount,
      waiting_requests: this.#queue.complete.length + this.#store.requests,
      last_error: this.#sender.lastError,
    };
  }

  async #addLater(batch: SampleBatch, delivery: Delivery): Promise<void> {
    while (this.#queue.isFull) {
      this.#meters.count('enqueueRetries');
      await this.#queue.room();
      this.#refuseIfStopped();
      if (delivery.signal.aborted) throw new DeliveryError('the sender gave up', { retryable: true });
    }
    this.#intake.add(batch, delivery, this.#meters);
  }

  #refuseIfStopped(): void {
    if (!this.#hasStopped) return;
    throw new DeliveryError(`the endpoint ${this.#setup.args.url.host} has stopped`, { retryable: true });
  }

  #startTimers(): void {
    for (const timer of this.#timers) clearInterval(timer);
    const { send_interval: interval } = this.#setup.args.metadata_config;
    this.#timers = [
      setInterval(() => this.#adjustShards(), ShardCount.interval),
      setInterval(() => this.#sendMetadata(), interval),
    ];
  }

  #adjustShards(): void {
    const { min_shards: min, max_shards: max } = this.#setup.args.queue_config;
    const delay = (this.#intake.newest - this.#sender.newestSent) / 1000;
    const current = this.#queue.shardCount;
    this.#setShards(this.#shardCount.next(current, { min, max }, Number.isFinite(delay) ? delay : 0));
    this.#meters.set('shardsDesired', this.#shardCount.desired);
  }

  #setShards(wanted: number): void {
    const { min_shards: min, max_shards: max } = this.#setup.args.queue_config;
    const count = Math.max(1, min, Math.min(wanted, max));
    if (count !== this.#queue.shardCount) this.#context.log.info('the number of shards changes', { shards: count });
    this.#queue.setShardCount(count);
    this.#meters.set('shards', count);
  }

  #sendMetadata(): void {
    const { args } = this.#setup;
    const { send: isWanted, max_samples_per_send: size } = args.metadata_config;
    // Version 2 has it with the samples. It will be told again, so that it need not pile up while the server fails.
    if (!isWanted || args.protobuf_message !== writeProtocols.v1.message || this.#sender.lastError !== '') return;
    this.#queue.addMetadata(this.#metadata.families, Math.max(1, size));
  }

  #newIntake(): Intake {
    const { args, externalLabels } = this.#setup;
    const queue = this.#queue;
    return new Intake({ args, externalLabels, queue, shardCount: this.#shardCount, metadata: this.#metadata });
  }

  #newMeters(): EndpointMeters {
    const { args } = this.#setup;
    const { queue_config: config } = args;
    const meters = new EndpointMeters(this.#context.metrics, nameOf(args), shownUrl(args.url));
    meters.set('shards', this.#queue.shardCount);
    meters.set('shardsMin', config.min_shards);
    meters.set('shardsMax', config.max_shards);
    meters.set('shardCapacity', config.capacity);
    meters.set('maxSamplesPerSend', config.max_samples_per_send);
    return meters;
  }
}

function limitsOf({ protobuf_message: message, queue_config: config, send_exemplars: hasExemplars }: EndpointArgs) {
  const size = Math.max(1, config.max_samples_per_send);
  const limits: QueueLimits = {
    protocol: message === writeProtocols.v1.message ? 'v1' : 'v2',
    maxItems: hasExemplars ? Math.floor(size * 1.1) : size,
    deadline: config.batch_send_deadline,
    capacity: Math.max(1, Math.floor(config.capacity / size)),
  };
  return limits;
}
