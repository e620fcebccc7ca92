import { ParseError } from '../base/parse-error.ts';

/** One element of a wildcard: any run of characters, any character, one of a class, or the character itself. */
export type WildcardToken = typeof anyRun | typeof anyCharacter | CharacterClass | number;

interface CharacterClass {
  readonly isNegated: boolean;
  /** Pairs of the first and the last code point. */
  readonly ranges: readonly (readonly [number, number])[];
}

const anyRun = Symbol('*');
const anyCharacter = Symbol('?');

/** Parses one component of a pattern. What has no wildcard in it is a name and comes back as text. */
export function parseWildcard(text: string): string | readonly WildcardToken[] | ParseError {
  const tokens: WildcardToken[] = [];
  const characters = Array.from(text);
  for (let at = 0; at < characters.length; at++) {
    switch (characters[at]) {
      case '*':
        // A run of runs is one run.
        if (tokens.at(-1) !== anyRun) tokens.push(anyRun);
        break;
      case '?':
        tokens.push(anyCharacter);
        break;
      case '[': {
        const parsed = parseClass(characters, at + 1);
        if (parsed instanceof ParseError) return parsed;
        tokens.push(parsed.characterClass);
        at = parsed.end;
        break;
      }
      case '\\':
        at++;
        if (at === characters.length) return new ParseError('ends with a single backslash');
        tokens.push(codeOf(characters[at]));
        break;
      default:
        tokens.push(codeOf(characters[at]));
    }
  }
  const codes = tokens.filter((token) => typeof token === 'number');
  return codes.length === tokens.length ? codes.map((code) => String.fromCodePoint(code)).join('') : tokens;
}

/** Parses what follows `[`; `end` is the index of the `]`. */
function parseClass(
  characters: readonly string[],
  start: number,
): { readonly characterClass: CharacterClass; readonly end: number } | ParseError {
  const isNegated = characters[start] === '^' || characters[start] === '!';
  const ranges: (readonly [number, number])[] = [];
  for (let at = isNegated ? start + 1 : start; at < characters.length; at++) {
    if (characters[at] === ']') {
      if (ranges.length === 0) return new ParseError('a character class is empty');
      return { characterClass: { isNegated, ranges }, end: at };
    }
    if (characters[at] === '\\') at++;
    const first = codeOf(characters[at]);
    let last = first;
    // Before the closing bracket, a hyphen is an ordinary character.
    if (characters[at + 1] === '-' && characters[at + 2] !== ']' && at + 2 < characters.length) {
      at += characters[at + 2] === '\\' ? 3 : 2;
      last = codeOf(characters[at]);
    }
    ranges.push([first, last]);
  }
  return new ParseError('a character class has no "]"');
}

function codeOf(character: string | undefined): number {
  return character?.codePointAt(0) ?? 0;
}

/** Whether a whole name matches. Takes at most the product of both lengths in time. */
export function matchesWildcard(tokens: readonly WildcardToken[], name: string): boolean {
  let token = 0;
  let at = 0;
  // Where the last run began, and up to where it reaches so far.
  let run = -1;
  let runEnd = 0;
  while (at < name.length) {
    const expected = tokens[token];
    const code = name.codePointAt(at) ?? 0;
    const size = code > 0xffff ? 2 : 1;
    if (expected === anyRun) {
      run = token++;
      runEnd = at;
    } else if (expected !== undefined && matchesCharacter(expected, code)) {
      token++;
      at += size;
    } else if (run >= 0) {
      runEnd += (name.codePointAt(runEnd) ?? 0) > 0xffff ? 2 : 1;
      at = runEnd;
      token = run + 1;
    } else {
      return false;
    }
  }
  while (tokens[token] === anyRun) token++;
  return token === tokens.length;
}

function matchesCharacter(expected: WildcardToken, code: number): boolean {
  if (typeof expected === 'number') return expected === code;
  if (expected === anyCharacter) return true;
  if (expected === anyRun) return false;
  return expected.ranges.some(([first, last]) => first <= code && code <= last) !== expected.isNegated;
}
