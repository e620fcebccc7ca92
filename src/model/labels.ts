import { GenerationCache } from '../base/generation-cache.ts';
import { goQuote } from '../base/go-quote.ts';
import { ownString } from '../base/text-window.ts';

/** What sets with the same label names share. */
interface Shape {
  readonly names: readonly string[];
  readonly indexes: ReadonlyMap<string, number>;
}

/** Separates names in keys: a lone surrogate, which text decoded from UTF-8 never holds. */
const separator = '\ud800';

const shapes = new GenerationCache<string, Shape>(1024);
/** Sets by their hash. Of two with the same hash only one is known, which costs the other one time. */
const sets = new GenerationCache<number, Labels>(4096);

/**
 * A label set: immutable, sorted by name and interned, so that equal sets usually are the same object and the set with
 * one label more is found without building anything. The table behind it is bounded: a label with a million values
 * costs time, not memory. A set that fell out of it still equals its twin by `equals`.
 */
export class Labels {
  static readonly empty: Labels = new Labels({ names: [], indexes: new Map() }, [], 0);

  /** The same for equal sets. */
  readonly hash: number;
  readonly #shape: Shape;
  readonly #values: readonly string[];
  #text: string | undefined;

  private constructor(shape: Shape, values: readonly string[], hash: number) {
    this.#shape = shape;
    this.#values = values;
    this.hash = hash;
  }

  /** Builds a set from pairs in any order; of two with one name the last wins. */
  static from(pairs: Iterable<readonly [string, string]>): Labels {
    const sorted = [...new Map(pairs)].toSorted(([a], [b]) => (a < b ? -1 : 1));
    const names = sorted.map(([name]) => name);
    const values = sorted.map(([, value]) => value);
    const hash = names.reduce((sum, name, index) => (sum + hashOfPair(name, values[index] ?? '')) | 0, 0);
    const known = sets.get(hash);
    if (known !== undefined && sameStrings(known.names, names) && sameStrings(known.#values, values)) return known;
    return Labels.#add(names, values, hash);
  }

  static fromRecord(record: Readonly<Record<string, string>>): Labels {
    return Labels.from(Object.entries(record));
  }

  static #add(names: readonly string[], values: readonly string[], hash: number): Labels {
    if (names.length === 0) return Labels.empty;
    const labels = new Labels(shapeOf(names), values, hash);
    sets.set(hash, labels);
    return labels;
  }

  get size(): number {
    return this.#values.length;
  }

  get names(): readonly string[] {
    return this.#shape.names;
  }

  /** In the order of `names`. */
  get values(): readonly string[] {
    return this.#values;
  }

  get(name: string): string | undefined {
    const index = this.#shape.indexes.get(name);
    return index === undefined ? undefined : this.#values[index];
  }

  has(name: string): boolean {
    return this.#shape.indexes.has(name);
  }

  /** The set with one label added or replaced. */
  with(name: string, value: string): Labels {
    const index = this.#shape.indexes.get(name);
    const added = (this.hash + hashOfPair(name, value)) | 0;
    if (index === undefined) {
      const known = sets.get(added);
      if (known?.get(name) === value && known.#isApartFrom(this, name, 1)) return known;
      const found = this.names.findIndex((other) => name < other);
      const at = found < 0 ? this.size : found;
      return Labels.#add(this.names.toSpliced(at, 0, name), this.#values.toSpliced(at, 0, ownString(value)), added);
    }
    const old = this.#values[index] ?? '';
    if (old === value) return this;
    const hash = (added - hashOfPair(name, old)) | 0;
    const known = sets.get(hash);
    if (known?.get(name) === value && known.#isApartFrom(this, name, 0)) return known;
    return Labels.#add(this.names, this.#values.with(index, ownString(value)), hash);
  }

  /** The set without one label. */
  without(name: string): Labels {
    const index = this.#shape.indexes.get(name);
    if (index === undefined) return this;
    const hash = (this.hash - hashOfPair(name, this.#values[index] ?? '')) | 0;
    const known = sets.get(hash);
    if (known !== undefined && this.#isApartFrom(known, name, 1)) return known;
    return Labels.#add(this.names.toSpliced(index, 1), this.#values.toSpliced(index, 1), hash);
  }

  /** The set of the labels whose names pass. */
  filter(keeps: (name: string) => boolean): Labels {
    return this.names.every(keeps) ? this : Labels.from([...this].filter(([name]) => keeps(name)));
  }

  equals(other: Labels): boolean {
    if (this === other) return true;
    if (this.#shape !== other.#shape && !sameStrings(this.names, other.names)) return false;
    return sameStrings(this.#values, other.#values);
  }

  /** `{a="b", c="d"}`, with values quoted as in Go. Equal sets have equal text. */
  toString(): string {
    if (this.#text !== undefined) return this.#text;
    const { names } = this;
    let text = '{';
    for (let index = 0; index < names.length; index++)
      text += `${index === 0 ? '' : ', '}${names[index]}=${goQuote(this.#values[index] ?? '')}`;
    this.#text = `${text}}`;
    return this.#text;
  }

  *[Symbol.iterator](): IterableIterator<[string, string]> {
    for (const [index, name] of this.names.entries()) yield [name, this.#values[index] ?? ''];
  }

  /** Whether it has so many labels more than another set, and is the same as that but for the one label. */
  #isApartFrom(other: Labels, name: string, more: number): boolean {
    const { names } = this;
    const values = this.#values;
    const { names: otherNames } = other;
    const otherValues = other.#values;
    if (names.length !== otherNames.length + more) return false;
    for (let at = 0, otherAt = 0; at < names.length; at++) {
      if (names[at] === name) otherAt += 1 - more;
      else if (names[at] !== otherNames[otherAt] || values[at] !== otherValues[otherAt++]) return false;
    }
    return true;
  }
}

function shapeOf(names: readonly string[]): Shape {
  const key = names.join(separator);
  let shape = shapes.get(key);
  if (shape === undefined) {
    shape = { names, indexes: new Map(names.map((name, index) => [name, index])) };
    shapes.set(key, shape);
  }
  return shape;
}

function sameStrings(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, index) => text === b[index]);
}

/** Hashes of pairs are summed up to that of a set, so that one label more or less is one addition. */
function hashOfPair(name: string, value: string): number {
  let hash = hashOfText(value, hashOfText(name, 0x811c9dc5));
  hash = Math.imul(hash ^ (hash >>> 16), 0x21f0aaad);
  hash = Math.imul(hash ^ (hash >>> 15), 0x735a2d97);
  return hash ^ (hash >>> 15);
}

/** FNV-1a over code units, with one more for the end. */
function hashOfText(text: string, seed: number): number {
  let hash = seed;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return Math.imul(hash ^ 0xffff, 0x01000193);
}
