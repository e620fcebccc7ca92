import { ByteBuilder } from '../base/byte-builder.ts';
import { utf8 } from '../base/bytes.ts';
import { varintSize, writeVarint } from '../base/varint.ts';

/**
 * Structured metadata of a log entry is kept as the bytes that a push request carries for it: `LabelPair` messages
 * (1 = name, 2 = value), each with the tag of `Entry.structuredMetadata` (field 3) in front. Writers copy the range.
 */
export interface MetadataPair {
  readonly name: string;
  readonly value: string;
  /** The bytes of the pair, where it is used again and again. */
  readonly bytes?: Buffer;
}

const entryTag = 0x1a;
const nameTag = 0x0a;
const valueTag = 0x12;

/** Appends the bytes of a pair. Empty names and values are left out, as proto3 does. */
export function appendPair(builder: ByteBuilder, { name, value, bytes: known }: MetadataPair): void {
  if (known !== undefined) {
    builder.append(known, 0, known.length);
    return;
  }
  // Most pairs are ASCII text, whose size in bytes is known before it is looked at.
  const bytes = builder.reserve(16 + 3 * (name.length + value.length));
  let at = writePair(bytes, builder.size, name, name.length, value, value.length);
  if (at < 0) at = writePair(bytes, builder.size, name, Buffer.byteLength(name), value, Buffer.byteLength(value));
  builder.advanceTo(at);
}

/** The pair with its bytes, for pairs that are used again and again. */
export function encodedPair(name: string, value: string): MetadataPair {
  return { name, value, bytes: encodeMetadata([{ name, value }]) };
}

/** The bytes of pairs, in their order. */
export function encodeMetadata(pairs: readonly MetadataPair[]): Buffer {
  const builder = new ByteBuilder();
  for (const pair of pairs) appendPair(builder, pair);
  return builder.copy();
}

/** Writes a pair of texts of the given sizes in bytes; -1 if those are not their sizes. */
function writePair(
  bytes: Buffer,
  start: number,
  name: string,
  nameSize: number,
  value: string,
  valueSize: number,
): number {
  bytes[start] = entryTag;
  const at = writeVarint(bytes, start + 1, fieldSize(nameSize) + fieldSize(valueSize));
  const valueStart = writeField(bytes, at, nameTag, name, nameSize);
  return valueStart < 0 ? -1 : writeField(bytes, valueStart, valueTag, value, valueSize);
}

function fieldSize(size: number): number {
  return size === 0 ? 0 : 1 + varintSize(size) + size;
}

function writeField(bytes: Buffer, at: number, tag: number, text: string, size: number): number {
  if (size === 0) return at;
  bytes[at] = tag;
  const start = writeVarint(bytes, at + 1, size);
  return bytes.write(text, start) === size ? start + size : -1;
}

/** Reads what `appendPair` wrote. */
export function decodeMetadata(bytes: Buffer, start: number, end: number): MetadataPair[] {
  const pairs: MetadataPair[] = [];
  for (let at = start; at < end;) {
    const length = readLength(bytes, at + 1);
    const stop = length.at + length.value;
    let name = '';
    let value = '';
    for (let field = length.at; field < stop;) {
      const text = readLength(bytes, field + 1);
      if (bytes[field] === nameTag) name = utf8(bytes, text.at, text.at + text.value);
      else value = utf8(bytes, text.at, text.at + text.value);
      field = text.at + text.value;
    }
    pairs.push({ name, value });
    at = stop;
  }
  return pairs;
}

/** The size that Alloy counts for the metadata of an entry: its pairs without the tags and lengths around them. */
export function metadataSize(bytes: Buffer, start: number, end: number): number {
  let size = 0;
  for (let at = start; at < end;) {
    const length = readLength(bytes, at + 1);
    size += length.value;
    at = length.at + length.value;
  }
  return size;
}

function readLength(bytes: Buffer, start: number): { value: number; at: number } {
  let value = 0;
  let at = start;
  for (let factor = 1; ; factor *= 0x80) {
    const byte = bytes[at++] ?? 0;
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) return { value, at };
  }
}
