import { ParseError } from '../base/parse-error.ts';
import { parseYaml, type YamlData } from '../base/yaml.ts';

/** How far something was read: an offset, or whatever else its source can go on from. */
export interface Position {
  readonly path: string;
  /** The labels as text; the same path with other labels is read on its own. */
  readonly labels: string;
  readonly value: string;
  /** By what the source knows again what it has read; empty if it does not. */
  readonly identity: string;
}

/*
 * The file is the one of Alloy, with a section of our own that Alloy skips:
 *
 *     positions:
 *       ? path: /var/log/a.log
 *         labels: '{job="x"}'
 *       : "18"
 *     identities:
 *       ...
 */

/** Writes positions section by section. */
export function formatPositions(positions: Iterable<Position>): string {
  const values: string[] = [];
  const identities: string[] = [];
  for (const { path, labels, value, identity } of positions) {
    const key = `  ? path: ${scalar(path)}\n    labels: ${scalar(labels)}\n`;
    values.push(`${key}  : ${/^\d+$/.test(value) ? `"${value}"` : scalar(value)}\n`);
    if (identity !== '') identities.push(`${key}  : ${scalar(identity)}\n`);
  }
  return section('positions', values) + (identities.length === 0 ? '' : section('identities', identities));
}

function section(name: string, entries: readonly string[]): string {
  return entries.length === 0 ? `${name}: {}\n` : `${name}:\n${entries.join('')}`;
}

/** Text as YAML, on one line. */
function scalar(text: string): string {
  if (text === '') return '""';
  if (/^\/[\w./@+-]*$/.test(text)) return text;
  const isPrintable = /^[ -~\u{a0}-\u{2027}\u{202a}-\u{d7ff}\u{e000}-\u{fefe}\u{ff00}-\u{fffd}\u{10000}-\u{10ffff}]*$/u;
  if (isPrintable.test(text)) return `'${text.replaceAll("'", "''")}'`;
  return JSON.stringify(text.toWellFormed()).replaceAll(
    /[\u{7f}-\u{9f}\u{2028}\u{2029}\u{feff}\u{fffe}\u{ffff}]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

interface Entry {
  /** The text after `?`, with what replaces the question mark. */
  key: string;
  /** The text after `:`. */
  value: string | undefined;
}

/** Reads positions as we or Alloy write them. Other sections are skipped; of equal keys the last counts. */
export function parsePositions(text: string): Position[] | ParseError {
  const sections = splitSections(text);
  if (sections instanceof ParseError) return sections;
  const positions = new Map<string, Position>();
  for (const name of ['positions', 'identities'] as const) {
    for (const entry of sections.get(name) ?? []) {
      const read = readEntry(entry);
      if (read instanceof ParseError) return read;
      const key = positionKey(read.path, read.labels);
      const known = positions.get(key);
      if (name === 'positions') positions.set(key, { ...read, identity: '' });
      else if (known !== undefined) positions.set(key, { ...known, identity: read.value });
    }
  }
  return [...positions.values()];
}

/** One text for a path and its labels. */
export function positionKey(path: string, labels: string): string {
  return `${path}\0${labels}`;
}

/** Cuts the text into the entries of its sections, by the indentation of the marks `?` and `:`. */
function splitSections(text: string): ReadonlyMap<string, readonly Entry[]> | ParseError {
  const sections = new Map<string, Entry[]>();
  let entries: Entry[] | undefined;
  let indent = '';
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.replace(/\r$/, '');
    const last = entries?.at(-1);
    const [, spaces = '', mark, rest = ''] = /^( *)([?:])(?: +(.*))?$/.exec(line) ?? [];
    const isMark = mark !== undefined && entries !== undefined && (last === undefined || spaces === indent);
    if (isMark && mark === '?') {
      indent = spaces;
      entries?.push({ key: `${spaces}  ${rest}`, value: undefined });
    } else if (isMark && last !== undefined && last.value === undefined) {
      last.value = rest;
    } else if (/^[^\s#?:]/.test(line)) {
      if (line === '---') continue;
      const [, name, content = ''] = /^([^\s:]+):\s*(.*)$/.exec(line) ?? [];
      const isKnown = name === 'positions' || name === 'identities';
      if (name === undefined || (isKnown && !/^(\{\}|null|~)?\s*(#.*)?$/.test(content)))
        return new ParseError(`unexpected ${JSON.stringify(line)} at line ${index + 1}`);
      entries = isKnown ? [] : undefined;
      if (entries !== undefined) sections.set(name, entries);
    } else if (last !== undefined) {
      if (last.value === undefined) last.key += `\n${line}`;
      else last.value += `\n${line}`;
    } else if (entries !== undefined && !/^\s*(#.*)?$/.test(line)) {
      return new ParseError(`unexpected ${JSON.stringify(line)} at line ${index + 1}`);
    }
  }
  return sections;
}

function readEntry({ key, value }: Entry): Omit<Position, 'identity'> | ParseError {
  const [, path, labels] = /^ +path: (\S.*)\n +labels: (\S.*)$/.exec(key) ?? [];
  const simplePath = path === undefined ? undefined : simpleScalar(path);
  const simpleLabels = labels === undefined ? undefined : simpleScalar(labels);
  const simpleValue = simpleScalar(value ?? '');
  if (simplePath !== undefined && simpleLabels !== undefined && simpleValue !== undefined)
    return { path: simplePath, labels: simpleLabels, value: simpleValue };
  return readUnusualEntry(key, value ?? '');
}

/** What our own lines hold, and most of Alloy's. */
function simpleScalar(text: string): string | undefined {
  if (/^(\/[\w./@+-]*|"[^"\\]*")$/.test(text)) return text.startsWith('"') ? text.slice(1, -1) : text;
  if (/^'(?:[^']|'')*'$/.test(text)) return text.slice(1, -1).replaceAll("''", "'");
  return undefined;
}

/** Reads an entry with long lines that were folded, with escapes, or written by hand. */
function readUnusualEntry(key: string, value: string): Omit<Position, 'identity'> | ParseError {
  const keyData = parseYaml(key);
  if (keyData instanceof ParseError) return keyData;
  const valueData = parseYaml(value);
  if (valueData instanceof ParseError) return valueData;
  const [file, labels, content] = isObject(keyData)
    ? [keyData['path'], keyData['labels'] ?? '', valueData ?? ''].map(asText)
    : [];
  if (file === undefined || labels === undefined || content === undefined)
    return new ParseError(`unexpected entry ${JSON.stringify(key.trim())}`);
  return { path: file, labels, value: content };
}

function isObject(data: YamlData): data is { readonly [key: string]: YamlData } {
  return typeof data === 'object' && data !== null && !Array.isArray(data);
}

function asText(data: YamlData | undefined): string | undefined {
  return data === null || typeof data === 'object' ? undefined : data?.toString();
}
