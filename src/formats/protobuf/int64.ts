import { varintSize, writeVarint } from '../../base/varint.ts';

/** How many bytes an `int64` takes: negative ones ten, as all 64 bits are written. */
export function int64Size(value: number): number {
  return value < 0 ? 10 : varintSize(value);
}

/** Writes an `int64` that is an integer below 2^53, and returns the offset after it. */
export function writeInt64(output: Buffer, start: number, value: number): number {
  if (value >= 0) return writeVarint(output, start, value);
  let rest = value;
  for (let at = start; at < start + 9; at++) {
    const low = ((rest % 0x80) + 0x80) % 0x80;
    output[at] = low | 0x80;
    rest = (rest - low) / 0x80;
  }
  output[start + 9] = 1;
  return start + 10;
}
