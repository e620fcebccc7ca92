import { formatFloat } from '../../base/go-printf/format-float.ts';
import { formatFloatVerb } from '../../base/go-printf/format-float-verb.ts';
import { formatIntegerVerb } from '../../base/go-printf/format-integer-verb.ts';
import { formatTextVerb } from '../../base/go-printf/format-text-verb.ts';
import { printf, type PrintfValues } from '../../base/go-printf/printf.ts';
import { pad, type Spec } from '../../base/go-printf/spec.ts';
import { deeper, Dict, GoObject, Integer, List, sortedKeys, typeOf, type Value } from './value.ts';
import { spend, unit } from './work.ts';

/** A value as the output of a template shows it. */
export function shown(value: Value): string {
  return value === undefined || value === null ? '<no value>' : textOf(value);
}

/** A value as the verb `%v` shows it. */
export function textOf(value: Value): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
      return formatFloat(value, 'g');
    case 'boolean':
      return String(value);
    default:
      return value instanceof Integer ? String(value.value) : partText(value, 0);
  }
}

function partText(value: Value, depth: number): string {
  spend(4 * unit);
  if (value === null || value === undefined) return '<nil>';
  if (value instanceof List) {
    const inner = deeper(depth);
    return enclosed(
      '',
      value.items.map((item) => partText(item, inner)),
    );
  }
  if (value instanceof Dict) {
    const inner = deeper(depth);
    return enclosed(
      'map',
      sortedKeys(value).map((key) => `${key}:${partText(value.get(key), inner)}`),
    );
  }
  if (value instanceof GoObject) return value.toString();
  const text = textOf(value);
  spend(text.length);
  return text;
}

function enclosed(prefix: string, parts: readonly string[]): string {
  return `${prefix}[${parts.join(' ')}]`;
}

/** Puts values side by side as `fmt.Sprint` does: with spaces between those that are no text. */
export function sprint(values: readonly Value[]): string {
  let all = '';
  for (const [index, value] of values.entries()) {
    const isSpaced = index > 0 && typeof value !== 'string' && typeof values[index - 1] !== 'string';
    all += (isSpaced ? ' ' : '') + textOf(value);
  }
  return all;
}

/** Puts values side by side as `fmt.Sprintln` does. */
export function sprintln(values: readonly Value[]): string {
  return `${values.map(textOf).join(' ')}\n`;
}

const printfValues: PrintfValues<Value> = {
  format(value, verb, spec) {
    const text = formatValue(value, verb, spec);
    spend(text.length);
    return text;
  },
  typeOf: (value) => (value === null || value === undefined ? undefined : typeOf(value)),
  integerOf: (value) => (value instanceof Integer ? value.value : undefined),
};

/** Formats values as `fmt.Sprintf` does. */
export function sprintf(format: string, values: readonly Value[]): string {
  return printf(format, values, printfValues);
}

function formatValue(value: Value, verb: string, spec: Spec): string {
  if (value === null || value === undefined) {
    return verb === 'T' || verb === 'v' ? pad('<nil>', spec) : `%!${verb}(<nil>)`;
  }
  if (verb === 'T') return formatTextVerb(typeOf(value), 's', spec) ?? '';
  if (verb === 'p' || verb === 'w') return badVerb(value, verb, spec);
  return formatPart(value, verb, spec, 0);
}

/** A value or a part of one; verbs apply to every part of lists and maps. */
function formatPart(value: Value, verb: string, spec: Spec, depth: number): string {
  spend(4 * unit);
  if (value === null || value === undefined) return spec.isGoSyntax ? 'interface {}(nil)' : '<nil>';
  switch (typeof value) {
    case 'boolean':
      return verb === 't' || verb === 'v' ? pad(String(value), spec) : badVerb(value, verb, spec);
    case 'number':
      return formatFloatVerb(value, verb, spec) ?? badVerb(value, verb, spec);
    case 'string':
      spend(value.length);
      return formatTextVerb(value, verb, spec) ?? badVerb(value, verb, spec);
    default:
      break;
  }
  if (value instanceof Integer) return formatIntegerVerb(value.value, verb, spec) ?? badVerb(value, verb, spec);
  if (value instanceof GoObject) {
    const isNumber = value.integer !== undefined && verb === 'd';
    const text = isNumber ? formatIntegerVerb(value.integer, verb, spec) : formatTextVerb(value.toString(), verb, spec);
    return text ?? badVerb(value, verb, spec);
  }
  const inner = deeper(depth);
  if (value instanceof List) {
    return enclosedPart(
      '',
      value.items.map((item) => formatPart(item, verb, spec, inner)),
      value.type,
      spec,
    );
  }
  const fields = sortedKeys(value).map(
    (key) => `${formatPart(key, verb, spec, inner)}:${formatPart(value.get(key), verb, spec, inner)}`,
  );
  return enclosedPart('map', fields, value.type, spec);
}

function enclosedPart(prefix: string, parts: readonly string[], type: string, { isGoSyntax }: Spec): string {
  return isGoSyntax ? `${type}{${parts.join(', ')}}` : enclosed(prefix, parts);
}

function badVerb(value: Value, verb: string, spec: Spec): string {
  return `%!${verb}(${typeOf(value)}=${formatPart(value, 'v', spec, 0)})`;
}
