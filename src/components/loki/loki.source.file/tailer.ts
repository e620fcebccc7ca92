import type { Log } from '../../../base/log.ts';
import { messageOf } from '../../../base/message-of.ts';
import { formatIdentity, parseIdentity, type Checkpoint } from '../../../files/checkpoint.ts';
import type { FileProblem } from '../../../files/file-problem.ts';
import type { DropReason, LineReader, LineReceiver, Outcome, SentLines } from '../../../files/line-receiver.ts';
import { deliver, type Consumer, type DeliveryError } from '../../../flow/delivery.ts';
import type { LogBatch } from '../../../model/log-batch.ts';
import type { Positions } from '../../../storage/positions.ts';
import { lineBatch } from './line-batch.ts';
import type { FileSourceMeters } from './metrics.ts';
import type { WantedFile } from './wanted-files.ts';

/** What the tailers of a component share. */
export interface TailerHost {
  readonly log: Log;
  readonly metrics: FileSourceMeters;
  readonly positions: Positions;
  /** Where entries go at present. */
  consumer(): Consumer<LogBatch>;
  /** Called when a file cannot be read, and with undefined when it can again. */
  failed(tailer: Tailer, problem: FileProblem | undefined): void;
  /** Called once, when nothing is read any more. */
  ended(tailer: Tailer): void;
  /** Called once after `ended`, when it is known what became of everything that was sent. */
  finished(tailer: Tailer): void;
}

/** Follows one file and sends its lines as entries. What was delivered is recorded as its position. */
export class Tailer implements LineReceiver {
  readonly file: WantedFile;
  /** Whether another tailer records the position of the file from now on. */
  isReplaced = false;
  readonly #host: TailerHost;
  readonly #reader: LineReader;
  /** There while something sent is unsettled. */
  #abort: AbortController | undefined;
  #isRunning = true;
  #hasEnded = false;
  #isLongLineTold = false;
  #unsettled = 0;
  /** Lines that were sent and neither delivered nor dropped. */
  #held = 0;
  #problem: FileProblem | undefined;

  constructor(file: WantedFile, openReader: (receiver: LineReceiver) => LineReader, host: TailerHost) {
    this.file = file;
    this.#host = host;
    this.#reader = openReader(this);
    this.#reader.start();
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** Up to where everything was delivered. */
  get offset(): number {
    return this.#reader.delivered?.offset ?? 0;
  }

  /** Whether changes of the file are told by the file system. */
  get isWatched(): boolean {
    return this.#reader.isWatched;
  }

  /** Resolves when nothing is read any more. Answers to what was sent may come later. */
  async stop(): Promise<void> {
    if (!this.#isRunning) return;
    this.#isRunning = false;
    this.#abort?.abort();
    await this.#reader.stop();
    this.#hasEnded = true;
    this.#host.ended(this);
    this.#finishIfDone();
  }

  send(lines: SentLines, settle: (outcome: Outcome) => void): Promise<void> | void {
    const { metrics } = this.#host;
    const count = lines.starts.length;
    if (!lines.isRepeated) {
      metrics.readLines.with(this.file.path).inc(count);
      metrics.allReadLines.inc(count);
      this.#hold(count);
    }
    this.#unsettled++;
    this.#abort ??= new AbortController();
    const { signal } = this.#abort;
    const accepted = deliver(this.#host.consumer(), lineBatch(lines, this.file.labels), signal, (error) => {
      const outcome = outcomeOf(error);
      if (outcome === 'settled') {
        this.#hold(-count);
        metrics.deliveredLines.inc(count);
      }
      settle(outcome);
      if (--this.#unsettled === 0) this.#abort = undefined;
      this.#finishIfDone();
    });
    // What was refused is told as not delivered.
    return accepted?.catch(() => undefined);
  }

  async begins(delivered: Checkpoint): Promise<void> {
    this.moved(delivered);
    await this.#host.positions.save();
  }

  moved({ offset, identity }: Checkpoint): void {
    if (this.isReplaced) return;
    const { path, labelsText } = this.file;
    this.#host.positions.set({
      path,
      labels: labelsText,
      value: String(offset),
      identity: identity === undefined ? '' : formatIdentity(identity),
    });
  }

  progressed(offset: number, size: number): void {
    const { metrics } = this.#host;
    metrics.readBytes.with(this.file.path).set(offset);
    metrics.fileBytes.with(this.file.path).set(size);
  }

  failed(problem: FileProblem | undefined): void {
    const { log, metrics } = this.#host;
    const { path } = this.file;
    if (problem !== undefined) metrics.readErrors.with(problem.reason).inc();
    const before = this.#problem;
    this.#problem = problem;
    if (problem?.message === before?.message) return;
    if (problem === undefined) log.info('file is read again', { path });
    else log.warn('cannot read file, will try again', { path, error: problem.message });
    this.#host.failed(this, problem);
  }

  dropped(bytes: number, reason: DropReason, lines: number): void {
    this.#host.metrics.droppedBytes.with(reason).inc(bytes);
    if (lines > 0) this.#drop(lines, reason);
    if (reason === 'line_too_long') {
      if (this.#isLongLineTold) return;
      this.#isLongLineTold = true;
    }
    this.#host.log.warn('part of a file was not sent', { path: this.file.path, reason, bytes });
  }

  broke(error: unknown): void {
    this.#host.log.error('following a file has failed', { path: this.file.path, error: messageOf(error) });
    // Reading waits for the answer to this call.
    queueMicrotask(() => void this.stop());
  }

  #hold(lines: number): void {
    this.#held += lines;
    this.#host.metrics.heldLines.inc(lines);
  }

  #drop(lines: number, reason: DropReason | 'stopped'): void {
    this.#hold(-lines);
    this.#host.metrics.droppedLines.with(reason).inc(lines);
  }

  #finishIfDone(): void {
    if (!this.#hasEnded || this.#unsettled > 0) return;
    if (this.#held > 0) this.#drop(this.#held, 'stopped');
    this.#host.finished(this);
  }
}

function outcomeOf(error: DeliveryError | undefined): Outcome {
  // What will not be accepted at another time either was counted by whoever dropped it.
  return error?.isRetryable === true ? { retryAfter: error.retryAfter } : 'settled';
}

/** Where an earlier run stopped, as it was recorded; undefined if that is not the position of a file. */
export function checkpointOf(value: string, identity: string): Checkpoint | undefined {
  if (!/^\d{1,16}$/.test(value)) return undefined;
  return { offset: Number(value), identity: parseIdentity(identity) };
}
