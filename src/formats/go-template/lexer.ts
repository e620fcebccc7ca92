import { goQuote } from '../../base/go-quote.ts';
import { describe } from '../../base/go-string-literal.ts';
import { keywords, type Keyword, type Token, type TokenKind } from './token.ts';

const space = '[ \\t\\r\\n]';
const leftDelimiter = new RegExp(`\\{\\{(?:-(?=${space}))?`, 'g');
const rightDelimiter = new RegExp(`(?:${space}-)?\\}\\}`, 'y');
const spaces = new RegExp(`${space}+`, 'y');
const alphanumeric = /[\p{L}\p{Nd}_]/u;
const word = /[.$]?[\p{L}\p{Nd}_]*/uy;
/** What may follow a word. */
const terminator = /[ \t\r\n.,|:)(]|\}\}|$/y;
const number =
  /[+-]?(?:0[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:[pP][+-]?[0-9_]*)?|0[oO][0-7_]*(?:\.[0-7_]*)?|0[bB][01_]*(?:\.[01_]*)?|[0-9_]*(?:\.[0-9_]*)?(?:[eE][+-]?[0-9_]*)?)i?/y;
const quoted = /"(?:[^"\\\n]|\\[^\n])*"/y;
const rawQuoted = /`[^`]*`/y;
const character = /'(?:[^'\\\n]|\\[^\n])*'/y;

const symbols: Readonly<Record<string, TokenKind>> = { '=': 'assign', '|': 'pipe', '(': 'left-paren', ',': 'comma' };

/** Splits a template into tokens. The last one is the end of the text or an error. */
export function tokensOf(text: string): Token[] {
  return new Lexer(text).run();
}

class Lexer {
  readonly #text: string;
  readonly #tokens: Token[] = [];
  #at = 0;
  #parens = 0;

  constructor(text: string) {
    this.#text = text;
  }

  run(): Token[] {
    let isGood = true;
    while (isGood && this.#at < this.#text.length) isGood = this.#textAndAction();
    if (isGood) this.#add('end-of-text', this.#text.length);
    return this.#tokens;
  }

  /** Text up to the next delimiter, and the action or comment that begins there. False after an error. */
  #textAndAction(): boolean {
    leftDelimiter.lastIndex = this.#at;
    const match = leftDelimiter.exec(this.#text);
    const end = match?.index ?? this.#text.length;
    const isTrimmed = match?.[0] === '{{-';
    this.#addText(this.#text.slice(this.#at, end), isTrimmed);
    if (match === null) {
      this.#at = end;
      return true;
    }
    // The space after a trim marker belongs to it.
    const inside = end + (isTrimmed ? 4 : 2);
    this.#at = end;
    if (this.#text.startsWith('/*', inside)) return this.#comment(inside);
    this.#add('left-delimiter', end + 2);
    this.#at = inside;
    this.#parens = 0;
    for (;;) {
      const { kind } = this.#inAction();
      if (kind === 'error') return false;
      if (kind === 'right-delimiter') return true;
    }
  }

  #addText(text: string, isTrimmed: boolean): void {
    const kept = isTrimmed ? text.replace(/[ \t\r\n]+$/, '') : text;
    if (kept !== '') this.#add('text', this.#at + kept.length);
  }

  #comment(inside: number): boolean {
    const end = this.#text.indexOf('*/', inside + 2);
    if (end < 0) return this.#fail('unclosed comment');
    this.#at = end + 2;
    if (this.#match(rightDelimiter) === undefined) return this.#fail('comment ends before closing delimiter');
    this.#skipDelimiter();
    return true;
  }

  #inAction(): Token {
    const text = this.#text;
    const delimiter = this.#match(rightDelimiter);
    if (delimiter !== undefined) {
      if (this.#parens > 0) return this.#error('unclosed left paren');
      const token = this.#add('right-delimiter', this.#at + delimiter.length);
      this.#at = token.start;
      this.#skipDelimiter();
      return token;
    }
    if (this.#at >= text.length) return this.#error('unclosed action');
    const first = text[this.#at] ?? '';
    const symbol = Object.hasOwn(symbols, first) ? symbols[first] : undefined;
    if (symbol !== undefined) {
      if (symbol === 'left-paren') this.#parens++;
      return this.#add(symbol, this.#at + 1);
    }
    switch (first) {
      case ' ':
      case '\t':
      case '\r':
      case '\n':
        return this.#spaces();
      case ':':
        return text[this.#at + 1] === '=' ? this.#add('declare', this.#at + 2) : this.#error('expected :=');
      case ')':
        this.#parens--;
        return this.#parens < 0 ? this.#error('unexpected right paren') : this.#add('right-paren', this.#at + 1);
      case '"':
        return this.#literal(quoted, 'string', 'unterminated quoted string');
      case '`':
        return this.#literal(rawQuoted, 'string', 'unterminated raw quoted string');
      case "'":
        return this.#literal(character, 'character', 'unterminated character constant');
      default:
        break;
    }
    const isPointOfNumber = first === '.' && /[0-9]/.test(text[this.#at + 1] ?? '');
    if (isPointOfNumber || /[0-9+-]/.test(first)) return this.#number();
    const whole = String.fromCodePoint(text.codePointAt(this.#at) ?? 0);
    if (first === '.' || first === '$' || alphanumeric.test(whole)) return this.#word();
    if (/[!-~]/.test(first)) return this.#add('other', this.#at + 1);
    return this.#error(`unrecognized character in action: ${describe(text, this.#at)}`);
  }

  /** The last space may belong to a trim marker. */
  #spaces(): Token {
    const run = this.#match(spaces) ?? '';
    const end = this.#at + run.length;
    return this.#add('space', this.#text.startsWith('-}}', end) ? end - 1 : end);
  }

  #word(): Token {
    const found = this.#match(word) ?? '';
    const end = this.#at + found.length;
    terminator.lastIndex = end;
    if (!terminator.test(this.#text)) {
      this.#at = end;
      return this.#error(`bad character ${describe(this.#text, end)}`);
    }
    if (found === '.') return this.#add('dot', end);
    if (found.startsWith('.')) return this.#add('field', end);
    if (found.startsWith('$')) return this.#add('variable', end);
    if (keywords.has(found)) return this.#add(found as Keyword, end);
    return this.#add(found === 'true' || found === 'false' ? 'bool' : 'identifier', end);
  }

  #number(): Token {
    const found = this.#match(number) ?? '';
    const end = this.#at + found.length;
    const next = this.#text[end] ?? '';
    // Complex numbers, which would go on with a sign, are of no use in templates.
    if (alphanumeric.test(next) || next === '+' || next === '-') {
      return this.#error(`bad number syntax: ${goQuote(this.#text.slice(this.#at, end + 1))}`);
    }
    return this.#add('number', end);
  }

  #literal(pattern: RegExp, kind: TokenKind, problem: string): Token {
    const found = this.#match(pattern);
    return found === undefined ? this.#error(problem) : this.#add(kind, this.#at + found.length);
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.#text)?.[0];
  }

  /** Steps over the right delimiter here, and over the space after it if it says so. */
  #skipDelimiter(): void {
    const delimiter = this.#match(rightDelimiter) ?? '';
    this.#at += delimiter.length;
    if (delimiter.length > 2) this.#at += (this.#match(spaces) ?? '').length;
  }

  #add(kind: TokenKind, end: number): Token {
    const token = { kind, text: this.#text.slice(this.#at, end), start: this.#at };
    this.#tokens.push(token);
    this.#at = end;
    return token;
  }

  #error(message: string): Token {
    const token: Token = { kind: 'error', text: message, start: this.#at };
    this.#tokens.push(token);
    return token;
  }

  #fail(message: string): boolean {
    this.#error(message);
    return false;
  }
}
