import assert from 'node:assert/strict';
import type { Checkpoint } from '../files/checkpoint.ts';
import { FileEvents } from '../files/file-events.ts';
import { HandlePool } from '../files/file-handles.ts';
import type { FileProblem } from '../files/file-problem.ts';
import { noEncoding } from '../files/line-encoding.ts';
import type { DropReason, LineReceiver, Outcome, SentLines } from '../files/line-receiver.ts';
import { LookSchedule } from '../files/look-schedule.ts';
import { ReadGate } from '../files/read-gate.ts';
import type { ReaderSettings } from '../files/reader-settings.ts';
import { until } from './until.ts';

/** Takes lines of a file as a test directs it, and writes down everything it is told. */
export class LineRecorder implements LineReceiver {
  readonly lines: string[] = [];
  readonly batches: SentLines[] = [];
  readonly problems: (FileProblem | undefined)[] = [];
  readonly losses: [number, DropReason][] = [];
  readonly held: ((outcome: Outcome) => void)[] = [];
  delivered: Checkpoint | undefined;
  /** The size of the current file when it was looked at last. */
  size = -1;
  looks = 0;
  /** What happens to lines that are sent: settled at once, kept until the test decides, or not delivered. */
  mode: 'settle' | 'hold' | 'fail' = 'settle';
  /** Takes the next lines only when this has resolved. */
  taken: Promise<void> | undefined;

  send(lines: SentLines, settle: (outcome: Outcome) => void): Promise<void> | void {
    this.batches.push(lines);
    this.lines.push(...textsOf(lines));
    if (this.mode === 'settle') settle('settled');
    else if (this.mode === 'hold') this.held.push(settle);
    else settle({ retryAfter: 5 });
    return this.taken;
  }

  begins(delivered: Checkpoint): Promise<void> {
    this.moved(delivered);
    return Promise.resolve();
  }

  moved(delivered: Checkpoint): void {
    this.delivered = delivered;
  }

  progressed(_offset: number, size: number): void {
    this.size = size;
    this.looks++;
  }

  failed(problem: FileProblem | undefined): void {
    this.problems.push(problem);
  }

  dropped(bytes: number, reason: DropReason): void {
    this.losses.push([bytes, reason]);
  }

  broke(error: unknown): void {
    assert.fail(String(error));
  }

  /** Waits until the current file was looked at anew. */
  async look(): Promise<void> {
    const end = this.looks + 2;
    await until(() => this.looks >= end);
  }

  /** Waits until so many lines have come, and gives them. */
  async take(count: number): Promise<string[]> {
    await until(() => this.lines.length >= count);
    return this.lines.splice(0);
  }
}

/** Lines as text of one character a byte. */
export function textsOf(lines: SentLines): string[] {
  return Array.from(lines.starts, (start, index) => lines.bytes.toString('latin1', start, lines.ends[index]));
}

/** Settings that make readers quick, with a schedule and events of their own that `close` ends. */
export function quickSettings(options: Partial<ReaderSettings> = {}): ReaderSettings & { close(): void } {
  const schedule = new LookSchedule();
  const events = new FileEvents((name, reason) => assert.fail(`${name}: ${reason}`));
  return {
    startsAtEnd: false,
    minPollTime: 10,
    maxPollTime: 10,
    schedule,
    events,
    gate: new ReadGate(4),
    handles: new HandlePool(100),
    encoding: noEncoding,
    maxLineSize: 10_000_000,
    unfinishedLineTime: 30,
    lateWriteTime: 100,
    ...options,
    close() {
      schedule.close();
      events.close();
    },
  };
}
