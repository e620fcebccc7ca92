import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Backoff } from '../base/backoff.ts';
import { Doorbell } from '../base/doorbell.ts';
import type { Milliseconds } from '../base/duration.ts';
import { ChangeNews } from './change-news.ts';
import type { Checkpoint, FileId, Head } from './checkpoint.ts';
import { ContentChanged } from './content-changed.ts';
import { CorruptedData } from './decoder.ts';
import { decompress, type Compression } from './decompress.ts';
import type { FileListener } from './file-events.ts';
import { PooledFile } from './file-handles.ts';
import { FileProblem } from './file-problem.ts';
import { LineAssembler, type AssembledLines } from './line-assembler.ts';
import { LineClock } from './line-clock.ts';
import type { LineReader, LineReceiver, Outcome, SentLines } from './line-receiver.ts';
import type { Looker } from './look-schedule.ts';
import { pollTime } from './poll-time.ts';
import type { ReadGate } from './read-gate.ts';
import type { ReaderSettings } from './reader-settings.ts';
import { UnsettledRanges, type SentRange } from './unsettled-ranges.ts';

/** How many bytes of lines may be kept until it is known that they were delivered, so that they can be sent again. */
const maxUnsettled = 4 * 1024 * 1024;

export interface CompressedSettings extends ReaderSettings {
  readonly compression: Compression;
  /** How long to wait before a file is read that was found or has changed. */
  readonly initialDelay: Milliseconds;
  /** Limits how many files are decompressed at the same time. */
  readonly passes: ReadGate;
}

const nothing: Checkpoint = { offset: 0, identity: undefined };

/**
 * Reads a compressed file once from its beginning to its end, and again when it has changed. Offsets are those of the
 * content. What was read before is decompressed again and left out if it is what it was then; other content is read from
 * its beginning. Lines are kept until they are delivered, up to a limit that makes reading wait.
 */
export class CompressedFile implements LineReader, Looker, FileListener {
  readonly #path: string;
  readonly #settings: CompressedSettings;
  readonly #receiver: LineReceiver;
  readonly #news: ChangeNews;
  readonly #clock = new LineClock();
  readonly #bell = new Doorbell();
  readonly #retries = new Backoff(100, 30_000);
  readonly #unsettled = new Map<SentRange, SentLines>();
  #unsettledSize = 0;
  #ranges = new UnsettledRanges({ offset: 0, checksum: 0 });
  /** How far lines were sent. */
  #sent: Checkpoint;
  #id: FileId | undefined;
  #head: Head | undefined;
  #isPlaced = false;
  /** What the file was like when it was read last. */
  #seen: Stats | undefined;
  #changedAt = performance.now();
  #looking: Promise<Milliseconds> | undefined;
  #pass: Promise<void> | undefined;
  #retryAt = 0;
  #problem: FileProblem | undefined;
  #isStopped = false;

  /** `from` is where an earlier run has stopped. */
  constructor(path: string, from: Checkpoint | undefined, settings: CompressedSettings, receiver: LineReceiver) {
    this.#path = path;
    this.#sent = from ?? nothing;
    this.#settings = settings;
    this.#receiver = receiver;
    this.#news = new ChangeNews(path, settings.events, this);
  }

  get delivered(): Checkpoint | undefined {
    if (!this.#isPlaced || this.#id === undefined) return this.#sent === nothing ? undefined : this.#sent;
    const { offset, checksum } = this.#ranges.delivered;
    return { offset, identity: { ...this.#id, checksum, head: this.#head } };
  }

  get isWatched(): boolean {
    return this.#news.isWatched;
  }

  start(): void {
    this.#settings.schedule.add(this);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#settings.schedule.remove(this);
    this.#bell.ring();
    await Promise.all([this.#looking, this.#pass]);
    this.#news.close();
  }

  changed(): void {
    this.#settings.schedule.hurry(this, this.#settings.minPollTime);
  }

  async look(): Promise<Milliseconds> {
    this.#looking = this.#look();
    const wait = await this.#looking;
    this.#looking = undefined;
    return wait;
  }

  async #look(): Promise<Milliseconds> {
    const { minPollTime, maxPollTime } = this.#settings;
    let absence: 'none' | 'always' = 'none';
    try {
      if (!this.isWatched) await this.#news.listen();
      const stats = await stat(this.#path);
      if (!stats.isFile()) throw new FileProblem('not_a_file', 'is not a regular file');
      if (this.#problem?.reason !== 'corrupted') this.#tell(undefined);
      if (this.#pass === undefined && !this.#isStopped && !isEqual(stats, this.#seen)) {
        this.#changedAt = performance.now();
        this.#seen = stats;
        this.#pass = this.#read(stats).finally(() => {
          this.#pass = undefined;
          this.#settings.schedule.hurry(this, minPollTime);
        });
      }
    } catch (error) {
      absence = 'always';
      this.#tell(FileProblem.from(error));
    }
    const idleTime = performance.now() - this.#changedAt;
    return pollTime({ idleTime, isWatched: this.isWatched, absence }, Math.max(10, minPollTime), maxPollTime);
  }

  #tell(problem: FileProblem | undefined): void {
    if (problem === undefined && this.#problem === undefined) return;
    this.#problem = problem;
    this.#receiver.failed(problem);
  }

  async #read({ size }: Stats): Promise<void> {
    const { initialDelay, passes } = this.#settings;
    await this.#waitFor(() => false, performance.now() + initialDelay);
    await passes.enter();
    try {
      if (!this.#isStopped) await this.#readContent(size);
      this.#tell(undefined);
    } catch (error) {
      if (error instanceof CorruptedData) {
        this.#tell(new FileProblem('corrupted', error.message));
      } else {
        // It is read again at the next look.
        this.#seen = undefined;
        this.#tell(FileProblem.from(error));
      }
    } finally {
      await this.#untilUnsettled(0).catch((error: unknown) => this.#receiver.broke(error));
      passes.leave();
    }
  }

  async #readContent(size: number): Promise<void> {
    const { handles } = this.#settings;
    const { file } = await PooledFile.open(this.#path, handles);
    try {
      await file.pin();
      this.#id = file.id;
      await this.#pump(file, size).catch(async (error: unknown) => {
        if (!(error instanceof ContentChanged)) throw error;
        this.#sent = nothing;
        this.#isPlaced = false;
        await this.#pump(file, size);
      });
    } finally {
      await file.close();
    }
  }

  /** Sends the lines that follow what was sent before. */
  async #pump(file: PooledFile, size: number): Promise<void> {
    const { compression, encoding, maxLineSize } = this.#settings;
    const assembler = new LineAssembler(encoding, maxLineSize, this.#sent);
    const parts = decompress(compression, (start, end) => file.read(start, end));
    for await (const part of parts) {
      for (const assembled of assembler.push(part)) await this.#sendNew(assembled, assembler, size);
      if (this.#isStopped) return;
    }
    for (const assembled of assembler.finish()) await this.#sendNew(assembled, assembler, size);
    this.#receiver.progressed(assembler.start.offset, size);
  }

  async #sendNew({ lines, range }: AssembledLines, { head }: LineAssembler, size: number): Promise<void> {
    await this.#untilUnsettled(maxUnsettled);
    if (this.#isStopped) return;
    this.#head = head;
    if (!this.#isPlaced) {
      this.#isPlaced = true;
      this.#ranges = new UnsettledRanges(range.start);
      if (this.delivered !== undefined) await this.#receiver.begins(this.delivered);
    }
    const dropped = range.end.offset - range.contentEnd;
    if (dropped > 0) this.#receiver.dropped(dropped, 'line_too_long', 0);
    const count = lines.starts.length;
    const sent = { ...range, time: this.#clock.take(count), count };
    this.#ranges.add(sent);
    this.#sent = { offset: range.end.offset, identity: this.#identity(range.end.checksum) };
    this.#receiver.progressed(range.end.offset, size);
    await this.#send(sent, { ...lines, time: sent.time, isRepeated: false });
  }

  #identity(checksum: number): Checkpoint['identity'] {
    return this.#id === undefined ? undefined : { ...this.#id, checksum, head: this.#head };
  }

  /** Sends lines and waits until the next may come. */
  async #send(range: SentRange, lines: SentLines): Promise<void> {
    const { gate } = this.#settings;
    if (!lines.isRepeated) {
      this.#unsettled.set(range, lines);
      this.#unsettledSize += lines.bytes.length;
    }
    await gate.enter();
    try {
      const state = { isTaken: false };
      const taken = this.#receiver.send(lines, (outcome) => this.#settle(range, outcome));
      if (taken === undefined) return;
      void taken.then(() => {
        state.isTaken = true;
        this.#bell.ring();
      });
      await this.#waitFor(() => state.isTaken, Infinity);
    } finally {
      gate.leave();
    }
  }

  #settle(range: SentRange, outcome: Outcome): void {
    if (outcome === 'settled') {
      this.#retries.reset();
      this.#unsettledSize -= this.#unsettled.get(range)?.bytes.length ?? 0;
      this.#unsettled.delete(range);
      this.#ranges.settle(range);
      if (this.delivered !== undefined) this.#receiver.moved(this.delivered);
    } else {
      this.#ranges.markFailed(range);
      this.#retryAt = performance.now() + (outcome.retryAfter ?? this.#retries.next());
    }
    this.#bell.ring();
  }

  /** Waits until no more than so many bytes are unsettled, and sends again what could not be delivered. */
  async #untilUnsettled(size: number): Promise<void> {
    for (;;) {
      await this.#waitFor(() => this.#ranges.failed !== undefined || this.#unsettledSize <= size, Infinity);
      const range = this.#ranges.failed;
      const lines = range === undefined ? undefined : this.#unsettled.get(range);
      if (this.#isStopped || range === undefined || lines === undefined) return;
      await this.#waitFor(() => false, this.#retryAt);
      if (this.#isStopped) return;
      this.#ranges.sentAgain(range);
      await this.#send(range, { ...lines, isRepeated: true });
    }
  }

  /** Waits until something holds, until a time, or until it is stopped. */
  async #waitFor(holds: () => boolean, until: Milliseconds): Promise<void> {
    for (;;) {
      const wait = until - performance.now();
      if (wait <= 0 || this.#isStopped || holds()) return;
      await this.#bell.wait(wait);
    }
  }
}

function isEqual(stats: Stats, before: Stats | undefined): boolean {
  return (
    stats.ino === before?.ino &&
    stats.dev === before.dev &&
    stats.size === before.size &&
    stats.mtimeMs === before.mtimeMs
  );
}
