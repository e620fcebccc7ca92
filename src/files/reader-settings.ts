import type { Milliseconds } from '../base/duration.ts';
import type { FileEvents } from './file-events.ts';
import type { HandlePool } from './file-handles.ts';
import type { TextEncoding } from './line-encoding.ts';
import type { LookSchedule } from './look-schedule.ts';
import type { ReadGate } from './read-gate.ts';

/** How all files of one source are read. */
export interface LineFileOptions {
  readonly encoding: TextEncoding;
  /** Lines are cut at this size, in bytes of the file. */
  readonly maxLineSize: number;
  readonly handles: HandlePool;
}

/** What the readers of one source share. */
export interface ReaderSettings extends LineFileOptions {
  /** Whether files that were never read are read from their end on. */
  readonly startsAtEnd: boolean;
  readonly minPollTime: Milliseconds;
  readonly maxPollTime: Milliseconds;
  readonly schedule: LookSchedule;
  readonly events: FileEvents;
  readonly gate: ReadGate;
  /** How long a line without an end of a file that was rotated away waits for its end before it counts as whole. */
  readonly unfinishedLineTime: Milliseconds;
  /** How long a file that was rotated away is watched for late writes after the last one. */
  readonly lateWriteTime: Milliseconds;
}

/** What is not worth an argument of its own. */
export const usualLimits = {
  /** Longer lines are cut, so that a file without line ends cannot fill the memory. */
  maxLineSize: 10 * 1024 * 1024,
  unfinishedLineTime: 1000,
  lateWriteTime: 10_000,
};
