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

/** The bytes of one pair. Empty names and values are left out, as proto3 does. */
export function encodePair(name: string, value: string): Buffer {
  const size = fieldSize(Buffer.byteLength(name)) + fieldSize(Buffer.byteLength(value));
  const bytes = Buffer.allocUnsafe(1 + varintSize(size) + size);
  bytes[0] = entryTag;
  const at = writeField(bytes, writeVarint(bytes, 1, size), nameTag, name);
  writeField(bytes, at, valueTag, value);
  return bytes;
}

/** The bytes of pairs, in their order. */
export function encodeMetadata(pairs: readonly MetadataPair[]): Buffer {
  return Buffer.concat(pairs.map(({ name, value }) => encodePair(name, value)));
}

function fieldSize(length: number): number {
  return length === 0 ? 0 : 1 + varintSize(length) + length;
}

function writeField(bytes: Buffer, at: number, tag: number, text: string): number {
  if (text === '') return at;
  bytes[at] = tag;
  const start = writeVarint(bytes, at + 1, Buffer.byteLength(text));
  return start + bytes.write(text, start);
}

/** Reads what `encodePair` and `encodeMetadata` wrote. */
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
