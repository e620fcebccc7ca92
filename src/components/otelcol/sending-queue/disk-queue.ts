import { randomUUID } from 'node:crypto';
import type { Log } from '../../../base/log.ts';
import { messageOf } from '../../../base/message-of.ts';
import { DeliveryError, type Delivery } from '../../../flow/delivery.ts';
import type { OtlpBatch } from '../../../model/otlp-batch.ts';
import type { DurableQueue } from '../../../storage/durable-queue.ts';
import { DurableQueueError } from '../../../storage/durable-queue-error.ts';
import type { FolderUse } from '../../../storage/queue-folders.ts';
import { openStorage, storageFolder, type StorageHandler } from '../storage-handler.ts';
import type { ExporterMeters } from './metrics.ts';
import { Overflow } from './overflow.ts';
import { decodeBatch, encodeBatch } from './queue-record.ts';
import { QueueSize, sizeBy, type QueuedRequest, type QueueLimits, type RequestQueue } from './request-queue.ts';

export interface DiskQueueOptions {
  readonly storage: StorageHandler;
  /** The name of the queue in the storage. */
  readonly owner: string;
  readonly folderUse: FolderUse;
  readonly meters: ExporterMeters;
  readonly log: Log;
  /** Sends what cannot be written to disk; rejects with a DeliveryError if it cannot be sent either. */
  sendUnstored(batch: OtlpBatch, signal: AbortSignal): Promise<void>;
  /** Is told why nothing can be written, and with undefined that it can be again. */
  problem(message: string | undefined): void;
}

/**
 * Requests that wait on disk, where they are acknowledged. They leave it when they were delivered, or given up for
 * another reason than that the program stops. While the disk cannot be written, senders wait until the server has what
 * they gave.
 */
export class DiskQueue implements RequestQueue {
  readonly isKept = true;
  /** What was written in this run, or read. */
  readonly size = new QueueSize();
  readonly #options: DiskQueueOptions;
  readonly #overflow: Overflow;
  readonly #run = randomUUID();
  readonly #opened = Promise.withResolvers<DurableQueue | undefined>();
  #queue: DurableQueue | undefined;
  #release: (() => void) | undefined;
  #limits: QueueLimits;
  #isOpening = false;
  #isFinished = false;
  #isStopped = false;
  /** Requests that are being written. */
  #writing = 0;
  /** Damages of the queue that were counted. */
  #countedDamages = 0;

  constructor(limits: QueueLimits, options: DiskQueueOptions) {
    this.#limits = limits;
    this.#options = options;
    this.#overflow = new Overflow(options.meters);
    this.#show();
  }

  offer(batch: OtlpBatch, delivery: Delivery): Promise<void> | void {
    if (sizeBy(this.#limits.sizer, batch) === 0) return undefined;
    return this.#store(batch, delivery.signal);
  }

  async take(): Promise<QueuedRequest | undefined> {
    const queue = await this.#open();
    for (;;) {
      const record = this.#isStopped ? undefined : await queue?.take();
      this.#show();
      // What comes after it was stopped stays where it is.
      if (queue === undefined || record === undefined || this.#isStopped) return undefined;
      const stored = decodeBatch(record.payload);
      if (stored !== undefined && stored.batch.kind === this.#options.meters.kind) {
        const { batch, run } = stored;
        if (run !== this.#run) this.size.add(batch);
        return {
          batch,
          done: (failure) => {
            if (failure?.reason === 'shutdown') return;
            queue.acknowledge(record.sequence);
            this.size.add(batch, -1);
            this.#changed();
          },
        };
      }
      this.#options.meters.corrupted(1);
      queue.acknowledge(record.sequence);
    }
  }

  change(limits: QueueLimits): void {
    this.#limits = limits;
    this.#changed();
  }

  finish(): void {
    this.#isFinished = true;
    this.#overflow.close();
    this.#queue?.finish();
    if (!this.#isOpening) this.#opened.resolve(undefined);
  }

  stop(): void {
    this.#isStopped = true;
    this.finish();
  }

  async close(): Promise<void> {
    this.stop();
    const queue = await this.#opened.promise;
    if (queue === undefined) return;
    await queue.close();
    this.#show();
    const { storage, owner, log } = this.#options;
    if (queue.records > 0)
      log.info('requests are left in a queue on disk', {
        folder: storageFolder(storage, owner),
        requests: queue.records,
      });
    this.#release?.();
  }

  /** Opens the queue when nobody else has its folder; undefined if it was closed before. */
  #open(): Promise<DurableQueue | undefined> {
    if (this.#isOpening || this.#isFinished) return this.#opened.promise;
    this.#isOpening = true;
    const { storage, owner, folderUse, log } = this.#options;
    const folder = storageFolder(storage, owner);
    void folderUse.use(folder, async () => {
      const { promise: released, resolve: release } = Promise.withResolvers<void>();
      const queue = await openStorage(storage, owner, {
        whenFull: 'refuse',
        report: (problem, error) => log.error(problem, { folder, error: messageOf(error) }),
      });
      if (queue.records > 0) log.info('requests of an earlier run are sent first', { folder, requests: queue.records });
      if (this.#isFinished) queue.finish();
      this.#queue = queue;
      this.#release = release;
      this.#show();
      this.#opened.resolve(queue);
      await released;
    });
    return this.#opened.promise;
  }

  async #store(batch: OtlpBatch, signal: AbortSignal): Promise<void> {
    const queue = await this.#opened.promise;
    const record = encodeBatch(batch, this.#run);
    let written: Promise<void> | undefined;
    await this.#overflow.enter(batch, signal, this.#limits, () => {
      if (queue === undefined || !this.#hasRoom(queue, batch, record)) return false;
      this.size.add(batch);
      this.#writing++;
      written = queue.append(record);
      return true;
    });
    try {
      await written;
      this.#writing--;
      this.#options.problem(undefined);
    } catch (error) {
      this.#writing--;
      this.size.add(batch, -1);
      await this.#notWritten(batch, signal, error);
    } finally {
      this.#changed();
    }
  }

  /** Requests in the queue, those of earlier runs included. */
  get #requests(): number {
    return (this.#queue?.records ?? 0) + this.#writing;
  }

  #hasRoom(queue: DurableQueue, batch: OtlpBatch, record: Buffer): boolean {
    if (!queue.hasRoomFor(record)) return false;
    return this.#limits.sizer === 'requests'
      ? this.#requests < this.#limits.capacity
      : this.size.fits(batch, this.#limits);
  }

  async #notWritten(batch: OtlpBatch, signal: AbortSignal, error: unknown): Promise<void> {
    if (!(error instanceof DurableQueueError)) throw error;
    if (error.reason === 'storage') {
      this.#options.problem(error.message);
      await this.#options.sendUnstored(batch, signal);
      return;
    }
    this.#options.meters.refused(batch.count);
    throw new DeliveryError(error.message, { retryable: true, cause: error });
  }

  #changed(): void {
    this.#overflow.look();
    this.#show();
  }

  #show(): void {
    const { meters } = this.#options;
    const { sizer, capacity } = this.#limits;
    const { bytes, corrupted } = this.#queue ?? { bytes: 0, corrupted: 0 };
    meters.queue(sizer === 'requests' ? this.#requests : this.size[sizer], capacity);
    meters.disk(bytes);
    meters.corrupted(corrupted - this.#countedDamages);
    this.#countedDamages = corrupted;
  }
}
