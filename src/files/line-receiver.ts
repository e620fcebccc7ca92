import type { Milliseconds } from '../base/duration.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { FileProblem } from './file-problem.ts';
import type { Moment } from './line-clock.ts';
import type { Lines } from './line-splitter.ts';

/** Lines on their way to the receiver of a reader. */
export interface SentLines extends Lines {
  /** When the first line was read; each of the others counts as read 1 ns after the one before. */
  readonly time: Moment;
  /** Whether the same lines were sent before and could not be delivered. */
  readonly isRepeated: boolean;
}

/** What became of lines in the end: delivered or given up for good, or to be sent again after some time. */
export type Outcome = 'settled' | { readonly retryAfter: Milliseconds | undefined };

/** Where a reader of a file sends what it reads and what it notices. The methods must not throw. */
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
  /** Bytes were not or cannot be sent, `lines` of which were sent before and could not be delivered. */
  dropped(bytes: number, reason: DropReason, lines: number): void;
  /** Something threw that should not; nothing more is read. */
  broke(error: unknown): void;
}

export type DropReason = 'line_too_long' | 'file_truncated' | 'file_deleted' | 'read_error';

/** Reads the lines of the file at one path and sends them, from `start` until `stop`. */
export interface LineReader {
  /** Up to where everything was delivered; undefined if nothing was read yet. */
  readonly delivered: Checkpoint | undefined;
  /** Whether changes of the file are told by the file system. */
  readonly isWatched: boolean;
  start(): void;
  /** Resolves when nothing is read any more. What was sent may still be settled and moves what is delivered. */
  stop(): Promise<void>;
}
