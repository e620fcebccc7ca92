import type { HealthState } from '../component/health.ts';
import type { Edge } from '../flow/edge.ts';
import { globalIdOf } from './environment.ts';
import type { InnerModule, Vertex } from './node.ts';

/*
 * Read-only looks at what runs: for the API, metrics, health and live debugging.
 */

/** A module and all modules inside of it, outer ones first. */
export function* modulesOf(module: InnerModule): Generator<InnerModule> {
  yield module;
  for (const { node } of module.nodes()) for (const inner of node.modules?.() ?? []) yield* modulesOf(inner);
}

/** As `modulesOf`, without those whose metrics are not to be shown. */
export function* exposedModulesOf(module: InnerModule): Generator<InnerModule> {
  yield module;
  for (const { node } of module.nodes()) {
    if (node.exposesMetrics === false) continue;
    for (const inner of node.modules?.() ?? []) yield* exposedModulesOf(inner);
  }
}

export function findModule(root: InnerModule, id: string): InnerModule | undefined {
  return modulesOf(root).find((module) => module.id === id);
}

/** A component, custom component or foreach by its global ID. */
export function findComponent(
  root: InnerModule,
  globalId: string,
): { readonly module: InnerModule; readonly vertex: Vertex } | undefined {
  const at = globalId.lastIndexOf('/');
  const module = findModule(root, globalId.slice(0, Math.max(at, 0)));
  const vertex = module && componentsOf(module).find(({ node }) => node.id === globalId.slice(at + 1));
  return module && vertex && { module, vertex };
}

/** The components, custom components and foreach blocks of a module. */
export function componentsOf(module: InnerModule): readonly Vertex[] {
  return module.nodes().filter(({ kind }) => kind === 'component' || kind === 'custom' || kind === 'foreach');
}

/** How many components and imports of a module there are by their health. */
export function countHealth(module: InnerModule): ReadonlyMap<HealthState, number> {
  const counts = new Map<HealthState, number>();
  for (const { node } of module.nodes()) {
    const state = node.health?.().state;
    if (state !== undefined) counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  return counts;
}

/** The global IDs of nodes that are unhealthy or have exited. A node is not named for what is in its modules. */
export function unhealthyNodes(module: InnerModule): readonly string[] {
  return module.nodes().flatMap(({ node }) => {
    const inner = (node.modules?.() ?? []).flatMap(unhealthyNodes);
    if (inner.length > 0) return inner;
    const state = node.health?.().state;
    return state === 'unhealthy' || state === 'exited' ? [globalIdOf(module.id, node.id)] : [];
  });
}

/** Everything that telemetry flows along in a module and those inside of it. */
export function edgesOf(module: InnerModule): readonly Edge<unknown>[] {
  return [...modulesOf(module)].flatMap((inner) => inner.nodes().flatMap(({ node }) => node.edges?.() ?? []));
}

/** The IDs of all that telemetry from a node can reach. */
export function downstreamOf(root: InnerModule, globalId: string): ReadonlySet<string> {
  const targets = Map.groupBy(edgesOf(root), ({ from }) => from);
  const reached = new Set<string>();
  const visit = (id: string): void => {
    for (const { to } of targets.get(id) ?? []) {
      if (reached.has(to.owner)) continue;
      reached.add(to.owner);
      visit(to.owner);
    }
  };
  visit(globalId);
  return reached;
}

/**
 * Where telemetry flows between the nodes of a module, as pairs of local IDs. What happens inside of a custom component
 * counts as its own.
 */
export function flowBetween(
  module: InnerModule,
): readonly (readonly [from: string, to: string, edge: Edge<unknown>])[] {
  return edgesOf(module).flatMap((edge) => {
    const from = localIdIn(module, edge.from);
    const to = localIdIn(module, edge.to.owner);
    return from === undefined || to === undefined || from === to ? [] : [[from, to, edge] as const];
  });
}

/** The node of a module that is, or holds, the one with a global ID. */
function localIdIn(module: InnerModule, globalId: string): string | undefined {
  if (module.id === '') return globalId.split('/')[0];
  return globalId.startsWith(`${module.id}/`) ? globalId.slice(module.id.length + 1).split('/')[0] : undefined;
}
