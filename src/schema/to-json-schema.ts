import { isArray, isObject, type Value } from '../syntax/value.ts';
import type { Field, Fields, NestedBlock, VariantChoice } from './field.ts';
import type { JsonSchema } from './json-schema.ts';

/**
 * The JSON Schema of the arguments of a block: attributes by name, nested blocks as objects or as arrays of them, and
 * choices of blocks as one array of objects that each have one of the names.
 */
export function toJsonSchema(fields: Fields, title: string, description: string): JsonSchema {
  return { title, description, ...objectSchema(fields) };
}

function objectSchema(fields: Fields): JsonSchema {
  const properties = Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, fieldSchema(field)]));
  const required = Object.entries(fields).flatMap(([name, field]) => (isRequired(field) ? [name] : []));
  return { type: 'object', properties, additionalProperties: false, ...(required.length > 0 ? { required } : {}) };
}

function isRequired(field: Field<unknown>): boolean {
  switch (field.kind) {
    case 'attribute':
      return field.isRequired;
    case 'block':
      return field.occurs === 'required' || field.atLeast > 0;
    default:
      return false;
  }
}

function fieldSchema(field: Field<unknown>): JsonSchema {
  const description = field.doc.trim();
  switch (field.kind) {
    case 'attribute': {
      const shown =
        field.fallback === undefined || field.fallback === null ? undefined : plain(field.type.encode(field.fallback));
      return { ...field.type.jsonSchema, description, ...(shown === undefined ? {} : { default: shown }) };
    }
    case 'block':
      return { description, ...blockSchema(field) };
    default: {
      const choices = Object.entries(field.choices()).map(([name, choice]) => choiceSchema(name, choice));
      return { type: 'array', description, items: { oneOf: choices } };
    }
  }
}

function blockSchema(field: NestedBlock<unknown>): JsonSchema {
  const schema = objectSchema(field.fields);
  if (field.occurs !== 'many') return schema;
  return { type: 'array', items: schema, ...(field.atLeast > 0 ? { minItems: field.atLeast } : {}) };
}

function choiceSchema(name: string, choice: VariantChoice): JsonSchema {
  // A choice may hold the same choice again, so its own fields stop at nested choices.
  const fields = Object.fromEntries(Object.entries(choice.fields).filter(([, field]) => field.kind !== 'variants'));
  const properties = { [name]: { description: choice.doc.trim(), ...objectSchema(fields) } };
  return { type: 'object', properties, required: [name], additionalProperties: false };
}

/** A value of the language as JSON has it. */
function plain(value: Value): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (isArray(value)) return value.map(plain);
  if (isObject(value)) return Object.fromEntries(value.entries().map(([key, field]) => [key, plain(field)]));
  return typeof value === 'object' && value !== null ? undefined : value;
}
