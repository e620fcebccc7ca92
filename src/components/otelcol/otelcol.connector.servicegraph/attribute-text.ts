const emptyTextTag = 0x0a;

/** Whether the value of an attribute is more than empty text: a tag with a length of zero, or nothing at all. */
export function hasText(bytes: Buffer, start: number, end: number): boolean {
  const length = end - start;
  return length > 2 || (length === 2 && bytes[start] !== emptyTextTag);
}
