import { ParseError } from '../parse-error.ts';
import { anyChar, anyCharButNewline, type CharRanges } from './char-ranges.ts';
import { readChar, readClass, readClassEscape, readEscape, type Read } from './parse-class.ts';
import { regexpError } from './regexp-error.ts';
import {
  alternate,
  assertion,
  capture,
  chars,
  childrenOf,
  concat,
  type Node,
  type Position,
  repeat,
} from './syntax-tree.ts';
import { foldCase } from './unicode-classes.ts';

export interface ParsedRegexp {
  readonly root: Node;
  /** By group number; undefined for the whole match and for groups without a name. Names may occur twice. */
  readonly groupNames: readonly (string | undefined)[];
}

/** The limits of Go. */
const maxHeight = 1000;
const maxRepeat = 1000;
const maxSize = 3_355_443;

interface Flags {
  readonly isFolding: boolean;
  readonly isMultiline: boolean;
  readonly doesDotMatchNewline: boolean;
  readonly isUngreedy: boolean;
}

/** A parenthesis that is still open, or the pattern as a whole. */
interface Group {
  readonly kind: 'pattern' | 'capturing' | 'plain';
  readonly index: number;
  /** What applies again after the closing parenthesis. */
  readonly outerFlags: Flags;
  readonly alternatives: Node[];
  /** The alternative that is being read. */
  items: Node[];
}

/** Parses the RE2 syntax as Go's `regexp` accepts it. Nesting is kept on a stack of its own, so depth is no danger. */
export function parseRegexp(pattern: string): ParsedRegexp | ParseError {
  return new Parser(pattern).parse();
}

class Parser {
  readonly #pattern: string;
  readonly #groupNames: (string | undefined)[] = [undefined];
  readonly #outer: Group[] = [];
  #at = 0;
  #flags: Flags = { isFolding: false, isMultiline: false, doesDotMatchNewline: false, isUngreedy: false };
  #group: Group = { kind: 'pattern', index: 0, outerFlags: this.#flags, alternatives: [], items: [] };
  /** Where the operator that was just read starts; a second one may not follow it. */
  #lastRepeat = -1;

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  parse(): ParsedRegexp | ParseError {
    const pattern = this.#pattern;
    while (this.#at < pattern.length) {
      const start = this.#at;
      const error = this.#step();
      if (error !== undefined) return error;
      if (this.#lastRepeat < start) this.#lastRepeat = -1;
    }
    if (this.#outer.length > 0) return regexpError('missing closing )', pattern);
    const root = closed(this.#group);
    if (root.height > maxHeight) return regexpError('expression nests too deeply', pattern);
    if (root.size > maxSize) return regexpError('expression too large', pattern);
    return { root, groupNames: this.#groupNames };
  }

  #step(): ParseError | undefined {
    switch (this.#pattern[this.#at]) {
      case '(':
        return this.#pattern[this.#at + 1] === '?' ? this.#openSpecial() : this.#open('capturing', this.#at + 1);
      case ')':
        return this.#close();
      case '|':
        this.#group.alternatives.push(concat(this.#group.items));
        this.#group.items = [];
        this.#at++;
        return undefined;
      case '^':
        return this.#assert(this.#flags.isMultiline ? 'line-start' : 'text-start', 1);
      case '$':
        return this.#assert(this.#flags.isMultiline ? 'line-end' : 'text-end', 1);
      case '.':
        return this.#push({ value: this.#flags.doesDotMatchNewline ? anyChar : anyCharButNewline, end: this.#at + 1 });
      case '[':
        return this.#push(readClass(this.#pattern, this.#at, this.#flags.isFolding));
      case '*':
        return this.#repeat(0, Infinity, this.#at + 1);
      case '+':
        return this.#repeat(1, Infinity, this.#at + 1);
      case '?':
        return this.#repeat(0, 1, this.#at + 1);
      case '{':
        return this.#counted();
      case '\\':
        return this.#escape();
      default:
        return this.#literal(readChar(this.#pattern, this.#at));
    }
  }

  #push(set: Read<CharRanges> | ParseError): ParseError | undefined {
    if (set instanceof ParseError) return set;
    this.#group.items.push(chars(set.value));
    this.#at = set.end;
    return undefined;
  }

  #literal(character: Read<number> | ParseError): ParseError | undefined {
    if (character instanceof ParseError) return character;
    const set = [character.value, character.value];
    return this.#push({ value: this.#flags.isFolding ? foldCase(set) : set, end: character.end });
  }

  #assert(position: Position, length: number): undefined {
    this.#group.items.push(assertion(position));
    this.#at += length;
  }

  #escape(): ParseError | undefined {
    switch (this.#pattern[this.#at + 1]) {
      case 'A':
        return this.#assert('text-start', 2);
      case 'z':
        return this.#assert('text-end', 2);
      case 'b':
        return this.#assert('word-boundary', 2);
      case 'B':
        return this.#assert('no-word-boundary', 2);
      case 'Q':
        return this.#quoted();
      default: {
        const set = readClassEscape(this.#pattern, this.#at, this.#flags.isFolding);
        return set === undefined ? this.#literal(readEscape(this.#pattern, this.#at)) : this.#push(set);
      }
    }
  }

  /** `\Q ... \E`, or to the end of the pattern: all of it is literal. */
  #quoted(): ParseError | undefined {
    const close = this.#pattern.indexOf('\\E', this.#at + 2);
    const end = close < 0 ? this.#pattern.length : close;
    this.#at += 2;
    while (this.#at < end) {
      const error = this.#literal(readChar(this.#pattern, this.#at));
      if (error !== undefined) return error;
    }
    if (close >= 0) this.#at = close + 2;
    return undefined;
  }

  /** `{n}`, `{n,}` or `{n,m}`; anything else that starts with a brace is literal. */
  #counted(): ParseError | undefined {
    const bound = /\{(0|[1-9]\d*)(?:(,)(0|[1-9]\d*)?)?\}/y;
    bound.lastIndex = this.#at;
    const match = bound.exec(this.#pattern);
    if (match === null) return this.#literal(readChar(this.#pattern, this.#at));
    const [text, least = '', comma, most] = match;
    const min = Number(least);
    const max = most === undefined ? (comma === undefined ? min : Infinity) : Number(most);
    if (min > maxRepeat || (max !== Infinity && max > maxRepeat) || max < min) {
      return regexpError('invalid repeat count', text);
    }
    return this.#repeat(min, max, this.#at + text.length);
  }

  #repeat(min: number, max: number, afterOperator: number): ParseError | undefined {
    const isReversed = this.#pattern[afterOperator] === '?';
    const start = this.#at;
    const end = afterOperator + (isReversed ? 1 : 0);
    if (this.#lastRepeat >= 0) {
      return regexpError('invalid nested repetition operator', this.#pattern.slice(this.#lastRepeat, end));
    }
    const body = this.#group.items.pop();
    if (body === undefined) {
      return regexpError('missing argument to repetition operator', this.#pattern.slice(start, end));
    }
    const node = repeat(body, min, max, isReversed === this.#flags.isUngreedy);
    const isCounted = min >= 2 || (max >= 2 && max !== Infinity);
    if (isCounted && !isRepeatable(node, maxRepeat)) {
      return regexpError('invalid repeat count', this.#pattern.slice(start, end));
    }
    this.#group.items.push(node);
    this.#lastRepeat = start;
    this.#at = end;
    return undefined;
  }

  #open(kind: 'capturing' | 'plain', end: number, name?: string): undefined {
    const index = kind === 'capturing' ? this.#groupNames.push(name) - 1 : 0;
    this.#outer.push(this.#group);
    this.#group = { kind, index, outerFlags: this.#flags, alternatives: [], items: [] };
    this.#at = end;
  }

  #close(): ParseError | undefined {
    const outer = this.#outer.pop();
    if (outer === undefined) return regexpError('unexpected )', this.#pattern);
    const body = closed(this.#group);
    const node = this.#group.kind === 'capturing' ? capture(this.#group.index, body) : body;
    if (node.height > maxHeight) return regexpError('expression nests too deeply', this.#pattern);
    this.#flags = this.#group.outerFlags;
    this.#group = outer;
    this.#group.items.push(node);
    this.#at++;
    return undefined;
  }

  /** `(?P<name>`, `(?<name>`, `(?flags:` or `(?flags)`. */
  #openSpecial(): ParseError | undefined {
    const named = /\(\?P?</y;
    named.lastIndex = this.#at;
    const opening = named.exec(this.#pattern)?.[0];
    if (opening !== undefined) return this.#openNamed(opening);
    const flags = { ...this.#flags };
    let isOn = true;
    let hasFlag = false;
    let at = this.#at + 2;
    for (; at < this.#pattern.length; at++) {
      const letter = this.#pattern[at];
      if (letter === '-' && isOn) {
        isOn = false;
        hasFlag = false;
      } else if (letter === 'i' || letter === 'm' || letter === 's' || letter === 'U') {
        flags[flagNames[letter]] = isOn;
        hasFlag = true;
      } else if ((letter === ':' || letter === ')') && (isOn || hasFlag)) {
        if (letter === ':') this.#open('plain', at + 1);
        this.#flags = flags;
        this.#at = at + 1;
        return undefined;
      } else break;
    }
    const width = (this.#pattern.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
    return regexpError('invalid or unsupported Perl syntax', this.#pattern.slice(this.#at, at + width));
  }

  #openNamed(opening: string): ParseError | undefined {
    const close = this.#pattern.indexOf('>', this.#at);
    if (close < 0) return regexpError('invalid named capture', this.#pattern.slice(this.#at));
    const name = this.#pattern.slice(this.#at + opening.length, close);
    if (!/^[0-9A-Za-z_]+$/.test(name)) {
      return regexpError('invalid named capture', this.#pattern.slice(this.#at, close + 1));
    }
    return this.#open('capturing', close + 1, name);
  }
}

const flagNames = {
  i: 'isFolding',
  m: 'isMultiline',
  s: 'doesDotMatchNewline',
  U: 'isUngreedy',
} as const satisfies Record<string, keyof Flags>;

function closed(group: Group): Node {
  return alternate([...group.alternatives, concat(group.items)]);
}

/** Whether the counts of a repetition and of those inside multiply to no more than the limit. */
function isRepeatable(node: Node, limit: number): boolean {
  let rest = limit;
  if (node.kind === 'repeat') {
    if (node.max === 0) return true;
    const copies = node.max === Infinity ? node.min : node.max;
    if (copies > limit) return false;
    if (copies > 0) rest = Math.floor(limit / copies);
  }
  return childrenOf(node).every((child) => isRepeatable(child, rest));
}
