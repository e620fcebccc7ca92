import { ByteBuilder } from '../base/byte-builder.ts';
import { utf8 } from '../base/bytes.ts';
import { grown } from '../base/grown-column.ts';
import { encodedLabelSize, LabelCursor, writeLabelStart, writeValueStart } from './encoded-labels.ts';
import type { Labels } from './labels.ts';

/** Up to here few comparisons are worth more than a clever order of them. */
const maxInserted = 32;

/**
 * Puts a label set together from bytes and encodes it, in memory that is used over and over. Labels with empty values
 * stay until `encode` leaves them out, so that one can see what was said to be empty.
 */
export class LabelSetBuilder {
  #count = 0;
  readonly #text = new ByteBuilder();
  #nameStarts = new Uint32Array(32);
  #nameEnds = new Uint32Array(32);
  #valueStarts = new Uint32Array(32);
  #valueEnds = new Uint32Array(32);
  /** The indexes of the labels in the order of their names, since they were sorted last. */
  #order = new Uint32Array(32);
  readonly #encoded = new ByteBuilder();
  readonly #cursor = new LabelCursor();

  /** How many labels there are, with those that are empty. */
  get count(): number {
    return this.#count;
  }

  /** The size of the set as it was encoded last. */
  get encodedSize(): number {
    return this.#encoded.size;
  }

  clear(): void {
    this.#count = 0;
    this.#text.clear();
  }

  add(
    nameBytes: Buffer,
    nameStart: number,
    nameEnd: number,
    valueBytes: Buffer,
    valueStart: number,
    valueEnd: number,
  ): void {
    const index = this.#next();
    this.#nameStarts[index] = this.#text.append(nameBytes, nameStart, nameEnd);
    this.#nameEnds[index] = this.#text.size;
    this.#valueStarts[index] = this.#text.append(valueBytes, valueStart, valueEnd);
    this.#valueEnds[index] = this.#text.size;
  }

  /** As `add`, for text. */
  addText(name: string, value: string): void {
    const index = this.#next();
    this.#nameStarts[index] = this.#text.appendText(name);
    this.#nameEnds[index] = this.#text.size;
    this.#valueStarts[index] = this.#text.appendText(value);
    this.#valueEnds[index] = this.#text.size;
  }

  /** Adds the labels of an encoded set. */
  addEncoded(bytes: Buffer, start: number, end: number): void {
    const cursor = this.#cursor;
    cursor.open(bytes, start, end);
    while (cursor.next()) this.add(bytes, cursor.nameStart, cursor.nameEnd, bytes, cursor.valueStart, cursor.valueEnd);
  }

  addLabels(labels: Labels): void {
    const { names, values } = labels;
    for (const [index, name] of names.entries()) this.addText(name, values[index] ?? '');
  }

  /** The index of the label with a name, which is given as UTF-8; -1 if there is none. */
  find(name: Buffer): number {
    const bytes = this.#text.reserve(0);
    for (let index = 0; index < this.#count; index++) {
      const start = this.#nameStarts[index] ?? 0;
      const size = (this.#nameEnds[index] ?? 0) - start;
      if (size === name.length && bytes.compare(name, 0, size, start, start + size) === 0) return index;
    }
    return -1;
  }

  nameOf(index: number): string {
    return utf8(this.#text.reserve(0), this.#nameStarts[index] ?? 0, this.#nameEnds[index] ?? 0);
  }

  valueOf(index: number): string {
    return utf8(this.#text.reserve(0), this.#valueStarts[index] ?? 0, this.#valueEnds[index] ?? 0);
  }

  nameSizeOf(index: number): number {
    return (this.#nameEnds[index] ?? 0) - (this.#nameStarts[index] ?? 0);
  }

  valueSizeOf(index: number): number {
    return (this.#valueEnds[index] ?? 0) - (this.#valueStarts[index] ?? 0);
  }

  rename(index: number, name: string): void {
    this.#nameStarts[index] = this.#text.appendText(name);
    this.#nameEnds[index] = this.#text.size;
  }

  /** Gives a label another value; an empty one removes it when the set is encoded. */
  setValue(index: number, value: string): void {
    this.#valueStarts[index] = this.#text.appendText(value);
    this.#valueEnds[index] = this.#text.size;
  }

  /** Sorts the labels by the bytes of their names, and returns the index of one whose name is there twice; -1 if none is. */
  sortNames(): number {
    const order = this.#order;
    const count = this.#count;
    if (count > maxInserted) {
      for (let index = 0; index < count; index++) order[index] = index;
      order.subarray(0, count).sort((a, b) => this.#compare(a, b));
    } else {
      for (let index = 0; index < count; index++) {
        let at = index;
        for (; at > 0 && this.#compare(order[at - 1] ?? 0, index) > 0; at--) order[at] = order[at - 1] ?? 0;
        order[at] = index;
      }
    }
    for (let at = 1; at < count; at++)
      if (this.#compare(order[at - 1] ?? 0, order[at] ?? 0) === 0) return order[at] ?? 0;
    return -1;
  }

  /**
   * Encodes the labels, which must be sorted, and returns the memory with them at its beginning: `encodedSize` bytes, until
   * the next encoding.
   */
  encode(): Buffer {
    const text = this.#text.reserve(0);
    const encoded = this.#encoded;
    encoded.clear();
    for (let at = 0; at < this.#count; at++) {
      const index = this.#order[at] ?? 0;
      const nameStart = this.#nameStarts[index] ?? 0;
      const nameEnd = this.#nameEnds[index] ?? 0;
      const valueStart = this.#valueStarts[index] ?? 0;
      const valueEnd = this.#valueEnds[index] ?? 0;
      if (valueStart === valueEnd) continue;
      const output = encoded.reserve(encodedLabelSize(nameEnd - nameStart, valueEnd - valueStart));
      encoded.advanceTo(writeLabelStart(output, encoded.size, nameEnd - nameStart, valueEnd - valueStart));
      encoded.append(text, nameStart, nameEnd);
      encoded.advanceTo(writeValueStart(output, encoded.size, valueEnd - valueStart));
      encoded.append(text, valueStart, valueEnd);
    }
    return encoded.reserve(0);
  }

  #compare(first: number, second: number): number {
    const text = this.#text.reserve(0);
    let at = this.#nameStarts[first] ?? 0;
    let otherAt = this.#nameStarts[second] ?? 0;
    const end = this.#nameEnds[first] ?? 0;
    const otherEnd = this.#nameEnds[second] ?? 0;
    for (; at < end && otherAt < otherEnd; at++, otherAt++) {
      const difference = (text[at] ?? 0) - (text[otherAt] ?? 0);
      if (difference !== 0) return difference;
    }
    return end - at - (otherEnd - otherAt);
  }

  #next(): number {
    if (this.#count === this.#order.length) {
      const size = 2 * this.#count;
      this.#nameStarts = grown(this.#nameStarts, new Uint32Array(size));
      this.#nameEnds = grown(this.#nameEnds, new Uint32Array(size));
      this.#valueStarts = grown(this.#valueStarts, new Uint32Array(size));
      this.#valueEnds = grown(this.#valueEnds, new Uint32Array(size));
      this.#order = grown(this.#order, new Uint32Array(size));
    }
    return this.#count++;
  }
}

const builder = new LabelSetBuilder();

/** The encoded form of a label set, in memory of its own. */
export function encodeLabels(labels: Labels): Buffer {
  builder.clear();
  builder.addLabels(labels);
  builder.sortNames();
  const bytes = builder.encode();
  return Buffer.from(bytes.subarray(0, builder.encodedSize));
}
