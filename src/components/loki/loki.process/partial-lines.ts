import { ownBuffer } from '../../../base/bytes.ts';
import { DeliveryError, type Settle } from '../../../flow/delivery.ts';
import type { Labels } from '../../../model/labels.ts';
import type { Cursor, EntrySnapshot } from './cursor.ts';
import type { StageContext, Step } from './stage.ts';

const noBytes = Buffer.alloc(0);

/** What there is of a line so far. The bytes before `size` do not change any more. */
interface PartialLine {
  /** The entry of its last part, without a line. */
  readonly entry: EntrySnapshot;
  readonly bytes: Buffer;
  readonly size: number;
  readonly holds: readonly Settle[];
  /** The batch that its last part came in. */
  readonly batch: number;
}

/** The first parts of lines whose ends are still to come, by stream. */
export class PartialLines {
  readonly #lines = new Map<string, PartialLine>();
  readonly #max: number;
  readonly #maxSize: number;
  readonly #context: StageContext;
  #hasEnded = false;

  constructor(max: number, maxSize: number, context: StageContext) {
    this.#max = max;
    this.#maxSize = maxSize;
    this.#context = context;
    context.onEnd(() => this.#giveUp());
  }

  /** Keeps the entry as a part. */
  keep(cursor: Cursor, next: Step): void {
    const { passage } = this.#context;
    if (this.#lines.size >= this.#max) this.#flush(cursor, next);
    const key = keyOf(cursor.labels);
    const earlier = this.#lines.get(key);
    const { bytes, size } = this.#join(earlier, cursor);
    cursor.setBytes(noBytes, 0);
    const isHeld = earlier?.batch === passage.number;
    const holds = isHeld ? earlier.holds : [...(earlier?.holds ?? []), passage.hold()];
    this.#put(key, { entry: cursor.snapshot(), bytes, size, holds, batch: passage.number });
  }

  /** Puts the parts that were kept for its stream before the line of the entry. */
  complete(cursor: Cursor): void {
    if (this.#lines.size === 0) return;
    const key = keyOf(cursor.labels);
    const earlier = this.#lines.get(key);
    if (earlier === undefined) return;
    const { bytes, size } = this.#join(earlier, cursor);
    cursor.setBytes(bytes, 0, size);
    this.#context.passage.carry(earlier.holds);
    this.#put(key, undefined);
  }

  /** The parts so far and the line under the cursor. Memory grows in steps, so that many parts cost no more than few. */
  #join(earlier: PartialLine | undefined, cursor: Cursor): { readonly bytes: Buffer; readonly size: number } {
    cursor.needBytes();
    const { bytes: part, start, end } = cursor;
    const before = earlier?.size ?? 0;
    const wanted = before + end - start;
    if (wanted > this.#maxSize) this.#context.metrics.criLinesTruncated.inc();
    const size = Math.min(wanted, this.#maxSize);
    let bytes = earlier?.bytes ?? noBytes;
    if (size > bytes.length) {
      bytes = ownBuffer(earlier === undefined ? size : Math.min(2 * size, this.#maxSize));
      earlier?.bytes.copy(bytes, 0, 0, before);
    }
    part.copy(bytes, before, start, start + size - before);
    return { bytes, size };
  }

  /** Sends all parts as they are, since there are too many streams with unfinished lines. */
  #flush(cursor: Cursor, next: Step): void {
    const current = cursor.snapshot();
    this.#context.metrics.criPartialLinesFlushed.inc(this.#lines.size);
    for (const [key, { entry, bytes, size, holds }] of this.#lines) {
      cursor.restore(entry);
      cursor.setBytes(bytes, 0, size);
      this.#context.passage.carry(holds);
      this.#put(key, undefined);
      next(cursor);
    }
    cursor.restore(current);
  }

  /** Changes what is kept for a stream, for as long as the batch is not refused. */
  #put(key: string, line: PartialLine | undefined): void {
    const before = this.#lines.get(key);
    this.#set(key, line);
    this.#context.passage.onRefusal((error) => {
      // Where another batch has changed it in the meantime, what was kept before is part of that now.
      const isUnchanged = this.#lines.get(key) === line;
      const isLost = line === undefined && (!isUnchanged || this.#hasEnded || !error.isRetryable);
      if (isLost) for (const hold of before?.holds ?? []) hold(error);
      else if (isUnchanged) this.#set(key, before);
    });
  }

  #set(key: string, line: PartialLine | undefined): void {
    if (line === undefined) this.#lines.delete(key);
    else this.#lines.set(key, line);
  }

  #giveUp(): void {
    this.#hasEnded = true;
    const error = new DeliveryError('the pipeline ended before the line did', { retryable: true });
    for (const part of this.#lines.values()) for (const hold of part.holds) hold(error);
    this.#lines.clear();
  }
}

function keyOf(labels: Labels): string {
  return labels.toString();
}
