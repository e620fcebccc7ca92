import path from 'node:path';
import { messageOf } from '../base/message-of.ts';
import type { Milliseconds } from '../base/duration.ts';
import { acknowledgedExcept, highestOf, isAcknowledged } from './acknowledged.ts';
import { AcknowledgedFile } from './acknowledged-file.ts';
import { DurableQueueError } from './durable-queue-error.ts';
import { errorCode, realFiles, type FileSystem } from './file-system.ts';
import { FreshPayloads } from './fresh-payloads.ts';
import { headerSize } from './record-header.ts';
import { SegmentLog, type StoredRecord } from './segment-log.ts';

export interface DurableQueueOptions {
  /** A folder of the queue alone. It is made with the first record. */
  readonly directory: string;
  /** How much disk it may take. A record that is larger is taken while there is no other. */
  readonly maxBytes: number;
  /** What happens to a record for which there is no room: it is refused, or the oldest ones make room. */
  readonly whenFull: 'refuse' | 'drop-oldest';
  /** How many records it may hold, since where each of them is stays in memory. */
  readonly maxRecords?: number;
  /** Whether records survive a crash of the machine, and not only one of the program; they do if not given. */
  readonly isSynced?: boolean;
  /** How much of what was just written stays in memory until it is taken, so that it need not be read; 0 if not given. */
  readonly freshBytes?: number;
  /** Is told of records that are about to make room for others, with what is in them if that can be read. */
  dropping?(sequence: number, payload: Buffer | undefined): void;
  /** Is told of what went wrong where nobody waits for an answer; of what lasts, once. */
  report(problem: string, error: unknown): void;
  /** The file operations; those of Node if not given. */
  readonly files?: FileSystem;
}

/** A record to work on. It comes again at the next start unless it is acknowledged. */
export interface TakenRecord {
  readonly sequence: number;
  /** When it was appended, in milliseconds since 1970. */
  readonly time: Milliseconds;
  readonly payload: Buffer;
}

interface Pending {
  readonly payload: Buffer;
  readonly resolve: () => void;
  readonly reject: (error: DurableQueueError) => void;
}

const defaultMaxRecords = 200_000;
const largestSegment = 16 * 1024 * 1024;
/** How much is written at a time, and how much may wait to be written. */
const maxGroupBytes = 8 * 1024 * 1024;
const maxGroupRecords = 256;
const maxPendingBytes = 64 * 1024 * 1024;
const retryReadAfter: Milliseconds = 1000;

/**
 * Opaque records that survive a crash, in order. Whoever opens it owns the folder until `close`.
 *
 * - *Durable*: `append` resolves when the record is on the disk. Appends that come while others are being written share
 *   the next write and its sync, so that many cost little more than one, and none waits for company.
 * - *Acknowledged*: in any order. It is on the disk 250 ms later, at once with `close`; records that were acknowledged
 *   in the last moments before a crash come again.
 * - *Damage* never stops it: records that are damaged are skipped and counted, as is what a crash left unfinished.
 * - *Bounds*: `maxBytes` of disk and `maxRecords`; see `whenFull`. Files are removed as a whole, when all of their records
 *   are acknowledged, so the disk in use can be more than what waits.
 * - *The disk fails*, is full or read-only: `append` rejects, and can be tried again; what is there can be read all the
 *   same.
 */
export class DurableQueue {
  /** Damaged places and records that were skipped. */
  corrupted = 0;
  /** Records that made room for others. */
  dropped = 0;
  readonly #options: DurableQueueOptions;
  readonly #log: SegmentLog;
  readonly #acknowledged: AcknowledgedFile;
  /** What is not acknowledged, in order. */
  readonly #open = new Map<number, StoredRecord>();
  /** What was not taken; the first of them is at `#nextWaiting`. */
  #waiting: StoredRecord[] = [];
  #nextWaiting = 0;
  readonly #fresh: FreshPayloads;
  #maxBytes: number;
  #highestAcknowledged: number;
  #pending: Pending[] = [];
  #pendingBytes = 0;
  #committing: Promise<void> | undefined;
  #isFinished = false;
  #isClosed = false;
  #arrival = Promise.withResolvers<void>();
  #room = Promise.withResolvers<void>();

  private constructor(options: DurableQueueOptions, log: SegmentLog, acknowledged: AcknowledgedFile) {
    this.#options = options;
    this.#maxBytes = options.maxBytes;
    this.#fresh = new FreshPayloads(options.freshBytes ?? 0);
    this.#log = log;
    this.#acknowledged = acknowledged;
    this.#highestAcknowledged = highestOf(acknowledged.found);
    this.corrupted = log.damages;
    log.nextSequence = Math.max(log.nextSequence, this.#highestAcknowledged + 1);
    for (const record of log.found.splice(0)) {
      if (isAcknowledged(acknowledged.found, record.sequence)) log.release(record);
      else this.#add(record);
    }
  }

  /** Opens a queue with what is there. Never rejects: what is wrong with the folder is reported, and met by `append`. */
  static async open(options: DurableQueueOptions): Promise<DurableQueue> {
    const { directory, maxBytes, files = realFiles, isSynced = true, report } = options;
    const segmentBytes = Math.min(largestSegment, Math.ceil(maxBytes / 8));
    const acknowledged = await AcknowledgedFile.open(path.join(directory, 'acknowledged'), files, report);
    const log = await SegmentLog.open({ directory, files, segmentBytes, isSynced, report });
    return new DurableQueue(options, log, acknowledged);
  }

  /** The disk in use. */
  get bytes(): number {
    return this.#log.bytes;
  }

  /** Records that are not acknowledged. */
  get records(): number {
    return this.#open.size;
  }

  /** When the oldest of them was appended, in milliseconds since 1970. */
  get oldestTime(): Milliseconds | undefined {
    const [oldest] = this.#open.values();
    return oldest?.time;
  }

  /** Resolves when the record is durable; rejects with a DurableQueueError if it is not kept. */
  append(payload: Buffer): Promise<void> {
    if (this.#isFinished) return Promise.reject(new DurableQueueError('closed', 'the queue is closed'));
    const { directory } = this.#options;
    if (!this.hasRoomFor(payload))
      return Promise.reject(new DurableQueueError('full', `the queue in ${JSON.stringify(directory)} is full`));
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#pending.push({ payload, resolve, reject });
    this.#pendingBytes += headerSize + payload.length;
    this.#committing ??= this.#commit();
    return promise;
  }

  /** Whether `append` would not refuse a record as the queue is full. */
  hasRoomFor({ length }: Buffer): boolean {
    const { maxRecords = defaultMaxRecords, whenFull } = this.#options;
    const maxBytes = this.#maxBytes;
    const size = headerSize + length;
    if (this.#open.size === 0 && this.#pending.length === 0) return true;
    if (this.#pendingBytes + size > Math.min(maxBytes, maxPendingBytes)) return false;
    if (whenFull === 'drop-oldest') return true;
    return (
      this.#log.bytes + this.#pendingBytes + size <= maxBytes && this.#open.size + this.#pending.length < maxRecords
    );
  }

  /** Resolves when there may be room again, or the queue is closed. */
  room(): Promise<void> {
    return this.#room.promise;
  }

  /** The next record in order; waits for one. Undefined when no more come, and at once when the queue is closed. */
  async take(): Promise<TakenRecord | undefined> {
    while (!this.#isClosed) {
      const record = this.#waiting[this.#nextWaiting];
      if (record === undefined) {
        if (this.#isFinished && this.#committing === undefined) break;
        await this.#arrival.promise;
        continue;
      }
      this.#nextWaiting++;
      if (this.#nextWaiting > 1024) {
        this.#waiting = this.#waiting.slice(this.#nextWaiting);
        this.#nextWaiting = 0;
      }
      const payload = this.#fresh.take(record.sequence) ?? (await this.#read(record));
      if (payload !== undefined) return { sequence: record.sequence, time: record.time, payload };
    }
    return undefined;
  }

  /** Tells that a record is done with; the same again, and one that made room meanwhile, is nothing. */
  acknowledge(sequence: number): void {
    const record = this.#open.get(sequence);
    // Once the folder was let go of, it may belong to another queue.
    if (record !== undefined && !this.#isClosed) this.#forget(record);
  }

  /** How much disk it may take from now on. */
  changeMaxBytes(maxBytes: number): void {
    this.#maxBytes = maxBytes;
    this.#wake();
  }

  /** Takes no more records in; `take` gives those that are there. */
  finish(): void {
    this.#isFinished = true;
    this.#wake();
  }

  /** Writes what is to be written, and lets go of the folder. What is not acknowledged stays. */
  async close(): Promise<void> {
    this.#isFinished = true;
    await this.#committing;
    this.#isClosed = true;
    this.#wake();
    await this.#acknowledged.close();
    await this.#log.close();
  }

  async #commit(): Promise<void> {
    while (this.#pending.length > 0) {
      const group = this.#nextGroup();
      const payloads = group.map(({ payload }) => payload);
      const bytes = payloads.reduce((sum, payload) => sum + headerSize + payload.length, 0);
      if (this.#options.whenFull === 'drop-oldest') await this.#makeRoom(bytes, group.length);
      try {
        const records = await this.#log.append(payloads, Date.now());
        for (const [index, record] of records.entries()) {
          this.#fresh.add(record.sequence, payloads[index]);
          this.#add(record);
        }
        for (const { resolve } of group) resolve();
      } catch (error) {
        const message = `cannot write to the queue in ${JSON.stringify(this.#options.directory)}: ${messageOf(error)}`;
        // What came later is refused too: it must not be stored before what is tried again.
        for (const { reject } of this.#pending.splice(0)) reject(new DurableQueueError('storage', message, error));
        this.#pendingBytes = 0;
        continue;
      }
      this.#pending.splice(0, group.length);
      this.#pendingBytes -= bytes;
    }
    this.#committing = undefined;
    this.#wake();
  }

  #nextGroup(): readonly Pending[] {
    let bytes = 0;
    const end = this.#pending.findIndex(({ payload }, index) => {
      bytes += headerSize + payload.length;
      return index > 0 && (bytes > maxGroupBytes || index === maxGroupRecords);
    });
    return this.#pending.slice(0, end === -1 ? undefined : end);
  }

  async #makeRoom(bytes: number, count: number): Promise<void> {
    const { maxRecords = defaultMaxRecords, dropping } = this.#options;
    for (const record of this.#open.values()) {
      if (this.#log.bytes + bytes <= this.#maxBytes && this.#open.size + count <= maxRecords) break;
      const payload = dropping && (await this.#log.read(record).catch(() => undefined));
      if (!this.#open.has(record.sequence)) continue; // It was acknowledged meanwhile.
      dropping?.(record.sequence, payload);
      this.dropped++;
      this.#forget(record);
    }
  }

  #add(record: StoredRecord): void {
    this.#open.set(record.sequence, record);
    this.#waiting.push(record);
    this.#arrival.resolve();
    this.#arrival = Promise.withResolvers();
  }

  #forget(record: StoredRecord): void {
    this.#fresh.take(record.sequence);
    this.#open.delete(record.sequence);
    this.#highestAcknowledged = Math.max(this.#highestAcknowledged, record.sequence);
    this.#log.release(record);
    this.#acknowledged.changed(() => acknowledgedExcept(this.#open.keys(), this.#highestAcknowledged));
    this.#room.resolve();
    this.#room = Promise.withResolvers();
  }

  /** The payload of a record; undefined if it is no longer wanted, or was damaged and is skipped. */
  async #read(record: StoredRecord): Promise<Buffer | undefined> {
    for (let hasFailed = false; this.#open.has(record.sequence) && !this.#isClosed; hasFailed = true) {
      try {
        const payload = await this.#log.read(record);
        if (payload !== undefined) return payload;
        this.#skip(record);
      } catch (error) {
        if (['ENOENT', 'EIO', 'EISDIR'].includes(errorCode(error) ?? '')) this.#skip(record);
        else {
          // Such as too many open files: the record is there and can be read later.
          if (!hasFailed) this.#options.report('cannot read a record for now', error);
          await new Promise((resolve) => setTimeout(resolve, retryReadAfter));
        }
      }
    }
    return undefined;
  }

  #skip(record: StoredRecord): void {
    if (!this.#open.has(record.sequence)) return;
    this.corrupted++;
    this.#forget(record);
  }

  #wake(): void {
    this.#arrival.resolve();
    this.#room.resolve();
    this.#arrival = Promise.withResolvers();
    this.#room = Promise.withResolvers();
  }
}
