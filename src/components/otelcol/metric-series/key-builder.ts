import { copyBytes, ownBuffer } from '../../../base/bytes.ts';
import { writeVarint } from '../../../base/varint.ts';
import { readValueText } from '../../../formats/otlp/any-value-text.ts';

/** Longer keys are of no use to anyone: they would be labels of that size. */
const maxKeySize = 32 * 1024;
const maxVarint = 10;

const valueTag = { string: 0x0a, int: 0x18 };
/** An integer of so many bytes is surely exact as a float, and positive. */
const maxIntSize = 7;
const zero = 0x30;
/** What a part is that is absent; others begin with their length, which is counted from 1 on. */
export const absentPart = 0;

/**
 * Puts together the key of a series, in memory that is used over and over. A key is a row of parts, each of them absent or
 * text with its length, so that different rows have different keys.
 */
export class KeyBuilder {
  readonly bytes = ownBuffer(maxKeySize);
  size = 0;
  /** Whether something found no room, so that what is there is no key. */
  isTooLong = false;

  clear(): void {
    this.size = 0;
    this.isTooLong = false;
  }

  /** A part that is one of a few, below 128. */
  choice(index: number): void {
    if (this.#hasRoom(1)) this.bytes[this.size++] = index;
  }

  absent(): void {
    this.choice(absentPart);
  }

  /** A range of bytes that is text, or parts that are in the form of keys already. */
  text(from: Buffer, start: number, end: number): void {
    if (!this.#hasRoom(maxVarint + end - start)) return;
    const at = writeVarint(this.bytes, this.size, end - start + 1);
    copyBytes(from, start, end, this.bytes, at);
    this.size = at + end - start;
  }

  /** Parts that were put together before. */
  parts(from: Buffer, start: number, end: number): void {
    if (!this.#hasRoom(end - start)) return;
    copyBytes(from, start, end, this.bytes, this.size);
    this.size += end - start;
  }

  /** An AnyValue, as its text: the number 1 and the text "1" are the same. */
  value(from: Buffer, start: number, end: number): void {
    const tag = from[start];
    if (tag === valueTag.string && start < end) {
      let at = start + 1;
      let length = 0;
      for (let shift = 0; shift < 28; shift += 7) {
        const byte = from[at++] ?? 0;
        length |= (byte & 0x7f) << shift;
        if (byte < 0x80) break;
      }
      if (at + length === end) {
        this.text(from, at, end);
        return;
      }
    } else if (tag === valueTag.int && end - start <= 1 + maxIntSize) {
      this.#integer(from, start + 1, end);
      return;
    }
    const text = Buffer.from(readValueText(from, start, end));
    this.text(text, 0, text.length);
  }

  /** What was put together from a place on, in memory of its own. */
  copy(from = 0): Buffer {
    return Buffer.from(this.bytes.subarray(from, this.size));
  }

  /** Writes the digits of a varint. */
  #integer(from: Buffer, start: number, end: number): void {
    let value = 0;
    for (let at = start, factor = 1; at < end; at++, factor *= 0x80) value += ((from[at] ?? 0) & 0x7f) * factor;
    let length = 1;
    for (let rest = value; rest >= 10; rest = Math.floor(rest / 10)) length++;
    if (!this.#hasRoom(1 + length)) return;
    this.bytes[this.size] = length + 1;
    let rest = value;
    for (let at = this.size + length; at > this.size; at--) {
      this.bytes[at] = zero + (rest % 10);
      rest = Math.floor(rest / 10);
    }
    this.size += 1 + length;
  }

  #hasRoom(room: number): boolean {
    if (this.size + room > maxKeySize) this.isTooLong = true;
    return !this.isTooLong;
  }
}

/** Where the text of a part begins that is at a place in a key; there it ends too if it is absent or empty. */
export function partStart(bytes: Buffer, at: number): number {
  let start = at;
  while ((bytes[start] ?? 0) >= 0x80) start++;
  return start + 1;
}

/** Where that part ends. */
export function partEnd(bytes: Buffer, at: number): number {
  const start = partStart(bytes, at);
  let size = 0;
  for (let index = start - 1; index >= at; index--) size = size * 0x80 + ((bytes[index] ?? 0) & 0x7f);
  return start + Math.max(0, size - 1);
}
