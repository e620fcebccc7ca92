import type { Milliseconds } from '../../../../base/duration.ts';
import { bool, duration, integer, regexp } from '../../../../schema/attributes.ts';
import type { Cursor } from '../cursor.ts';
import { stage, type StageContext, type Step } from '../stage.ts';
import { UnfinishedLines, type UnfinishedLine } from '../unfinished-lines.ts';

/** A block becomes no larger, whatever the configuration says, unless it is one line. */
const maxBlockSize = 16 * 1024 * 1024;

/** What all blocks may take together, and how many streams may have one. */
const maxTotalSize = 64 * 1024 * 1024;
const maxStreams = 10_000;

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const lineBreak = Buffer.from([lineFeed]);

export const multiline = stage({
  doc: `
Joins lines of a stream, such as those of a stack trace, to one entry: a line that matches \`firstline\` begins a block,
and lines that do not match belong to the block of their stream. A block is sent when the next one begins, when it has
\`max_lines\` lines, or when its stream was quiet for \`max_wait_time\`; what follows then is another block with the
timestamp, labels and metadata of the same first line, or after the wait, passes as it is until a block begins.

Lines are acknowledged together with the block they become. Blocks take at most 16 MiB each, and 64 MiB together; the
oldest is sent where there is no room for more, or where more than 10000 streams have one.`,
  fields: {
    firstline: regexp('What the first line of a block matches.'),
    max_lines: integer('The most lines of a block; 0 for any number.')
      .default(128)
      .check((value) => (value >= 0 ? undefined : 'must not be negative')),
    max_wait_time: duration('How long a stream may be quiet before its block is sent.')
      .default(3000)
      .check((value) => (value > 0 ? undefined : 'must be greater than 0')),
    trim_newlines: bool('Whether line breaks at the ends of lines are removed before they are joined.').default(true),
  },
  compile: (args, context) => (next) => {
    const blocks = new Blocks(args.max_lines, args.max_wait_time, context, next);
    return (cursor) => {
      const isFirst = args.firstline.test(cursor.text());
      cursor.needBytes();
      blocks.add(cursor, isFirst, args.trim_newlines ? trimmedEnd(cursor) : cursor.end);
    };
  },
});

/** The blocks that are not complete yet, by stream. */
class Blocks {
  readonly #lines: UnfinishedLines;
  readonly #maxLines: number;
  readonly #maxWait: Milliseconds;
  readonly #context: StageContext;
  readonly #next: Step;
  readonly #timedFlush;

  constructor(maxLines: number, maxWait: Milliseconds, context: StageContext, next: Step) {
    this.#lines = new UnfinishedLines(context);
    this.#maxLines = maxLines === 0 ? Infinity : maxLines;
    this.#maxWait = maxWait;
    this.#context = context;
    this.#next = next;
    this.#timedFlush = context.timedFlush((cursor, by) => this.#flush(cursor, by));
  }

  /** Adds the line up to an end to the block of its stream, or puts it on if there is none. */
  add(cursor: Cursor, isFirst: boolean, end: number): void {
    const stream = cursor.labels.toString();
    const block = this.#lines.get(stream);
    if (isFirst || block !== undefined) this.#extend(stream, block, isFirst, cursor, end);
    else this.#next(cursor);
  }

  #extend(stream: string, known: UnfinishedLine | undefined, isFirst: boolean, cursor: Cursor, end: number): void {
    const { bytes, start } = cursor;
    const entry = isFirst || known === undefined ? cursor.snapshot() : known.entry;
    const block = known ?? this.#lines.begin(stream, entry);
    const isFull = block.size + 1 + end - start > maxBlockSize;
    if (block.count > 0 && (isFirst || isFull)) {
      if (!isFirst) this.#context.metrics.multilineBlocksCut.inc();
      this.#putOn(stream, block, cursor);
      cursor.setBytes(bytes, start, end);
    }
    block.entry = entry;
    this.#lines.append(block, cursor, end, lineBreak);
    if (block.count >= this.#maxLines) this.#putOn(stream, block, cursor);
    this.#makeRoom(cursor);
    this.#timedFlush.wakeAt(block.changedAt + this.#maxWait);
  }

  /** Puts on the oldest blocks, until the others are within the limits. */
  #makeRoom(cursor: Cursor): void {
    while (this.#lines.count > maxStreams || this.#lines.byteSize > maxTotalSize) {
      const { oldest } = this.#lines;
      if (oldest === undefined) return;
      const [stream, { count }] = oldest;
      if (count > 0) this.#context.metrics.multilineBlocksCut.inc();
      this.#finish(stream, cursor);
    }
  }

  /** Puts on what has not changed for too long. */
  #flush(cursor: Cursor, by: Milliseconds): Milliseconds {
    let next = Infinity;
    for (const [stream, { changedAt, batch }] of this.#lines.all) {
      // Lines of a batch that is refused yet would come again.
      const mayComeAgain = by !== Infinity && this.#context.passage.isPending(batch);
      const dueAt = (mayComeAgain ? by : changedAt) + this.#maxWait;
      if (dueAt > by) next = Math.min(next, dueAt);
      else this.#finish(stream, cursor);
    }
    return next;
  }

  /** Puts on the block of a stream, and forgets the stream. */
  #finish(stream: string, cursor: Cursor): void {
    const block = this.#lines.get(stream);
    if (block !== undefined && block.count > 0) this.#putOn(stream, block, cursor);
    this.#lines.remove(stream);
  }

  #putOn(stream: string, block: UnfinishedLine, cursor: Cursor): void {
    cursor.restore(block.entry);
    this.#lines.putOn(stream, block, cursor, this.#next);
  }
}

/** Where the line ends without the line breaks it ends in. */
function trimmedEnd({ bytes, start, end }: Cursor): number {
  let at = end;
  while (at > start && (bytes[at - 1] === lineFeed || bytes[at - 1] === carriageReturn)) at--;
  return at;
}
