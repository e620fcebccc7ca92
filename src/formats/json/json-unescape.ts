const backslash = 0x5c;
const letterU = 0x75;

/** The bytes that escapes of one letter stand for; most stand for themselves. */
const letters = Uint8Array.from({ length: 256 }, (_, letter) => letter);
letters[0x62] = 0x08;
letters[0x66] = 0x0c;
letters[0x6e] = 0x0a;
letters[0x72] = 0x0d;
letters[0x74] = 0x09;

/**
 * Replaces the escapes in the content of a valid JSON string by what they stand for, which is never longer, and returns
 * where it ends then. Halves of surrogate pairs without the other half become U+FFFD.
 */
export function unescapeInPlace(bytes: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] !== backslash) at++;
  let to = at;
  while (at < end) {
    const byte = bytes[at] ?? 0;
    if (byte !== backslash) {
      bytes[to++] = byte;
      at++;
    } else if (bytes[at + 1] === letterU) {
      let code = hexAt(bytes, at + 2);
      at += 6;
      if (code >= 0xd800 && code < 0xe000) {
        const isHigh = code < 0xdc00 && at + 6 <= end && bytes[at] === backslash && bytes[at + 1] === letterU;
        const low = isHigh ? hexAt(bytes, at + 2) : 0;
        if (low >= 0xdc00 && low < 0xe000) {
          code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
          at += 6;
        } else code = 0xfffd;
      }
      to = writeCodePoint(bytes, to, code);
    } else {
      bytes[to++] = letters[bytes[at + 1] ?? 0] ?? 0;
      at += 2;
    }
  }
  return to;
}

/** The number that four hexadecimal digits are. */
function hexAt(bytes: Buffer, at: number): number {
  let value = 0;
  for (let index = at; index < at + 4; index++) {
    const byte = bytes[index] ?? 0;
    value = value * 16 + (byte <= 0x39 ? byte - 0x30 : (byte | 0x20) - 0x57);
  }
  return value;
}

/** Writes a code point as UTF-8, and returns where it ends. */
function writeCodePoint(bytes: Buffer, start: number, code: number): number {
  let at = start;
  if (code < 0x80) bytes[at++] = code;
  else {
    if (code < 0x800) bytes[at++] = 0xc0 | (code >>> 6);
    else {
      if (code < 0x10000) bytes[at++] = 0xe0 | (code >>> 12);
      else {
        bytes[at++] = 0xf0 | (code >>> 18);
        bytes[at++] = 0x80 | ((code >>> 12) & 0x3f);
      }
      bytes[at++] = 0x80 | ((code >>> 6) & 0x3f);
    }
    bytes[at++] = 0x80 | (code & 0x3f);
  }
  return at;
}
