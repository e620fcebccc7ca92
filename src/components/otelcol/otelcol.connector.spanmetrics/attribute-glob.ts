import { ByteTable } from '../../../base/byte-table.ts';
import { utf8 } from '../../../base/bytes.ts';
import { compileGoRegexp, type GoRegexp } from '../../../base/go-regexp/go-regexp.ts';
import { ParseError } from '../../../base/parse-error.ts';

/** Names whose result is remembered. */
const maxNames = 4096;

/**
 * Reads a pattern for names of attributes: `*` is any text, `?` any character, `[a-z]` and `[!a-z]` one of some or none of
 * them, `{a,b}` one of some patterns, and a backslash takes what follows as it is.
 */
export function parseGlob(text: string): GoRegexp | ParseError {
  let source = '';
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === '*') source += '.*';
    else if (character === '?') source += '.';
    else if (character === '\\') {
      if (++at === text.length) return new ParseError('the pattern ends with a backslash');
      source += quoted(text.charAt(at));
    } else if (character === '[') {
      const end = text.indexOf(']', at + 1);
      const set = text.slice(at + 1, end).replace(/^[!^]/, '');
      if (end < 0 || set === '') return new ParseError(`${JSON.stringify(text.slice(at))} is no set of characters`);
      const isNot = end - at - 1 > set.length;
      source += `[${isNot ? '^' : ''}${set.replaceAll(/[\\[^]/g, String.raw`\$&`)}]`;
      at = end;
    } else if (character === '{') {
      depth++;
      source += '(?:';
    } else if (character === '}' && depth > 0) {
      depth--;
      source += ')';
    } else if (character === ',' && depth > 0) source += '|';
    else source += quoted(character);
  }
  if (depth > 0) return new ParseError('"{" has no "}"');
  return compileGoRegexp(source, { anchored: true });
}

function quoted(character: string): string {
  return character.replace(/[.*+?^${}()|[\]\\]/, String.raw`\$&`);
}

/** Tells which names any of some patterns matches. Results are remembered, since names are few and come often. */
export class AttributeGlobs {
  readonly #patterns: readonly GoRegexp[];
  readonly #names = new ByteTable(maxNames);
  /** By slot of the name. */
  readonly #results = new Uint8Array(maxNames + 2);

  constructor(patterns: readonly GoRegexp[]) {
    this.#patterns = patterns;
  }

  matches(bytes: Buffer, start: number, end: number): boolean {
    const known = this.#names.find(bytes, start, end);
    if (known !== 0) return this.#results[known] === 1;
    const name = utf8(bytes, start, end);
    const result = this.#patterns.some((pattern) => pattern.test(name));
    if (this.#names.size >= maxNames) this.#names.clear();
    this.#results[this.#names.add(bytes, start, end)] = result ? 1 : 0;
    return result;
  }
}
