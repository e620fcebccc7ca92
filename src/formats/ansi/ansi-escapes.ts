import { copyBytes } from '../../base/bytes.ts';

const escape = 0x1b;
/** U+009B, which begins a sequence as well, in UTF-8. */
const csi = [0xc2, 0x9b] as const;
const bell = 0x07;
const semicolon = 0x3b;
/** The digits that a parameter may have. */
const maxDigits = 4;

const isOpening = byteSet('[]()#;?');
const isTitle = byteSet('0-9A-Za-z;');
const isFinal = byteSet('0-9A-PRZcf-ntqry=><~');
const isDigit = byteSet('0-9');

/** A copy of a range of bytes without its escape sequences; undefined if it has none. */
export function withoutEscapes(bytes: Buffer, start: number, end: number): Buffer | undefined {
  let plain: Buffer | undefined;
  let size = 0;
  let kept = start;
  for (let at = start; at < end;) {
    const byte = bytes[at];
    const escapeEnd = byte === escape || byte === csi[0] ? endOfEscape(bytes, at, end) : -1;
    if (escapeEnd < 0) {
      at++;
      continue;
    }
    plain ??= Buffer.allocUnsafe(end - start);
    copyBytes(bytes, kept, at, plain, size);
    size += at - kept;
    at = escapeEnd;
    kept = escapeEnd;
  }
  if (plain === undefined) return undefined;
  copyBytes(bytes, kept, end, plain, size);
  return plain.subarray(0, size + end - kept);
}

/**
 * The end of the escape sequence that begins at a byte; -1 if none does. After what opens it come letters, digits and
 * semicolons up to a bell, as in a window title, or parameters and one final character, as in a color.
 */
function endOfEscape(bytes: Buffer, start: number, end: number): number {
  let at = start + 1;
  if (bytes[start] !== escape) {
    if (at >= end || bytes[at] !== csi[1]) return -1;
    at++;
  }
  while (at < end && isOpening[bytes[at] ?? 0] === 1) at++;
  let titleEnd = at;
  while (titleEnd < end && isTitle[bytes[titleEnd] ?? 0] === 1) titleEnd++;
  return titleEnd < end && bytes[titleEnd] === bell ? titleEnd + 1 : endOfControl(bytes, at, end);
}

/** The end of parameters and a final character, which may be the last digit of the parameters; -1 without it. */
function endOfControl(bytes: Buffer, start: number, end: number): number {
  let at = start;
  let digits = 0;
  let lastDigitEnd = -1;
  for (; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === semicolon && lastDigitEnd >= 0) digits = 0;
    else if (isDigit[byte] === 1 && digits < maxDigits) {
      digits++;
      lastDigitEnd = at + 1;
    } else break;
  }
  return at < end && isFinal[bytes[at] ?? 0] === 1 ? at + 1 : lastDigitEnd;
}

/** 1 for each byte in a set, which is written as in a regular expression. */
function byteSet(characters: string): Uint8Array {
  const pattern = new RegExp(`[${characters.replace(/[[\]]/g, String.raw`\$&`)}]`);
  return Uint8Array.from({ length: 256 }, (_, byte) => (pattern.test(String.fromCharCode(byte)) ? 1 : 0));
}
