import { ByteBuilder } from '../../base/byte-builder.ts';
import { varintSize, writeVarint } from '../../base/varint.ts';

/** The room that a tag and a varint take at most. */
const maxVarint = 10;
const two32 = 0x1_0000_0000;

/**
 * Writes a protobuf message field by field. Nested messages are opened and closed; their lengths are put in when they
 * are closed. Tags are given as they are written: the number of the field times eight, plus its wire type.
 */
export class MessageWriter {
  readonly #out = new ByteBuilder();

  /** The bytes written so far; of nested messages that are open the length is still missing. */
  get size(): number {
    return this.#out.size;
  }

  /** Drops everything. */
  clear(): void {
    this.#out.clear();
  }

  /** What was written, in memory of its own. */
  copy(): Buffer {
    return this.#out.copy();
  }

  /** An unsigned integer up to 2^53. */
  varint(tag: number, value: number): void {
    const bytes = this.#out.reserve(2 * maxVarint);
    this.#out.advanceTo(writeVarint(bytes, writeVarint(bytes, this.#out.size, tag), value));
  }

  /** A `sint32`. */
  zigzag(tag: number, value: number): void {
    this.varint(tag, value < 0 ? -2 * value - 1 : 2 * value);
  }

  /** A `fixed64` or `sfixed64` of an integer up to 2^53. */
  fixed64(tag: number, value: number): void {
    const at = this.room64(tag);
    writeFixed64(this.memory, at, value);
  }

  /** A field of 64 bits that whoever calls writes to `memory` at the place that is returned. */
  room64(tag: number): number {
    const at = writeVarint(this.#out.reserve(maxVarint + 8), this.#out.size, tag);
    this.#out.advanceTo(at + 8);
    return at;
  }

  double(tag: number, value: number): void {
    const at = this.room64(tag);
    this.memory.writeDoubleLE(value, at);
  }

  /** A range of bytes as a field: a string, bytes or a message. */
  bytes(tag: number, from: Buffer, start: number, end: number): void {
    this.length(tag, end - start);
    this.#out.append(from, start, end);
  }

  text(tag: number, text: string): void {
    const place = this.open(tag);
    this.#out.appendText(text);
    this.close(place);
  }

  /** The tag and length of a field whose value is written next. */
  length(tag: number, length: number): void {
    const bytes = this.#out.reserve(2 * maxVarint);
    this.#out.advanceTo(writeVarint(bytes, writeVarint(bytes, this.#out.size, tag), length));
  }

  /** A range of bytes as it is; returns where it begins. */
  raw(from: Buffer, start: number, end: number): number {
    return this.#out.append(from, start, end);
  }

  /** An element of a packed field of `fixed64`. */
  rawFixed64(value: number): void {
    const { size } = this.#out;
    writeFixed64(this.#out.reserve(8), size, value);
    this.#out.advanceTo(size + 8);
  }

  /** An element of a packed field of varints. */
  rawVarint(value: number): void {
    this.#out.advanceTo(writeVarint(this.#out.reserve(maxVarint), this.#out.size, value));
  }

  /** The memory that is written to, for whoever changes bytes in place; valid until the next field. */
  get memory(): Buffer {
    return this.#out.reserve(0);
  }

  /** Begins a nested message; returns its place, for `close`. */
  open(tag: number): number {
    const bytes = this.#out.reserve(maxVarint + 1);
    const at = writeVarint(bytes, this.#out.size, tag);
    // The length of most messages takes one byte; for longer ones their bytes are moved.
    this.#out.advanceTo(at + 1);
    return at + 1;
  }

  /** Ends the message that was opened last. */
  close(place: number): void {
    const { size } = this.#out;
    const length = size - place;
    const more = varintSize(length) - 1;
    const bytes = this.#out.reserve(more);
    if (more > 0) bytes.copyWithin(place + more, place, size);
    writeVarint(bytes, place - 1, length);
    this.#out.advanceTo(size + more);
  }
}

function writeFixed64(bytes: Buffer, at: number, value: number): void {
  bytes.writeInt32LE(value | 0, at);
  bytes.writeInt32LE(Math.floor(value / two32) | 0, at + 4);
}
