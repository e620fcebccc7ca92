import type { Body } from '../syntax/ast.ts';
import type { Span } from '../syntax/source.ts';

/** A custom component: what a `declare` block holds, and where its body looks for others. */
export interface Definition {
  readonly name: string;
  readonly body: Body;
  readonly span: Span;
  readonly definitions: Definitions;
  /** The value of `module_path` inside of it. */
  readonly modulePath: string;
}

/** The declares that an import brought in, by their names. */
export type Namespace = ReadonlyMap<string, Definition>;

/**
 * The custom components that a module sees: its own declares and import namespaces, then those of the modules around
 * it. They hide built-in components of the same first name.
 */
export class Definitions {
  readonly #declares = new Map<string, Definition>();
  readonly #namespaces = new Map<string, Namespace | undefined>();
  readonly #parent: Definitions | undefined;

  constructor(parent?: Definitions) {
    this.#parent = parent;
  }

  declare(definition: Definition): void {
    this.#declares.set(definition.name, definition);
  }

  /** Makes a namespace known. Its content is set when the import was read; undefined if it could not be. */
  setNamespace(name: string, content: Namespace | undefined): void {
    this.#namespaces.set(name, content);
  }

  /** Whether the first part of a component name is a declare or a namespace. */
  hides(name: string): boolean {
    const [first = ''] = name.split('.');
    return this.#declares.has(first) || this.#namespaces.has(first) || (this.#parent?.hides(name) ?? false);
  }

  find(name: string): Definition | undefined {
    const [first = '', ...rest] = name.split('.');
    if (rest.length === 0 && this.#declares.has(first)) return this.#declares.get(first);
    if (this.#namespaces.has(first)) return this.#namespaces.get(first)?.get(rest.join('.'));
    return this.#parent?.find(name);
  }

  /** Whether a name belongs to a namespace whose import failed, which has been reported. */
  isLost(name: string): boolean {
    const [first = ''] = name.split('.');
    if (this.#namespaces.has(first)) return this.#namespaces.get(first) === undefined;
    return this.#parent?.isLost(name) ?? false;
  }

  /** The namespace that a component name begins with, if it is one of this module. */
  namespaceOf(name: string): string | undefined {
    const [first = ''] = name.split('.');
    return this.#namespaces.has(first) ? first : undefined;
  }

  /** Every name that can be used, for suggestions. */
  names(): string[] {
    const imported = [...this.#namespaces].flatMap(([name, content]) =>
      [...(content?.keys() ?? [])].map((key) => `${name}.${key}`),
    );
    return [...this.#declares.keys(), ...imported, ...(this.#parent?.names() ?? [])];
  }
}
