import { Backoff } from '../base/backoff.ts';
import { Doorbell } from '../base/doorbell.ts';
import type { Milliseconds } from '../base/duration.ts';
import type { Checkpoint } from './checkpoint.ts';
import { FileProblem } from './file-problem.ts';
import { FileSuccession } from './file-succession.ts';
import { LineClock, type Moment } from './line-clock.ts';
import { ContentChanged, type LineFile, type Lines, type ReadLines } from './line-file.ts';
import type { ChangeWatch } from './poll-schedule.ts';
import type { ReadGate } from './read-gate.ts';
import type { SentRange } from './unsettled-ranges.ts';

/** Longer lines are cut, so that a file without line ends cannot fill the memory. */
const defaultMaxLineSize = 10 * 1024 * 1024;

/** How long to wait after reading has failed. */
const readErrorWait: Milliseconds = 1000;

/** Reading that fails so often in a row is given up; the path is then opened again. */
const maxReadErrors = 5;

/** Lines on their way to the receiver of a tail. */
export interface SentLines extends Lines {
  /** When the first line was read; each of the others counts as read 1 ns after the one before. */
  readonly time: Moment;
  /** Whether the same lines were sent before and could not be delivered. */
  readonly isRepeated: boolean;
}

/** What became of lines in the end: delivered or given up for good, or to be sent again after some time. */
export type Outcome = 'settled' | { readonly retryAfter: Milliseconds | undefined };

/** Where a tail sends what it reads and what it notices. The methods must not throw. */
export interface LineReceiver {
  /**
   * Takes lines. Returns, or resolves, when the next may come; must not reject. `settle` is to be called once, at any
   * time, when it is known what became of the lines.
   */
  send(lines: SentLines, settle: (outcome: Outcome) => void): Promise<void> | void;
  /**
   * Called before the first line of a file is sent. Resolves when it is recorded what was delivered so far and which file
   * that is, so that after a crash the file is found even if it has another name by then.
   */
  begins(delivered: Checkpoint): Promise<void>;
  /** Everything up to `delivered` is settled now. */
  moved(delivered: Checkpoint): void;
  /** How much of the current file was read, and its size. */
  progressed(offset: number, size: number): void;
  /** Called for every failed attempt, and with undefined when all is well again. */
  failed(problem: FileProblem | undefined): void;
  dropped(bytes: number, reason: DropReason): void;
}

export type DropReason = 'line_too_long' | 'file_truncated' | 'read_error';

export interface TailOptions {
  readonly path: string;
  /** Where an earlier run stopped. */
  readonly from: Checkpoint | undefined;
  readonly startsAtEnd: boolean;
  readonly minPollTime: Milliseconds;
  readonly maxPollTime: Milliseconds;
  readonly watch: ChangeWatch;
  /** Shared by all tails with one receiver. */
  readonly gate: ReadGate;
  readonly maxLineSize?: number;
  /** How long a line without an end of a file that was rotated away waits for its end before it counts as whole. */
  readonly unfinishedLineTime?: Milliseconds;
  /** How long a file that was rotated away is watched for late writes after the last one. */
  readonly lateWriteTime?: Milliseconds;
}

/**
 * Follows the lines of the file at a path through rotation, truncation and disappearance. What was sent and could not be
 * delivered is read and sent again, with the same times, before anything else. What cannot be noticed: bytes written and
 * cut off again between two looks; a file that is replaced twice between two looks; new content that repeats the last
 * kilobyte before the place where reading stood, and the first one of the file; files that were compressed or moved
 * elsewhere before they were read.
 */
export class Tail {
  readonly #options: TailOptions;
  readonly #receiver: LineReceiver;
  readonly #succession: FileSuccession;
  readonly #clock = new LineClock();
  readonly #toLook = new Doorbell();
  readonly #toRead = new Doorbell();
  readonly #idle: Backoff;
  /** For paths with nothing to read, which take longer to come back the longer they are away. */
  readonly #absent: Backoff;
  /** For those that had something to read before, so that no file is missed which is rotated away soon. */
  readonly #maxAbsence: Milliseconds;
  readonly #retries = new Backoff(100, 30_000);
  #retryAt = 0;
  #lookProblem: FileProblem | undefined;
  #readProblem: FileProblem | undefined;
  #hasOpened = false;
  #isStopped = false;

  constructor(options: TailOptions, receiver: LineReceiver) {
    const { maxLineSize = defaultMaxLineSize, lateWriteTime = 10_000, minPollTime, maxPollTime } = options;
    this.#options = options;
    this.#receiver = receiver;
    this.#succession = new FileSuccession({ ...options, maxLineSize, lateWriteTime });
    const min = Math.max(10, Math.min(minPollTime, maxPollTime));
    this.#idle = new Backoff(min, Math.max(min, maxPollTime));
    this.#absent = new Backoff(min, Math.max(10_000, maxPollTime));
    this.#maxAbsence = Math.max(1000, maxPollTime);
  }

  /** Up to where everything was delivered; undefined if nothing was read yet. */
  get delivered(): Checkpoint | undefined {
    return this.#succession.delivered;
  }

  /** Works until `stop`. */
  async run(): Promise<void> {
    await Promise.all([this.#watchPath(), this.#readLines()]);
    await this.#succession.close();
  }

  /** Ends `run` soon. What was sent may still be settled and moves what is delivered. */
  stop(): void {
    this.#isStopped = true;
    this.#toLook.ring();
    this.#toRead.ring();
  }

  async #watchPath(): Promise<void> {
    while (!this.#isStopped) {
      const wait = await this.#look();
      if (this.#isStopped) break;
      this.#options.watch.onChange(this.#options.path, wait, () => this.#toLook.ring());
      await this.#toLook.wait();
    }
  }

  /** Looks what has become of the path; returns how long to wait for the next look. */
  async #look(): Promise<Milliseconds> {
    const succession = this.#succession;
    try {
      if (await succession.look()) {
        this.#idle.reset();
        this.#toRead.ring();
      }
      const lost = succession.takeLost();
      if (lost > 0) this.#receiver.dropped(lost, 'file_truncated');
      const { current } = succession;
      if (current === undefined) throw new FileProblem('missing', 'no such file');
      this.#hasOpened = true;
      this.#receiver.progressed(current.start.offset, current.size);
    } catch (error) {
      const problem = FileProblem.from(error);
      // What was there and has gone may be on its way through rotation.
      const isRotating = problem.reason === 'missing' && this.#hasOpened;
      this.#sawProblem(isRotating ? undefined : problem);
      return Math.min(this.#absent.next(), isRotating ? this.#maxAbsence : Infinity);
    }
    this.#sawProblem(undefined);
    this.#absent.reset();
    return this.#idle.next();
  }

  #sawProblem(problem: FileProblem | undefined): void {
    if (problem === undefined && this.#lookProblem === undefined) return;
    this.#lookProblem = problem;
    this.#receiver.failed(problem ?? this.#readProblem);
  }

  async #readLines(): Promise<void> {
    while (!this.#isStopped) {
      const wait = await this.#readNext();
      if (wait > 0 && !this.#isStopped) await this.#toRead.wait(wait);
    }
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
    if (!file.isPlaced) {
      await this.#succession.place(file);
      if (this.delivered !== undefined) await this.#receiver.begins(this.delivered);
    }
    if (file.hasUnread && (await this.#sendNext(file, () => file.read()))) return 0;
    if (file.phase !== 'left' || !file.hasRest) return Infinity;
    if (next !== undefined && !next.isPlaced) await this.#succession.place(next);
    if (!file.hasRest) return Infinity;
    const { unfinishedLineTime = 1000 } = this.#options;
    const wait = file.grownAt + unfinishedLineTime - performance.now();
    if (wait > 0) return wait;
    await this.#sendNext(file, () => file.readRest());
    return 0;
  }

  /** Reads and sends lines of a file; tells whether there were any. */
  async #sendNext(file: LineFile, read: () => Promise<ReadLines | undefined>): Promise<boolean> {
    await this.#options.gate.enter();
    try {
      const found = this.#isStopped ? undefined : await read();
      if (found === undefined) return false;
      const { lines, dropped } = found;
      if (dropped > 0) this.#receiver.dropped(dropped, 'line_too_long');
      if (file.phase === 'current') this.#receiver.progressed(file.start.offset, file.size);
      const count = lines.starts.length;
      const range = { ...found.range, time: this.#clock.take(count) };
      file.ranges.add(range);
      if (count === 0) this.#settle(file, range, 'settled');
      else await this.#send(file, range, { ...lines, time: range.time, isRepeated: false });
      return true;
    } finally {
      this.#options.gate.leave();
    }
  }

  async #sendAgain(file: LineFile, range: SentRange): Promise<void> {
    const source = file.phase === 'gone' ? file.copy : file;
    await this.#options.gate.enter();
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
      this.#options.gate.leave();
    }
  }

  #giveUp(file: LineFile, range: SentRange, reason: DropReason): void {
    this.#receiver.dropped(range.contentEnd - range.start.offset, reason);
    this.#settle(file, range, 'settled');
  }

  /** Sends lines and waits until the next may come. */
  async #send(file: LineFile, range: SentRange, lines: SentLines): Promise<void> {
    const taken = this.#receiver.send(lines, (outcome) => this.#settle(file, range, outcome));
    if (taken === undefined) return;
    const state = { isTaken: false };
    void taken.then(() => {
      state.isTaken = true;
      this.#toRead.ring();
    });
    while (!state.isTaken && !this.#isStopped) await this.#toRead.wait();
  }

  #settle(file: LineFile, range: SentRange, outcome: Outcome): void {
    if (outcome === 'settled') {
      this.#retries.reset();
      file.ranges.settle(range);
      const { delivered } = this;
      if (delivered !== undefined) this.#receiver.moved(delivered);
    } else {
      file.ranges.markFailed(range);
      this.#retryAt = performance.now() + (outcome.retryAfter ?? this.#retries.next());
      this.#toRead.ring();
    }
  }

  #readFailed(file: LineFile, error: unknown): Milliseconds {
    // It was closed in the meantime.
    if (!this.#succession.files.includes(file)) return 0;
    if (error instanceof ContentChanged) {
      file.isChanged = true;
      this.#toLook.ring();
      return Infinity;
    }
    this.#readProblem = FileProblem.from(error);
    this.#receiver.failed(this.#readProblem);
    if (++file.readErrors >= maxReadErrors) {
      file.isChanged = true;
      this.#toLook.ring();
    }
    return readErrorWait;
  }
}
