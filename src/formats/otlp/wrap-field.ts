import { ownBuffer } from '../../base/bytes.ts';
import { varintSize, writeVarint } from '../../base/varint.ts';

/** Writes a field with a length, such as a message, whose value is the parts one after the other. */
export function wrapField(tag: number, parts: readonly Buffer[]): Buffer {
  let length = 0;
  for (const part of parts) length += part.length;
  const field = ownBuffer(varintSize(tag) + varintSize(length) + length);
  let at = writeVarint(field, writeVarint(field, 0, tag), length);
  for (const part of parts) at += part.copy(field, at);
  return field;
}
