import { copyBytes, ownBuffer } from '../../base/bytes.ts';
import { Scratch } from '../../base/scratch.ts';
import { varintSize, writeVarint } from '../../base/varint.ts';
import type { LogBatch } from '../../model/log-batch.ts';
import { metadataSize } from '../../model/structured-metadata.ts';
import { int64Size, writeInt64 } from '../protobuf/int64.ts';
import { compressed } from '../snappy/compress.ts';

/** Tags of the fields, all of which have lengths but the two of the timestamp. */
const requestStreams = 0x0a;
const streamLabels = 0x0a;
const streamEntries = 0x12;
const entryTimestamp = 0x0a;
const entryLine = 0x12;
const timestampSeconds = 0x08;
const timestampNanos = 0x10;

const noBytes = Buffer.alloc(0);
const scratch = new Scratch(4 * 1024 * 1024);

/** Arenas of requests that are finished, for the next ones: growing one costs as much again as filling it. */
const spareArenas: Buffer[] = [];
const maxSpareArenas = 2;
const maxSpareSize = 4 * 1024 * 1024;
const firstArenaSize = 4096;

/** The entries of a stream are in pieces of the arena, which are linked in the order they came. */
interface Stream {
  readonly labels: string;
  readonly labelsSize: number;
  /** Encoded bytes of its entries. */
  size: number;
  readonly firstPiece: number;
  lastPiece: number;
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
 * An open `logproto.PushRequest`. Entries are encoded when they are added, so that the batches they came in need not be
 * kept; `finish` puts them together by stream and begins the next request.
 */
export class PushRequestBuilder {
  #streams = new Map<string, Stream>();
  #last: Stream | undefined;
  #size = 0;
  #entryCount = 0;
  /** Encoded entries in the order they came. */
  #arena: Buffer = noBytes;
  #used = 0;
  /** Columns with one element for each piece: its range of the arena, and the next piece of the stream. */
  #pieceCount = 0;
  #starts = new Uint32Array(0);
  #ends = new Uint32Array(0);
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

  /** Whether a stream has entries here already. */
  has(labels: string): boolean {
    return this.#streams.has(labels);
  }

  /** Adds an entry to the stream with those labels, in the form `{a="b", c="d"}`. */
  add(batch: LogBatch, index: number, labels: string, size = entrySize(batch, index)): void {
    const messageSize = entryMessageSize(batch, index);
    const encodedSize = 1 + varintSize(messageSize) + messageSize;
    const start = this.#used;
    if (start + encodedSize > this.#arena.length) this.#growArena(start + encodedSize);
    writeEntry(this.#arena, start, batch, index, messageSize);
    this.#used = start + encodedSize;
    this.#size += size;
    this.#entryCount++;

    const stream = this.#last?.labels === labels ? this.#last : this.#streams.get(labels);
    if (stream === undefined) {
      this.#last = this.#addStream(labels, start);
    } else {
      this.#last = stream;
      if (this.#ends[stream.lastPiece] !== start) {
        const piece = this.#addPiece(start);
        this.#next[stream.lastPiece] = piece;
        stream.lastPiece = piece;
      }
    }
    this.#ends[this.#last.lastPiece] = this.#used;
    this.#last.size += encodedSize;
  }

  /** The body of the HTTP request: encoded, compressed and with memory of its own. The builder is empty then. */
  finish(): Buffer {
    const output = scratch.take(this.encodedSize);
    const body = compressed(output, 0, this.encode(output, 0));
    if (spareArenas.length < maxSpareArenas && this.#arena.length <= maxSpareSize) spareArenas.push(this.#arena);
    this.#arena = noBytes;
    this.#used = 0;
    this.#pieceCount = 0;
    this.#streams = new Map();
    this.#last = undefined;
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
      for (let piece = stream.firstPiece; ; piece = this.#next[piece] ?? 0) {
        const from = this.#starts[piece] ?? 0;
        const to = this.#ends[piece] ?? 0;
        copyBytes(this.#arena, from, to, output, at);
        at += to - from;
        if (piece === stream.lastPiece) break;
      }
    }
    return at;
  }

  #addStream(labels: string, start: number): Stream {
    const labelsSize = Buffer.byteLength(labels);
    this.#size += labelsSize;
    const piece = this.#addPiece(start);
    const stream = { labels, labelsSize, size: 0, firstPiece: piece, lastPiece: piece };
    this.#streams.set(labels, stream);
    return stream;
  }

  #addPiece(start: number): number {
    const piece = this.#pieceCount++;
    if (piece >= this.#next.length) {
      const capacity = Math.max(256, 2 * this.#next.length);
      this.#starts = grown(this.#starts, capacity);
      this.#ends = grown(this.#ends, capacity);
      this.#next = grown(this.#next, capacity);
    }
    this.#starts[piece] = start;
    return piece;
  }

  #growArena(wanted: number): void {
    const spare = this.#used === 0 ? spareArenas.pop() : undefined;
    if (spare !== undefined && spare.length >= wanted) {
      this.#arena = spare;
      return;
    }
    const larger = ownBuffer(Math.max(firstArenaSize, wanted, 2 * this.#arena.length));
    this.#arena.copy(larger, 0, 0, this.#used);
    this.#arena = larger;
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

function writeEntry(output: Buffer, start: number, batch: LogBatch, index: number, messageSize: number): void {
  const seconds = batch.seconds[index] ?? 0;
  const nanos = batch.nanos[index] ?? 0;
  let at = start;
  output[at++] = streamEntries;
  at = writeVarint(output, at, messageSize);
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
  if (metadata === undefined) return;
  const metadataStart = metadata.starts[index] ?? 0;
  const metadataEnd = metadata.ends[index] ?? 0;
  copyBytes(metadata.bytes, metadataStart, metadataEnd, output, at);
}
