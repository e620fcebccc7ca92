import type { Log } from '../../../base/log.ts';
import { messageOf } from '../../../base/message-of.ts';
import { formatIdentity, parseIdentity, type Checkpoint } from '../../../files/checkpoint.ts';
import type { FileProblem } from '../../../files/file-problem.ts';
import type { ChangeWatch } from '../../../files/poll-schedule.ts';
import type { ReadGate } from '../../../files/read-gate.ts';
import { Tail, type DropReason, type LineReceiver, type Outcome, type SentLines } from '../../../files/tail.ts';
import { deliver, type Consumer, type DeliveryError } from '../../../flow/delivery.ts';
import type { LogBatch } from '../../../model/log-batch.ts';
import type { Positions } from '../../../storage/positions.ts';
import type { FileSourceArguments } from './fields.ts';
import { lineBatch } from './line-batch.ts';
import type { FileSourceMeters } from './metrics.ts';
import type { WantedFile } from './wanted-files.ts';

/** What the tailers of a component share. */
export interface TailerHost {
  readonly log: Log;
  readonly metrics: FileSourceMeters;
  readonly positions: Positions;
  readonly watch: ChangeWatch;
  readonly gate: ReadGate;
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
  readonly #tail: Tail;
  readonly #abort = new AbortController();
  readonly #ended: Promise<void>;
  #isRunning = true;
  #hasEnded = false;
  #unsettled = 0;
  #problem: FileProblem | undefined;

  constructor(file: WantedFile, from: Checkpoint | undefined, args: FileSourceArguments, host: TailerHost) {
    this.file = file;
    this.#host = host;
    const { min_poll_frequency: minPollTime, max_poll_frequency: maxPollTime } = args.file_watch;
    const { watch, gate } = host;
    const startsAtEnd = args.tail_from_end;
    this.#tail = new Tail({ path: file.path, from, startsAtEnd, minPollTime, maxPollTime, watch, gate }, this);
    this.#ended = this.#run();
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** Up to where everything was delivered. */
  get offset(): number {
    return this.#tail.delivered?.offset ?? 0;
  }

  /** Resolves when nothing is read any more. Answers to what was sent may come later. */
  async stop(): Promise<void> {
    this.#isRunning = false;
    this.#abort.abort();
    this.#tail.stop();
    await this.#ended;
  }

  send(lines: SentLines, settle: (outcome: Outcome) => void): Promise<void> | void {
    const { metrics } = this.#host;
    if (!lines.isRepeated) metrics.readLines.with(this.file.path).inc(lines.starts.length);
    this.#unsettled++;
    const accepted = deliver(this.#host.consumer(), lineBatch(lines, this.file.labels), this.#abort.signal, (error) => {
      settle(outcomeOf(error));
      this.#unsettled--;
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

  dropped(bytes: number, reason: DropReason): void {
    this.#host.metrics.droppedBytes.with(reason).inc(bytes);
    this.#host.log.warn('part of a file was not sent', { path: this.file.path, reason, bytes });
  }

  async #run(): Promise<void> {
    try {
      await this.#tail.run();
    } catch (error) {
      this.#host.log.error('following a file has failed', { path: this.file.path, error: messageOf(error) });
    }
    this.#isRunning = false;
    this.#hasEnded = true;
    this.#host.ended(this);
    this.#finishIfDone();
  }

  #finishIfDone(): void {
    if (this.#hasEnded && this.#unsettled === 0) this.#host.finished(this);
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
