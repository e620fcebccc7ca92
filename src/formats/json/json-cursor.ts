import { utf8 } from '../../base/bytes.ts';
import {
  closeBrace,
  closeBracket,
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
import { unescapeInPlace } from './json-unescape.ts';

/**
 * Walks through one JSON object whose shape is known, without building anything. Whoever walks asks for what should come
 * next; what is of another kind can be looked at again or passed over, and where the text is no JSON the cursor is broken
 * and stays so.
 *
 *     if (cursor.enterObject()) while (cursor.nextMember()) if (!cursor.readString()) cursor.skipValue();
 */
export class JsonCursor {
  /** The range of the key or string that was read last, without its quotes. */
  start = 0;
  end = 0;
  /** Whether there are escapes in it. */
  isEscaped = false;
  /** Whether the text does not follow the format. */
  isBroken = false;
  #bytes: Buffer = Buffer.alloc(0);
  #text: DataView = new DataView(new ArrayBuffer(0));
  #at = 0;
  #end = 0;
  #isFirst = false;

  /** Begins with the object that the bytes are, apart from white space around it. */
  open(bytes: Buffer): void {
    this.#bytes = bytes;
    this.#text = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#at = 0;
    this.#end = bytes.length;
    while (this.#at < this.#end && isSpace(bytes[this.#at] ?? 0)) this.#at++;
    while (this.#at < this.#end && isSpace(bytes[this.#end - 1] ?? 0)) this.#end--;
    // The functions for the syntax stop at that brace.
    this.isBroken = bytes[this.#at] !== openBrace || bytes[this.#end - 1] !== closeBrace;
  }

  /** Where the cursor stands. Setting it goes back to a value that was passed over, or behind one. */
  get at(): number {
    return this.#at;
  }

  set at(at: number) {
    this.#at = at;
    this.#isFirst = false;
  }

  /** Whether all of the text was read. */
  get isAtEnd(): boolean {
    return !this.isBroken && this.#at === this.#end;
  }

  enterObject(): boolean {
    return this.#enter(openBrace);
  }

  enterArray(): boolean {
    return this.#enter(openBracket);
  }

  /** Goes to the value of the next member, whose key is the string that was read then; false behind the object. */
  nextMember(): boolean {
    if (!this.#next(closeBrace)) return false;
    if (this.readString()) {
      this.#at = skipSpace(this.#text, this.#at);
      if (this.#text.getUint8(this.#at) === colon) {
        this.#at = skipSpace(this.#text, this.#at + 1);
        return true;
      }
    }
    this.isBroken = true;
    return false;
  }

  /** Goes to the next element; false behind the array. */
  nextElement(): boolean {
    return this.#next(closeBracket);
  }

  /** Reads a string; false if there is none. */
  readString(): boolean {
    const text = this.#text;
    if (this.isBroken || text.getUint8(this.#at) !== quote) return false;
    const start = this.#at + 1;
    let end = endOfPlain(text, start, this.#end);
    this.isEscaped = end < this.#end && text.getUint8(end) !== quote;
    if (this.isEscaped) end = endOfString(text, end, this.#end) - 1;
    if (end < 0 || end >= this.#end) {
      this.isBroken = true;
      return false;
    }
    this.start = start;
    this.end = end;
    this.#at = end + 1;
    return true;
  }

  /** The string that was read last. */
  text(): string {
    if (!this.isEscaped) return utf8(this.#bytes, this.start, this.end);
    return JSON.parse(utf8(this.#bytes, this.start - 1, this.end + 1)) as string;
  }

  /** Replaces the escapes in the string that was read last by what they stand for, so that its range is its text. */
  unescape(): void {
    if (this.isEscaped) this.end = unescapeInPlace(this.#bytes, this.start, this.end);
    this.isEscaped = false;
  }

  /** Passes over null; false if something else comes. */
  readNull(): boolean {
    if (this.isBroken || this.#text.getUint8(this.#at) !== 0x6e) return false;
    return this.skipValue();
  }

  /** Passes over whatever comes. */
  skipValue(): boolean {
    if (this.isBroken) return false;
    const end = endOfValue(this.#text, this.#at, this.#end);
    this.isBroken = end < 0 || end >= this.#end;
    if (!this.isBroken) this.#at = end;
    return !this.isBroken;
  }

  #enter(open: number): boolean {
    if (this.isBroken || this.#text.getUint8(this.#at) !== open) return false;
    this.#at++;
    this.#isFirst = true;
    return true;
  }

  #next(close: number): boolean {
    if (this.isBroken) return false;
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    this.#at = this.#at < this.#end ? skipSpace(this.#text, this.#at) : this.#at;
    const next = this.#at < this.#end ? this.#text.getUint8(this.#at) : 0;
    if (next === close) {
      this.#at++;
      return false;
    }
    if (isFirst) return true;
    this.isBroken = next !== comma;
    if (!this.isBroken) this.#at = skipSpace(this.#text, this.#at + 1);
    return !this.isBroken;
  }
}
