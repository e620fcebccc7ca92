import type { AttributeList } from '../../../formats/otlp/attribute-list.ts';
import type { KeyBuilder } from '../metric-series/key-builder.ts';

const emptyTextTag = 0x0a;

/** Adds the value of an attribute as text; an index of -1 is for none. */
export function addValue(key: KeyBuilder, list: AttributeList, index: number): void {
  if (index < 0) key.absent();
  else key.value(list.bytes, list.valueStarts[index] ?? 0, list.valueEnds[index] ?? 0);
}

/** Whether the value of an attribute is more than empty text: a tag with a length of zero, or nothing at all. */
export function hasText({ bytes, valueStarts, valueEnds }: AttributeList, index: number): boolean {
  const start = valueStarts[index] ?? 0;
  const length = (valueEnds[index] ?? 0) - start;
  return length > 2 || (length === 2 && bytes[start] !== emptyTextTag);
}
