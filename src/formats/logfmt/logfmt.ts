import type { ByteKeys } from '../../base/byte-keys.ts';
import { utf8 } from '../../base/bytes.ts';
import { ParseError } from '../../base/parse-error.ts';

/** Without the newline. */
const maxRecordSize = 64 * 1024 - 1;
const newline = 0x0a;
const space = 0x20;
const quote = 0x22;
const equals = 0x3d;
const backslash = 0x5c;

/**
 * Reads the pairs of logfmt text, `key=value key="quoted value" key`, one after the other, as go-logfmt does: records are
 * lines, values may be missing, and the first mistake ends the text. One reader serves many texts.
 */
export class LogfmtReader {
  #bytes: Buffer = Buffer.alloc(0);
  #start = 0;
  #at = 0;
  #end = 0;
  #keyStart = 0;
  #keyEnd = 0;
  #valueStart = 0;
  #valueEnd = 0;
  /** The value, if it had escapes. */
  #unescaped: string | undefined;
  #error: ParseError | undefined;

  /** What ended the text before its end. */
  get error(): ParseError | undefined {
    return this.#error;
  }

  /** The key of the current pair. */
  get key(): string {
    return utf8(this.#bytes, this.#keyStart, this.#keyEnd);
  }

  /** The index of the key of the current pair among some, or -1. Cheaper than its text. */
  keyAmong(keys: ByteKeys): number {
    return keys.find(this.#bytes, this.#keyStart, this.#keyEnd);
  }

  /** The value of the current pair, empty if there is none. */
  get value(): string {
    return this.#unescaped ?? utf8(this.#bytes, this.#valueStart, this.#valueEnd);
  }

  /** Begins a text. Its bytes must stay the same while its pairs are read. */
  start(bytes: Buffer, start: number, end: number): void {
    this.#bytes = bytes;
    this.#start = start;
    this.#at = start;
    this.#end = end;
    this.#error = undefined;
    this.#checkRecordSize(start);
  }

  /** Goes to the next pair; false if there is none. */
  next(): boolean {
    if (this.#error !== undefined || !this.#skipSpace()) return false;
    this.#unescaped = undefined;
    if (!this.#readKey()) return false;
    this.#valueStart = this.#at;
    this.#valueEnd = this.#at;
    if (this.#at === this.#end || this.#bytes[this.#at] !== equals) return true;
    this.#at++;
    this.#valueStart = this.#at;
    this.#valueEnd = this.#at;
    if (this.#at === this.#end) return true;
    return this.#bytes[this.#at] === quote ? this.#readQuoted() : this.#readPlain();
  }

  /** Goes to where the next key begins; false if none does. */
  #skipSpace(): boolean {
    for (; this.#at < this.#end; this.#at++) {
      const byte = this.#bytes[this.#at] ?? 0;
      if (byte > space) return true;
      if (byte === newline && !this.#checkRecordSize(this.#at + 1)) return false;
    }
    return false;
  }

  #readKey(): boolean {
    const bytes = this.#bytes;
    let at = this.#at;
    let isAscii = true;
    for (; at < this.#end; at++) {
      const byte = bytes[at] ?? 0;
      if (byte === equals || byte <= space) break;
      if (byte === quote) return this.#fail(at, 'unexpected quote');
      if (byte >= 0x80) isAscii = false;
    }
    if (at === this.#at) return this.#fail(at, 'unexpected equals sign');
    this.#keyStart = this.#at;
    this.#keyEnd = at;
    this.#at = at;
    return isAscii || !this.key.includes('\ufffd') || this.#fail(at, 'key that is not valid UTF-8');
  }

  #readPlain(): boolean {
    const bytes = this.#bytes;
    let at = this.#at;
    for (; at < this.#end; at++) {
      const byte = bytes[at] ?? 0;
      if (byte <= space) break;
      if (byte === equals) return this.#fail(at, 'unexpected equals sign');
      if (byte === quote) return this.#fail(at, 'unexpected quote');
    }
    this.#valueEnd = at;
    this.#at = at;
    return true;
  }

  #readQuoted(): boolean {
    const bytes = this.#bytes;
    const start = this.#at + 1;
    let hasEscapes = false;
    for (let at = start; at < this.#end; at++) {
      const byte = bytes[at] ?? 0;
      if (byte === newline) break;
      if (byte === backslash) {
        hasEscapes = true;
        at++;
        if (bytes[at] === newline) break;
      } else if (byte === quote) {
        this.#valueStart = start;
        this.#valueEnd = at;
        this.#at = at + 1;
        if (hasEscapes) this.#unescaped = unescape(utf8(bytes, start, at));
        return !hasEscapes || this.#unescaped !== undefined || this.#fail(start, 'quoted value with a wrong escape');
      }
    }
    return this.#fail(start, 'quoted value without an end');
  }

  /** Sees to it that the record which begins here is not too long; the end of the text can be far away. */
  #checkRecordSize(start: number): boolean {
    if (this.#end - start <= maxRecordSize) return true;
    for (let at = start; at <= start + maxRecordSize; at++) if (this.#bytes[at] === newline) return true;
    return this.#fail(start, 'record of more than 64 KiB');
  }

  #fail(at: number, problem: string): false {
    this.#error = new ParseError(`${problem} at byte ${at - this.#start} of logfmt text`);
    return false;
  }
}

/** The escapes of JSON and one more, `\'`; undefined if others occur, or control characters. */
function unescape(text: string): string | undefined {
  const json = text.replaceAll(/\\(.)/gs, (escape: string, character: string) => (character === "'" ? "'" : escape));
  try {
    return (JSON.parse(`"${json}"`) as string).toWellFormed();
  } catch {
    return undefined;
  }
}
