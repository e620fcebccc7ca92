import { ParseError } from '../../base/parse-error.ts';
import type { FamilyKind } from './encode.ts';
import type { FamilyDocument, SeriesDocument } from './family-document.ts';
import { parseNumber, parseSampleLine, type SampleLine } from './sample-line.ts';

const kinds: ReadonlySet<string> = new Set(['counter', 'gauge', 'histogram', 'summary', 'untyped']);

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

interface Series extends Mutable<Omit<SeriesDocument, 'parts'>> {
  readonly parts: [bound: number, value: number][];
}

interface Family {
  readonly name: string;
  kind: FamilyKind | undefined;
  help: string | undefined;
  readonly series: Series[];
  /** Of histograms and summaries, whose samples come on several lines. */
  readonly byLabels: Map<string, Series>;
}

/**
 * Reads a text in the Prometheus text format 0.0.4 to its end. It is strict: the first mistake is the result, with the
 * number of its line. Families come in the order of their names; those without samples are left out.
 */
export function parseFamilies(text: string): readonly FamilyDocument[] | ParseError {
  const families = new Map<string, Family>();
  const lines = text.split('\n');
  const last = lines.pop() ?? '';
  for (const [index, line] of lines.entries()) {
    const problem = readLine(families, line.replace(/^[ \t]+/, ''));
    if (problem !== undefined) return new ParseError(`line ${index + 1}: ${problem}`);
  }
  if (last.trim() !== '') return new ParseError(`line ${lines.length + 1}: the last line does not end`);
  return [...families.values()]
    .filter(({ series }) => series.length > 0)
    .map(({ name, kind = 'untyped', help, series }) => ({ name, kind, help, series }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** Takes in one line; what is wrong with it, if anything. */
function readLine(families: Map<string, Family>, line: string): string | undefined {
  if (line === '') return undefined;
  if (line.startsWith('#')) return readComment(families, line);
  const sample = parseSampleLine(line);
  return sample instanceof ParseError ? sample.message : addSample(families, sample);
}

/** `# HELP name text` and `# TYPE name kind`; other comments mean nothing. */
function readComment(families: Map<string, Family>, line: string): string | undefined {
  const [, keyword, name, rest = ''] = /^#[ \t]*(HELP|TYPE)[ \t]+([^ \t]+)(?:[ \t]+(.*))?$/.exec(line) ?? [];
  if (keyword === undefined || name === undefined) return undefined;
  if (!/^[a-zA-Z_:][\w:]*$/.test(name)) return `invalid metric name ${JSON.stringify(name)}`;
  if (rest === '') return undefined;
  const family = familyOf(families, name);
  if (keyword === 'HELP') {
    if (family.help !== undefined) return `second HELP line for ${name}`;
    if (/\\(?:[^\\n]|$)/.test(rest.replaceAll('\\\\', ''))) return `invalid escape sequence in the help of ${name}`;
    family.help = rest.replaceAll(/\\([\\n])/g, (_, escaped) => (escaped === 'n' ? '\n' : '\\'));
    return undefined;
  }
  if (family.kind !== undefined) return `second TYPE line for ${name}, or one after its samples`;
  const kind = rest.trim().toLowerCase();
  if (!kinds.has(kind)) return `unknown metric type ${JSON.stringify(rest)}`;
  family.kind = kind as FamilyKind;
  return undefined;
}

function addSample(families: Map<string, Family>, sample: SampleLine): string | undefined {
  const { name, labels, value, timestamp } = sample;
  const { family, suffix } = ownerOf(families, name);
  family.kind ??= 'untyped';
  const boundName = family.kind === 'histogram' ? 'le' : family.kind === 'summary' ? 'quantile' : undefined;
  if (boundName === undefined) {
    family.series.push({ labels, value, timestamp, parts: [], sum: undefined, count: undefined });
    return undefined;
  }
  const bound = labels.find(([label]) => label === boundName)?.[1];
  const own = labels.filter(([label]) => label !== boundName);
  const key = JSON.stringify(own);
  let series = family.byLabels.get(key);
  if (series === undefined) {
    series = { labels: own, value: undefined, parts: [], sum: undefined, count: undefined, timestamp };
    family.byLabels.set(key, series);
    family.series.push(series);
  }
  if (suffix === '_sum') series.sum = value;
  else if (suffix === '_count') series.count = value;
  else if (bound !== undefined) {
    const limit = parseNumber(bound);
    if (limit === undefined) return `want a number for the label ${boundName}, got ${JSON.stringify(bound)}`;
    series.parts.push([limit, value]);
  }
  return undefined;
}

/** The family that a sample belongs to: samples of histograms and summaries have names with an ending. */
function ownerOf(families: Map<string, Family>, name: string): { readonly family: Family; readonly suffix: string } {
  const [, base = '', suffix = ''] = /^(.+)(_sum|_count|_bucket)$/.exec(name) ?? [];
  const found = families.get(base);
  const isPart = found?.kind === 'histogram' || (found?.kind === 'summary' && suffix !== '_bucket');
  return found !== undefined && isPart ? { family: found, suffix } : { family: familyOf(families, name), suffix: '' };
}

function familyOf(families: Map<string, Family>, name: string): Family {
  let family = families.get(name);
  if (family === undefined)
    families.set(name, (family = { name, kind: undefined, help: undefined, series: [], byLabels: new Map() }));
  return family;
}
