import { isBlank } from './words.ts';

/** Takes what follows the key of a line that is wanted. */
type Take<T> = (wanted: T, text: string, start: number, end: number) => void;

/**
 * Reads texts whose lines begin with a word that says what the line is about. From one text to the next these are mostly
 * the same in the same order, so that a line is recognized by its place, and nothing is made of those that nobody wants.
 */
export class KeyedLines<T> {
  readonly #find: (key: string) => T | undefined;
  /** By the number of the line; as many as the last text had lines. */
  readonly #known: { readonly key: string; readonly wanted: T | undefined }[] = [];

  /** Finds what a key stands for; undefined if its line is not wanted. It is asked once as long as lines stay the same. */
  constructor(find: (key: string) => T | undefined) {
    this.#find = find;
  }

  read(text: string, take: Take<T>): void {
    let line = 0;
    for (let start = 0; start < text.length;) {
      const newline = text.indexOf('\n', start);
      const end = newline < 0 ? text.length : newline;
      if (end > start) {
        let known = this.#known[line];
        if (known === undefined || !isKeyAt(text, start, end, known.key)) {
          const key = text.slice(start, endOfKey(text, start, end));
          this.#known[line] = known = { key, wanted: this.#find(key) };
        }
        if (known.wanted !== undefined) take(known.wanted, text, start + known.key.length, end);
        line++;
      }
      start = end + 1;
    }
    this.#known.length = line;
  }
}

function isKeyAt(text: string, start: number, end: number, key: string): boolean {
  const after = start + key.length;
  return text.startsWith(key, start) && (after === end || (after < end && isBlank(text.charCodeAt(after))));
}

function endOfKey(text: string, start: number, end: number): number {
  let at = start;
  while (at < end && !isBlank(text.charCodeAt(at))) at++;
  return at;
}
