import { ParseError } from '../../base/parse-error.ts';
import { Labels } from '../../model/labels.ts';

/** Longer label sets are refused: every set that is in use is remembered for long. */
const maxLength = 32 * 1024;

/** A part of a text and where it ends. */
interface Part {
  readonly value: string;
  readonly end: number;
}

/**
 * Reads a label set as PromQL writes it, `{a="b", "c.d"='e', f=`g`}`, without a metric name. Labels with empty values
 * are left out, since they mean the same as no label.
 */
export function parseLabelSet(text: string): Labels | ParseError {
  const problem = lengthProblem(text.length);
  if (problem !== undefined) return problem;
  const pairs = new Map<string, string>();
  let at = skipSpace(text, 0);
  if (text[at] !== '{') return unexpected(text, at, '"{"');
  at = skipSpace(text, at + 1);
  while (text[at] !== '}') {
    const name = readName(text, at) ?? readQuoted(text, at);
    if (name === undefined || name.value === '') return unexpected(text, at, 'a label name');
    at = skipSpace(text, name.end);
    if (text[at] !== '=') return unexpected(text, at, '"="');
    at = skipSpace(text, at + 1);
    const value = readQuoted(text, at);
    if (value === undefined) return unexpected(text, at, 'a quoted value');
    if (pairs.has(name.value)) return new ParseError(`label "${name.value}" occurs twice in label set`);
    pairs.set(name.value, value.value);
    at = skipSpace(text, value.end);
    if (text[at] === ',') at = skipSpace(text, at + 1);
    else if (text[at] !== '}') return unexpected(text, at, '"," or "}"');
  }
  at = skipSpace(text, at + 1);
  if (at < text.length) return unexpected(text, at, 'the end');
  return Labels.from([...pairs].filter(([, value]) => value !== ''));
}

/** The label set that pairs are. */
export function labelsFromPairs(pairs: readonly (readonly [string, string])[]): Labels | ParseError {
  if (pairs.some(([name]) => name === '')) return new ParseError('a label of the label set has no name');
  return Labels.from(pairs.filter(([, value]) => value !== ''));
}

/** What is wrong with a label set whose text is so long, if anything is. */
export function lengthProblem(length: number): ParseError | undefined {
  if (length <= maxLength) return undefined;
  return new ParseError(`label set is ${length} characters long, at most ${maxLength} are allowed`);
}

function unexpected(text: string, at: number, wanted: string): ParseError {
  const found = at < text.length ? JSON.stringify(text.slice(at, at + 20)) : 'the end';
  return new ParseError(`expected ${wanted} in label set at character ${at}, found ${found}`);
}

function skipSpace(text: string, start: number): number {
  let at = start;
  while (at < text.length && ' \t\r\n'.includes(text[at] ?? '')) at++;
  return at;
}

const namePattern = /[a-zA-Z_]\w*/y;

function readName(text: string, at: number): Part | undefined {
  namePattern.lastIndex = at;
  const value = namePattern.exec(text)?.[0];
  return value === undefined ? undefined : { value, end: at + value.length };
}

/** Reads a string as Go writes it, where single quotes count as double ones; undefined if there is none. */
function readQuoted(text: string, start: number): Part | undefined {
  const quote = text[start];
  if (quote !== '"' && quote !== "'" && quote !== '`') return undefined;
  let hasEscapes = false;
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === quote) {
      const content = text.slice(start + 1, at);
      const value = hasEscapes ? unescape(content, quote) : content;
      return value === undefined ? undefined : { value, end: at + 1 };
    }
    if (quote === '`') continue;
    if (text[at] === '\n') return undefined;
    if (text[at] === '\\') {
      hasEscapes = true;
      at++;
    }
  }
  return undefined;
}

const escapePattern = /\\(?:x([\da-fA-F]{2})|([0-7]{3})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([^]?))/g;
const simpleEscapes: ReadonlyMap<string, string> = new Map([
  ['a', '\x07'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
  ['\\', '\\'],
]);

/** Replaces the escapes of Go; undefined if there is one that Go lacks. Bytes that are not UTF-8 become U+FFFD. */
function unescape(content: string, quote: string): string | undefined {
  let isValid = true;
  const replace = (
    _escape: string,
    hex?: string,
    octal?: string,
    short?: string,
    long?: string,
    other = '',
  ): string => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    if (octal !== undefined) {
      const byte = Number.parseInt(octal, 8);
      isValid &&= byte < 0x100;
      return String.fromCharCode(byte);
    }
    const digits = short ?? long;
    if (digits !== undefined) {
      const code = Number.parseInt(digits, 16);
      const isCharacter = code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
      isValid &&= isCharacter;
      return isCharacter ? bytesOf(String.fromCodePoint(code)) : '';
    }
    const character = other === quote ? quote : simpleEscapes.get(other);
    isValid &&= character !== undefined;
    return character ?? '';
  };
  const bytes = bytesOf(content).replaceAll(escapePattern, replace);
  return isValid ? Buffer.from(bytes, 'latin1').toString() : undefined;
}

/** UTF-8 as one character a byte, since escapes stand for bytes. */
function bytesOf(text: string): string {
  return Buffer.from(text).toString('latin1');
}
