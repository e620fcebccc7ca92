import { ByteKeys } from '../../base/byte-keys.ts';
import { latin1, utf8 } from '../../base/bytes.ts';
import { StringPool } from '../../base/string-pool.ts';
import {
  closeBrace,
  colon,
  comma,
  endOfPlain,
  endOfString,
  endOfValue,
  isSpace,
  openBrace,
  openBracket,
  quote,
  skipSpace,
} from './json-syntax.ts';
import { jsonText } from './json-text.ts';

const strings = new StringPool();

/** What stands at a key. */
export const jsonKind = {
  missing: 0,
  null: 1,
  false: 2,
  true: 3,
  number: 4,
  /** A string without escapes. */
  string: 5,
  escapedString: 6,
  object: 7,
  array: 8,
} as const;

/**
 * Finds the values of some keys of JSON objects without building anything else. It accepts exactly the objects that
 * `JSON.parse` accepts, up to `maxNesting`; of equal keys the last wins. The columns have one element for each key and
 * are overwritten by each scan. The last document is kept alive.
 */
class JsonScan {
  readonly kinds: Uint8Array;
  /** The ranges of the values, strings with their quotes. */
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  readonly #keys: ByteKeys;
  readonly #indexes: ReadonlyMap<string, number>;
  #bytes: Buffer = Buffer.alloc(0);
  #text: DataView = new DataView(new ArrayBuffer(0));

  constructor(keys: readonly string[]) {
    this.#keys = new ByteKeys(keys);
    this.#indexes = new Map(keys.map((key, index) => [key, index]));
    this.kinds = new Uint8Array(keys.length);
    this.starts = new Uint32Array(keys.length);
    this.ends = new Uint32Array(keys.length);
  }

  /** Reads one document; false if it is not a valid object, and all keys are missing then. */
  scan(bytes: Buffer, start: number, end: number): boolean {
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#text = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    }
    this.#forget();
    let from = start;
    let to = end;
    while (from < to && isSpace(bytes[from] ?? 0)) from++;
    while (from < to && isSpace(bytes[to - 1] ?? 0)) to--;
    const isObject =
      to - from >= 2 &&
      bytes[from] === openBrace &&
      bytes[to - 1] === closeBrace &&
      this.#readMembers(this.#text, from + 1, to);
    if (!isObject) this.#forget();
    return isObject;
  }

  /**
   * The value of a key in the last document, whose bytes must still be the same. Objects and arrays come as compact JSON
   * with the escapes of Go.
   */
  value(index: number): string | number | boolean | null | undefined {
    const bytes = this.#bytes;
    const start = this.starts[index] ?? 0;
    const end = this.ends[index] ?? 0;
    switch (this.kinds[index]) {
      case jsonKind.null:
        return null;
      case jsonKind.false:
        return false;
      case jsonKind.true:
        return true;
      case jsonKind.number:
        return Number(latin1(bytes, start, end));
      case jsonKind.string:
        return strings.get(bytes, start + 1, end - 1);
      case jsonKind.escapedString:
        return unescape(bytes, start, end).toWellFormed();
      case jsonKind.object:
      case jsonKind.array:
        return jsonText(JSON.parse(utf8(bytes, start, end)));
      default:
        return undefined;
    }
  }

  /** Not `fill`, since calling that takes longer than a short loop. */
  #forget(): void {
    const { kinds } = this;
    for (let index = 0; index < kinds.length; index++) kinds[index] = jsonKind.missing;
  }

  #readMembers(text: DataView, start: number, end: number): boolean {
    let at = skipSpace(text, start);
    if (text.getUint8(at) === closeBrace) return at + 1 === end;
    for (;;) {
      if (text.getUint8(at) !== quote) return false;
      const keyStart = at;
      at = endOfPlain(text, at + 1, end);
      if (at === end) return false;
      let index: number;
      if (text.getUint8(at) === quote) {
        index = this.#keys.find(this.#bytes, keyStart + 1, at);
        at++;
      } else {
        at = endOfString(text, at, end);
        if (at < 0) return false;
        index = this.#indexes.get(unescape(this.#bytes, keyStart, at)) ?? -1;
      }
      at = skipSpace(text, at);
      if (text.getUint8(at) !== colon) return false;
      at = skipSpace(text, at + 1);

      const valueStart = at;
      const first = text.getUint8(at);
      let kind: number = jsonKind.string;
      if (first === quote) {
        at = endOfPlain(text, at + 1, end);
        if (at === end) return false;
        if (text.getUint8(at) === quote) at++;
        else {
          kind = jsonKind.escapedString;
          at = endOfString(text, at, end);
        }
      } else at = endOfValue(text, at, end);
      if (at < 0 || at === end) return false;
      if (index >= 0) {
        this.kinds[index] = first === quote ? kind : kindOf(first);
        this.starts[index] = valueStart;
        this.ends[index] = at;
      }

      at = skipSpace(text, at);
      const next = text.getUint8(at);
      if (next !== comma) return next === closeBrace && at + 1 === end;
      at = skipSpace(text, at + 1);
    }
  }
}

export type { JsonScan };

/** A scan for some keys, which must differ from each other. Their places are the indexes of the results. */
export function compileJsonScan(keys: readonly string[]): JsonScan {
  return new JsonScan(keys);
}

/** What a value is that begins with a byte, if it is one. */
function kindOf(first: number): number {
  switch (first) {
    case quote:
      return jsonKind.string;
    case openBrace:
      return jsonKind.object;
    case openBracket:
      return jsonKind.array;
    case 0x6e: // n
      return jsonKind.null;
    case 0x66: // f
      return jsonKind.false;
    case 0x74: // t
      return jsonKind.true;
    default:
      return jsonKind.number;
  }
}

function unescape(bytes: Buffer, start: number, end: number): string {
  return JSON.parse(utf8(bytes, start, end)) as string;
}
