import type { Milliseconds } from '../../../base/duration.ts';
import type { Log } from '../../../base/log.ts';
import type { HealthState } from '../../../component/health.ts';
import { DeliveryError, type Consumer, type Delivery } from '../../../flow/delivery.ts';
import { otlpKinds, type OtlpBatch, type OtlpKind } from '../../../model/otlp-batch.ts';
import { FolderUse } from '../../../storage/queue-folders.ts';
import { unsupported } from '../output-block.ts';
import { DiskQueue } from './disk-queue.ts';
import type { RetryArgs, SendingQueueArgs } from './fields.ts';
import { MemoryQueue } from './memory-queue.ts';
import { metersByKind, type ExporterFamilies, type ExporterMeters } from './metrics.ts';
import type { QueueLimits } from './request-queue.ts';
import { deliveryError, Sender } from './sender.ts';
import { SendingQueue } from './sending-queue.ts';
import type { Transport } from './transport.ts';

/** How an exporter sends. */
export interface ExporterSetup {
  /** The exporter closes it. */
  readonly transport: Transport;
  readonly queue: SendingQueueArgs;
  readonly retry: RetryArgs;
}

export interface ExporterContext {
  /** The ID of the component. */
  readonly id: string;
  /** The kind of exporter, as metrics name it: `otlp`. */
  readonly type: string;
  readonly metrics: ExporterFamilies;
  readonly log: Log;
  health(state: HealthState, message: string): void;
}

/** How long what waits in memory may still be sent when the component stops. */
const drainTimeout: Milliseconds = 15_000;

/** Gives what comes to one server, through a queue for each kind. What waits is kept when it is changed. */
export class QueuedExporter implements Consumer<OtlpBatch> {
  readonly #context: ExporterContext;
  readonly #meters: Readonly<Record<OtlpKind, ExporterMeters>>;
  readonly #sender: Sender;
  readonly #folderUse = new FolderUse();
  readonly #failure = Promise.withResolvers<never>();
  /** Why the disk cannot be written, by kind. */
  readonly #problems = new Map<OtlpKind, string>();
  #args: SendingQueueArgs;
  #queues: ReadonlyMap<OtlpKind, SendingQueue>;
  /** Queues that were replaced, until they are empty. */
  readonly #leaving = new Set<SendingQueue>();
  #isRunning = false;
  #hasStopped = false;

  constructor({ transport, queue, retry }: ExporterSetup, context: ExporterContext) {
    this.#context = context;
    this.#args = queue;
    this.#meters = metersByKind(context.metrics, `${context.type}/${context.id}`);
    this.#sender = new Sender(transport, retry, { meters: this.#meters, log: context.log });
    this.#queues = this.#openQueues();
    // Whoever runs it is told.
    this.#failure.promise.catch(() => undefined);
  }

  consume(batch: OtlpBatch, delivery: Delivery): Promise<void> | void {
    if (this.#hasStopped) throw new DeliveryError('the exporter has stopped', { retryable: true });
    if (!this.#sender.canSend(batch.kind)) throw unsupported();
    const queue = this.#queues.get(batch.kind);
    return queue === undefined ? this.#sendAtOnce(batch, delivery.signal) : queue.offer(batch, delivery);
  }

  /** Sends until the signal aborts, and then what would be lost. */
  async run(signal: AbortSignal): Promise<void> {
    this.#isRunning = true;
    this.#sender.connect();
    for (const queue of this.#queues.values()) this.#start(queue.start());
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

  update({ transport, queue: args, retry }: ExporterSetup): void {
    const before = this.#args;
    this.#args = args;
    if (placeOf(before) === placeOf(args)) {
      for (const queue of this.#queues.values()) {
        queue.queue.change(limitsOf(args));
        queue.change(args.num_consumers, args.batch);
      }
    } else {
      for (const queue of this.#queues.values()) this.#leave(queue);
      this.#queues = this.#openQueues();
      if (this.#isRunning) for (const queue of this.#queues.values()) this.#start(queue.start());
    }
    this.#sender.change(transport, retry);
    if (this.#isRunning) this.#sender.connect();
  }

  /** Stops what has never run, since something may have come all the same. */
  async close(): Promise<void> {
    if (!this.#hasStopped) await this.#stop();
  }

  debugInfo() {
    const queues = otlpKinds.map((kind) => {
      const { requests = 0, items = 0, bytes = 0 } = this.#queues.get(kind)?.queue.size ?? {};
      return { data_type: kind, requests, items, bytes };
    });
    return { queues, last_error: this.#sender.lastError };
  }

  #openQueues(): ReadonlyMap<OtlpKind, SendingQueue> {
    const { enabled, storage, num_consumers: consumers, batch } = this.#args;
    if (!enabled) return new Map();
    const { id, log } = this.#context;
    const sender = this.#sender;
    return new Map(
      otlpKinds.map((kind) => {
        const meters = this.#meters[kind];
        const limits = limitsOf(this.#args);
        const queue =
          storage === undefined
            ? new MemoryQueue(limits, meters)
            : new DiskQueue(limits, {
                storage,
                owner: `${id}-${kind}`,
                folderUse: this.#folderUse,
                meters,
                log,
                sendUnstored: (unstored, signal) => this.#sendAtOnce(unstored, signal),
                problem: (message) => this.#showProblem(kind, message),
              });
        return [kind, new SendingQueue({ queue, sender, meters, consumers, batch })];
      }),
    );
  }

  async #sendAtOnce(batch: OtlpBatch, signal: AbortSignal): Promise<void> {
    const failure = await this.#sender.send(batch, signal);
    if (failure !== undefined) throw deliveryError(failure);
  }

  #start(running: Promise<void>): void {
    running.catch((error: unknown) => this.#failure.reject(error));
  }

  /** Lets a queue send what it has, without waiting for that. */
  #leave(queue: SendingQueue): void {
    this.#leaving.add(queue);
    this.#start(queue.leave().then(() => void this.#leaving.delete(queue)));
  }

  async #stop(): Promise<void> {
    this.#hasStopped = true;
    this.#isRunning = false;
    this.#sender.stopRetries();
    const timer = setTimeout(() => this.#sender.stop(), drainTimeout);
    await Promise.allSettled(Array.from([...this.#leaving, ...this.#queues.values()], (queue) => queue.stop()));
    clearTimeout(timer);
    this.#sender.stop();
  }

  #showProblem(kind: OtlpKind, message: string | undefined): void {
    if (this.#problems.get(kind) === message) return;
    if (message === undefined) this.#problems.delete(kind);
    else this.#problems.set(kind, message);
    const { log, health } = this.#context;
    if (message !== undefined) log.error('the queue on disk cannot be written', { error: message });
    const [problem] = this.#problems.values();
    if (problem === undefined) health('healthy', 'the queue on disk can be written again');
    else health('unhealthy', `${problem}; senders wait until the server has what they gave`);
  }
}

/** The same for queues that can be changed into each other. */
function placeOf({ enabled, storage }: SendingQueueArgs): string {
  return enabled ? JSON.stringify(storage ?? 'memory') : 'none';
}

function limitsOf(args: SendingQueueArgs): QueueLimits {
  return {
    sizer: args.sizer,
    capacity: args.queue_size,
    blocksOnOverflow: args.block_on_overflow,
    waitsForResult: args.wait_for_result,
  };
}
