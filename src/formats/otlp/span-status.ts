const statusTag = { message: 0x12, code: 0x18 };

/** The code of a Status message; -1 if it is broken or unusual. */
export function statusIn(bytes: Buffer, start: number, end: number): number {
  let code = 0;
  let at = start;
  while (at < end) {
    const value = bytes[at + 1] ?? 0;
    if (bytes[at] === statusTag.code && value < 0x80) {
      code = value;
      at += 2;
    } else if (bytes[at] === statusTag.message && value < 0x80) at += 2 + value;
    else if (bytes[at] === statusTag.message && (bytes[at + 2] ?? 0) < 0x80)
      at += 3 + (((bytes[at + 2] ?? 0) << 7) | (value & 0x7f));
    else return -1;
  }
  return at === end ? code : -1;
}
