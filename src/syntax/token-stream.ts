import type { SyntaxCode } from './codes.ts';
import type { Diagnostic } from './diagnostic.ts';
import { lineAt, type Source, type Span } from './source.ts';
import type { Token, TokenKind } from './token.ts';

/** Blocks and expressions nested deeper than this are refused, so that no input can exhaust the stack. */
export const maxDepth = 200;

/** Chains such as `a + b + c` nest as well, without depth in the parser; this limits the levels of a whole tree. */
export const maxHeight = 1000;

/** The state of one parse: where it stands in the tokens and what it has reported. The grammar functions share it. */
export class TokenStream {
  readonly source: Source;
  depth = 0;
  readonly #tokens: readonly Token[];
  readonly #diagnostics: Diagnostic[];
  #at = 0;
  #lastErrorLine = 0;

  constructor(source: Source, tokens: readonly Token[], diagnostics: Diagnostic[]) {
    this.source = source;
    this.#tokens = tokens;
    this.#diagnostics = diagnostics;
  }

  get token(): Token {
    // The last token is EOF and is never passed.
    return this.#tokens[this.#at] as Token;
  }

  get kind(): TokenKind {
    return this.token.kind;
  }

  is(kind: TokenKind): boolean {
    return this.token.kind === kind;
  }

  isBefore(kind: TokenKind): boolean {
    return this.#tokens[this.#at + 1]?.kind === kind;
  }

  get text(): string {
    return this.source.text.slice(this.token.start, this.token.end);
  }

  get span(): Span {
    return { source: this.source, start: this.token.start, end: this.token.end };
  }

  /** The end of what was parsed so far. */
  get lastEnd(): number {
    return this.#tokens[this.#at - 1]?.end ?? 0;
  }

  spanFrom(start: number): Span {
    return { source: this.source, start, end: Math.max(start, this.lastEnd) };
  }

  next(): void {
    if (!this.is('EOF')) this.#at++;
  }

  take(kind: TokenKind): boolean {
    if (!this.is(kind)) return false;
    this.next();
    return true;
  }

  expect(kind: TokenKind): boolean {
    if (this.take(kind)) return true;
    this.unexpected(`expected ${kind}`);
    return false;
  }

  /** Reports `<expected>, got <token>` at the current token. */
  unexpected(expected: string, code: SyntaxCode = 'syntax/expected-token'): void {
    this.failHere(code, `${expected}, got ${this.kind}`);
  }

  /** Reports at the current token, unless this line has had such an error already: one mistake often causes more. */
  failHere(code: SyntaxCode, message: string, hint?: string): void {
    const line = lineAt(this.source, this.token.start);
    const isRepeated = line === this.#lastErrorLine;
    this.#lastErrorLine = line;
    // The lexer has told already what is wrong with an illegal token.
    if (!isRepeated && !this.is('ILLEGAL')) this.fail(code, message, this.#visibleSpan(), hint);
  }

  fail(code: SyntaxCode, message: string, span: Span, hint?: string): void {
    this.#diagnostics.push({ severity: 'error', code, message, span, hint });
  }

  warn(code: SyntaxCode, message: string, span: Span): void {
    this.#diagnostics.push({ severity: 'warning', code, message, span });
  }

  /** Skips to one of the kinds, or to the end. */
  skipTo(...kinds: TokenKind[]): void {
    while (!this.is('EOF') && !kinds.includes(this.kind)) this.next();
  }

  /**
   * Skips the rest of what is broken: to a line end, or the separator, at which no bracket that it opened is still
   * open, or to a brace that it did not open.
   */
  skipStatement(separator: TokenKind = 'TERMINATOR'): void {
    let open = 0;
    for (; !this.is('EOF'); this.next()) {
      if (this.is('{') || this.is('[') || this.is('(')) open++;
      else if (open > 0 && (this.is('}') || this.is(']') || this.is(')'))) open--;
      else if (open === 0 && (this.is('TERMINATOR') || this.is(separator) || this.is('}'))) return;
    }
  }

  /** Runs a grammar function one level deeper; beyond the limit it reports and gives up on the rest of the file. */
  nested<T>(read: () => T | undefined): T | undefined {
    if (this.depth >= maxDepth) {
      this.fail('syntax/too-deep', `nested deeper than ${maxDepth} levels`, this.span);
      this.skipTo('EOF');
      // Of all the brackets that now stay open, none is worth an error.
      this.#lastErrorLine = lineAt(this.source, this.token.start);
      return undefined;
    }
    this.depth++;
    try {
      return read();
    } finally {
      this.depth--;
    }
  }

  /** A line break is shown at its place, not as the line that follows it. */
  #visibleSpan(): Span {
    const { start, end } = this.token;
    return { source: this.source, start, end: this.is('TERMINATOR') ? start : end };
  }
}
