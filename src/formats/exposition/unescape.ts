const [quote, backslash, letterN, lineFeed] = [0x22, 0x5c, 0x6e, 0x0a];

/**
 * The bytes of quoted text or of help with its escapes replaced: a backslash before itself, before a quote and before an
 * "n", which is the end of a line; any other stays what it is. Undefined if there is no backslash.
 */
export function unescaped(bytes: Buffer, start: number, end: number, hasQuotes = true): Buffer | undefined {
  let at = start;
  while (at < end && bytes[at] !== backslash) at++;
  if (at === end) return undefined;
  const output = Buffer.alloc(end - start);
  let size = bytes.copy(output, 0, start, at);
  for (; at < end; at++) {
    const byte = bytes[at] ?? 0;
    const next = at + 1 < end ? (bytes[at + 1] ?? 0) : 0;
    const isEscape = byte === backslash && (next === backslash || next === letterN || (hasQuotes && next === quote));
    if (isEscape) at++;
    output[size++] = !isEscape ? byte : next === letterN ? lineFeed : next;
  }
  return output.subarray(0, size);
}
