import type { File } from './ast.ts';
import { lex, type Comment } from './lexer.ts';
import type { Line } from './tabular.ts';
import type { Token, TokenKind } from './token.ts';

/** What is wanted before a token. `column` aligns an `=` with those of the lines around it. */
export type Gap = 'none' | 'blank' | 'column' | 'line' | 'empty line';

/**
 * Lays the tokens of a file out as lines, in source order and as the caller asks for them. The comments between two
 * tokens come along by themselves; where there are any, the line breaks around them stay as they are in the source.
 */
export class TokenPrinter {
  readonly lines: Line[] = [];
  /** How many tabs a line that begins now is indented by. */
  depth = 0;
  /** How many line breaks the output has so far, without those of empty lines. */
  row = 0;
  readonly #text: string;
  readonly #tokens: readonly Token[];
  readonly #comments: readonly Comment[];
  #nextToken = 0;
  #nextComment = 0;
  /** Where in the source the last token or comment that was printed ends. */
  #end = 0;

  constructor(file: File) {
    this.#text = file.source.text;
    this.#tokens = lex(file.source, () => {}).tokens.filter((token) => token.kind !== 'TERMINATOR');
    this.#comments = file.comments;
  }

  isNext(kind: TokenKind): boolean {
    return this.#token.kind === kind;
  }

  /** How many line breaks the source has from what was printed last to an offset, or else to the next token. */
  breaksBefore(offset = this.#token.start): number {
    return countBreaks(this.#text.slice(this.#end, offset));
  }

  /** Prints the next token after the comments before it. */
  print(gap: Gap, commentDepth = this.depth): void {
    const { kind, start, end } = this.#token;
    const afterComments = this.#printComments(gap, commentDepth);
    this.#breakLine(afterComments ?? breaksOf(gap), this.depth);
    const text = this.#text.slice(start, end);
    const isSpaced = afterComments !== undefined && gap === 'none' && kind !== ',';
    // Carriage returns do not count in raw strings, and line breaks are single characters here.
    this.#append(text.startsWith('`') ? text.replaceAll('\r', '') : text, isSpaced ? 'blank' : gap);
    this.#end = end;
    this.#nextToken++;
  }

  /** Prints the tokens up to an offset with nothing between them. */
  printThrough(end: number, gap: Gap): void {
    this.print(gap);
    while (this.#token.start < end) this.print('none');
  }

  /** Prints the comments that are left at the end of the file. */
  printEnd(): void {
    this.#printComments('line', this.depth);
  }

  /** Leaves the next token out. */
  skip(): void {
    this.#nextToken++;
  }

  /** Prints what is not in the source. */
  insert(text: string): void {
    this.#append(text, 'none');
  }

  get #token(): Token {
    // The last token is EOF, and nobody prints that.
    return this.#tokens[this.#nextToken] as Token;
  }

  /** Prints the comments before the next token, if there are any; tells how many line breaks are to follow them. */
  #printComments(gap: Gap, depth: number): number | undefined {
    const { start } = this.#token;
    const first = this.#nextComment;
    while ((this.#comments[this.#nextComment]?.start ?? Infinity) < start) this.#nextComment++;
    const comments = this.#comments.slice(first, this.#nextComment);
    if (comments.length === 0) return undefined;

    const ends = [this.#end, ...comments.map((comment) => comment.end)];
    const starts = [...comments.map((comment) => comment.start), start];
    const breaks = starts.map((next, index) => countBreaks(this.#text.slice(ends[index], next)));
    const last = breaks.length - 1;
    if (this.lines.length > 0 && breaksOf(gap) > 0 && !breaks.some((count) => count > 0)) breaks[last] = 1;

    for (const [index, { start: from, end }] of comments.entries()) {
      this.#breakLine(breaks[index] ?? 0, depth);
      const lines = this.#text.slice(from, end).split('\n');
      const endsLine = (breaks[index + 1] ?? 0) > 0;
      this.#append(lines.map((line) => line.trimEnd()).join('\n'), endsLine ? 'comment' : 'blank');
    }
    this.#end = ends.at(-1) ?? this.#end;
    return breaks[last];
  }

  #breakLine(breaks: number, depth: number): void {
    if (breaks === 0 && this.lines.length > 0) return;
    const isAfterBlank = breaks > 1 && this.lines.length > 0;
    this.lines.push({ depth, isAfterBlank, text: '' });
    this.row++;
  }

  #append(text: string, gap: Gap | 'comment'): void {
    const line = this.lines.at(-1);
    if (line === undefined) return;
    if (line.text === '') line.text = text;
    else if (gap === 'none') line.text += text;
    else if (gap === 'comment') line.comment = text;
    else if (gap === 'column' && line.name === undefined && !line.text.includes('\n')) {
      line.name = line.text;
      line.text = text;
    } else line.text += ` ${text}`;
    this.row += countBreaks(text);
  }
}

function breaksOf(gap: Gap): number {
  return gap === 'line' ? 1 : gap === 'empty line' ? 2 : 0;
}

function countBreaks(text: string): number {
  return text.split('\n').length - 1;
}
