import type { Scope } from '../syntax/scope.ts';
import type { Value } from '../syntax/value.ts';

/** A level of the tree; apart from Map so that the exports of a node are never taken for one. */
class Branch extends Map<string, Value> {}

/**
 * The exports of all nodes of a module as expressions see them: `loki.write.main` is the field `main` of the field
 * `write` of `loki`. Where a surrounding module has such fields too, both are seen.
 */
export class ExportsTree {
  readonly names: Map<string, Value> = new Branch();
  readonly #outer: Scope;
  readonly #own = new Set<Value>([this.names]);

  constructor(outer: Scope) {
    this.#outer = outer;
  }

  /** Puts the exports of a node in its place. */
  set(id: string, exports: Value): void {
    const path = id.split('.');
    const last = path.pop() ?? id;
    let branch = this.names;
    for (const name of path) {
      const known = branch.get(name) ?? (branch === this.names ? this.#outer.lookup(name) : undefined);
      let next = known;
      if (!(next instanceof Branch) || !this.#own.has(next)) {
        next = new Branch(known instanceof Branch ? known : []);
        this.#own.add(next);
        branch.set(name, next);
      }
      branch = next as Branch;
    }
    branch.set(last, exports);
  }

  get(id: string): Value | undefined {
    let value: Value | undefined = this.names;
    for (const name of id.split('.')) value = value instanceof Branch ? value.get(name) : undefined;
    return value;
  }

  has(id: string): boolean {
    return this.get(id) !== undefined;
  }
}
