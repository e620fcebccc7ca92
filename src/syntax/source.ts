/** Configuration text with the name diagnostics show for it: a path, `<stdin>`, or the label of an import. */
export interface Source {
  readonly name: string;
  readonly text: string;
}

/** A range of a source as UTF-16 offsets; `end` is exclusive. */
export interface Span {
  readonly source: Source;
  readonly start: number;
  readonly end: number;
}

/** A place as people count it: lines and columns from 1, columns in bytes of UTF-8 as Alloy does. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

const lineStarts = new WeakMap<Source, readonly number[]>();

/** Offsets at which the lines of a source begin. */
export function linesOf(source: Source): readonly number[] {
  let starts = lineStarts.get(source);
  if (starts === undefined) {
    const found = [0];
    for (let at = source.text.indexOf('\n'); at >= 0; at = source.text.indexOf('\n', at + 1)) found.push(at + 1);
    starts = found;
    lineStarts.set(source, starts);
  }
  return starts;
}

/** The line, from 1, that holds an offset. */
export function lineAt(source: Source, offset: number): number {
  const starts = linesOf(source);
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low + 1;
}

export function positionAt(source: Source, offset: number): Position {
  const line = lineAt(source, offset);
  const start = linesOf(source)[line - 1] ?? 0;
  return { line, column: Buffer.byteLength(source.text.slice(start, offset)) + 1 };
}

/** The text of one line, without its line break. */
export function lineText(source: Source, line: number): string {
  const starts = linesOf(source);
  const start = starts[line - 1] ?? source.text.length;
  const end = starts[line] === undefined ? source.text.length : starts[line] - 1;
  return source.text.slice(start, end);
}

export function spanText(span: Span): string {
  return span.source.text.slice(span.start, span.end);
}

/** The text of a span as part of a message: on one line, and cut where it is long. */
export function excerptOf(span: Span): string {
  const text = spanText(span).replaceAll(/\s+/g, ' ');
  return text.length > 80 ? `${text.slice(0, 79).toWellFormed()}…` : text;
}

/** The smallest span that holds both, which must be of one source. */
export function cover(first: Span, last: Span): Span {
  return { source: first.source, start: Math.min(first.start, last.start), end: Math.max(first.end, last.end) };
}
