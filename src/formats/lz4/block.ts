/** Where a block is written: from `at`, at most to `end`. Copies may reach back to `from`. */
interface BlockTarget {
  readonly output: Buffer;
  readonly at: number;
  readonly end: number;
  readonly from: number;
}

/** Decodes an LZ4 block, and returns the offset after what it wrote, or that it does not fit, or makes no sense. */
export function decodeBlock(
  input: Buffer,
  start: number,
  inputEnd: number,
  { output, at: outputStart, end: outputEnd, from }: BlockTarget,
): number | 'full' | 'broken' {
  const words = new DataView(output.buffer, output.byteOffset, output.byteLength);
  let at = start;
  let to = outputStart;
  while (at < inputEnd) {
    const token = input[at++] ?? 0;
    let literals = token >>> 4;
    if (literals === 15) {
      let more = 255;
      while (more === 255) {
        if (at === inputEnd) return 'broken';
        literals += more = input[at++] ?? 0;
      }
    }
    if (literals > inputEnd - at) return 'broken';
    if (literals > outputEnd - to) return 'full';
    if (literals > 32) input.copy(output, to, at, at + literals);
    else for (let index = 0; index < literals; index++) output[to + index] = input[at + index] ?? 0;
    at += literals;
    to += literals;
    // The last sequence has literals only.
    if (at === inputEnd) return to;

    if (inputEnd - at < 2) return 'broken';
    const distance = (input[at] ?? 0) | ((input[at + 1] ?? 0) << 8);
    at += 2;
    let length = (token & 15) + 4;
    if (length === 19) {
      let more = 255;
      while (more === 255) {
        if (at === inputEnd) return 'broken';
        length += more = input[at++] ?? 0;
      }
    }
    if (distance === 0 || distance > to - from) return 'broken';
    if (length > outputEnd - to) return 'full';
    // A copy may overlap what it writes, but words only if they are not longer than the distance.
    const end = to + length;
    if (distance >= 4 && end + 3 <= outputEnd) {
      for (; to < end; to += 4) words.setInt32(to, words.getInt32(to - distance, true), true);
      to = end;
    } else {
      for (; to < end; to++) output[to] = output[to - distance] ?? 0;
    }
  }
  return 'broken';
}
