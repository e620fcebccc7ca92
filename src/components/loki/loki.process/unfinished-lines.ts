import { ownBuffer } from '../../../base/bytes.ts';
import type { Milliseconds } from '../../../base/duration.ts';
import { DeliveryError, type Settle } from '../../../flow/delivery.ts';
import { ownedEntry, type Cursor, type EntrySnapshot } from './cursor.ts';
import type { StageContext, Step } from './stage.ts';

const noBytes = Buffer.alloc(0);

/** What there is of a line so far. It belongs to the batch that changed it last: before another does, it is copied. */
export interface UnfinishedLine {
  /** The entry it will be, without a line. */
  entry: EntrySnapshot;
  /** Where its bytes are: in the batch as long as that goes through, and in memory of its own from then on. */
  bytes: Buffer;
  start: number;
  size: number;
  isInBatch: boolean;
  /** How many parts it is made of. */
  count: number;
  /** What keeps the batches that its parts came in from being acknowledged. */
  holds: Settle[];
  /** The batch that changed it last, and when that came, on the clock of `performance.now`. */
  batch: number;
  changedAt: Milliseconds;
  /** The batch for which memory was made. Copies share it later, so that the bytes of a line stay as they are then. */
  memoryOf: number;
}

/** What a batch did to the line of a stream. */
interface Change {
  readonly before: UnfinishedLine | undefined;
  after: UnfinishedLine | undefined;
  /** Whether what was there before was put on. */
  isPutOn: boolean;
}

/**
 * Lines that are not complete yet, by stream. Their parts are acknowledged with the entries they become. If a batch is
 * refused, they are again what they were before it.
 */
export class UnfinishedLines {
  /** Ordered by their last change. */
  readonly #lines = new Map<string, UnfinishedLine>();
  readonly #context: StageContext;
  #byteSize = 0;
  #changes = new Map<string, Change>();
  #changesOf = 0;
  #hasEnded = false;

  constructor(context: StageContext) {
    this.#context = context;
    context.onEnd(() => this.#giveUp());
  }

  get count(): number {
    return this.#lines.size;
  }

  /** The memory that the lines take. */
  get byteSize(): number {
    return this.#byteSize;
  }

  /** All lines with their streams. */
  get all(): readonly (readonly [string, UnfinishedLine])[] {
    return [...this.#lines];
  }

  /** The line that was left alone the longest, and its stream. */
  get oldest(): readonly [string, UnfinishedLine] | undefined {
    return this.#lines.entries().next().value;
  }

  /** The line of a stream, to be changed by the current batch. */
  get(stream: string): UnfinishedLine | undefined {
    const line = this.#lines.get(stream);
    const { number, startedAt } = this.#context.passage;
    if (line === undefined || line.batch === number) return line;
    const copy = { ...line, holds: [...line.holds], batch: number, changedAt: startedAt };
    this.#put(stream, copy);
    return copy;
  }

  /** Begins the line of a stream that has none. */
  begin(stream: string, entry: EntrySnapshot): UnfinishedLine {
    const { number: batch, startedAt: changedAt } = this.#context.passage;
    const line: UnfinishedLine = {
      entry,
      bytes: noBytes,
      start: 0,
      size: 0,
      isInBatch: false,
      count: 0,
      holds: [],
      batch,
      changedAt,
      memoryOf: batch,
    };
    this.#put(stream, line);
    return line;
  }

  /** Adds the line under the cursor, up to an end, as a part, with a separator before it if it is not the first. */
  append(line: UnfinishedLine, cursor: Cursor, end: number, separator: Buffer): void {
    const { bytes, start } = cursor;
    if (cursor.isInBatch && line.count === 0) {
      this.#setBytes(line, bytes, true);
      line.start = start;
      this.#setSize(line, end - start);
    } else if (cursor.isInBatch && line.isInBatch && followsOn(line, start, separator)) {
      this.#setSize(line, end - line.start);
    } else {
      if (line.count > 0) this.#extend(line, separator, 0, separator.length);
      this.#extend(line, bytes, start, end);
    }
    line.count++;
    const settle = this.#context.passage.holdOrigin();
    if (settle !== undefined) line.holds.push(settle);
  }

  /** Puts on the line, with all else as it is under the cursor. The line is empty then. */
  putOn(stream: string, line: UnfinishedLine, cursor: Cursor, next: Step): void {
    const { passage } = this.#context;
    const { holds } = line;
    this.#changeOf(stream).isPutOn = true;
    cursor.setBytes(line.bytes, line.start, line.start + line.size);
    passage.putOn(cursor, next, holds);
    this.#setSize(line, 0);
    line.count = 0;
    if (holds.length > 0) line.holds = [];
    if (line.isInBatch || line.memoryOf !== passage.number) this.#setBytes(line, noBytes, false);
  }

  remove(stream: string): void {
    this.#put(stream, undefined);
  }

  /** Adds bytes in memory of the line's own, which grows in steps: many parts cost no more than few. */
  #extend(line: UnfinishedLine, bytes: Buffer, start: number, end: number): void {
    const size = line.size + end - start;
    if (line.isInBatch || size > line.bytes.length) {
      const larger = ownBuffer(Math.max(size, line.isInBatch ? 0 : 2 * line.size));
      line.bytes.copy(larger, 0, line.start, line.start + line.size);
      this.#setBytes(line, larger, false);
    }
    bytes.copy(line.bytes, line.size, start, end);
    line.size = size;
  }

  #setSize(line: UnfinishedLine, size: number): void {
    if (line.isInBatch) this.#byteSize += size - line.size;
    line.size = size;
  }

  #setBytes(line: UnfinishedLine, bytes: Buffer, isInBatch: boolean): void {
    this.#byteSize -= memoryOf(line);
    line.bytes = bytes;
    line.start = 0;
    line.isInBatch = isInBatch;
    line.memoryOf = this.#context.passage.number;
    this.#byteSize += memoryOf(line);
  }

  #put(stream: string, line: UnfinishedLine | undefined): void {
    this.#changeOf(stream).after = line;
    this.#set(stream, line);
  }

  #set(stream: string, line: UnfinishedLine | undefined): void {
    const before = this.#lines.get(stream);
    if (before !== undefined) this.#byteSize -= memoryOf(before);
    this.#lines.delete(stream);
    if (line === undefined) return;
    this.#lines.set(stream, line);
    this.#byteSize += memoryOf(line);
  }

  #changeOf(stream: string): Change {
    const { passage } = this.#context;
    if (this.#changesOf !== passage.number) {
      const changes = new Map<string, Change>();
      this.#changes = changes;
      this.#changesOf = passage.number;
      passage.onClosing(() => this.#keep(changes));
      passage.onRefusal((error) => this.#undo(changes, error));
    }
    let change = this.#changes.get(stream);
    if (change === undefined) {
      const line = this.#lines.get(stream);
      change = { before: line, after: line, isPutOn: false };
      this.#changes.set(stream, change);
    }
    return change;
  }

  /** What is left of a batch is known when all of it is through; the batch is held by that, and its memory is not. */
  #keep(changes: ReadonlyMap<string, Change>): void {
    for (const { before, after } of changes.values()) {
      if (after === undefined) continue;
      if (after.entry !== before?.entry) after.entry = ownedEntry(after.entry);
      if (after.isInBatch) this.#extend(after, noBytes, 0, 0);
      if (after.count > 0) after.holds.push(this.#context.passage.hold());
    }
  }

  #undo(changes: ReadonlyMap<string, Change>, error: DeliveryError): void {
    for (const [stream, { before, after, isPutOn }] of changes) {
      // Where another batch has changed it in the meantime, what was kept before is part of that now, or lost.
      const isUnchanged = this.#lines.get(stream) === after;
      const isLost = isPutOn && (!isUnchanged || this.#hasEnded || !error.isRetryable);
      if (isLost) for (const settle of before?.holds ?? []) settle(error);
      if (isUnchanged && !this.#hasEnded) this.#set(stream, isLost ? undefined : before);
    }
  }

  #giveUp(): void {
    this.#hasEnded = true;
    const error = new DeliveryError('the pipeline ended before the line did', { retryable: true });
    for (const { holds } of this.#lines.values()) for (const settle of holds) settle(error);
    this.#lines.clear();
    this.#byteSize = 0;
  }
}

/** The memory that the line takes, or will take when its batch is through. */
function memoryOf({ bytes, size, isInBatch }: UnfinishedLine): number {
  return isInBatch ? size : bytes.length;
}

/** Whether what begins at a place in the batch is just a separator away from the line. */
function followsOn({ bytes, start, size }: UnfinishedLine, at: number, separator: Buffer): boolean {
  const end = start + size;
  return separator.length === 1 && at === end + 1 && bytes[end] === separator[0];
}
