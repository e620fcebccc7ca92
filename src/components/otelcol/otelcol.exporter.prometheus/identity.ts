import type { ByteBuilder } from '../../../base/byte-builder.ts';
import { varintSize, writeVarint } from '../../../base/varint.ts';
import type { AttributeList } from '../../../formats/otlp/attribute-list.ts';
import type { ByteRange } from '../../../formats/otlp/resource-cursor.ts';

/** No field begins with this, so that lists that were written in different ways are not taken for each other. */
const noTag = 0x02;

/** Appends a number below 2^32 to a key. */
export function appendNumber(key: ByteBuilder, value: number): void {
  const at = key.size;
  key.reserve(4).writeUInt32LE(value, at);
  key.advanceTo(at + 4);
}

/** Appends a range of bytes so that one can tell where it ends. */
export function appendRange(key: ByteBuilder, bytes: Buffer, { start, end }: ByteRange): void {
  appendNumber(key, end - start);
  key.append(bytes, start, end);
}

/** Appends attributes in their order; equal bytes mean equal attributes. They stand at the end of a key. */
export function appendAttributes(key: ByteBuilder, attributes: AttributeList): void {
  const { bytes, starts, ends, count } = attributes;
  if (count === 0) return;
  const from = startOfRun(attributes);
  if (from >= 0) {
    key.append(bytes, from, ends[count - 1] ?? 0);
    return;
  }
  for (let index = 0; index < count; index++) {
    const start = starts[index] ?? 0;
    const end = ends[index] ?? 0;
    const at = key.size;
    const output = key.reserve(10);
    output[at] = noTag;
    key.advanceTo(writeVarint(output, at + 1, end - start));
    key.append(bytes, start, end);
  }
}

/** Where the attributes begin, with the tag of the first, if they stand one behind the other; -1 otherwise. */
function startOfRun({ bytes, starts, ends, count }: AttributeList): number {
  let from = -1;
  for (let index = 0; index < count; index++) {
    const start = starts[index] ?? 0;
    const tagAt = start - 1 - varintSize((ends[index] ?? 0) - start);
    if (index === 0) from = tagAt;
    else if (tagAt !== ends[index - 1]) return -1;
  }
  // A length that is longer than it need be is read as another one from its middle on.
  return (bytes[from] ?? 0x80) < 0x80 ? from : -1;
}
