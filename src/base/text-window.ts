import { isAscii } from 'node:buffer';
import { latin1, utf8 } from './bytes.ts';

/** Large enough to make the conversion cheap for each line in it, and small enough to be soon forgotten. */
const windowSize = 16 * 1024;

/**
 * Makes strings of ranges of bytes that are asked for mostly in rising order, such as lines. A stretch of ASCII is
 * converted at once, and its ranges are cut out of that, which costs a fraction of a conversion each. Strings of more than
 * a few characters keep the stretch alive: whoever keeps one for long makes a copy, with `ownString`.
 */
export class TextWindow {
  #bytes: Buffer | undefined;
  #start = 0;
  #end = 0;
  /** The text of the window; undefined if it is not ASCII. */
  #text: string | undefined;

  slice(bytes: Buffer, start: number, end: number): string {
    if (bytes !== this.#bytes || start < this.#start || end > this.#end) this.#move(bytes, start, end);
    if (this.#text === undefined) return utf8(bytes, start, end);
    return this.#text.substring(start - this.#start, end - this.#start);
  }

  /** Forgets the bytes it has seen last. */
  clear(): void {
    this.#bytes = undefined;
    this.#text = undefined;
    this.#end = 0;
  }

  #move(bytes: Buffer, start: number, end: number): void {
    this.#bytes = bytes;
    this.#start = start;
    this.#end = Math.max(end, Math.min(start + windowSize, bytes.length));
    const isPlain = isAscii(bytes.subarray(start, this.#end));
    this.#text = isPlain ? latin1(bytes, start, this.#end) : undefined;
  }
}

/** The same text in memory of its own: what was cut out of a longer string would keep all of that alive. */
export function ownString(text: string): string {
  // Shorter ones are never cut out but copied.
  return text.length < 13 ? text : Buffer.from(text).toString();
}
