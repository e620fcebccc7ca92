import type { Cursor } from './cursor.ts';
import type { StageContext, Step } from './stage.ts';
import { UnfinishedLines, type UnfinishedLine } from './unfinished-lines.ts';

const nothing = Buffer.alloc(0);

/** The first parts of lines whose ends are still to come, by stream. */
export class PartialLines {
  readonly #lines: UnfinishedLines;
  readonly #max: number;
  readonly #maxSize: number;
  readonly #context: StageContext;

  constructor(max: number, maxSize: number, context: StageContext) {
    this.#lines = new UnfinishedLines(context);
    this.#max = max;
    this.#maxSize = maxSize;
    this.#context = context;
  }

  /** Keeps the entry as a part. */
  keep(cursor: Cursor, next: Step): void {
    if (this.#lines.count >= this.#max) this.#flush(cursor, next);
    const stream = cursor.labels.toString();
    const entry = cursor.snapshot();
    const line = this.#lines.get(stream) ?? this.#lines.begin(stream, entry);
    line.entry = entry;
    this.#append(line, cursor);
  }

  /** Puts on the entry, with the parts that were kept for its stream before its line. */
  complete(cursor: Cursor, next: Step): void {
    const stream = cursor.labels.toString();
    const line = this.#lines.count === 0 ? undefined : this.#lines.get(stream);
    if (line === undefined) {
      next(cursor);
      return;
    }
    this.#append(line, cursor);
    this.#lines.putOn(stream, line, cursor, next);
    this.#lines.remove(stream);
  }

  #append(line: UnfinishedLine, cursor: Cursor): void {
    cursor.needBytes();
    const { start, end } = cursor;
    const room = this.#maxSize - line.size;
    if (end - start > room) this.#context.metrics.criLinesTruncated.inc();
    this.#lines.append(line, cursor, Math.min(end, start + room), nothing);
  }

  /** Sends all parts as they are, since there are too many streams with unfinished lines. */
  #flush(cursor: Cursor, next: Step): void {
    cursor.needBytes();
    const { bytes, start, end } = cursor;
    const current = cursor.snapshot();
    this.#context.metrics.criPartialLinesFlushed.inc(this.#lines.count);
    for (const [stream] of this.#lines.all) {
      const line = this.#lines.get(stream);
      if (line === undefined) continue;
      cursor.restore(line.entry);
      this.#lines.putOn(stream, line, cursor, next);
      this.#lines.remove(stream);
    }
    cursor.restore(current);
    cursor.setBytes(bytes, start, end);
  }
}
