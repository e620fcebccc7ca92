/** Nodes by ID with the IDs of the nodes they depend on. IDs that are no nodes are ignored. */
export type Dependencies = ReadonlyMap<string, readonly string[]>;

export interface Order {
  /** Every node, after all that it depends on; otherwise in the order given. */
  readonly order: readonly string[];
  /** Groups of nodes that depend on each other, each sorted, including nodes that depend on themselves. */
  readonly cycles: readonly (readonly string[])[];
}

interface Visit {
  readonly id: string;
  readonly next: Iterator<string>;
}

/** Sorts a graph topologically and finds its cycles (Tarjan's strongly connected components, without recursion). */
export function orderOf(dependencies: Dependencies): Order {
  const order: string[] = [];
  const cycles: string[][] = [];
  const indexes = new Map<string, number>();
  const lowest = new Map<string, number>();
  const stack: string[] = [];
  const onStack = new Set<string>();

  const enter = (id: string, path: Visit[]): void => {
    indexes.set(id, indexes.size);
    lowest.set(id, indexes.size - 1);
    stack.push(id);
    onStack.add(id);
    path.push({ id, next: (dependencies.get(id) ?? [])[Symbol.iterator]() });
  };
  const lower = (id: string, to: number | undefined): void => {
    lowest.set(id, Math.min(lowest.get(id) ?? 0, to ?? 0));
  };

  for (const root of dependencies.keys()) {
    if (indexes.has(root)) continue;
    const path: Visit[] = [];
    enter(root, path);
    for (let visit = path.at(-1); visit !== undefined; visit = path.at(-1)) {
      const { value: target, done } = visit.next.next();
      if (done !== true) {
        if (!dependencies.has(target)) continue;
        if (!indexes.has(target)) enter(target, path);
        else if (onStack.has(target)) lower(visit.id, indexes.get(target));
        continue;
      }
      path.pop();
      const parent = path.at(-1);
      if (parent !== undefined) lower(parent.id, lowest.get(visit.id));
      if (lowest.get(visit.id) !== indexes.get(visit.id)) continue;
      const group = stack.splice(stack.lastIndexOf(visit.id));
      for (const id of group) onStack.delete(id);
      order.push(...group.toReversed());
      const isSelfReference = dependencies.get(visit.id)?.includes(visit.id) ?? false;
      if (group.length > 1 || isSelfReference) cycles.push(group.toSorted());
    }
  }
  return { order, cycles };
}
