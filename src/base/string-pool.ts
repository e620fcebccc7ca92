import { latin1, utf8 } from './bytes.ts';

/** Longer texts rarely come again. */
const maxLength = 24;
const places = 1024;

/**
 * Turns short ranges of bytes into strings, and the same bytes into the same string most times: cheaper than making one,
 * and whoever uses it as a key need not hash it again. Holds a fixed number of strings.
 */
export class StringPool {
  readonly #strings: string[] = Array.from({ length: places }, () => '');

  get(bytes: Buffer, start: number, end: number): string {
    const length = end - start;
    if (length > maxLength) return utf8(bytes, start, end);
    let hash = length;
    let all = 0;
    for (let at = start; at < end; at++) {
      const byte = bytes[at] ?? 0;
      hash = (Math.imul(hash, 31) + byte) | 0;
      all |= byte;
    }
    if (all > 0x7f) return utf8(bytes, start, end);
    const place = (hash ^ (hash >>> 10)) & (places - 1);
    const known = this.#strings[place] ?? '';
    if (isAt(known, bytes, start, length)) return known;
    const made = latin1(bytes, start, end);
    this.#strings[place] = made;
    return made;
  }
}

function isAt(text: string, bytes: Buffer, start: number, length: number): boolean {
  if (text.length !== length) return false;
  for (let at = 0; at < length; at++) if (text.charCodeAt(at) !== bytes[start + at]) return false;
  return true;
}
