import { equal } from '../syntax/equality.ts';
import { Secret } from '../syntax/secret.ts';
import { Capsule, isArray, isObject, Unresolved, type ObjectValue, type Value } from '../syntax/value.ts';
import type { EvaluatedBlock, EvaluatedBody } from './evaluated-body.ts';
import type { Attribute, Fields } from './field.ts';
import { decodeValue, failed, type Place } from './value-type.ts';

/*
 * The JSON form of arguments and exports that Alloy's API has. Secrets are never in it.
 */

export type StatementJson = AttributeJson | BlockJson;

export interface AttributeJson {
  readonly name: string;
  readonly type: 'attr';
  readonly value: ValueJson;
}

export interface BlockJson {
  readonly name: string;
  readonly type: 'block';
  readonly label?: string;
  readonly body: readonly StatementJson[];
}

export type ValueJson =
  | { readonly type: 'null'; readonly value: null }
  | { readonly type: 'number'; readonly value: number }
  | { readonly type: 'string' | 'function' | 'capsule'; readonly value: string }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'array'; readonly value: readonly ValueJson[] }
  | { readonly type: 'object'; readonly value: readonly { readonly key: string; readonly value: ValueJson }[] };

/** The arguments that differ from their defaults, in the order of the fields. */
export function encodeBody(fields: Fields, body: EvaluatedBody): readonly StatementJson[] {
  return Object.entries(fields).flatMap(([name, field]): readonly StatementJson[] => {
    if (field.kind === 'attribute') {
      const given = body.attributes.find((attribute) => attribute.name === name);
      const shown = given && shownValue(field, given.value);
      return shown === undefined ? [] : [encodeAttribute(name, shown)];
    }
    if (field.kind === 'block')
      return body.blocks.filter((block) => block.name === name).map((block) => encodeBlock(field.fields, block));
    const choices = field.choices();
    return body.blocks.flatMap((block) => {
      const choice = Object.hasOwn(choices, block.name) ? choices[block.name] : undefined;
      return choice === undefined ? [] : [encodeBlock(choice.fields, block)];
    });
  });
}

/** The fields of an object as attributes. */
export function encodeFields(object: ObjectValue): readonly StatementJson[] {
  return object
    .entries()
    .map(([name, value]) => encodeAttribute(name, value))
    .toArray();
}

export function encodeAttribute(name: string, value: Value): AttributeJson {
  return { name, type: 'attr', value: encodeValue(value) };
}

export function encodeValue(value: Value): ValueJson {
  switch (typeof value) {
    case 'string':
      return { type: 'string', value };
    case 'boolean':
      return { type: 'bool', value };
    case 'number':
    case 'bigint':
      return { type: 'number', value: Number(value) };
    default:
      break;
  }
  if (value === null || value instanceof Unresolved) return { type: 'null', value: null };
  if (isArray(value)) return { type: 'array', value: value.map(encodeValue) };
  if (isObject(value)) return encodeObject(value);
  if (value instanceof Secret) return { type: 'capsule', value: '(secret)' };
  if (value instanceof Capsule) {
    const entries = value.type.entries?.(value.value);
    return entries === undefined ? { type: 'capsule', value: value.type.show(value.value) } : encodeObject(entries);
  }
  return { type: 'function', value: value.name };
}

function encodeObject(object: ObjectValue): ValueJson {
  const entries = [...object].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return { type: 'object', value: entries.map(([key, field]) => ({ key, value: encodeValue(field) })) };
}

function encodeBlock(fields: Fields, { name, label, body }: EvaluatedBlock): BlockJson {
  return { name, type: 'block', ...(label === undefined ? {} : { label }), body: encodeBody(fields, body) };
}

/** The place of values that were decoded before, so that nothing is wrong with them. */
const place: Place = {
  fail: () => failed,
  child: () => place,
  surroundings: { minimumStability: 'experimental', connect: () => ({ consume: () => undefined }) },
};

/**
 * How a value that was given for an attribute is shown: in the form that its type gives it, so that a literal for a
 * secret is hidden too. Undefined if it is the default.
 */
function shownValue(field: Attribute<unknown>, given: Value): Value | undefined {
  const decoded = decodeValue(field.type, given, place);
  if (decoded === failed) return undefined;
  const encoded = field.type.encode(decoded);
  if (!field.isRequired) {
    const fallback = field.fallback === undefined ? null : field.type.encode(field.fallback);
    if (equal(encoded, fallback)) return undefined;
  }
  // What has no form of its own, such as a receiver, is shown as it was given.
  return encoded === null ? given : hideSecrets(given, encoded);
}

/** Puts the secrets of what was given in the place of what decoding made of them. */
function hideSecrets(given: Value, encoded: Value): Value {
  if (given instanceof Secret) return given;
  if (isArray(given) && isArray(encoded))
    return encoded.map((element, index) => hideSecrets(given[index] ?? null, element));
  if (isObject(given) && isObject(encoded))
    return new Map(encoded.entries().map(([key, field]) => [key, hideSecrets(given.get(key) ?? null, field)]));
  return encoded;
}
