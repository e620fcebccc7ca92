/*
 * The Prometheus text format 0.0.4, as it is written. Whoever writes a family writes its header once, then its samples.
 */

/** The media type of what is written here. */
export const textMediaType = 'text/plain; version=0.0.4; charset=utf-8';

export type FamilyKind = 'counter' | 'gauge' | 'histogram' | 'summary' | 'untyped';

/** The lines before the samples of a family; without a help text there is no HELP line. */
export function familyHeader(name: string, kind: FamilyKind, help: string | undefined): string {
  const helpLine = help === undefined ? '' : `# HELP ${name} ${escapeHelp(help)}\n`;
  return `${helpLine}# TYPE ${name} ${kind}\n`;
}

/** `a="x",b="y"` in the given order; empty if there are no labels. */
export function labelText(labels: readonly (readonly [name: string, value: string])[]): string {
  return labels.map(([name, value]) => `${name}="${escapeValue(value)}"`).join(',');
}

/** One line; the labels are what `labelText` made, and the timestamp, if there is one, is in milliseconds. */
export function sampleLine(name: string, labels: string, value: number, timestamp?: number): string {
  const series = labels === '' ? name : `${name}{${labels}}`;
  return `${series} ${formatValue(value)}${timestamp === undefined ? '' : ` ${timestamp}`}\n`;
}

/** The fewest digits that read back as the same number; plain from 0.0001 up to a million, in powers of ten otherwise. */
export function formatValue(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e-4 && size < 1e6) return String(value);
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
  const [digits = '', exponent = ''] = value.toExponential().split('e');
  return `${digits}e${exponent.charAt(0)}${exponent.slice(1).padStart(2, '0')}`;
}

/** A help text as it is written. */
export function escapeHelp(text: string): string {
  return /[\\\n]/.test(text) ? text.replaceAll('\\', String.raw`\\`).replaceAll('\n', String.raw`\n`) : text;
}

/** The value of a label as it is written between quotes. */
export function escapeValue(text: string): string {
  return /[\\\n"]/.test(text) ? escapeHelp(text).replaceAll('"', String.raw`\"`) : text;
}
