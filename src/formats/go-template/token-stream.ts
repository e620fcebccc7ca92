import { goQuote } from '../../base/go-quote.ts';
import type { Place } from './ast.ts';
import { keywords, lineAt, type Token, type TokenKind } from './token.ts';

/** Ends parsing. */
export class SyntaxFailure extends Error {}

const endOfText: Token = { kind: 'end-of-text', text: '', start: 0 };

/** The tokens of a template for its parser, and the messages about them. */
export class TokenStream {
  readonly #name: string;
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #at = 0;
  /** Where the current action begins. */
  #actionStart: number | undefined;

  constructor(name: string, text: string, tokens: readonly Token[]) {
    this.#name = name;
    this.#text = text;
    this.#tokens = tokens;
  }

  peek(): Token {
    return this.#tokens[this.#at] ?? this.#tokens.at(-1) ?? endOfText;
  }

  next(): Token {
    const token = this.peek();
    this.#at++;
    return token;
  }

  peekNonSpace(): Token {
    while (this.peek().kind === 'space') this.#at++;
    return this.peek();
  }

  nextNonSpace(): Token {
    this.peekNonSpace();
    return this.next();
  }

  mark(): number {
    return this.#at;
  }

  reset(mark: number): void {
    this.#at = mark;
  }

  expect(kind: TokenKind, context: string): Token {
    const token = this.nextNonSpace();
    return token.kind === kind ? token : this.unexpected(token, context);
  }

  textOf({ start, end }: Place): string {
    return this.#text.slice(start, end);
  }

  beginAction({ start }: Token): void {
    this.#actionStart = start;
  }

  endAction(): void {
    this.#actionStart = undefined;
  }

  unexpected(token: Token, context: string): never {
    if (token.kind !== 'error') this.fail(`unexpected ${shown(token)} in ${context}`);
    const { line } = lineAt(this.#text, token.start);
    const actionLine = this.#actionStart === undefined ? line : lineAt(this.#text, this.#actionStart).line;
    if (actionLine === line) this.fail(token.text);
    const where = `started at ${this.#name}:${actionLine}`;
    return this.fail(`${token.text}${token.text.endsWith(' action') ? '' : ' in action'} ${where}`);
  }

  /** Ends parsing with a message about the token that was read last. */
  fail(message: string): never {
    const { start } = this.#tokens[Math.min(this.#at, this.#tokens.length) - 1] ?? endOfText;
    throw new SyntaxFailure(`template: ${this.#name}:${lineAt(this.#text, start).line}: ${message}`);
  }
}

function shown({ kind, text }: Token): string {
  if (kind === 'end-of-text') return 'EOF';
  if (keywords.has(kind) || kind === 'dot') return `<${text}>`;
  const characters = Array.from(text);
  return characters.length > 10 ? `${goQuote(characters.slice(0, 10).join(''))}...` : goQuote(text);
}
