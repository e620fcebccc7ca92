import { ParseError } from '../parse-error.ts';
import { type CharRanges, maxCodePoint, negate, union } from './char-ranges.ts';
import { regexpError } from './regexp-error.ts';
import { foldCase, unicodeClass } from './unicode-classes.ts';

/** Something read from a pattern, and the offset after it. */
export interface Read<T> {
  readonly value: T;
  readonly end: number;
}

const digits: CharRanges = [0x30, 0x39];
const words: CharRanges = [0x30, 0x39, 0x41, 0x5a, 0x5f, 0x5f, 0x61, 0x7a];
/** Unlike `[[:space:]]`, without the vertical tab. */
const blanks: CharRanges = [0x09, 0x0a, 0x0c, 0x0d, 0x20, 0x20];

const perlClasses: Readonly<Record<string, CharRanges>> = { d: digits, w: words, s: blanks };

const posixClasses: Readonly<Record<string, CharRanges>> = {
  alnum: [0x30, 0x39, 0x41, 0x5a, 0x61, 0x7a],
  alpha: [0x41, 0x5a, 0x61, 0x7a],
  ascii: [0, 0x7f],
  blank: [0x09, 0x09, 0x20, 0x20],
  cntrl: [0, 0x1f, 0x7f, 0x7f],
  digit: digits,
  graph: [0x21, 0x7e],
  lower: [0x61, 0x7a],
  print: [0x20, 0x7e],
  punct: [0x21, 0x2f, 0x3a, 0x40, 0x5b, 0x60, 0x7b, 0x7e],
  space: [0x09, 0x0d, 0x20, 0x20],
  upper: [0x41, 0x5a],
  word: words,
  xdigit: [0x30, 0x39, 0x41, 0x46, 0x61, 0x66],
};

const letterEscapes: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 };

/**
 * `'[' '^'? item+ ']'`, where an item is a named class, an escape, a character or a range of characters.
 * A bracket or hyphen that comes first is a character.
 */
export function readClass(pattern: string, start: number, isFolding: boolean): Read<CharRanges> | ParseError {
  const isNegated = pattern[start + 1] === '^';
  const first = start + (isNegated ? 2 : 1);
  const sets: CharRanges[] = [];
  let at = first;
  while (pattern[at] !== ']' || at === first) {
    const item = readNamedClass(pattern, at, isFolding) ?? readRange(pattern, at, start, isFolding);
    if (item instanceof ParseError) return item;
    sets.push(item.value);
    at = item.end;
  }
  const set = union(...sets);
  return { value: isNegated ? negate(set) : set, end: at + 1 };
}

function readRange(
  pattern: string,
  start: number,
  classStart: number,
  isFolding: boolean,
): Read<CharRanges> | ParseError {
  const first = readClassChar(pattern, start, classStart);
  if (first instanceof ParseError) return first;
  let last = first;
  // A hyphen before the closing bracket is a character.
  const isRange = pattern[first.end] === '-' && first.end + 1 < pattern.length && pattern[first.end + 1] !== ']';
  if (isRange) {
    const upper = readClassChar(pattern, first.end + 1, classStart);
    if (upper instanceof ParseError) return upper;
    last = upper;
  }
  if (last.value < first.value) {
    return regexpError('invalid character class range', pattern.slice(start, last.end));
  }
  const set = [first.value, last.value];
  return { value: isFolding ? foldCase(set) : set, end: last.end };
}

function readClassChar(pattern: string, at: number, classStart: number): Read<number> | ParseError {
  if (at >= pattern.length) return regexpError('missing closing ]', pattern.slice(classStart));
  return pattern[at] === '\\' ? readEscape(pattern, at) : readChar(pattern, at);
}

/** `[:alpha:]`, `\pL`, `\p{Greek}`, `\d` and the like, if one starts here. */
function readNamedClass(pattern: string, start: number, isFolding: boolean): Read<CharRanges> | ParseError | undefined {
  if (pattern.startsWith('[:', start)) return readPosixClass(pattern, start, isFolding);
  return readClassEscape(pattern, start, isFolding);
}

function readPosixClass(pattern: string, start: number, isFolding: boolean): Read<CharRanges> | ParseError | undefined {
  const close = pattern.indexOf(':]', start + 2);
  if (close < 0) return undefined;
  const end = close + 2;
  const isNegated = pattern[start + 2] === '^';
  const name = pattern.slice(start + (isNegated ? 3 : 2), close);
  const set = Object.hasOwn(posixClasses, name) ? posixClasses[name] : undefined;
  if (set === undefined) return regexpError('invalid character class range', pattern.slice(start, end));
  return { value: classOf(set, isNegated, isFolding), end };
}

/** An escape that stands for a set, inside or outside of brackets. */
export function readClassEscape(
  pattern: string,
  start: number,
  isFolding: boolean,
): Read<CharRanges> | ParseError | undefined {
  if (pattern[start] !== '\\') return undefined;
  const letter = pattern[start + 1] ?? '';
  if (letter === 'p' || letter === 'P') return readUnicodeClass(pattern, start, isFolding);
  const lower = letter.toLowerCase();
  const set = Object.hasOwn(perlClasses, lower) ? perlClasses[lower] : undefined;
  return set && { value: classOf(set, letter !== lower, isFolding), end: start + 2 };
}

function readUnicodeClass(pattern: string, start: number, isFolding: boolean): Read<CharRanges> | ParseError {
  const isBraced = pattern[start + 2] === '{';
  const close = pattern.indexOf('}', start);
  if (isBraced && close < 0) return regexpError('invalid character class range', pattern.slice(start));
  const end = isBraced ? close + 1 : start + 2 + String.fromCodePoint(pattern.codePointAt(start + 2) ?? 0).length;
  const name = isBraced ? pattern.slice(start + 3, close) : pattern.slice(start + 2, end);
  const isInverse = name.startsWith('^');
  const set = unicodeClass(isInverse ? name.slice(1) : name);
  if (set === undefined) return regexpError('invalid character class range', pattern.slice(start, end));
  return { value: classOf(set, (pattern[start + 1] === 'P') !== isInverse, isFolding), end };
}

/** Case is folded before the set is negated: `(?i)[^k]` excludes the Kelvin sign. */
function classOf(set: CharRanges, isNegated: boolean, isFolding: boolean): CharRanges {
  const folded = isFolding ? foldCase(set) : set;
  return isNegated ? negate(folded) : folded;
}

/** The character at an offset inside the pattern. */
export function readChar(pattern: string, at: number): Read<number> | ParseError {
  const value = pattern.codePointAt(at) ?? 0;
  if (value >= 0xd800 && value < 0xe000) return regexpError('invalid UTF-8', pattern.slice(at));
  return { value, end: at + (value > 0xffff ? 2 : 1) };
}

/** An escape that stands for one character. */
export function readEscape(pattern: string, start: number): Read<number> | ParseError {
  if (start + 1 >= pattern.length) return regexpError('trailing backslash at end of expression', '');
  const escaped = readChar(pattern, start + 1);
  if (escaped instanceof ParseError) return escaped;
  const character = String.fromCodePoint(escaped.value);
  if (escaped.value < 0x80 && !/[0-9A-Za-z]/.test(character)) return escaped;
  if (character === 'x') return readHexEscape(pattern, start);
  const letter = Object.hasOwn(letterEscapes, character) ? letterEscapes[character] : undefined;
  if (letter !== undefined) return { value: letter, end: escaped.end };
  // A single digit other than zero would be a back-reference.
  const octal = /^(?:0[0-7]{0,2}|[1-7][0-7]{1,2})/.exec(pattern.slice(start + 1, start + 4))?.[0];
  if (octal !== undefined) return { value: Number.parseInt(octal, 8), end: start + 1 + octal.length };
  return regexpError('invalid escape sequence', pattern.slice(start, escaped.end));
}

/** `\x7f` or `\x{10FFFF}`. */
function readHexEscape(pattern: string, start: number): Read<number> | ParseError {
  const invalid = (end: number): ParseError =>
    regexpError('invalid escape sequence', pattern.slice(start, Math.min(end, pattern.length)));
  if (pattern[start + 2] !== '{') {
    const pair = pattern.slice(start + 2, start + 4);
    return /^[0-9A-Fa-f]{2}$/.test(pair)
      ? { value: Number.parseInt(pair, 16), end: start + 4 }
      : invalid(start + 2 + pair.length);
  }
  let value = 0;
  for (let at = start + 3; at < pattern.length; at++) {
    const character = pattern[at] ?? '';
    if (character === '}' && at > start + 3) return { value, end: at + 1 };
    if (!/[0-9A-Fa-f]/.test(character)) return invalid(at + 1);
    value = value * 16 + Number.parseInt(character, 16);
    if (value > maxCodePoint) return invalid(at + 1);
  }
  return invalid(pattern.length);
}
