import { copyBytes } from '../../base/bytes.ts';
import { Scratch } from '../../base/scratch.ts';
import { varintSize, writeVarint } from '../../base/varint.ts';
import type { LogBatch } from '../../model/log-batch.ts';
import { metadataSize } from '../../model/structured-metadata.ts';
import { compressed } from '../snappy/compress.ts';

/** Tags of the fields, all of which have lengths but the two of the timestamp. */
const requestStreams = 0x0a;
const streamLabels = 0x0a;
const streamEntries = 0x12;
const entryTimestamp = 0x0a;
const entryLine = 0x12;
const timestampSeconds = 0x08;
const timestampNanos = 0x10;

const scratch = new Scratch(4 * 1024 * 1024);

/** Entries of one stream are linked in the order they came. */
interface Stream {
  readonly labels: string;
  readonly labelsSize: number;
  /** Encoded bytes of its entries. */
  size: number;
  readonly first: number;
  last: number;
}

/** The size of an entry as Alloy counts it for batches and metrics: its line and metadata without their framing. */
export function entrySize(batch: LogBatch, index: number): number {
  const lineSize = (batch.lineEnds[index] ?? 0) - (batch.lineStarts[index] ?? 0);
  if (batch.metadata === undefined) return lineSize;
  return (
    lineSize + metadataSize(batch.metadata.bytes, batch.metadata.starts[index] ?? 0, batch.metadata.ends[index] ?? 0)
  );
}

/**
 * An open `logproto.PushRequest`. It refers to entries in their batches, without a copy, until `finish` writes them by
 * stream and begins the next request.
 */
export class PushRequestBuilder {
  #streams = new Map<string, Stream>();
  #last: Stream | undefined;
  #batches: LogBatch[] = [];
  #heldBytes = 0;
  #size = 0;
  /** Columns with one element for each entry. */
  #entryCount = 0;
  #batchOf = new Uint32Array(0);
  #indexOf = new Uint32Array(0);
  /** The next entry of the stream. */
  #next = new Uint32Array(0);

  get entryCount(): number {
    return this.#entryCount;
  }

  get streamCount(): number {
    return this.#streams.size;
  }

  /** The sum of `entrySize` over the entries, and of the labels of the streams. */
  get size(): number {
    return this.#size;
  }

  /** The memory of the batches that entries come from, which can be much more than their size if most were dropped. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Whether a stream has entries here already. */
  has(labels: string): boolean {
    return this.#streams.has(labels);
  }

  /** Adds an entry to the stream with those labels, in the form `{a="b", c="d"}`. */
  add(batch: LogBatch, index: number, labels: string): void {
    if (batch !== this.#batches.at(-1)) {
      this.#batches.push(batch);
      this.#heldBytes += batch.bytes.length + (batch.metadata?.bytes.length ?? 0);
    }
    const entry = this.#entryCount++;
    if (entry >= this.#next.length) this.#grow();
    this.#batchOf[entry] = this.#batches.length - 1;
    this.#indexOf[entry] = index;
    this.#size += entrySize(batch, index);

    const messageSize = entryMessageSize(batch, index);
    const size = 1 + varintSize(messageSize) + messageSize;
    const stream = this.#last?.labels === labels ? this.#last : this.#streams.get(labels);
    if (stream === undefined) {
      const labelsSize = Buffer.byteLength(labels);
      this.#size += labelsSize;
      this.#last = { labels, labelsSize, size, first: entry, last: entry };
      this.#streams.set(labels, this.#last);
    } else {
      this.#next[stream.last] = entry;
      stream.last = entry;
      stream.size += size;
      this.#last = stream;
    }
  }

  /** The body of the HTTP request: encoded, compressed and with memory of its own. The builder is empty then. */
  finish(): Buffer {
    const output = scratch.take(this.encodedSize);
    const body = compressed(output, 0, this.encode(output, 0));
    this.#streams = new Map();
    this.#last = undefined;
    this.#batches = [];
    this.#heldBytes = 0;
    this.#size = 0;
    this.#entryCount = 0;
    return body;
  }

  /** How many bytes `encode` writes. */
  get encodedSize(): number {
    let size = 0;
    for (const stream of this.#streams.values()) {
      const messageSize = streamMessageSize(stream);
      size += 1 + varintSize(messageSize) + messageSize;
    }
    return size;
  }

  /** Writes the request, without compression, and returns the offset after it. */
  encode(output: Buffer, start: number): number {
    let at = start;
    for (const stream of this.#streams.values()) {
      output[at++] = requestStreams;
      at = writeVarint(output, at, streamMessageSize(stream));
      if (stream.labelsSize > 0) {
        output[at++] = streamLabels;
        at = writeVarint(output, at, stream.labelsSize);
        at += output.write(stream.labels, at);
      }
      for (let entry = stream.first; ; entry = this.#next[entry] ?? 0) {
        const batch = this.#batches[this.#batchOf[entry] ?? 0];
        if (batch !== undefined) at = writeEntry(output, at, batch, this.#indexOf[entry] ?? 0);
        if (entry === stream.last) break;
      }
    }
    return at;
  }

  #grow(): void {
    const capacity = Math.max(256, 2 * this.#next.length);
    this.#batchOf = grown(this.#batchOf, capacity);
    this.#indexOf = grown(this.#indexOf, capacity);
    this.#next = grown(this.#next, capacity);
  }
}

function grown(column: Uint32Array<ArrayBuffer>, capacity: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(capacity);
  larger.set(column);
  return larger;
}

function streamMessageSize({ labelsSize, size }: Stream): number {
  return (labelsSize === 0 ? 0 : 1 + varintSize(labelsSize) + labelsSize) + size;
}

function entryMessageSize(batch: LogBatch, index: number): number {
  const lineSize = (batch.lineEnds[index] ?? 0) - (batch.lineStarts[index] ?? 0);
  const lineFieldSize = lineSize === 0 ? 0 : 1 + varintSize(lineSize) + lineSize;
  const metadataBytes = (batch.metadata?.ends[index] ?? 0) - (batch.metadata?.starts[index] ?? 0);
  return 2 + timestampSize(batch.seconds[index] ?? 0, batch.nanos[index] ?? 0) + lineFieldSize + metadataBytes;
}

function timestampSize(seconds: number, nanos: number): number {
  return (seconds === 0 ? 0 : 1 + int64Size(seconds)) + (nanos === 0 ? 0 : 1 + varintSize(nanos));
}

function writeEntry(output: Buffer, start: number, batch: LogBatch, index: number): number {
  const seconds = batch.seconds[index] ?? 0;
  const nanos = batch.nanos[index] ?? 0;
  let at = start;
  output[at++] = streamEntries;
  at = writeVarint(output, at, entryMessageSize(batch, index));
  // Written even if it is empty, unlike other fields.
  output[at++] = entryTimestamp;
  output[at++] = timestampSize(seconds, nanos);
  if (seconds !== 0) {
    output[at++] = timestampSeconds;
    at = writeInt64(output, at, seconds);
  }
  if (nanos !== 0) {
    output[at++] = timestampNanos;
    at = writeVarint(output, at, nanos);
  }
  const lineStart = batch.lineStarts[index] ?? 0;
  const lineEnd = batch.lineEnds[index] ?? 0;
  if (lineEnd > lineStart) {
    output[at++] = entryLine;
    at = writeVarint(output, at, lineEnd - lineStart);
    copyBytes(batch.bytes, lineStart, lineEnd, output, at);
    at += lineEnd - lineStart;
  }
  const { metadata } = batch;
  if (metadata === undefined) return at;
  const metadataStart = metadata.starts[index] ?? 0;
  const metadataEnd = metadata.ends[index] ?? 0;
  copyBytes(metadata.bytes, metadataStart, metadataEnd, output, at);
  return at + metadataEnd - metadataStart;
}

/** Negative integers take ten bytes, as all 64 bits are written. */
function int64Size(value: number): number {
  return value < 0 ? 10 : varintSize(value);
}

function writeInt64(output: Buffer, start: number, value: number): number {
  if (value >= 0) return writeVarint(output, start, value);
  let rest = value;
  for (let at = start; at < start + 9; at++) {
    const low = ((rest % 0x80) + 0x80) % 0x80;
    output[at] = low | 0x80;
    rest = (rest - low) / 0x80;
  }
  output[start + 9] = 1;
  return start + 10;
}
