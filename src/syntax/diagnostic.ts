import { positionAt, type Span } from './source.ts';

/** What is wrong with a configuration, and where. Diagnostics are collected and returned, never thrown. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  /** Stable and namespaced, such as `schema/missing-attribute`; each is documented in `docs/reference/diagnostics.md`. */
  readonly code: string;
  readonly message: string;
  /** Absent only where there is no text to point at, such as an unreadable file. */
  readonly span?: Span | undefined;
  /** How to mend it: a suggestion or the valid names. */
  readonly hint?: string | undefined;
  /** Other places that take part, such as the first of two declarations. */
  readonly related?: readonly Related[] | undefined;
}

export interface Related {
  readonly message: string;
  readonly span: Span;
}

/** Takes a diagnostic; who passes it on decides whether to go on after an error. */
export type Report = (diagnostic: Diagnostic) => void;

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((diagnostic) => diagnostic.severity === 'error');
}

/** `file:line:column`, as Alloy prints it; `-` where nothing is known. */
export function placeOf({ span }: Pick<Diagnostic, 'span'>): string {
  if (span === undefined) return '-';
  const { line, column } = positionAt(span.source, span.start);
  return `${span.source.name}:${line}:${column}`;
}

/** One line for logs and HTTP answers: `file:line:column: message`. */
export function oneLine(diagnostic: Diagnostic): string {
  const hint = diagnostic.hint === undefined ? '' : ` (${diagnostic.hint})`;
  return `${placeOf(diagnostic)}: ${diagnostic.message}${hint}`;
}

/** Nobody reads on after so many; a file that is no configuration at all can have millions. */
const maxShown = 1000;

/** Diagnostics as one text, the first ones of very many and how many more there are. */
export function joined(diagnostics: readonly Diagnostic[], print: (diagnostic: Diagnostic) => string): string {
  const parts = diagnostics.slice(0, maxShown).map(print);
  if (diagnostics.length > maxShown) parts.push(`and ${diagnostics.length - maxShown} more\n`);
  return parts.join('\n');
}

/** Orders by source as first seen, then by place; diagnostics without a place come first. */
export function inOrder(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const sources = new Map<unknown, number>();
  for (const { span } of diagnostics) {
    if (span !== undefined && !sources.has(span.source)) sources.set(span.source, sources.size);
  }
  const rank = (diagnostic: Diagnostic): number =>
    diagnostic.span === undefined ? -1 : (sources.get(diagnostic.span.source) ?? 0);
  return diagnostics.toSorted((a, b) => rank(a) - rank(b) || (a.span?.start ?? 0) - (b.span?.start ?? 0));
}
