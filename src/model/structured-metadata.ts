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
}

const entryTag = 0x1a;
const nameTag = 0x0a;
const valueTag = 0x12;

/** Appends the bytes of a pair. Empty names and values are left out, as proto3 does. */
export function appendPair(builder: ByteBuilder, name: string, value: string): void {
  // Most pairs are short ASCII text, whose size in bytes is known before it is looked at.
  const room = 16 + 3 * (name.length + value.length);
  const bytes = builder.reserve(room);
  let at = writeFrame(bytes, builder.size, name.length, value.length);
  at = writeAsciiField(bytes, at, nameTag, name);
  if (at >= 0) at = writeAsciiField(bytes, at, valueTag, value);
  if (at < 0) {
    at = writeFrame(bytes, builder.size, Buffer.byteLength(name), Buffer.byteLength(value));
    at = writeField(bytes, writeField(bytes, at, nameTag, name), valueTag, value);
  }
  builder.advanceTo(at);
}

/** The bytes of pairs, in their order. */
export function encodeMetadata(pairs: readonly MetadataPair[]): Buffer {
  const builder = new ByteBuilder();
  for (const { name, value } of pairs) appendPair(builder, name, value);
  return builder.copy();
}

function writeFrame(bytes: Buffer, start: number, nameLength: number, valueLength: number): number {
  bytes[start] = entryTag;
  return writeVarint(bytes, start + 1, fieldSize(nameLength) + fieldSize(valueLength));
}

function fieldSize(length: number): number {
  return length === 0 ? 0 : 1 + varintSize(length) + length;
}

/** The offset after the field, or -1 if the text is not ASCII. */
function writeAsciiField(bytes: Buffer, start: number, tag: number, text: string): number {
  const { length } = text;
  if (length === 0) return start;
  bytes[start] = tag;
  let at = writeVarint(bytes, start + 1, length);
  for (let index = 0; index < length; index++) {
    const code = text.charCodeAt(index);
    if (code > 0x7f) return -1;
    bytes[at++] = code;
  }
  return at;
}

function writeField(bytes: Buffer, at: number, tag: number, text: string): number {
  if (text === '') return at;
  bytes[at] = tag;
  const start = writeVarint(bytes, at + 1, Buffer.byteLength(text));
  return start + bytes.write(text, start);
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
