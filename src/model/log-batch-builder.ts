import { ByteBuilder } from '../base/byte-builder.ts';
import { ownBuffer } from '../base/bytes.ts';
import type { Labels } from './labels.ts';
import type { LogBatch, LogEntry, MetadataColumns } from './log-batch.ts';
import { appendPair, type MetadataPair } from './structured-metadata.ts';

const noBytes = Buffer.alloc(0);

/**
 * Collects entries and makes batches of them. It is reused: `finish` hands out a batch with columns of its own and
 * starts the next. Lines are ranges of an arena that the caller names, or bytes that the builder keeps behind it.
 */
export class LogBatchBuilder {
  readonly #kept = new ByteBuilder();
  readonly #metadata = new ByteBuilder();
  #arena: Buffer = noBytes;
  #readAt = 0;
  #count = 0;
  #capacity = 0;
  /** Bytes of lines, in the arena and behind it. */
  #lineBytes = 0;
  #lineStarts = new Uint32Array(0);
  #lineEnds = new Uint32Array(0);
  #seconds = new Float64Array(0);
  #nanos = new Uint32Array(0);
  #streamOf = new Uint32Array(0);
  #metadataStarts = new Uint32Array(0);
  #metadataEnds = new Uint32Array(0);
  /** The last pair that an entry had as its only one, and where its bytes are. */
  #lastOnly: MetadataPair | undefined;
  #lastOnlyStart = 0;
  #lastOnlyEnd = 0;
  #streams: Labels[] = [];
  #indexes = new Map<Labels, number>();
  #lastLabels: Labels | undefined;
  #lastIndex = 0;

  get count(): number {
    return this.#count;
  }

  /** Begins a batch whose lines are mostly ranges of an arena. */
  start(arena: Buffer, readAt: number): void {
    this.#arena = arena;
    this.#readAt = readAt;
  }

  /** Adds an entry whose line is a range of the arena, or of what was kept behind it. */
  add(lineStart: number, lineEnd: number, seconds: number, nanos: number, labels: Labels): void {
    const at = this.#count++;
    if (at >= this.#capacity) this.#grow();
    this.#lineStarts[at] = lineStart;
    this.#lineEnds[at] = lineEnd;
    this.#lineBytes += lineEnd - lineStart;
    this.#seconds[at] = seconds;
    this.#nanos[at] = nanos;
    this.#streamOf[at] = labels === this.#lastLabels ? this.#lastIndex : this.#indexOf(labels);
    this.#metadataStarts[at] = this.#metadata.size;
    this.#metadataEnds[at] = this.#metadata.size;
  }

  /** Adds structured metadata, in the form of `structured-metadata.ts`, to the entry that was added last. */
  addMetadata(bytes: Buffer, start: number, end: number): void {
    this.#metadata.append(bytes, start, end);
    this.#metadataEnds[this.#count - 1] = this.#metadata.size;
  }

  /** Adds one pair of structured metadata to the entry that was added last. */
  addPair(name: string, value: string): void {
    appendPair(this.#metadata, { name, value });
    this.#metadataEnds[this.#count - 1] = this.#metadata.size;
  }

  /** Adds the first pairs of a list to the entry that was added last, which must have none yet. */
  addPairs(pairs: readonly MetadataPair[], count: number): void {
    const at = this.#count - 1;
    const [first] = pairs;
    // What belongs to a stream, such as the ID of its pod, comes with each of its entries and is written once.
    if (count === 1 && first === this.#lastOnly) {
      this.#metadataStarts[at] = this.#lastOnlyStart;
      this.#metadataEnds[at] = this.#lastOnlyEnd;
      return;
    }
    const start = this.#metadata.size;
    for (let index = 0; index < count; index++) appendPair(this.#metadata, pairs[index] as MetadataPair);
    this.#metadataEnds[at] = this.#metadata.size;
    if (count !== 1) return;
    this.#lastOnly = first;
    this.#lastOnlyStart = start;
    this.#lastOnlyEnd = this.#metadata.size;
  }

  /** Copies bytes to behind the arena, and returns the offset at which they begin. */
  keep(bytes: Buffer, start: number, end: number): number {
    return this.#arena.length + this.#kept.append(bytes, start, end);
  }

  /** As `keep`, for text, which ends at `end`. */
  keepText(text: string): number {
    return this.#arena.length + this.#kept.appendText(text);
  }

  /** What is kept, for callers that write lines there themselves; offsets in it count from the end of the arena on. */
  get kept(): ByteBuilder {
    return this.#kept;
  }

  /** The offset at which the bytes that were kept last end. */
  get end(): number {
    return this.#arena.length + this.#kept.size;
  }

  /** The entries so far as a batch; undefined if there are none. The builder is empty then. */
  finish(): LogBatch | undefined {
    const batch = this.#count === 0 ? undefined : this.#batch(this.#count);
    this.#arena = noBytes;
    this.#count = 0;
    this.#lineBytes = 0;
    this.#kept.clear();
    this.#metadata.clear();
    this.#lastOnly = undefined;
    this.#streams = [];
    this.#indexes = new Map();
    this.#lastLabels = undefined;
    return batch;
  }

  #batch(count: number): LogBatch {
    const lineStarts = this.#lineStarts.slice(0, count);
    const lineEnds = this.#lineEnds.slice(0, count);
    return {
      bytes: this.#lines(lineStarts, lineEnds),
      count,
      lineStarts,
      lineEnds,
      seconds: this.#seconds.slice(0, count),
      nanos: this.#nanos.slice(0, count),
      streams: this.#streams,
      streamOf: this.#streamOf.slice(0, count),
      metadata: this.#metadata.size > 0 ? this.#metadataColumns(count) : undefined,
      readAt: this.#readAt,
    };
  }

  #metadataColumns(count: number): MetadataColumns {
    return {
      bytes: this.#metadata.copy(),
      starts: this.#metadataStarts.slice(0, count),
      ends: this.#metadataEnds.slice(0, count),
    };
  }

  /** The arena itself if it holds the lines and little else; otherwise a new one with the lines alone. */
  #lines(starts: Uint32Array, ends: Uint32Array): Buffer {
    const arena = this.#arena;
    if (this.#kept.size === 0 && this.#lineBytes * 2 >= arena.length) return arena;
    // Lines that were kept one behind the other, and nothing else, are copied at once.
    if (arena.length === 0 && this.#kept.size === this.#lineBytes && areInOrder(starts, ends)) return this.#kept.copy();
    const bytes = ownBuffer(this.#lineBytes);
    let at = 0;
    for (let index = 0; index < starts.length; index++) {
      const start = starts[index] ?? 0;
      const end = ends[index] ?? 0;
      if (start < arena.length) arena.copy(bytes, at, start, end);
      else this.#kept.copyTo(bytes, at, start - arena.length, end - arena.length);
      starts[index] = at;
      at += end - start;
      ends[index] = at;
    }
    return bytes;
  }

  #indexOf(labels: Labels): number {
    let index = this.#indexes.get(labels);
    if (index === undefined) {
      index = this.#streams.push(labels) - 1;
      this.#indexes.set(labels, index);
    }
    this.#lastLabels = labels;
    this.#lastIndex = index;
    return index;
  }

  #grow(): void {
    this.#capacity = Math.max(64, this.#capacity * 2);
    const size = this.#capacity;
    this.#lineStarts = grown(this.#lineStarts, new Uint32Array(size));
    this.#lineEnds = grown(this.#lineEnds, new Uint32Array(size));
    this.#seconds = grown(this.#seconds, new Float64Array(size));
    this.#nanos = grown(this.#nanos, new Uint32Array(size));
    this.#streamOf = grown(this.#streamOf, new Uint32Array(size));
    this.#metadataStarts = grown(this.#metadataStarts, new Uint32Array(size));
    this.#metadataEnds = grown(this.#metadataEnds, new Uint32Array(size));
  }
}

function areInOrder(starts: Uint32Array, ends: Uint32Array): boolean {
  for (let index = 1; index < starts.length; index++) if (starts[index] !== ends[index - 1]) return false;
  return starts[0] === 0;
}

function grown<T extends Uint32Array | Float64Array>(column: T, larger: T): T {
  larger.set(column);
  return larger;
}

/** A batch of entries given as text, for sources of few entries and for tests. */
export function logBatch(entries: readonly LogEntry[], readAt: number): LogBatch | undefined {
  const builder = new LogBatchBuilder();
  builder.start(noBytes, readAt);
  for (const { line, seconds, nanos, labels, metadata } of entries) {
    const start = builder.keepText(line);
    builder.add(start, builder.end, seconds, nanos, labels);
    builder.addPairs(metadata, metadata.length);
  }
  return builder.finish();
}
