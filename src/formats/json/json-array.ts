import { closeBracket, comma, endOfValue, isSpace, openBracket, skipSpace } from './json-syntax.ts';

/**
 * Reads the elements of a JSON array one after the other, as ranges of its bytes. It accepts exactly the arrays that
 * `JSON.parse` accepts, up to `maxNesting`. One reader serves many arrays; the last one is kept alive.
 */
export class JsonElements {
  /** The range of the current element. */
  start = 0;
  end = 0;
  #bytes: Buffer = Buffer.alloc(0);
  #text: DataView = new DataView(new ArrayBuffer(0));
  #at = 0;
  #arrayEnd = 0;

  /** Begins an array, with nothing around it but white space; false if the range is none. */
  open(bytes: Buffer, start: number, end: number): boolean {
    let from = start;
    let to = end;
    while (from < to && isSpace(bytes[from] ?? 0)) from++;
    while (from < to && isSpace(bytes[to - 1] ?? 0)) to--;
    if (to - from < 2 || bytes[from] !== openBracket || bytes[to - 1] !== closeBracket) return false;
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#text = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    }
    if (endOfValue(this.#text, from, to) !== to) return false;
    this.#at = skipSpace(this.#text, from + 1);
    this.#arrayEnd = to;
    return true;
  }

  /** Goes to the next element; false if there is none. */
  next(): boolean {
    const text = this.#text;
    if (text.getUint8(this.#at) === closeBracket) return false;
    this.start = this.#at;
    this.end = endOfValue(text, this.#at, this.#arrayEnd);
    const after = skipSpace(text, this.end);
    this.#at = text.getUint8(after) === comma ? skipSpace(text, after + 1) : after;
    return true;
  }
}
