import { ByteBuilder } from '../../base/byte-builder.ts';
import { copyBytes, ownBuffer } from '../../base/bytes.ts';
import { varintSize, writeVarint } from '../../base/varint.ts';
import type { OtlpBatch, OtlpClient } from '../../model/otlp-batch.ts';
import { writeNanoTime } from './nano-time.ts';

/** Tags of the fields of a request and a ResourceLogs, of a ScopeLogs, and of a LogRecord with its body. */
const resourceLogs = 0x0a;
const below = 0x12;
const recordTag = { time: 0x09, body: 0x2a, attributes: 0x32, observedTime: 0x59 };
const stringValue = 0x0a;
const keyTag = 0x0a;
const valueTag = 0x12;

/** The tags, lengths and times of one record; no length takes more than five bytes. */
const maxFraming = 40;

/**
 * Builds the bytes of a logs request. `startResource`, `startScope` and `add` follow the levels of the request; those
 * without records are left out. It is reused: `finish` hands out a batch with memory of its own and starts the next.
 */
export class LogWriter {
  /** The times of the records to come, as seconds since 1970 and nanoseconds; left out where the seconds are zero. */
  seconds = 0;
  nanos = 0;
  observedSeconds = 0;
  observedNanos = 0;
  #count = 0;
  readonly #records = new ByteBuilder();
  /** Of the record that was begun: where it begins, and where its body ends. */
  #recordStart = 0;
  #bodyEnd = 0;
  /** The bytes before the body of the last record; the next mostly has as many. */
  #headSize = 0;
  /** Where the records of each scope begin, and which is the first scope of each resource. */
  #scopeStarts: number[] = [];
  #firstScopes: number[] = [];

  /** The bytes of the records so far. */
  get size(): number {
    return this.#records.size;
  }

  startResource(): void {
    this.#firstScopes.push(this.#scopeStarts.length);
  }

  startScope(): void {
    this.#scopeStarts.push(this.#records.size);
  }

  /** Adds a record whose body is text, with attributes as `appendAttribute` writes them. */
  add(
    body: Buffer,
    bodyStart: number,
    bodyEnd: number,
    attributes: Buffer,
    attributesStart: number,
    attributesEnd: number,
  ): void {
    const target = this.startRecord();
    target.append(body, bodyStart, bodyEnd);
    this.endBody();
    target.append(attributes, attributesStart, attributesEnd);
    this.endRecord();
  }

  /**
   * Begins a record, for callers that write it in place: they append its body, which is text, call `endBody`, append its
   * attributes, and call `endRecord` or `dropRecord`.
   */
  startRecord(): ByteBuilder {
    const records = this.#records;
    this.#recordStart = records.size;
    records.reserve(maxFraming);
    records.advanceTo(records.size + this.#headSize);
    return records;
  }

  endBody(): void {
    this.#bodyEnd = this.#records.size;
  }

  /** Writes what is around the body and the attributes. */
  endRecord(): void {
    const records = this.#records;
    const bodySize = this.#bodyEnd - this.#recordStart - this.#headSize;
    const valueSize = fieldSize(bodySize);
    const timeSize = this.seconds > 0 ? 9 : 0;
    const observedSize = this.observedSeconds > 0 ? 9 : 0;
    const size = timeSize + fieldSize(valueSize) + records.size - this.#bodyEnd + observedSize;
    this.#fitHead(fieldSize(size) - size + timeSize + valueSize - bodySize + fieldSize(valueSize) - valueSize);
    const output = records.reserve(maxFraming);
    let at = this.#recordStart;
    output[at++] = below;
    at = writeVarint(output, at, size);
    if (timeSize > 0) {
      output[at] = recordTag.time;
      at = writeNanoTime(output, at + 1, this.seconds, this.nanos);
    }
    output[at++] = recordTag.body;
    at = writeVarint(output, at, valueSize);
    output[at++] = stringValue;
    writeVarint(output, at, bodySize);
    if (observedSize > 0) {
      output[records.size] = recordTag.observedTime;
      records.advanceTo(writeNanoTime(output, records.size + 1, this.observedSeconds, this.observedNanos));
    }
    this.#count++;
  }

  /** Leaves out the record that was begun. */
  dropRecord(): void {
    this.#records.advanceTo(this.#recordStart);
  }

  /** Moves the record if there is not as much before its body as there was with the record before. */
  #fitHead(size: number): void {
    if (size === this.#headSize) return;
    const records = this.#records;
    const start = this.#recordStart + this.#headSize;
    const moved = size - this.#headSize;
    records.reserve(maxFraming).copyWithin(start + moved, start, records.size);
    records.advanceTo(records.size + moved);
    this.#headSize = size;
  }

  /** The records so far as a batch; undefined if there are none. The writer is empty then. */
  finish(client: OtlpClient | undefined): OtlpBatch | undefined {
    const count = this.#count;
    const batch: OtlpBatch | undefined =
      count === 0 ? undefined : { kind: 'logs', chunks: [this.#request()], count, client };
    this.#count = 0;
    this.#records.clear();
    this.#scopeStarts = [];
    this.#firstScopes = [];
    return batch;
  }

  #request(): Buffer {
    const sizes = this.#scopeStarts.map((start, index) => (this.#scopeStarts[index + 1] ?? this.#records.size) - start);
    const resources = this.#firstScopes
      .map((first, index) => {
        const scopes = sizes.slice(first, this.#firstScopes[index + 1]).filter((size) => size > 0);
        return { scopes, size: scopes.reduce((sum, size) => sum + fieldSize(size), 0) };
      })
      .filter(({ size }) => size > 0);
    const output = ownBuffer(resources.reduce((sum, { size }) => sum + fieldSize(size), 0));
    let at = 0;
    let read = 0;
    for (const { scopes, size } of resources) {
      output[at++] = resourceLogs;
      at = writeVarint(output, at, size);
      for (const scopeSize of scopes) {
        output[at++] = below;
        at = writeVarint(output, at, scopeSize);
        this.#records.copyTo(output, at, read, read + scopeSize);
        at += scopeSize;
        read += scopeSize;
      }
    }
    return output;
  }
}

/** Appends an attribute of a record. The value is an AnyValue message. */
export function appendAttribute(builder: ByteBuilder, key: Buffer, value: Buffer, start: number, end: number): void {
  const output = builder.reserve(key.length + end - start + maxFraming);
  const at = writeAttributeStart(output, builder.size, key, end - start);
  copyBytes(value, start, end, output, at);
  builder.advanceTo(at + end - start);
}

/** As above, for text. */
export function appendTextAttribute(builder: ByteBuilder, key: Buffer, text: Buffer, start: number, end: number): void {
  const size = end - start;
  const output = builder.reserve(key.length + size + maxFraming);
  let at = writeAttributeStart(output, builder.size, key, fieldSize(size));
  output[at] = stringValue;
  at = writeVarint(output, at + 1, size);
  copyBytes(text, start, end, output, at);
  builder.advanceTo(at + size);
}

function writeAttributeStart(output: Buffer, start: number, key: Buffer, valueSize: number): number {
  output[start] = recordTag.attributes;
  let at = writeVarint(output, start + 1, fieldSize(key.length) + fieldSize(valueSize));
  output[at] = keyTag;
  at = writeVarint(output, at + 1, key.length);
  copyBytes(key, 0, key.length, output, at);
  at += key.length;
  output[at] = valueTag;
  return writeVarint(output, at + 1, valueSize);
}

/** The size of a field with a tag of one byte. */
function fieldSize(size: number): number {
  return 1 + varintSize(size) + size;
}
