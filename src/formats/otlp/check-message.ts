import {
  action,
  actionFor,
  actions,
  deprecatedTag,
  fieldName,
  firstData,
  firstItem,
  keyValueAction,
  wantedWireType,
} from './check-table.ts';
import { maxDepth, readVarint32, skipField, skipVarint } from './skip-field.ts';

/*
 * This is what each request costs at least, so that it is one pass which makes nothing: fields are looked up in a table,
 * tags and lengths of one byte are read where they stand, and what nearly all attributes look like is known at a glance.
 */

/** What checks have met since the last start. There is one at a time. */
export const met = {
  items: 0,
  hasDeprecated: false,
  problem: '',
};

export function startCheck(): void {
  met.items = 0;
  met.hasDeprecated = false;
}

/** Whether a range is a message of a type, at a depth; if not, the problem says why. What is met is noted. */
export function isMessage(bytes: Buffer, type: number, start: number, end: number, depth: number): boolean {
  const base = type << 8;
  let hasData = false;
  let at = start;
  while (at < end) {
    const tagAt = at;
    const first = bytes[at++] ?? 0;
    let found = actions[base | first] ?? action.other;
    if (found === action.other || (first >= 0x80 && bytes[at++] !== 1)) {
      const tag = readVarint32(bytes, tagAt, end);
      found = actionFor(type, tag);
      at = found === action.other ? endOfUnknown(bytes, type, tagAt, end, depth) : skipVarint(bytes, tagAt, end);
      if (at < 0) return false;
      if (found === action.other) continue;
      met.hasDeprecated ||= tag === deprecatedTag;
    }
    if (found >= action.bytes) {
      if (found === keyValueAction) {
        const behind = endOfPlainAttributes(bytes, tagAt, end);
        if (behind > tagAt) {
          at = behind;
          continue;
        }
      }
      let length = bytes[at++] ?? 0;
      if (length >= 0x80) {
        const second = bytes[at++] ?? 0;
        if (second < 0x80) length = (second << 7) | (length & 0x7f);
        else {
          length = readVarint32(bytes, at - 2, end);
          at = skipVarint(bytes, at - 2, end);
        }
      }
      const next = at + length;
      if (next > end || length < 0) return fails(bytes, type, tagAt, 'goes beyond what it is in');
      if (found >= action.message) {
        if (depth === maxDepth) return fails(bytes, type, tagAt, 'is nested too deeply');
        if (found >= firstItem) {
          if (found < firstData) met.items++;
          else if (hasData) return fails(bytes, type, tagAt, 'comes second, but a metric has data of one type only');
          else hasData = true;
        }
        if (!isMessage(bytes, found - action.message, at, next, depth + 1)) return false;
      } else if (found > action.bytes && !isValue(bytes, found, at, next)) {
        return fails(bytes, type, tagAt, `is not right with a length of ${length}`);
      }
      at = next;
    } else if (found === action.fixed64) at += 8;
    else if (found === action.varint) {
      if ((bytes[at] ?? 0) < 0x80) at++;
      else at = skipVarint(bytes, at, end);
      if (at < 0) return fails(bytes, type, tagAt, 'is no integer');
    } else at += 4;
    if (at > end) return fails(bytes, type, tagAt, 'goes beyond what it is in');
  }
  return true;
}

/**
 * Where attributes end that begin here, or here if the first of them is not as nearly all are: a key, and then a string,
 * a bool, an integer or a double, all shorter than 128 bytes.
 */
function endOfPlainAttributes(bytes: Buffer, start: number, end: number): number {
  const tag = bytes[start];
  let at = start;
  // The shortest such attribute has eight bytes, and those that are looked at first are inside of it.
  while (at + 8 <= end && bytes[at] === tag) {
    const length = bytes[at + 1] ?? 0;
    const keyLength = bytes[at + 3] ?? 0;
    const next = at + 2 + length;
    const value = at + 6 + keyLength;
    if (length >= 0x80 || bytes[at + 2] !== 0x0a || keyLength >= 0x80 || value >= next || next > end) break;
    if (bytes[value - 2] !== 0x12 || value + (bytes[value - 1] ?? 0) !== next) break;
    const member = bytes[value];
    if (member === 0x0a) {
      if (value + 2 + (bytes[value + 1] ?? 0) !== next) break;
    } else if (member === 0x18 || member === 0x10) {
      if (skipVarint(bytes, value + 1, next) !== next) break;
    } else if (member !== 0x21 || value + 9 !== next) break;
    at = next;
  }
  return at;
}

/** Whether a range is an id or packed numbers. */
function isValue(bytes: Buffer, found: number, start: number, end: number): boolean {
  const length = end - start;
  switch (found) {
    case action.traceId:
      return length === 16 || length === 0;
    case action.spanId:
      return length === 8 || length === 0;
    case action.packed64:
      return length % 8 === 0;
    default: {
      let at = start;
      while (at >= 0 && at < end) at = skipVarint(bytes, at, end);
      return at === end;
    }
  }
}

/** Where a field ends that the message does not have; -1 if it is broken, or if the message has it otherwise. */
function endOfUnknown(bytes: Buffer, type: number, tagAt: number, end: number, depth: number): number {
  const tag = readVarint32(bytes, tagAt, end);
  const wanted = wantedWireType(type, tag >>> 3);
  if (tag < 8) fails(bytes, type, tagAt, 'has no valid tag');
  else if (wanted !== undefined) fails(bytes, type, tagAt, `has wire type ${tag & 7} instead of ${wanted}`);
  else {
    const behind = skipField(bytes, tag, skipVarint(bytes, tagAt, end), end, depth);
    if (behind < 0) fails(bytes, type, tagAt, 'is broken');
    return behind;
  }
  return -1;
}

/** Tells what is wrong with the field whose tag is there. */
function fails(bytes: Buffer, type: number, tagAt: number, what: string): false {
  const tag = readVarint32(bytes, tagAt, bytes.length);
  met.problem = `${fieldName(type, tag < 0 ? 0 : tag >>> 3)} at offset ${tagAt} ${what}`;
  return false;
}
