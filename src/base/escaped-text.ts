import type { ByteBuilder } from './byte-builder.ts';
import { sequenceLength } from './utf8-sequence.ts';

/** What stands for some characters in quoted text. */
export interface Escapes {
  /** By byte; undefined for what stands for itself. Only those of ASCII count. */
  readonly ascii: readonly (Buffer | undefined)[];
  /** By byte: 0 for what stands for itself, so that most text is passed over fast. */
  readonly isSpecial: Uint8Array;
  /** Whether `suspects` knows all of those. */
  readonly areUsual: boolean;
  /** What stands for U+2028 and U+2029, if they must not stay. */
  readonly separators: readonly [Buffer, Buffer] | undefined;
}

/** Shorter text is not worth a look at words. */
const minWordwise = 16;
const highBits = 0x80808080;

const replacement = Buffer.from(String.raw`\ufffd`);

/** Escapes for control characters, quotes, backslashes and some others: by name where they have one, else by number. */
export function escapesFor(
  names: Readonly<Record<string, string>>,
  others = '',
  separators?: Escapes['separators'],
): Escapes {
  const ascii = Array.from({ length: 0x80 }, (_, code) => {
    const character = String.fromCharCode(code);
    const name = names[character];
    if (name !== undefined) return Buffer.from(name);
    const isEscaped = code < 0x20 || others.includes(character);
    return isEscaped ? Buffer.from(String.raw`\u${code.toString(16).padStart(4, '0')}`) : undefined;
  });
  const isSpecial = new Uint8Array(0x100).fill(1, 0x80);
  for (const [byte, escape] of ascii.entries()) if (escape !== undefined) isSpecial[byte] = 1;
  const areUsual = isSpecial.every((flag, byte) => flag === 0 || (suspects(byte | 0x61616100) & highBits) !== 0);
  return { ascii, isSpecial, areUsual, separators };
}

/** Has one of `highBits` if one of four bytes is not ASCII, a control character, or one of `"&<>\\`. */
function suspects(word: number): number {
  // A byte that is less than what is taken from it borrows, which sets its highest bit.
  const control = word - 0x20202020;
  const quoteOrAnd = ((word & 0xfbfbfbfb) ^ 0x22222222) - 0x01010101;
  const angle = ((word & 0xfdfdfdfd) ^ 0x3c3c3c3c) - 0x01010101;
  const backslash = (word ^ 0x5c5c5c5c) - 0x01010101;
  return word | control | quoteOrAnd | angle | backslash;
}

let lastBytes: Buffer = Buffer.alloc(0);
let lastWords = new DataView(lastBytes.buffer, 0, 0);

/** The bytes as words. Text mostly is in the same bytes as the one before. */
function wordsOf(bytes: Buffer): DataView {
  if (bytes !== lastBytes) {
    lastBytes = bytes;
    lastWords = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }
  return lastWords;
}

/** Appends UTF-8 with escapes. What is not valid becomes an escaped U+FFFD for each byte. */
export function appendEscaped(
  out: ByteBuilder,
  bytes: Buffer,
  start: number,
  end: number,
  { ascii, isSpecial, areUsual, separators }: Escapes,
): void {
  const words = areUsual && end - start >= minWordwise ? wordsOf(bytes) : undefined;
  for (let at = start; ;) {
    const target = out.reserve(end - at);
    let to = out.size;
    if (words !== undefined) {
      const targetWords = out.words;
      for (; at + 8 <= end; at += 8, to += 8) {
        const word = words.getInt32(at, true);
        const next = words.getInt32(at + 4, true);
        if (((suspects(word) | suspects(next)) & highBits) !== 0) break;
        targetWords.setInt32(to, word, true);
        targetWords.setInt32(to + 4, next, true);
      }
    }
    // Nothing is called here, which makes it fast.
    for (; at < end; at++) {
      const byte = bytes[at] ?? 0;
      if (isSpecial[byte] !== 0) break;
      target[to++] = byte;
    }
    out.advanceTo(to);
    if (at >= end) break;
    const byte = bytes[at] ?? 0;
    let escape: Buffer | undefined;
    let length = 1;
    if (byte < 0x80) escape = ascii[byte];
    else {
      length = sequenceLength(bytes, at, end);
      if (length === 0) {
        escape = replacement;
        length = 1;
      } else if (byte === 0xe2 && separators !== undefined && bytes[at + 1] === 0x80) {
        // U+2028 and U+2029 are E2 80 A8 and E2 80 A9.
        const last = bytes[at + 2] ?? 0;
        if (last === 0xa8 || last === 0xa9) escape = separators[last - 0xa8];
      }
    }
    if (escape === undefined) out.append(bytes, at, at + length);
    else out.append(escape, 0, escape.length);
    at += length;
  }
}
