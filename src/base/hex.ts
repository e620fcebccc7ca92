import type { ByteBuilder } from './byte-builder.ts';

const digits = Buffer.from('0123456789abcdef');

/** Appends bytes as pairs of lower-case hexadecimal digits. */
export function appendHex(out: ByteBuilder, bytes: Buffer, start: number, end: number): void {
  const target = out.reserve(2 * (end - start));
  let at = out.size;
  for (let from = start; from < end; from++) {
    const byte = bytes[from] ?? 0;
    target[at++] = digits[byte >>> 4] ?? 0;
    target[at++] = digits[byte & 0xf] ?? 0;
  }
  out.advanceTo(at);
}
