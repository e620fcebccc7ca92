import { canBackquote, goQuote } from '../../base/go-quote.ts';
import type { FunctionValue } from '../function-value.ts';
import { Secret } from '../secret.ts';
import { Capsule, isArray, isObject, type Unresolved, type Value } from '../value.ts';
import { formatFloatVerb } from './printf-float.ts';
import { formatInteger, isUnsigned } from './printf-integer.ts';
import { pad, type Spec } from './printf-spec.ts';
import { sortedEntries } from './sorted-entries.ts';

/** Formats an argument with a verb. A verb that does not suit it shows as `%!d(string=hi)`. */
export function formatValue(value: Value, verb: string, spec: Spec): string {
  if (value === null) return verb === 'T' || verb === 'v' ? pad('<nil>', spec) : `%!${verb}(<nil>)`;
  if (verb === 'T') return pad(truncated(goType(value), spec), spec);
  // Only errors can be wrapped.
  if (verb === 'w') return badVerb(value, verb, spec);
  if (verb === 'p') return formatPointer(value, spec);
  return formatPart(value, verb, spec);
}

/** An argument or a part of one; verbs apply to every part of arrays and objects. */
function formatPart(value: Value, verb: string, spec: Spec): string {
  switch (typeof value) {
    case 'boolean':
      return verb === 't' || verb === 'v' ? pad(String(value), spec) : badVerb(value, verb, spec);
    case 'bigint':
      return formatInteger(value, verb, spec) ?? badVerb(value, verb, spec);
    case 'number':
      return formatFloatVerb(value, verb, spec) ?? badVerb(value, verb, spec);
    case 'string':
      return formatText(value, verb, spec) ?? badVerb(value, verb, spec);
    default:
      break;
  }
  if (value === null) return spec.isGoSyntax ? 'interface {}(nil)' : '<nil>';
  if (isArray(value)) {
    const elements = value.map((element) => formatPart(element, verb, spec));
    return enclosed('', elements, goType(value), spec);
  }
  if (isObject(value)) {
    const fields = sortedEntries(value).map(
      ([name, field]) => `${formatPart(name, verb, spec)}:${formatPart(field, verb, spec)}`,
    );
    return enclosed('map', fields, goType(value), spec);
  }
  return formatText(opaqueText(value), verb, spec) ?? badVerb(value, verb, spec);
}

function enclosed(prefix: string, parts: readonly string[], type: string, { isGoSyntax }: Spec): string {
  return isGoSyntax ? `${type}{${parts.join(', ')}}` : `${prefix}[${parts.join(' ')}]`;
}

function badVerb(value: Value, verb: string, spec: Spec): string {
  return `%!${verb}(${goType(value)}=${formatPart(value, 'v', spec)})`;
}

/** There are no addresses here, so all of them are zero. */
function formatPointer(value: Value, spec: Spec): string {
  if (typeof value !== 'object') return badVerb(value, 'p', spec);
  return formatInteger(0n, 'x', { ...spec, sharp: !spec.sharp }) ?? '';
}

/** The type that a value has in Go, as `%T` and mistakes name it. */
export function goType(value: Value): string {
  switch (typeof value) {
    case 'boolean':
      return 'bool';
    case 'bigint':
      return isUnsigned(value) ? 'uint64' : 'int';
    case 'number':
      return 'float64';
    case 'string':
      return 'string';
    default:
      if (value === null) return '<nil>';
      if (isArray(value)) return '[]interface {}';
      if (isObject(value)) return 'map[string]interface {}';
      if (value instanceof Capsule) return value.type.name;
      return 'call' in value ? 'function' : 'capsule';
  }
}

/** What stands for functions and runtime objects. */
function opaqueText(value: FunctionValue | Secret | Capsule<unknown> | Unresolved): string {
  if (value instanceof Capsule) return value.type.show(value.value);
  if (value instanceof Secret) return value.toString();
  return 'call' in value ? value.name : '<unknown>';
}

function formatText(text: string, verb: string, spec: Spec): string | undefined {
  switch (verb) {
    case 'v':
    case 's':
      return spec.isGoSyntax ? quoted(text, spec) : pad(truncated(text, spec), spec);
    case 'q':
      return quoted(text, spec);
    case 'x':
      return pad(hexOf(text, spec), spec);
    case 'X':
      return pad(hexOf(text, spec).toUpperCase(), spec);
    default:
      return undefined;
  }
}

/** Limits text to as many characters as the precision says. */
function truncated(text: string, { precision }: Spec): string {
  return precision === undefined || precision >= text.length ? text : Array.from(text).slice(0, precision).join('');
}

function quoted(text: string, spec: Spec): string {
  const shown = truncated(text, spec);
  if (spec.sharp && canBackquote(shown)) return pad(`\`${shown}\``, spec);
  return pad(goQuote(shown, spec.plus ? 'ascii' : 'printable'), spec);
}

/** The bytes in hexadecimal; a space flag keeps them apart, and `#` puts 0x before each group. */
function hexOf(text: string, { precision, space, sharp }: Spec): string {
  const bytes = Buffer.from(text).subarray(0, precision);
  if (bytes.length === 0) return '';
  const prefix = sharp ? '0x' : '';
  if (!space) return prefix + bytes.toString('hex');
  return Array.from(bytes, (byte) => prefix + byte.toString(16).padStart(2, '0')).join(' ');
}
