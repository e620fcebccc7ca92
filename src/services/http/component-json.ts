import type { AnyComponent } from '../../component/component.ts';
import { componentsOf, flowBetween } from '../../runtime/inspect.ts';
import type { InnerModule, Node, NodeState, Vertex } from '../../runtime/node.ts';
import { encodeAttribute, encodeBody, encodeFields, type StatementJson } from '../../schema/encode.ts';
import { canBeWatched } from '../live-debugging/live-debugging.ts';

/** A component as the API shows it; the names are those of Alloy. IDs in lists are local to the module. */
export interface ComponentJson {
  readonly name: string;
  readonly type: 'block';
  readonly localID: string;
  readonly moduleID: string;
  readonly label?: string;
  readonly referencesTo: readonly string[];
  readonly referencedBy: readonly string[];
  readonly dataFlowEdgesTo: readonly string[];
  readonly health: { readonly state: string; readonly message: string; readonly updatedTime: string };
  readonly original: '';
  readonly arguments: readonly StatementJson[];
  readonly exports: readonly StatementJson[];
  readonly debugInfo: readonly StatementJson[];
  readonly createdModuleIDs?: readonly string[];
  readonly liveDebuggingEnabled: boolean;
}

/** The components of a module, without their arguments, exports and debug info. */
export function listComponents(module: InnerModule): readonly ComponentJson[] {
  return componentsOf(module)
    .map((vertex) => componentJson(module, vertex))
    .toSorted((a, b) => (a.localID < b.localID ? -1 : 1));
}

/** All of one component. */
export function showComponent(module: InnerModule, vertex: Vertex): ComponentJson {
  return { ...componentJson(module, vertex), ...encodeState(vertex.node) };
}

function componentJson(module: InnerModule, { node, block, dependencies }: Vertex): ComponentJson {
  const ids = new Set(componentsOf(module).map((vertex) => vertex.node.id));
  const targets = flowBetween(module).flatMap(([from, to]) => (from === node.id && ids.has(to) ? [to] : []));
  const users = componentsOf(module).filter((other) => other.dependencies.includes(node.id));
  const modules = (node.modules?.() ?? []).map(({ id }) => id);
  const health = node.health?.();
  return {
    name: node.name,
    type: 'block',
    localID: node.id,
    moduleID: module.id,
    ...(block.label === undefined ? {} : { label: block.label }),
    referencesTo: dependencies.filter((id) => ids.has(id)).toSorted(),
    referencedBy: users.map((other) => other.node.id).toSorted(),
    dataFlowEdgesTo: [...new Set(targets)].toSorted(),
    health: {
      state: health?.state ?? 'unknown',
      message: health?.message ?? '',
      updatedTime: new Date(health?.updatedAt ?? 0).toISOString(),
    },
    original: '',
    arguments: [],
    exports: [],
    debugInfo: [],
    ...(modules.length === 0 ? {} : { createdModuleIDs: modules }),
    liveDebuggingEnabled: canBeWatched(node),
  };
}

function encodeState(node: Node): Pick<ComponentJson, 'arguments' | 'exports' | 'debugInfo'> {
  const state = node.inspect?.();
  return {
    arguments: encodeArguments(node.spec, state),
    exports: encodeFields(state?.exports ?? new Map()),
    debugInfo: encodeDebugInfo(node.spec, state?.debugInfo),
  };
}

/** What custom components and foreach are given has no definition by which it could be shown. */
function encodeArguments(spec: AnyComponent | undefined, state: NodeState | undefined): readonly StatementJson[] {
  if (state?.args === undefined) return [];
  if (spec !== undefined) return encodeBody(spec.arguments, state.args);
  return state.args.attributes.map(({ name, value }) => encodeAttribute(name, value));
}

function encodeDebugInfo(spec: AnyComponent | undefined, info: unknown): readonly StatementJson[] {
  const values = new Map(Object.entries(info ?? {}) as [string, unknown][]);
  return Object.entries(spec?.debugInfo ?? {}).flatMap(([name, field]): readonly StatementJson[] => {
    const value = values.get(name);
    if (value === undefined) return [];
    if (field.kind === 'value') return [encodeAttribute(name, field.type.encode(value))];
    return (value as readonly Record<string, unknown>[]).map((row) => ({
      name,
      type: 'block',
      body: Object.entries(field.fields).flatMap(([column, { type }]) =>
        row[column] === undefined ? [] : [encodeAttribute(column, type.encode(row[column] as never))],
      ),
    }));
  });
}
