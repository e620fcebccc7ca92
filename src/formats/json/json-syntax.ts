import { maxNesting } from '../../base/data-limits.ts';

/**
 * The grammar of JSON (RFC 8259) on bytes of UTF-8: each function gets where something begins and returns where it ends,
 * or -1 if it is not there. Bytes beyond ASCII may stand in strings only; whether they are valid UTF-8 is not looked at.
 *
 * The text must end in a close brace or bracket. Only strings and containers can run over that, and only they look for
 * the end.
 */

export const quote = 0x22;
export const comma = 0x2c;
export const colon = 0x3a;
export const openBracket = 0x5b;
const backslash = 0x5c;
export const closeBracket = 0x5d;
export const openBrace = 0x7b;
export const closeBrace = 0x7d;

export function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** Where white space ends. */
export function skipSpace(text: DataView, at: number): number {
  return text.getUint8(at) > 0x20 ? at : endOfSpace(text, at);
}

function endOfSpace(text: DataView, start: number): number {
  let at = start;
  while (isSpace(text.getUint8(at))) at++;
  return at;
}

/** Where the part of a string ends that stands for itself: at a quote, a backslash, a control character or the end. */
export function endOfPlain(text: DataView, start: number, end: number): number {
  let at = start;
  for (; at + 4 <= end; at += 4) {
    const word = text.getInt32(at, true);
    const quotes = word ^ 0x22222222;
    const backslashes = word ^ 0x5c5c5c5c;
    // The high bit of each byte that is below 0x20 or has become zero; borrows falsify it only after the first of them.
    const stops =
      (((word - 0x20202020) & ~word) |
        ((quotes - 0x01010101) & ~quotes) |
        ((backslashes - 0x01010101) & ~backslashes)) &
      0x80808080;
    if (stops !== 0) return at + ((31 - Math.clz32(stops & -stops)) >>> 3);
  }
  for (; at < end; at++) {
    const byte = text.getUint8(at);
    if (byte === quote || byte === backslash || byte < 0x20) break;
  }
  return at;
}

/** The end of a string from any place within it on. */
export function endOfString(text: DataView, start: number, end: number): number {
  for (let at = start; ;) {
    at = endOfPlain(text, at, end);
    if (at === end) return -1;
    const byte = text.getUint8(at);
    if (byte === quote) return at + 1;
    if (byte !== backslash) return -1;
    at = endOfEscape(text, at + 1);
    if (at < 0) return -1;
  }
}

function endOfEscape(text: DataView, start: number): number {
  switch (text.getUint8(start)) {
    case quote:
    case backslash:
    case 0x2f: // /
    case 0x62: // b
    case 0x66: // f
    case 0x6e: // n
    case 0x72: // r
    case 0x74: // t
      return start + 1;
    case 0x75: // u
      for (let at = start + 1; at <= start + 4; at++) if (!isHexDigit(text.getUint8(at))) return -1;
      return start + 5;
    default:
      return -1;
  }
}

/** The end of any value. It may be as deep as `maxNesting` allows within one more object. */
export function endOfValue(text: DataView, start: number, end: number): number {
  const first = text.getUint8(start);
  return first === openBrace || first === openBracket
    ? endOfContainer(text, start, end)
    : endOfScalar(text, start, end);
}

function endOfScalar(text: DataView, start: number, end: number): number {
  const first = text.getUint8(start);
  if (first === quote) return endOfString(text, start + 1, end);
  return first <= 0x39 ? endOfNumber(text, start) : endOfLiteral(text, start);
}

function endOfLiteral(text: DataView, start: number): number {
  switch (text.getUint8(start)) {
    case 0x74: // t
      return endOfWord(text, start + 1, 0x72, 0x75, 0x65);
    case 0x66: // f
      return text.getUint8(start + 1) === 0x61 ? endOfWord(text, start + 2, 0x6c, 0x73, 0x65) : -1;
    case 0x6e: // n
      return endOfWord(text, start + 1, 0x75, 0x6c, 0x6c);
    default:
      return -1;
  }
}

function endOfWord(text: DataView, at: number, first: number, second: number, third: number): number {
  const isWord = text.getUint8(at) === first && text.getUint8(at + 1) === second && text.getUint8(at + 2) === third;
  return isWord ? at + 3 : -1;
}

export function endOfNumber(text: DataView, start: number): number {
  let at = text.getUint8(start) === 0x2d ? start + 1 : start;
  at = text.getUint8(at) === 0x30 ? at + 1 : endOfDigits(text, at);
  if (at >= 0 && text.getUint8(at) === 0x2e) at = endOfDigits(text, at + 1);
  if (at >= 0 && (text.getUint8(at) | 0x20) === 0x65) {
    const sign = text.getUint8(at + 1);
    at = endOfDigits(text, sign === 0x2b || sign === 0x2d ? at + 2 : at + 1);
  }
  return at;
}

/** The end of at least one digit. */
function endOfDigits(text: DataView, start: number): number {
  let at = start;
  while (isDigit(text.getUint8(at))) at++;
  return at > start ? at : -1;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function isHexDigit(byte: number): boolean {
  const letter = byte | 0x20;
  return isDigit(byte) || (letter >= 0x61 && letter <= 0x66);
}

/** The close brackets that are still to come. */
const awaited = new Uint8Array(maxNesting);

function endOfContainer(text: DataView, start: number, end: number): number {
  let depth = 0;
  for (let at = start; ;) {
    // A value begins here.
    const first = text.getUint8(at);
    if (first === openBrace || first === openBracket) {
      const close = first === openBrace ? closeBrace : closeBracket;
      // The object around this counts too.
      if (depth >= maxNesting - 1) return -1;
      awaited[depth++] = close;
      at = skipSpace(text, at + 1);
      if (text.getUint8(at) !== close) {
        if (close === closeBrace) at = startOfMember(text, at, end);
        if (at < 0) return -1;
        continue;
      }
    } else {
      at = endOfScalar(text, at, end);
      if (at < 0) return -1;
      at = skipSpace(text, at);
    }
    // A value ended before, or an empty container ends here.
    let next = text.getUint8(at);
    while (next !== comma) {
      if (next !== awaited[depth - 1]) return -1;
      at++;
      if (--depth === 0) return at;
      if (at === end) return -1;
      at = skipSpace(text, at);
      next = text.getUint8(at);
    }
    at = skipSpace(text, at + 1);
    if (awaited[depth - 1] === closeBrace) at = startOfMember(text, at, end);
    if (at < 0) return -1;
  }
}

/** Where the value of a member begins whose key begins here. */
function startOfMember(text: DataView, start: number, end: number): number {
  if (text.getUint8(start) !== quote) return -1;
  const keyEnd = endOfString(text, start + 1, end);
  if (keyEnd < 0) return -1;
  const at = skipSpace(text, keyEnd);
  return text.getUint8(at) === colon ? skipSpace(text, at + 1) : -1;
}
