import { ByteBuilder } from '../../base/byte-builder.ts';
import { appendEscaped, escapesFor } from '../../base/escaped-text.ts';
import type { OtlpBatch } from '../../model/otlp-batch.ts';
import { wireType } from '../protobuf/field-reader.ts';
import { unzigzag } from '../protobuf/zigzag.ts';
import { jsonMessageOf, type JsonField, type JsonMessage } from './json-fields.ts';
import { requestMessages } from './message-types.ts';
import { readVarint32, skipField, skipVarint } from './skip-field.ts';
import { jsonNumber } from './value-json.ts';

const escapes = escapesFor({
  '"': String.raw`\"`,
  '\\': String.raw`\\`,
  '\b': String.raw`\b`,
  '\f': String.raw`\f`,
  '\n': String.raw`\n`,
  '\r': String.raw`\r`,
  '\t': String.raw`\t`,
});

const text = {
  emptyObject: Buffer.from('{}'),
  closeObject: Buffer.from('}'),
  openArray: Buffer.from('['),
  emptyArray: Buffer.from('[]'),
  closeArray: Buffer.from(']'),
  comma: Buffer.from(','),
  quote: Buffer.from('"'),
  true: Buffer.from('true'),
  false: Buffer.from('false'),
};

/**
 * Writes a batch as an export request in JSON. Unknown fields have no place in it, and each byte of text that is no UTF-8
 * becomes a replacement character.
 */
export function encodeOtlpJson({ kind, chunks }: OtlpBatch): Buffer {
  const [only] = chunks;
  const bytes = only !== undefined && chunks.length === 1 ? only : Buffer.concat(chunks);
  const out = new ByteBuilder();
  appendMessage(out, jsonMessageOf(requestMessages[kind]), bytes, 0, bytes.length);
  return out.copy();
}

/** Writes the fields in the order in which they come first. */
function appendMessage(out: ByteBuilder, message: JsonMessage, bytes: Buffer, start: number, end: number): void {
  const { doubled, chosen } = survey(message, bytes, start, end);
  let isFirst = true;
  let written = 0;
  const begin = ({ firstKey, otherKey }: JsonField): void => {
    append(out, isFirst ? firstKey : otherKey);
    isFirst = false;
  };
  forFields(bytes, start, end, (tag, tagAt, valueStart, valueEnd) => {
    const field = message.byTag[tag];
    if (field === undefined || (written & field.bit) !== 0) return;
    if (field.presence === 'one of' && tagAt !== chosen) return;
    if (field.presence === 'plain' && isZero(bytes, tag, valueStart, valueEnd)) return;
    written |= field.bit;
    begin(field);
    if (field.presence === 'repeated') appendList(out, field, bytes, tagAt, end);
    else if ((doubled & field.bit) === 0) appendValue(out, field, bytes, valueStart, valueEnd);
    else {
      const merged = mergedValue(field, bytes, tagAt, end);
      appendValue(out, field, merged, 0, merged.length);
    }
  });
  for (const field of message.always) {
    if ((written & field.bit) !== 0) continue;
    begin(field);
    append(out, text.emptyObject);
  }
  append(out, isFirst ? text.emptyObject : text.closeObject);
}

/** Which fields come more than once though they have one value, and where the one is of which there is one. */
function survey(
  message: JsonMessage,
  bytes: Buffer,
  start: number,
  end: number,
): { readonly doubled: number; readonly chosen: number } {
  let seen = 0;
  let doubled = 0;
  let chosen = -1;
  forFields(bytes, start, end, (tag, tagAt) => {
    const field = message.byTag[tag];
    if (field === undefined || field.presence === 'repeated') return;
    if (field.presence === 'one of') chosen = tagAt;
    else {
      doubled |= seen & field.bit;
      seen |= field.bit;
    }
  });
  return { doubled, chosen };
}

/** What several values of one field are together: of messages all that they have, and else the last. */
function mergedValue(field: JsonField, bytes: Buffer, start: number, end: number): Buffer {
  const values: Buffer[] = [];
  forFields(bytes, start, end, (tag, _tagAt, valueStart, valueEnd) => {
    if (tag === field.tag) values.push(bytes.subarray(valueStart, valueEnd));
  });
  return Buffer.concat(field.message === undefined ? values.slice(-1) : values);
}

function appendList(out: ByteBuilder, field: JsonField, bytes: Buffer, start: number, end: number): void {
  let separator = text.openArray;
  const appendElement = (from: number, to: number): void => {
    append(out, separator);
    separator = text.comma;
    appendValue(out, field, bytes, from, to);
  };
  forFields(bytes, start, end, (tag, _tagAt, valueStart, valueEnd) => {
    if (tag === field.tag) appendElement(valueStart, valueEnd);
    else if (tag === field.packedTag) {
      for (let at = valueStart; at < valueEnd;) {
        const from = at;
        at = skipField(bytes, field.tag, from, valueEnd, 0);
        appendElement(from, at);
      }
    }
  });
  append(out, separator === text.openArray ? text.emptyArray : text.closeArray);
}

/** Writes a value, of which the range has no length before it. */
function appendValue(out: ByteBuilder, field: JsonField, bytes: Buffer, start: number, end: number): void {
  switch (field.type) {
    case 'string':
      append(out, text.quote);
      appendEscaped(out, bytes, start, end, escapes);
      append(out, text.quote);
      break;
    case 'bytes':
      out.appendText(`"${bytes.toString('base64', start, end)}"`);
      break;
    case 'trace id':
    case 'span id':
      out.appendText(`"${bytes.toString('hex', start, end)}"`);
      break;
    case 'bool':
      append(out, isZero(bytes, field.tag, start, end) ? text.false : text.true);
      break;
    case 'double':
      out.appendText(jsonNumber(bytes.readDoubleLE(start)));
      break;
    case 'fixed64':
      out.appendText(`"${bytes.readBigUInt64LE(start)}"`);
      break;
    case 'sfixed64':
      out.appendText(`"${bytes.readBigInt64LE(start)}"`);
      break;
    case 'int64':
      out.appendText(`"${BigInt.asIntN(64, readVarint64(bytes, start))}"`);
      break;
    case 'uint64':
      out.appendText(`"${readVarint64(bytes, start)}"`);
      break;
    case 'fixed32':
      out.appendText(String(bytes.readUInt32LE(start)));
      break;
    case 'uint32':
      out.appendText(String(BigInt.asUintN(32, readVarint64(bytes, start))));
      break;
    case 'sint32':
      out.appendText(String(unzigzag(Number(BigInt.asUintN(32, readVarint64(bytes, start))))));
      break;
    default:
      if (field.message !== undefined) appendMessage(out, field.message, bytes, start, end);
      else out.appendText(String(BigInt.asIntN(32, readVarint64(bytes, start))));
  }
}

function append(out: ByteBuilder, bytes: Buffer): void {
  out.append(bytes, 0, bytes.length);
}

/** Whether a value is empty, or a number whose bits are all zero. */
function isZero(bytes: Buffer, tag: number, start: number, end: number): boolean {
  if ((tag & 7) === wireType.bytes) return start === end;
  // Whether there is more of a varint is no part of its value.
  const bits = (tag & 7) === wireType.varint ? 0x7f : 0xff;
  for (let at = start; at < end; at++) {
    if (((bytes[at] ?? 0) & bits) !== 0) return false;
  }
  return true;
}

function readVarint64(bytes: Buffer, start: number): bigint {
  const first = bytes[start] ?? 0;
  if (first < 0x80) return BigInt(first);
  let value = 0n;
  let shift = 0n;
  for (let at = start; ; at++, shift += 7n) {
    const byte = bytes[at] ?? 0;
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
}

/** Goes through the fields of a checked message. Values with a length are told without it. */
function forFields(
  bytes: Buffer,
  start: number,
  end: number,
  visit: (tag: number, tagAt: number, valueStart: number, valueEnd: number) => void,
): void {
  for (let at = start; at < end;) {
    const tagAt = at;
    const tag = readVarint32(bytes, at, end);
    const valueAt = skipVarint(bytes, at, end);
    at = skipField(bytes, tag, valueAt, end, 0);
    visit(tag, tagAt, (tag & 7) === wireType.bytes ? skipVarint(bytes, valueAt, end) : valueAt, at);
  }
}
