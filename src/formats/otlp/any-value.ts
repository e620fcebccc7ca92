import { utf8 } from '../../base/bytes.ts';
import { CheckedReader } from './checked-reader.ts';

/**
 * A value of an attribute or the body of a log record. Integers that do not fit into a float are a bigint; a map keeps
 * the order of its keys.
 */
export type AnyValue =
  | { readonly type: 'empty' }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'int'; readonly value: bigint }
  | { readonly type: 'double'; readonly value: number }
  | { readonly type: 'array'; readonly values: readonly AnyValue[] }
  | { readonly type: 'map'; readonly entries: readonly (readonly [key: string, value: AnyValue])[] }
  | { readonly type: 'bytes'; readonly value: Buffer };

const tag = { string: 0x0a, bool: 0x10, int: 0x18, double: 0x21, array: 0x2a, map: 0x32, bytes: 0x3a };
const values = 0x0a;
const pair = { key: 0x0a, value: 0x12 };
const emptyValue: AnyValue = { type: 'empty' };

/** Reads an AnyValue message of checked bytes. Its depth was bounded by that check. */
export function readAnyValue(bytes: Buffer, start: number, end: number): AnyValue {
  const reader = new CheckedReader();
  reader.bytes = bytes;
  reader.at = start;
  let result = emptyValue;
  while (reader.at < end) {
    const found = reader.varint();
    switch (found) {
      case tag.string: {
        const [from, to] = range(reader);
        result = { type: 'string', value: utf8(bytes, from, to) };
        break;
      }
      case tag.bool:
        result = { type: 'bool', value: reader.varint() !== 0 };
        break;
      case tag.int:
        result = { type: 'int', value: int64(reader) };
        break;
      case tag.double:
        result = { type: 'double', value: bytes.readDoubleLE(reader.at) };
        reader.at += 8;
        break;
      case tag.array: {
        const [from, to] = range(reader);
        result = {
          type: 'array',
          values: elements(bytes, from, to).map(([at, until]) => readAnyValue(bytes, at, until)),
        };
        break;
      }
      case tag.map: {
        const [from, to] = range(reader);
        result = { type: 'map', entries: elements(bytes, from, to).map(([at, until]) => readPair(bytes, at, until)) };
        break;
      }
      case tag.bytes: {
        const [from, to] = range(reader);
        result = { type: 'bytes', value: bytes.subarray(from, to) };
        break;
      }
      default:
        reader.skip(found);
    }
  }
  return result;
}

/** Reads a KeyValue message of checked bytes. */
export function readPair(bytes: Buffer, start: number, end: number): [key: string, value: AnyValue] {
  const reader = new CheckedReader();
  reader.bytes = bytes;
  reader.at = start;
  let key = '';
  let value = emptyValue;
  while (reader.at < end) {
    const found = reader.varint();
    if (found === pair.key) key = utf8(bytes, ...range(reader));
    else if (found === pair.value) value = readAnyValue(bytes, ...range(reader));
    else reader.skip(found);
  }
  return [key, value];
}

/** The ranges of the elements of an ArrayValue or KeyValueList of checked bytes. */
export function elements(bytes: Buffer, start: number, end: number): [number, number][] {
  const reader = new CheckedReader();
  reader.bytes = bytes;
  reader.at = start;
  const ranges: [number, number][] = [];
  while (reader.at < end) {
    const found = reader.varint();
    if (found === values) ranges.push(range(reader));
    else reader.skip(found);
  }
  return ranges;
}

function range(reader: CheckedReader): [start: number, end: number] {
  const length = reader.varint();
  const start = reader.at;
  reader.at = start + length;
  return [start, reader.at];
}

function int64(reader: CheckedReader): bigint {
  let value = 0n;
  for (let shift = 0n; ; shift += 7n) {
    const byte = reader.bytes[reader.at++] ?? 0;
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return BigInt.asIntN(64, value);
  }
}
