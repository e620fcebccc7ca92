import type { Milliseconds } from '../base/duration.ts';
import { Backoff } from '../base/backoff.ts';
import type { Checkpoint } from './checkpoint.ts';
import { ChangeNews } from './change-news.ts';
import { ContentChanged } from './content-changed.ts';
import type { FileListener } from './file-events.ts';
import { FileMoved } from './file-handles.ts';
import { FileProblem } from './file-problem.ts';
import { FileSuccession } from './file-succession.ts';
import { LineClock } from './line-clock.ts';
import type { LineFile, ReadLines } from './line-file.ts';
import type { DropReason, LineReader, LineReceiver, Outcome, SentLines } from './line-receiver.ts';
import type { Looker } from './look-schedule.ts';
import { pollTime } from './poll-time.ts';
import type { ReaderSettings } from './reader-settings.ts';
import type { SentRange } from './unsettled-ranges.ts';

/** How long to wait after reading has failed. */
const readErrorWait: Milliseconds = 1000;

/** Reading that fails so often in a row is given up; the path is then opened again. */
const maxReadErrors = 5;

/**
 * Follows the lines of the file at a path through rotation, truncation and disappearance. What was sent and could not be
 * delivered is read and sent again, with the same times, before anything else. What cannot be noticed: bytes written and
 * cut off again between two looks; a file that is replaced twice between two looks; new content that repeats the last
 * kilobyte before the place where reading stood, and the first one of the file; files that were compressed or moved
 * elsewhere before they were read; and files that were deleted while too many others were open.
 *
 * Nothing runs and nothing is waited for while nothing happens: it is looked at by the schedule, and reading begins when a
 * look has found something to read.
 */
export class Tail implements LineReader, Looker, FileListener {
  readonly #settings: ReaderSettings;
  readonly #receiver: LineReceiver;
  readonly #succession: FileSuccession;
  readonly #news: ChangeNews;
  readonly #minPollTime: Milliseconds;
  readonly #clock = new LineClock();
  #looking: Promise<Milliseconds> | undefined;
  #lookedAt = -Infinity;
  /** When something has happened to the file last. */
  #changedAt = performance.now();
  #hasOpened = false;
  #reading: Promise<void> | undefined;
  /** Whether there may be more to read than when reading was looked for last. */
  #isRung = false;
  #timer: NodeJS.Timeout | undefined;
  /** Ends the wait for lines to be taken. */
  #goOn: (() => void) | undefined;
  #retries: Backoff | undefined;
  #retryAt = 0;
  #lookProblem: FileProblem | undefined;
  #readProblem: FileProblem | undefined;
  #isStopped = false;

  /** `from` is where an earlier run has stopped. */
  constructor(path: string, from: Checkpoint | undefined, settings: ReaderSettings, receiver: LineReceiver) {
    this.#settings = settings;
    this.#receiver = receiver;
    this.#succession = new FileSuccession(path, from, settings);
    this.#news = new ChangeNews(path, settings.events, this);
    this.#minPollTime = Math.max(10, Math.min(settings.minPollTime, settings.maxPollTime));
  }

  get delivered(): Checkpoint | undefined {
    return this.#succession.delivered;
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
    clearTimeout(this.#timer);
    this.#goOn?.();
    await Promise.all([this.#looking, this.#reading]);
    this.#news.close();
    await this.#succession.close();
  }

  changed(): void {
    // Not more often than it would be polled.
    this.#hurry(Math.max(0, this.#lookedAt + this.#minPollTime - performance.now()));
  }

  async look(): Promise<Milliseconds> {
    this.#looking = this.#look();
    const wait = await this.#looking;
    this.#looking = undefined;
    return wait;
  }

  /** Looks what has become of the path; returns how long to wait for the next look. */
  async #look(): Promise<Milliseconds> {
    const isTold = this.#news.take();
    this.#lookedAt = performance.now();
    const problem = await this.#lookAtFiles(isTold).catch((error: unknown) => FileProblem.from(error));
    if (this.#isStopped) return 0;
    this.#tellLosses();
    this.#read();
    // What was there and has gone may be on its way through rotation.
    const isRotating = problem?.reason === 'missing' && this.#hasOpened;
    this.#sawProblem(isRotating ? undefined : problem);
    const absence = isRotating ? 'after_file' : problem === undefined ? 'none' : 'always';
    const idleTime = performance.now() - this.#changedAt;
    return pollTime({ idleTime, isWatched: this.isWatched, absence }, this.#minPollTime, this.#settings.maxPollTime);
  }

  /** Tells what is wrong with the path, if anything is. */
  async #lookAtFiles(isTold: boolean): Promise<FileProblem | undefined> {
    const succession = this.#succession;
    if (!this.isWatched) await this.#news.listen();
    const { current: before } = succession;
    const modifiedBefore = before?.modifiedAt;
    const hasChanged = await succession.look(this.isWatched);
    if (hasChanged) this.#changedAt = performance.now();
    const { current } = succession;
    if (current !== before || current === undefined) await this.#news.listen(current !== undefined);
    if (current === undefined) return new FileProblem('missing', 'no such file');
    this.#hasOpened = true;
    if (current === before && !isTold && current.modifiedAt !== modifiedBefore) this.#news.missed(current.modifiedAt);
    this.#receiver.progressed(current.start.offset, current.size);
    return undefined;
  }

  #tellLosses(): void {
    for (const [reason, bytes] of this.#succession.takeLost()) this.#receiver.dropped(bytes, reason, 0);
  }

  #sawProblem(problem: FileProblem | undefined): void {
    if (problem === undefined && this.#lookProblem === undefined) return;
    this.#lookProblem = problem;
    this.#receiver.failed(problem ?? this.#readProblem);
  }

  /** Has everything sent that there is to read. */
  #read(): void {
    this.#isRung = true;
    if (this.#reading !== undefined || this.#isStopped) return;
    clearTimeout(this.#timer);
    this.#reading = this.#readLines();
  }

  async #readLines(): Promise<void> {
    let wait = Infinity;
    try {
      while (!this.#isStopped && (this.#isRung || wait === 0)) {
        this.#isRung = false;
        wait = await this.#readNext();
      }
    } catch (error) {
      this.#receiver.broke(error);
    } finally {
      this.#reading = undefined;
    }
    if (wait < Infinity && !this.#isStopped) this.#timer = setTimeout(() => this.#read(), wait);
  }

  #hurry(within: Milliseconds): void {
    this.#settings.schedule.hurry(this, within);
  }

  /** Sends the lines that are next, if there are any; returns how long to wait before the next attempt. */
  async #readNext(): Promise<Milliseconds> {
    const { files } = this.#succession;
    for (const file of files) {
      const range = file.ranges.failed;
      if (range === undefined) continue;
      const wait = this.#retryAt - performance.now();
      if (wait > 0) return wait;
      await this.#sendAgain(file, range);
      return 0;
    }
    for (const [index, file] of files.entries()) {
      try {
        const wait = await this.#readFile(file, files[index + 1]);
        file.readErrors = 0;
        if (wait < Infinity) return wait;
      } catch (error) {
        return this.#readFailed(file, error);
      }
    }
    if (this.#readProblem !== undefined) {
      this.#readProblem = undefined;
      this.#receiver.failed(this.#lookProblem);
    }
    return Infinity;
  }

  /** Sends the next lines of a file. Returns 0 if there were some, and a time if those of newer files must wait. */
  async #readFile(file: LineFile, next: LineFile | undefined): Promise<Milliseconds> {
    if (file.phase === 'gone' || file.isChanged) return Infinity;
    if (!file.isPlaced) await this.#succession.place(file);
    if (file.hasUnread && (await this.#sendNext(file, () => file.read()))) return 0;
    if (file.phase !== 'left' || !file.hasRest) return Infinity;
    if (next !== undefined && !next.isPlaced) await this.#succession.place(next);
    if (!file.hasRest) return Infinity;
    const { unfinishedLineTime } = this.#settings;
    const wait = file.grownAt + unfinishedLineTime - performance.now();
    if (wait > 0) return wait;
    await this.#sendNext(file, () => file.readRest());
    return 0;
  }

  /** Reads and sends lines of a file; tells whether there were any. */
  async #sendNext(file: LineFile, read: () => Promise<ReadLines | undefined>): Promise<boolean> {
    await this.#settings.gate.enter();
    try {
      const found = this.#isStopped ? undefined : await read();
      if (found === undefined) return false;
      const { lines, dropped } = found;
      if (dropped > 0) this.#receiver.dropped(dropped, 'line_too_long', 0);
      if (file.phase === 'current') this.#receiver.progressed(file.start.offset, file.size);
      const count = lines.starts.length;
      const range = { ...found.range, time: this.#clock.take(count), count };
      file.ranges.add(range);
      if (!file.hasBegun) {
        file.hasBegun = true;
        if (this.delivered !== undefined) await this.#receiver.begins(this.delivered);
      }
      if (count === 0) this.#settle(file, range, 'settled');
      else await this.#send(file, range, { ...lines, time: range.time, isRepeated: false });
      return true;
    } finally {
      this.#settings.gate.leave();
    }
  }

  async #sendAgain(file: LineFile, range: SentRange): Promise<void> {
    const source = file.phase === 'gone' ? file.copy : file;
    await this.#settings.gate.enter();
    try {
      if (this.#isStopped) return;
      const lines = await source?.readAgain(range);
      if (lines === undefined) {
        this.#giveUp(file, range, 'file_truncated');
      } else {
        file.ranges.sentAgain(range);
        await this.#send(file, range, { ...lines, time: range.time, isRepeated: true });
      }
    } catch (error) {
      this.#giveUp(file, range, error instanceof ContentChanged ? 'file_truncated' : 'read_error');
    } finally {
      this.#settings.gate.leave();
    }
  }

  #giveUp(file: LineFile, range: SentRange, reason: DropReason): void {
    this.#receiver.dropped(range.contentEnd - range.start.offset, reason, range.count);
    this.#settle(file, range, 'settled');
  }

  /** Sends lines and waits until the next may come. */
  async #send(file: LineFile, range: SentRange, lines: SentLines): Promise<void> {
    const taken = this.#receiver.send(lines, (outcome) => this.#settle(file, range, outcome));
    if (taken === undefined || this.#isStopped) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#goOn = resolve;
    void taken.then(resolve);
    await promise;
    this.#goOn = undefined;
  }

  #settle(file: LineFile, range: SentRange, outcome: Outcome): void {
    if (outcome === 'settled') {
      this.#retries = undefined;
      file.ranges.settle(range);
      const { delivered } = this;
      if (delivered !== undefined) this.#receiver.moved(delivered);
    } else {
      file.ranges.markFailed(range);
      this.#retries ??= new Backoff(100, 30_000);
      this.#retryAt = performance.now() + (outcome.retryAfter ?? this.#retries.next());
      this.#read();
    }
  }

  #readFailed(file: LineFile, error: unknown): Milliseconds {
    // It was closed in the meantime.
    if (!this.#succession.files.includes(file)) return 0;
    // The next look will find it, or tell what happened.
    if (error instanceof ContentChanged) file.isChanged = true;
    if (error instanceof ContentChanged || error instanceof FileMoved) {
      this.#hurry(0);
      return Infinity;
    }
    this.#readProblem = FileProblem.from(error);
    this.#receiver.failed(this.#readProblem);
    if (++file.readErrors >= maxReadErrors) {
      file.isChanged = true;
      this.#hurry(0);
    }
    return readErrorWait;
  }
}
