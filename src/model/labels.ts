import { GenerationCache } from '../base/generation-cache.ts';
import { goQuote } from '../base/go-quote.ts';
import { ownString } from '../base/text-window.ts';

/** What sets with the same label names share. */
interface Shape {
  readonly names: readonly string[];
  readonly indexes: ReadonlyMap<string, number>;
}

/** Separates values in keys: a lone surrogate, which text decoded from UTF-8 never holds. */
const separator = '\ud800';

const shapes = new GenerationCache<string, Shape>(1024);
const sets = new GenerationCache<string, Labels>(8192);

/**
 * A label set: immutable, sorted by name and interned, so that equal sets usually are the same object and the set with
 * one label more is found without building anything. The tables behind it are bounded: a label with a million values
 * costs time, not memory. A set that fell out of them still equals its twin by `equals`.
 */
export class Labels {
  static readonly empty: Labels = new Labels({ names: [], indexes: new Map() }, []);

  readonly #shape: Shape;
  readonly #values: readonly string[];
  #text: string | undefined;

  private constructor(shape: Shape, values: readonly string[]) {
    this.#shape = shape;
    this.#values = values;
  }

  /** Builds a set from pairs in any order; of two with one name the last wins. */
  static from(pairs: Iterable<readonly [string, string]>): Labels {
    const sorted = [...new Map(pairs)].toSorted(([a], [b]) => (a < b ? -1 : 1));
    return Labels.#intern(
      sorted.map(([name]) => name),
      sorted.map(([, value]) => value),
    );
  }

  static fromRecord(record: Readonly<Record<string, string>>): Labels {
    return Labels.from(Object.entries(record));
  }

  static #intern(names: readonly string[], values: readonly string[]): Labels {
    if (names.length === 0) return Labels.empty;
    const shape = shapeOf(names);
    const key = `${shape.names.join(separator)}${separator}${values.join(separator)}`;
    const known = sets.get(key);
    if (known !== undefined) return known;
    const labels = new Labels(shape, values);
    sets.set(key, labels);
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
    const known = transitions.find(this, name, value);
    if (known !== undefined) return known;
    const labels = this.#build(name, value);
    return transitions.add(this, name, labels.get(name), labels);
  }

  /** The set without one label. */
  without(name: string): Labels {
    if (!this.has(name)) return this;
    return (
      transitions.find(this, name, undefined) ?? transitions.add(this, name, undefined, this.#build(name, undefined))
    );
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
    this.#text ??= `{${[...this].map(([name, value]) => `${name}=${goQuote(value)}`).join(', ')}}`;
    return this.#text;
  }

  *[Symbol.iterator](): IterableIterator<[string, string]> {
    for (const [index, name] of this.names.entries()) yield [name, this.#values[index] ?? ''];
  }

  #build(name: string, given: string | undefined): Labels {
    const { names } = this;
    // Sets live long, and values may be cut out of a text that must not.
    const value = given === undefined ? undefined : ownString(given);
    const index = this.#shape.indexes.get(name);
    if (index === undefined) {
      if (value === undefined) return this;
      const found = names.findIndex((other) => name < other);
      const at = found < 0 ? names.length : found;
      return Labels.#intern(names.toSpliced(at, 0, name), this.#values.toSpliced(at, 0, value));
    }
    if (value !== undefined) return Labels.#intern(names, this.#values.with(index, value));
    return Labels.#intern(names.toSpliced(index, 1), this.#values.toSpliced(index, 1));
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

/** From a set to the sets that differ from it in one label. An absent value means the label is taken away. */
type Steps = Map<Labels, Map<string, Map<string | undefined, Labels>>>;

/** Remembers the steps between sets in two generations, as GenerationCache does, counted over all sets together. */
class Transitions {
  readonly #limit: number;
  #young: Steps = new Map();
  #old: Steps = new Map();
  #count = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  find(from: Labels, name: string, value: string | undefined): Labels | undefined {
    const to = this.#young.get(from)?.get(name)?.get(value);
    if (to !== undefined) return to;
    const kept = this.#old.get(from)?.get(name)?.get(value);
    return kept === undefined ? undefined : this.add(from, name, value, kept);
  }

  add(from: Labels, name: string, value: string | undefined, to: Labels): Labels {
    if (this.#count >= this.#limit) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#count = 0;
    }
    this.#count++;
    let byName = this.#young.get(from);
    if (byName === undefined) this.#young.set(from, (byName = new Map()));
    let byValue = byName.get(name);
    if (byValue === undefined) byName.set(name, (byValue = new Map()));
    byValue.set(value, to);
    return to;
  }
}

const transitions = new Transitions(16_384);
