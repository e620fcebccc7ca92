import { CallFailure } from './work.ts';

/**
 * A value in a template. Strings, bools and numbers, which are float64, are themselves. `null` is a nil that is there,
 * such as an element of a list, `undefined` is what was not there, such as a key that a map does not have.
 */
export type Value = undefined | null | boolean | number | string | Integer | List | Dict | GoObject;

export type IntegerType = 'int' | 'int64' | 'int32' | 'uint8' | 'uint64';

export class Integer {
  readonly type: IntegerType;
  readonly value: bigint;

  constructor(type: IntegerType, value: bigint) {
    this.type = type;
    this.value = value;
  }
}

export type ElementType = 'interface {}' | 'string' | 'int' | '[]interface {}';

/** A slice. */
export class List {
  readonly elementType: ElementType;
  readonly items: readonly Value[];

  constructor(items: readonly Value[], elementType: ElementType = 'interface {}') {
    this.elementType = elementType;
    this.items = items;
  }

  get type(): string {
    return `[]${this.elementType}`;
  }
}

/** A map with text as keys. */
export class Dict {
  readonly elementType: 'interface {}' | 'string';
  #entries: Map<string, Value> | undefined;

  constructor(entries?: Map<string, Value>, elementType: 'interface {}' | 'string' = 'interface {}') {
    this.elementType = elementType;
    this.#entries = entries;
  }

  get type(): string {
    return `map[string]${this.elementType}`;
  }

  get entries(): Map<string, Value> {
    this.#entries ??= this.load();
    return this.#entries;
  }

  /** The value of a key; undefined if the key is not there. */
  get(key: string): Value {
    return this.#entries === undefined ? this.loadOne(key) : this.#entries.get(key);
  }

  has(key: string): boolean {
    return this.#entries === undefined ? this.loadOne(key) !== undefined : this.#entries.has(key);
  }

  /** Forgets what was loaded. */
  protected unload(): void {
    this.#entries = undefined;
  }

  /** What is in it, for those that were made without entries. */
  protected load(): Map<string, Value> {
    return new Map();
  }

  protected loadOne(key: string): Value {
    return this.entries.get(key);
  }
}

/** A value of a type that has methods, such as a time. */
export abstract class GoObject {
  abstract readonly type: string;
  abstract readonly kind: 'struct' | 'ptr' | 'int' | 'int64';
  /** Its value, if it is a number with a name. */
  readonly integer: bigint | undefined = undefined;
  /** Undefined if the type has no such method, or one that needs what a template cannot give. */
  abstract method(name: string): ((...args: readonly Value[]) => Value) | undefined;
  abstract toString(): string;
  abstract toJson(): string;
}

export function int(value: number | bigint): Integer {
  return new Integer('int', BigInt.asIntN(64, BigInt(value)));
}

export function int64(value: bigint): Integer {
  return new Integer('int64', BigInt.asIntN(64, value));
}

export function texts(items: readonly string[]): List {
  return new List(items, 'string');
}

/** The Go type of a value; `<nil>` for nothing. */
export function typeOf(value: Value): string {
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'boolean':
      return 'bool';
    case 'number':
      return 'float64';
    default:
      return value?.type ?? '<nil>';
  }
}

/** The Go kind of a value, the type of its type. */
export function kindOf(value: Value): string {
  if (value instanceof List) return 'slice';
  if (value instanceof Dict) return 'map';
  if (value instanceof GoObject) return value.kind;
  return value === null || value === undefined ? 'invalid' : typeOf(value);
}

/** Whether a value counts as true in conditions. */
export function isTrue(value: Value): boolean {
  switch (typeof value) {
    case 'string':
      return value !== '';
    case 'boolean':
      return value;
    case 'number':
      return value !== 0;
    default:
      if (value === null || value === undefined) return false;
      if (value instanceof Integer) return value.value !== 0n;
      if (value instanceof List) return value.items.length > 0;
      if (value instanceof Dict) return value.entries.size > 0;
      return value.integer !== 0n;
  }
}

/** The keys of a map in the order of their bytes, in which Go goes through maps. */
export function sortedKeys(dict: Dict): string[] {
  return sortedTexts([...dict.entries.keys()]);
}

export function sortedTexts(all: readonly string[]): string[] {
  // Only surrogates are ordered differently in UTF-16 and UTF-8.
  if (all.every((text) => !/[\ud800-\udfff]/.test(text))) return all.toSorted();
  return all.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

/** Goes down into data, which may contain itself. */
export function deeper(depth: number): number {
  if (depth >= 100) throw new CallFailure('the data is nested too deeply');
  return depth + 1;
}
