/** The fast slices of Buffer that its type declarations leave out. */
interface SliceableBuffer {
  utf8Slice(start: number, end: number): string;
  latin1Slice(start: number, end: number): string;
}

/** A range of UTF-8 as a string; broken sequences become U+FFFD. */
export function utf8(bytes: Buffer, start: number, end: number): string {
  return (bytes as Buffer & SliceableBuffer).utf8Slice(start, end);
}

/** A range as a string of one character a byte. Right for ASCII only. */
export function latin1(bytes: Buffer, start: number, end: number): string {
  return (bytes as Buffer & SliceableBuffer).latin1Slice(start, end);
}

/** Copies a range of bytes. Short ranges cost less byte by byte than a call of `Buffer.copy` does. */
export function copyBytes(from: Buffer, start: number, end: number, to: Buffer, at: number): void {
  if (end - start > 32) {
    from.copy(to, at, start, end);
    return;
  }
  for (let source = start, target = at; source < end; source++, target++) to[target] = from[source] ?? 0;
}

/** A new buffer that owns its memory, outside of Node's shared pool, so that keeping it keeps nothing else. */
export function ownBuffer(size: number): Buffer {
  return Buffer.allocUnsafeSlow(size);
}
