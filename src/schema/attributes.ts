import type { Milliseconds } from '../base/duration.ts';
import type { GoRegexp } from '../base/go-regexp/go-regexp.ts';
import type { Secret } from '../syntax/secret.ts';
import type { Value } from '../syntax/value.ts';
import { Attribute } from './field.ts';
import {
  anyType,
  boolType,
  byteSizeType,
  durationType,
  integerType,
  listType,
  mapType,
  numberType,
  oneOfType,
  regexpType,
  secretType,
  stringType,
  urlType,
} from './types.ts';
import type { ValueType } from './value-type.ts';

/*
 * Attributes by type. The documentation is the first parameter, so that it cannot be forgotten; what they decode to is
 * inferred from them. All are required until `optional` or `default` says otherwise.
 */

/** An attribute of any type. */
export function attribute<T>(doc: string, type: ValueType<T>): Attribute<T> {
  return new Attribute<T>({ doc, type });
}

/** Text. Numbers are taken as text too. */
export function string(doc: string): Attribute<string> {
  return attribute(doc, stringType);
}

/** A float64. Text that holds a number is taken too. */
export function number(doc: string): Attribute<number> {
  return attribute(doc, numberType);
}

/** An integer up to 2^53. */
export function integer(doc: string): Attribute<number> {
  return attribute(doc, integerType);
}

export function bool(doc: string): Attribute<boolean> {
  return attribute(doc, boolType);
}

/** A span of time such as `1m30s`, in milliseconds. */
export function duration(doc: string): Attribute<Milliseconds> {
  return attribute(doc, durationType);
}

/** A size such as `1MiB`, in bytes. */
export function bytes(doc: string): Attribute<number> {
  return attribute(doc, byteSizeType);
}

/** Text that is never shown. */
export function secret(doc: string): Attribute<Secret> {
  return attribute(doc, secretType);
}

/** A regular expression in RE2 syntax; anchored ones match the whole text, with a dot that matches line breaks. */
export function regexp(doc: string, options?: { anchored: boolean }): Attribute<GoRegexp> {
  return attribute(doc, regexpType(options));
}

/** An absolute http or https URL. */
export function url(doc: string): Attribute<URL> {
  return attribute(doc, urlType);
}

/** One of some words. */
export function oneOf<const V extends string>(doc: string, ...values: readonly V[]): Attribute<V> {
  return attribute(doc, oneOfType(values));
}

/** A list of values of the type of another attribute, whose documentation does not count. */
export function list<T>(doc: string, element: ValueType<T>): Attribute<readonly T[]> {
  return attribute(doc, listType(element));
}

/** An object with any keys. */
export function map<T>(doc: string, field: ValueType<T>): Attribute<ReadonlyMap<string, T>> {
  return attribute(doc, mapType(field));
}

/** Anything, as the language has it. */
export function any(doc: string): Attribute<Value> {
  return attribute(doc, anyType);
}
