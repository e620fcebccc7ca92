import { ParseError } from '../../base/parse-error.ts';

const capture = /<([a-zA-Z_][a-zA-Z0-9_]*)>/;
const unnamed = '_';

interface Part {
  readonly isNamed: boolean;
  /** The text after the capture; empty at the end of the pattern. */
  readonly until: string;
}

/**
 * A pattern of text and captures, such as `<ip> - <user> <_>`, as LogQL has them. The columns have one element for each
 * named capture and are overwritten by each match.
 */
export class Pattern {
  readonly source: string;
  /** The names of the captures in their order, without those that are `_`. */
  readonly names: readonly string[];
  /** The ranges of the captures in the text. */
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  readonly #prefix: string;
  readonly #parts: readonly Part[];

  constructor(source: string, prefix: string, captures: readonly { readonly name: string; readonly until: string }[]) {
    this.source = source;
    this.names = captures.map(({ name }) => name).filter((name) => name !== unnamed);
    this.starts = new Uint32Array(this.names.length);
    this.ends = new Uint32Array(this.names.length);
    this.#prefix = prefix;
    this.#parts = captures.map(({ name, until }) => ({ isNamed: name !== unnamed, until }));
  }

  /**
   * Matches a text from its beginning, and returns how many of the named captures it found, up to a limit. A capture
   * goes up to the text that follows it in the pattern. Where that is missing, it is the last and takes the rest.
   */
  match(text: string, limit = this.names.length): number {
    if (text === '' || !text.startsWith(this.#prefix)) return 0;
    let at = this.#prefix.length;
    let count = 0;
    for (let index = 0; index < this.#parts.length && count < limit; index++) {
      const { isNamed, until } = this.#parts[index] as Part;
      const found = until === '' ? -1 : text.indexOf(until, at);
      if (isNamed) {
        this.starts[count] = at;
        this.ends[count] = found < 0 ? text.length : found;
        count++;
      }
      if (found < 0) break;
      at = found + until.length;
    }
    return count;
  }
}

/** Reads a pattern. What only looks like a capture, such as `<1>` or `<a b>`, is text. */
export function parsePattern(source: string): Pattern | ParseError {
  if (source === '') return new ParseError('pattern is required');
  // Text and names take turns.
  const [prefix = '', ...rest] = source.split(capture);
  const captures = rest.flatMap((name, index) => (index % 2 === 0 ? [{ name, until: rest[index + 1] ?? '' }] : []));
  const names = captures.map(({ name }) => name).filter((name) => name !== unnamed);
  if (names.length === 0) return new ParseError('at least one capture is required');
  for (const [index, { name, until }] of captures.entries()) {
    const following = captures[index + 1];
    if (until === '' && following !== undefined) {
      return new ParseError(`text is required between <${name}> and <${following.name}>`);
    }
  }
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) return new ParseError(`duplicate capture <${repeated}>`);
  return new Pattern(source, prefix, captures);
}
