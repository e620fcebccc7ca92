import { utf8 } from '../base/bytes.ts';
import { varintSize, writeVarint } from '../base/varint.ts';
import { Labels } from './labels.ts';

/**
 * A label set as the bytes that a remote-write request of version 1 carries for it: `Label` messages (1 = name,
 * 2 = value), each with the tag of `TimeSeries.labels` (field 1) in front, sorted by the bytes of their names, none twice
 * and none empty. Equal sets have equal bytes; writers copy the range.
 */
const labelTag = 0x0a;
const nameTag = 0x0a;
const valueTag = 0x12;

/** How many bytes a label takes. */
export function encodedLabelSize(nameSize: number, valueSize: number): number {
  const size = 2 + varintSize(nameSize) + nameSize + varintSize(valueSize) + valueSize;
  return 1 + varintSize(size) + size;
}

/** Writes what is in front of a name, and returns the offset where the name goes. */
export function writeLabelStart(output: Buffer, at: number, nameSize: number, valueSize: number): number {
  output[at] = labelTag;
  const size = 2 + varintSize(nameSize) + nameSize + varintSize(valueSize) + valueSize;
  const nameAt = writeVarint(output, at + 1, size);
  output[nameAt] = nameTag;
  return writeVarint(output, nameAt + 1, nameSize);
}

/** Writes what is in front of a value, and returns the offset where the value goes. */
export function writeValueStart(output: Buffer, at: number, valueSize: number): number {
  output[at] = valueTag;
  return writeVarint(output, at + 1, valueSize);
}

/** Steps through the labels of an encoded set without building anything. The bytes must be in the form. */
export class LabelCursor {
  nameStart = 0;
  nameEnd = 0;
  valueStart = 0;
  valueEnd = 0;
  /** Where the label with its tag begins. */
  start = 0;
  /** Where the label ends, and the next one begins. */
  at = 0;
  #bytes: Buffer = Buffer.alloc(0);
  #end = 0;

  open(bytes: Buffer, start: number, end: number): void {
    this.#bytes = bytes;
    this.at = start;
    this.#end = end;
  }

  next(): boolean {
    if (this.at >= this.#end) return false;
    this.start = this.at;
    this.at++;
    this.#length();
    this.at++;
    const nameSize = this.#length();
    this.nameStart = this.at;
    this.nameEnd = this.at += nameSize;
    this.at++;
    const valueSize = this.#length();
    this.valueStart = this.at;
    this.valueEnd = this.at += valueSize;
    return true;
  }

  /** The name of the label as text. */
  get name(): string {
    return utf8(this.#bytes, this.nameStart, this.nameEnd);
  }

  get value(): string {
    return utf8(this.#bytes, this.valueStart, this.valueEnd);
  }

  /** Whether the label has that name, which is given as UTF-8. */
  isNamed(name: Buffer): boolean {
    if (this.nameEnd - this.nameStart !== name.length) return false;
    for (let index = 0; index < name.length; index++)
      if (this.#bytes[this.nameStart + index] !== name[index]) return false;
    return true;
  }

  #length(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.#bytes[this.at++] ?? 0;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  }
}

const cursor = new LabelCursor();

/** The value of a label, whose name is given as UTF-8; undefined if the set has none of that name. */
export function valueOfLabel(bytes: Buffer, start: number, end: number, name: Buffer): string | undefined {
  cursor.open(bytes, start, end);
  while (cursor.next()) if (cursor.isNamed(name)) return cursor.value;
  return undefined;
}

/** An encoded set as `Labels`. */
export function decodeLabels(bytes: Buffer, start: number, end: number): Labels {
  const pairs: [string, string][] = [];
  cursor.open(bytes, start, end);
  while (cursor.next()) pairs.push([cursor.name, cursor.value]);
  return Labels.from(pairs);
}
