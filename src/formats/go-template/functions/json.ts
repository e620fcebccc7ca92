import { jsonText as escapedText } from '../../json/json-text.ts';
import { any, text } from '../parameter.ts';
import { fixed, type FunctionTable } from '../template-function.ts';
import { deeper, Dict, GoObject, Integer, List, sortedKeys, type Value } from '../value.ts';
import { refuse, spend, unit } from '../work.ts';

interface Style {
  /** Whether `<`, `>` and `&` are escaped. */
  readonly escapesHtml: boolean;
  readonly isPretty: boolean;
}

const compact: Style = { escapesHtml: true, isPretty: false };
const pretty: Style = { escapesHtml: true, isPretty: true };
const raw: Style = { escapesHtml: false, isPretty: false };

const toRawJson = fixed([any], (value) => written(value, raw, 0));

export const json: FunctionTable = {
  fromJson: fixed([text], (s) => parsed(s) ?? null),
  mustFromJson: fixed([text], (s) => {
    const value = parsed(s);
    return value === undefined ? refuse('invalid JSON') : value;
  }),
  toJson: fixed([any], (value) => (canWrite(value, 0) ? written(value, compact, 0) : '')),
  mustToJson: fixed([any], (value) => written(value, compact, 0)),
  toPrettyJson: fixed([any], (value) => (canWrite(value, 0) ? written(value, pretty, 0) : '')),
  mustToPrettyJson: fixed([any], (value) => written(value, pretty, 0)),
  toRawJson,
  mustToRawJson: toRawJson,
};

/** Undefined if the text is no JSON. */
function parsed(s: string): Value {
  let data: unknown;
  try {
    data = JSON.parse(s);
  } catch {
    return undefined;
  }
  return valueOf(data, 0);
}

function valueOf(data: unknown, depth: number): Value {
  spend(unit);
  switch (typeof data) {
    case 'string':
      return data.toWellFormed();
    case 'number':
    case 'boolean':
      return data;
    default:
      break;
  }
  if (typeof data !== 'object' || data === null) return null;
  const inner = deeper(depth);
  if (Array.isArray(data)) return new List(data.map((item) => valueOf(item, inner)));
  return new Dict(new Map(Object.entries(data).map(([key, part]) => [key.toWellFormed(), valueOf(part, inner)])));
}

/** JSON has no infinity. */
function canWrite(value: Value, depth: number): boolean {
  spend(unit);
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return true;
  const inner = deeper(depth);
  if (value instanceof List) return value.items.every((item) => canWrite(item, inner));
  return !(value instanceof Dict) || Array.from(value.entries.values()).every((part) => canWrite(part, inner));
}

function written(value: Value, style: Style, depth: number): string {
  spend(4 * unit + 2 * depth);
  switch (typeof value) {
    case 'string':
      spend(value.length);
      return quoted(value, style);
    case 'number':
      if (!Number.isFinite(value)) return refuse('json: unsupported value');
      return Object.is(value, -0) ? '-0' : String(value);
    case 'boolean':
      return String(value);
    default:
      break;
  }
  if (value === null || value === undefined) return 'null';
  if (value instanceof Integer) return String(value.value);
  if (value instanceof GoObject) return value.toJson();
  const inner = deeper(depth);
  if (value instanceof List) {
    const items = value.items.map((item) => written(item, style, inner));
    return enclosed('[', items, ']', style, depth);
  }
  const separator = style.isPretty ? ': ' : ':';
  const fields = sortedKeys(value).map((key) => {
    spend(key.length);
    return quoted(key, style) + separator + written(value.get(key), style, inner);
  });
  return enclosed('{', fields, '}', style, depth);
}

function quoted(value: string, { escapesHtml }: Style): string {
  if (escapesHtml) return escapedText(value);
  return JSON.stringify(value)
    .replaceAll('\u2028', String.raw`\u2028`)
    .replaceAll('\u2029', String.raw`\u2029`);
}

function enclosed(open: string, parts: readonly string[], close: string, { isPretty }: Style, depth: number): string {
  if (!isPretty || parts.length === 0) return `${open}${parts.join(',')}${close}`;
  const indent = '  '.repeat(depth + 1);
  return `${open}\n${indent}${parts.join(`,\n${indent}`)}\n${'  '.repeat(depth)}${close}`;
}
