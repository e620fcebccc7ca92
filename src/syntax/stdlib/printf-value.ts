import { formatFloatVerb } from '../../base/go-printf/format-float-verb.ts';
import { formatIntegerVerb, isUnsigned } from '../../base/go-printf/format-integer-verb.ts';
import { formatTextVerb, truncated } from '../../base/go-printf/format-text-verb.ts';
import { pad, type Spec } from '../../base/go-printf/spec.ts';
import type { FunctionValue } from '../function-value.ts';
import { Secret } from '../secret.ts';
import { Capsule, isArray, isObject, type Unresolved, type Value } from '../value.ts';
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
      return formatIntegerVerb(value, verb, spec) ?? badVerb(value, verb, spec);
    case 'number':
      return formatFloatVerb(value, verb, spec) ?? badVerb(value, verb, spec);
    case 'string':
      return formatTextVerb(value, verb, spec) ?? badVerb(value, verb, spec);
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
  return formatTextVerb(opaqueText(value), verb, spec) ?? badVerb(value, verb, spec);
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
  return formatIntegerVerb(0n, 'x', { ...spec, sharp: !spec.sharp }) ?? '';
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
