import type { Value } from './value.ts';

/** Names that expressions may use. Inner scopes hide outer ones; the standard library is the outermost. */
export class Scope {
  readonly #names: ReadonlyMap<string, Value>;
  readonly #parent: Scope | undefined;

  constructor(names: ReadonlyMap<string, Value>, parent?: Scope) {
    this.#names = names;
    this.#parent = parent;
  }

  lookup(name: string): Value | undefined {
    return this.#names.has(name) ? this.#names.get(name) : this.#parent?.lookup(name);
  }

  /** Every visible name, for suggestions. */
  names(): string[] {
    return [...new Set([...this.#names.keys(), ...(this.#parent?.names() ?? [])])].toSorted();
  }
}
