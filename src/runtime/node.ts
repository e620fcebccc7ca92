import type { ComponentSpec } from '../component/component.ts';
import type { ComponentRequest, ComponentResponse } from '../component/component-request.ts';
import type { Health } from '../component/health.ts';
import type { MetricFamily } from '../component/metrics.ts';
import type { Edge } from '../flow/edge.ts';
import type { Port } from '../flow/port.ts';
import type { EvaluatedBody } from '../schema/evaluated-body.ts';
import type { Block, Statement } from '../syntax/ast.ts';
import type { Report } from '../syntax/diagnostic.ts';
import type { Scope } from '../syntax/scope.ts';
import type { ObjectValue, Value } from '../syntax/value.ts';
import type { Definitions } from './definitions.ts';

/**
 * A vertex of the graph of a module. It outlives reloads as long as its ID and kind stay. Loading is two steps: `plan`
 * computes everything and changes nothing, so that a load can be given up; the `commit` of the plan cannot fail.
 */
export interface Node {
  /** Local to its module: `loki.write.main`. */
  readonly id: string;
  /** The name of its block, such as `loki.write` or `import.file`. */
  readonly name: string;
  plan(block: Block, surroundings: NodeSurroundings, loading: Loading): Promise<Plan | undefined>;
  /** Runs what was committed; does nothing if that runs already. */
  start?(): void;
  /** Stops what runs and resolves when it has flushed. What depends on a node is stopped before the node itself. */
  stop?(): Promise<void>;
  /** Called after everything was stopped. */
  close?(): Promise<void>;
  /** The exports, if they changed by themselves since they were last asked for. */
  takeChange?(round: Round): Promise<Value | undefined>;
  /** Tells that an evaluation after a change failed; what was committed before stays. */
  evaluationFailed?(message: string): void;
  health?(): Health;
  /** The modules inside of it. */
  modules?(): readonly InnerModule[];
  /** Whether the metrics of what is in its modules are shown. They are if it does not say. */
  readonly exposesMetrics?: boolean;
  /** The definition of a built-in component. */
  readonly spec?: ComponentSpec;
  /** What it sends to, with what has passed there. */
  edges?(): readonly Edge<unknown>[];
  /** Its inputs. */
  ports?(): readonly Port<unknown>[];
  /** Its metrics, with the labels that name it. */
  collect?(): readonly MetricFamily[];
  inspect?(): NodeState;
  /** Answers an HTTP request; undefined if it answers none. */
  handle?(request: ComponentRequest): Promise<ComponentResponse> | undefined;
}

/** The current state of a node for people. */
export interface NodeState {
  /** Absent before the first evaluation. */
  readonly args: EvaluatedBody | undefined;
  readonly exports: ObjectValue;
  readonly debugInfo: unknown;
}

/** What a node stands for. */
export type NodeKind = 'component' | 'custom' | 'config' | 'argument' | 'export' | 'import' | 'foreach';

/** A node with what its last successful load made of it. */
export interface Vertex {
  readonly node: Node;
  readonly kind: NodeKind;
  readonly block: Block;
  /** The IDs of the nodes of the same module that it refers to. */
  readonly dependencies: readonly string[];
}

/** One time that changes are followed through the graph. */
export interface Round {
  readonly signal: AbortSignal;
  /** When the first of the changes was, by `performance.now`. */
  readonly since: number;
}

/** What a block can refer to where it stands. */
export interface NodeSurroundings {
  readonly scope: Scope;
  readonly definitions: Definitions;
  /** What the user of the module gives for its arguments. */
  readonly moduleArgs: ObjectValue;
}

/** One load, as all nodes in it see it. */
export interface Loading {
  readonly report: Report;
  /** Whether the configuration is only checked: nothing may be read or contacted then. */
  readonly isCheck: boolean;
  /** Aborts when the load is given up. */
  readonly signal: AbortSignal;
}

/** What will be true of a node after the commit. */
export interface Plan {
  /** What dependants see under the ID of the node. */
  readonly exports: Value;
  commit(): void;
}

/** What a module consists of. */
export interface ModuleContent {
  readonly kind: 'root' | 'declare' | 'foreach';
  readonly statements: readonly Statement[];
  /** The custom components of the modules around it. */
  readonly definitions: Definitions;
  /** The names it sees from outside: the standard library, and for foreach all that surrounds it. */
  readonly outer: Scope;
  /** Names of its own, such as `module_path`. */
  readonly names: ObjectValue;
  readonly args: ObjectValue;
}

/** A module as the nodes that hold modules see it. */
export interface InnerModule {
  readonly id: string;
  /** The exports of the plan are those of the module: the values of its `export` blocks. */
  plan(content: ModuleContent, loading: Loading): Promise<Plan | undefined>;
  start(): void;
  stop(): Promise<void>;
  close(): Promise<void>;
  /** Evaluates what depends on changed exports; the exports of the module, if they changed by that. */
  settle(round: Round): Promise<Value | undefined>;
  /** The worst health in it. */
  health(): Health;
  /** Its nodes in topological order: what a node depends on comes first. */
  nodes(): readonly Vertex[];
  /** Metrics of its evaluations, with the labels that name it. */
  collect(): readonly MetricFamily[];
}
