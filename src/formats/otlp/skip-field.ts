import { wireType } from '../protobuf/field-reader.ts';
import { groupEnd, groupStart } from './checked-reader.ts';

/*
 * Passing over parts of protobuf that may be broken. Functions get where something begins, and where what it is in ends;
 * they return where it ends, or -1 if it is not right.
 */

/** How deeply messages and groups may lie in each other, as protobuf libraries have it. */
export const maxDepth = 100;

/** The end of an integer of up to 64 bits. */
export function skipVarint(bytes: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end) {
    const byte = bytes[at++] ?? 0;
    if (byte < 0x80) return at - start < 10 || (at - start === 10 && byte < 2) ? at : -1;
  }
  return -1;
}

/** The integer of up to 32 bits and five bytes that stands there, as tags and lengths are; -1 if there is none. */
export function readVarint32(bytes: Buffer, start: number, end: number): number {
  let value = 0;
  let factor = 1;
  for (let at = start; at < end && at < start + 5; at++) {
    const byte = bytes[at] ?? 0;
    value += (byte & 0x7f) * factor;
    factor *= 0x80;
    if (byte < 0x80) return value > 0xffff_ffff ? -1 : value;
  }
  return -1;
}

/** The end of the value of a field with that tag, at that depth. */
export function skipField(bytes: Buffer, tag: number, start: number, end: number, depth: number): number {
  switch (tag & 7) {
    case wireType.varint:
      return skipVarint(bytes, start, end);
    case wireType.fixed64:
      return start + 8 <= end ? start + 8 : -1;
    case wireType.bytes: {
      const length = readVarint32(bytes, start, end);
      const valueEnd = skipVarint(bytes, start, end) + length;
      return length >= 0 && valueEnd <= end ? valueEnd : -1;
    }
    case groupStart:
      return depth < maxDepth ? skipGroup(bytes, tag + 1, start, end, depth + 1) : -1;
    case wireType.fixed32:
      return start + 4 <= end ? start + 4 : -1;
    default:
      return -1;
  }
}

function skipGroup(bytes: Buffer, endTag: number, start: number, end: number, depth: number): number {
  let at = start;
  while (at >= 0) {
    const tag = readVarint32(bytes, at, end);
    if (tag < 8) return -1;
    at = skipVarint(bytes, at, end);
    if ((tag & 7) === groupEnd) return tag === endTag ? at : -1;
    at = skipField(bytes, tag, at, end, depth);
  }
  return -1;
}
