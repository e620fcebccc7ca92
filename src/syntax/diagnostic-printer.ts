import { styleText } from 'node:util';
import { joined, placeOf, type Diagnostic } from './diagnostic.ts';
import { lineAt, linesOf, lineText, type Span } from './source.ts';

/** Lines before and after the place that are shown with it. */
const contextLines = 1;

/** Of a range of more lines than this, only the first and the last ones are shown. */
const maxLines = 12;

/** Of a longer line only the part around the place is shown; `lead` is how much of it comes before. */
const maxColumns = 160;
const lead = 60;

/** Prints diagnostics for people: what and where, the lines in question, and how to mend it. */
export function printDiagnostics(diagnostics: readonly Diagnostic[], options: { readonly color: boolean }): string {
  return joined(diagnostics, (diagnostic) => printDiagnostic(diagnostic, options.color));
}

function printDiagnostic(diagnostic: Diagnostic, color: boolean): string {
  const { span, hint, related = [] } = diagnostic;
  const parts = [`${printHeader(diagnostic, color)}\n`];
  if (span !== undefined && span.source.text !== '') parts.push(printExcerpt(span));
  const notes = [
    ...(hint === undefined ? [] : [`hint: ${hint}`]),
    ...related.map((place) => `see ${placeOf(place)}: ${place.message}`),
  ];
  if (notes.length > 0) parts.push(notes.map((note) => `  ${visible(note)}\n`).join(''));
  return parts.join('\n');
}

function printHeader(diagnostic: Diagnostic, color: boolean): string {
  const { severity, code, message } = diagnostic;
  const label = severity === 'error' ? 'Error: ' : 'Warning: ';
  const text = visible(`${placeOf(diagnostic)}: ${message}`);
  if (!color) return `${label}${text} [${code}]`;
  const stream = { validateStream: false };
  const styledLabel = styleText(['bold', severity === 'error' ? 'red' : 'yellow'], label, stream);
  return `${styledLabel}${styleText('bold', text, stream)} [${code}]`;
}

/** The lines of a span with their numbers, and what marks the span below its first and last line. */
function printExcerpt(span: Span): string {
  const { source } = span;
  const last = lastOffset(span);
  const firstLine = lineAt(source, span.start);
  const lastLine = lineAt(source, last);
  const end = Math.min(linesOf(source).length, lastLine + contextLines);
  const margin = String(end).length;
  const isMultiline = lastLine > firstLine;
  const output: string[] = [];
  const print = (prefix: string | number, text: string): void => {
    output.push(`${String(prefix).padStart(margin)} | ${text}`.trimEnd(), '\n');
  };

  for (let line = Math.max(1, firstLine - contextLines); line <= end; line++) {
    if (lastLine - firstLine >= maxLines && line === firstLine + maxLines / 2) {
      print('', '| …');
      line = lastLine - maxLines / 2 + 1;
    }
    const text = lineText(source, line);
    // What follows the last line break is no line that anybody wrote.
    if (line > lastLine && line === linesOf(source).length && text === '') break;
    const start = linesOf(source)[line - 1] ?? 0;
    const focusFrom = line === firstLine ? span.start - start : text.length - text.trimStart().length;
    const focusTo = line === lastLine ? last + 1 - start : text.length;
    const isFocus = line === firstLine || line === lastLine;
    const shown = showLine(text, isFocus ? focusFrom : 0, focusTo);
    const bar = line > firstLine && line <= lastLine ? '| ' : '  ';
    print(line, isMultiline ? bar + shown.text : shown.text);
    if (!isFocus) continue;
    const corner = line === firstLine ? ' _' : '|_';
    const indent = isMultiline ? corner + '_'.repeat(shown.indent) : ' '.repeat(shown.indent);
    print('', indent + '^'.repeat(Math.max(1, shown.width)));
  }
  return output.join('');
}

/** The offset of the last character of a span; line breaks at its end do not count. */
function lastOffset({ source, start, end }: Span): number {
  let last = end - 1;
  while (last > start && (source.text[last] === '\n' || source.text[last] === '\r')) last--;
  return Math.max(start, last);
}

/** The visible part of a line around its focus, with the columns before the focus and those of the focus. */
function showLine(line: string, focusFrom: number, focusTo: number): { text: string; indent: number; width: number } {
  const isLong = line.length > maxColumns;
  const from = isLong ? characterStart(line, Math.min(focusFrom - lead, line.length - maxColumns)) : 0;
  const to = isLong ? characterStart(line, from + maxColumns) : line.length;
  const before = (from > 0 ? '…' : '') + visible(line.slice(from, focusFrom));
  const after = visible(line.slice(focusFrom, to)) + (to < line.length ? '…' : '');
  const focus = visible(line.slice(focusFrom, Math.min(focusTo, to)));
  return { text: before + after, indent: Array.from(before).length, width: Array.from(focus).length };
}

/** The offset, or that of the character in the middle of which it is. */
function characterStart(text: string, offset: number): number {
  const at = Math.max(0, offset);
  return at > 0 && /^[\uDC00-\uDFFF]/.test(text.slice(at, at + 1)) ? at - 1 : at;
}

/** Tabs as blanks, and a stand-in for what would not show or would control the terminal. */
function visible(text: string): string {
  return text
    .replaceAll('\r', '')
    .replaceAll(/[\t\v]/g, '    ')
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\uFFFD');
}
