import { describe, stringValue } from '../base/go-string-literal.ts';
import type { SyntaxCode } from './codes.ts';
import type { Report } from './diagnostic.ts';
import type { Source } from './source.ts';
import { endsStatement, identifierOrKeyword, operators, type Token, type TokenKind } from './token.ts';

/** A comment with its delimiters; a line comment ends before its line break. */
export interface Comment {
  readonly start: number;
  readonly end: number;
}

export interface Lexed {
  /** Ends with EOF, and has a TERMINATOR wherever a line break ends a statement. */
  readonly tokens: readonly Token[];
  readonly comments: readonly Comment[];
}

const byteOrderMark = '\uFEFF';
const space = /[ \t\r]*/y;
const word = /[\p{L}_][\p{L}\p{Nd}_]*/uy;
const singleQuoted = /'[^'\n]*'?/y;
const number = /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d*)?/y;

/** Splits a source into tokens. Unusable input becomes ILLEGAL tokens and a report each; scanning always goes on. */
export function lex(source: Source, report: Report): Lexed {
  const { text } = source;
  const tokens: Token[] = [];
  const comments: Comment[] = [];
  let at = text.startsWith(byteOrderMark) ? 1 : 0;
  let mayTerminate = false;

  const fail = (code: SyntaxCode, message: string, start: number, end: number, hint?: string): void =>
    report({ severity: 'error', code, message, span: { source, start, end }, hint });
  const push = (kind: TokenKind, end: number): void => {
    tokens.push({ kind, start: at, end });
    mayTerminate = endsStatement(kind);
    at = end;
  };
  const match = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0] ?? '';
  };

  for (;;) {
    at += match(space).length;
    const character = text[at];
    if (character === undefined) break;
    if (character === '\n') {
      if (mayTerminate) push('TERMINATOR', at + 1);
      else at++;
      continue;
    }
    if (character === '/' && (text[at + 1] === '/' || text[at + 1] === '*')) {
      const end = commentEnd(text, at);
      if (end < 0) fail('syntax/comment', 'block comment not terminated', at, text.length);
      const stop = end < 0 ? text.length : end;
      comments.push({ start: at, end: stop });
      // A comment that spans lines separates statements as the line break in it does.
      if (mayTerminate && text.slice(at, stop).includes('\n')) {
        tokens.push({ kind: 'TERMINATOR', start: at, end: at });
        mayTerminate = false;
      }
      at = stop;
      continue;
    }
    const name = match(word);
    if (name !== '') {
      push(identifierOrKeyword(name), at + name.length);
      continue;
    }
    const digits = match(number);
    if (digits !== '') {
      if (/[eE][+-]?$/.test(digits)) fail('syntax/number', 'exponent has no digits', at, at + digits.length);
      push(/^\d+$/.test(digits) ? 'NUMBER' : 'FLOAT', at + digits.length);
      continue;
    }
    if (character === '"' || character === '`') {
      const end = stringEnd(text, at);
      if (end < 0) {
        const stop = character === '"' ? endOfLine(text, at) : text.length;
        fail('syntax/string', 'string literal not terminated', at, stop);
        push('STRING', stop);
        continue;
      }
      for (const problem of stringValue(text.slice(at, end)).problems) {
        fail('syntax/string', problem.message, at + problem.start, at + problem.end);
      }
      push('STRING', end);
      continue;
    }
    if (character === "'") {
      const end = at + match(singleQuoted).length;
      fail('syntax/string', 'illegal single-quoted string; use double quotes', at, end);
      push('ILLEGAL', end);
      continue;
    }
    const operator = operators.find((candidate) => text.startsWith(candidate, at));
    if (operator !== undefined) {
      push(operator, at + operator.length);
      continue;
    }
    const width = (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
    fail(
      character === byteOrderMark ? 'syntax/encoding' : 'syntax/illegal-character',
      illegal(text, at),
      at,
      at + width,
    );
    push('ILLEGAL', at + width);
  }
  if (mayTerminate) push('TERMINATOR', at);
  tokens.push({ kind: 'EOF', start: text.length, end: text.length });
  return { tokens, comments };
}

function illegal(text: string, at: number): string {
  switch (text[at]) {
    case '|':
      return 'missing second | in ||';
    case '&':
      return 'missing second & in &&';
    case '\0':
      return 'illegal character NUL';
    case byteOrderMark:
      return 'illegal byte order mark';
    default:
      return `illegal character ${describe(text, at)}`;
  }
}

/** The offset after a comment, or -1 where a block comment has no end. */
function commentEnd(text: string, start: number): number {
  if (text[start + 1] === '/') {
    const end = endOfLine(text, start);
    return text[end - 1] === '\r' ? end - 1 : end;
  }
  const close = text.indexOf('*/', start + 2);
  return close < 0 ? -1 : close + 2;
}

/** The offset after the closing quote, or -1. */
function stringEnd(text: string, start: number): number {
  if (text[start] === '`') return text.indexOf('`', start + 1) + 1 || -1;
  for (let at = start + 1; at < text.length; at++) {
    const character = text[at];
    if (character === '"') return at + 1;
    if (character === '\n') return -1;
    if (character === '\\' && text[at + 1] !== '\n') at++;
  }
  return -1;
}

function endOfLine(text: string, start: number): number {
  const end = text.indexOf('\n', start);
  return end < 0 ? text.length : end;
}
