import { worstHealth, type Health } from '../component/health.ts';
import { openMetrics, type MetricFamily } from '../component/metrics.ts';
import type { Block } from '../syntax/ast.ts';
import { hasErrors, oneLine, type Diagnostic, type Report } from '../syntax/diagnostic.ts';
import { equal } from '../syntax/equality.ts';
import { referencesIn } from '../syntax/references.ts';
import { Scope } from '../syntax/scope.ts';
import { checkLibraryUse } from '../syntax/stdlib/library-use.ts';
import { Capsule, invalid, type ObjectValue, type Value } from '../syntax/value.ts';
import { nodeBlocks } from './blocks.ts';
import { Definitions, type Namespace } from './definitions.ts';
import { checkDeclares, dependenciesOf, reportCycle } from './dependencies.ts';
import type { Environment } from './environment.ts';
import { ExportsTree } from './exports-tree.ts';
import { orderOf } from './graph.ts';
import { moduleMetrics, pathLabels, slowEvaluationSeconds } from './module-metrics.ts';
import type { InnerModule, Loading, ModuleContent, Node, NodeSurroundings, Plan, Round, Vertex } from './node.ts';
import { createNode } from './nodes/create-node.ts';

/** Modules inside of modules are followed this far. */
const maxDepth = 32;

/** One load of a module: its graph, and what its expressions see. */
interface Graph {
  /** In topological order: dependencies first. */
  readonly vertices: ReadonlyMap<string, Vertex>;
  readonly tree: ExportsTree;
  readonly surroundings: NodeSurroundings;
}

/** A graph of nodes with a scope of its own: the configuration itself, or an instance of a custom component. */
export class Module implements InnerModule {
  readonly id: string;
  readonly #environment: Environment;
  readonly #metrics: ReturnType<typeof openMetrics<typeof moduleMetrics>>;
  #graph: Graph | undefined;
  #leaving: readonly Node[] = [];
  #gone: Promise<unknown> = Promise.resolve();

  constructor(environment: Environment, id: string) {
    this.#environment = environment;
    this.id = id;
    this.#metrics = openMetrics(moduleMetrics, pathLabels('controller', id));
  }

  async plan(content: ModuleContent, loading: Loading): Promise<Plan | undefined> {
    let isWhole = true;
    const report: Report = (diagnostic) => {
      if (diagnostic.severity === 'error') isWhole = false;
      loading.report(diagnostic);
    };
    const graph = this.#draw(content, report);
    if (graph === undefined) return undefined;
    const plans: Plan[] = [];
    for (const [id, { node, block }] of graph.vertices) {
      // Nodes in a circle were reported, and have no order in which they could be evaluated.
      if (graph.tree.has(id)) continue;
      const plan = await node.plan(block, graph.surroundings, { ...loading, report });
      if (plan === undefined) isWhole = false;
      else plans.push(plan);
      setExports(graph, id, plan?.exports ?? invalid);
    }
    if (!isWhole) return undefined;
    return {
      exports: exportsOf(graph),
      commit: () => {
        const before = this.#graph?.vertices ?? new Map<string, Vertex>();
        const removed = [...before.values()].filter(({ node }) => graph.vertices.get(node.id)?.node !== node);
        this.#leaving = [...this.#leaving, ...removed.map(({ node }) => node).toReversed()];
        this.#graph = graph;
        for (const plan of plans) plan.commit();
      },
    };
  }

  start(): void {
    for (const { node } of this.nodes()) node.start?.();
    const leaving = this.#leaving;
    this.#leaving = [];
    if (leaving.length > 0) this.#gone = Promise.all([this.#gone, stopAll(leaving)]);
  }

  async stop(): Promise<void> {
    const stopped = new Map<string, Promise<void>>();
    const vertices = this.#graph?.vertices ?? new Map<string, Vertex>();
    const stop = async ({ node }: Vertex): Promise<void> => {
      const dependants = [...vertices.values()].filter(({ dependencies }) => dependencies.includes(node.id));
      await Promise.all(dependants.map((dependant) => stopped.get(dependant.node.id) ?? Promise.resolve()));
      await node.stop?.();
    };
    // Dependants come later in the order, so that going backwards each finds what it waits for.
    for (const vertex of this.nodes().toReversed()) stopped.set(vertex.node.id, stop(vertex));
    await Promise.all([...stopped.values(), this.#gone]);
  }

  async close(): Promise<void> {
    await Promise.all(this.nodes().map(({ node }) => node.close?.() ?? Promise.resolve()));
  }

  async settle(round: Round): Promise<Value | undefined> {
    const graph = this.#graph;
    if (graph === undefined) return undefined;
    const { evaluating, queueSize } = this.#metrics.meters;
    const before = exportsOf(graph);
    const waiting = new Set<string>();
    const changed = (id: string, exports: Value): void => {
      setExports(graph, id, exports);
      for (const { node, dependencies } of graph.vertices.values()) if (dependencies.includes(id)) waiting.add(node.id);
      queueSize.set(waiting.size);
    };
    evaluating.set(1);
    try {
      for (const [id, { node, block }] of graph.vertices) {
        const ownChange = await node.takeChange?.(round);
        if (ownChange !== undefined) changed(id, ownChange);
        if (!waiting.delete(id)) continue;
        queueSize.set(waiting.size);
        const exports = await this.#evaluateAgain(graph, node, block, round);
        if (exports !== undefined && !equal(exports, graph.tree.get(id) ?? null)) changed(id, exports);
      }
    } finally {
      evaluating.set(0);
    }
    const after = exportsOf(graph);
    return equal(before, after) ? undefined : after;
  }

  health(): Health {
    const healths = this.nodes().flatMap(({ node }) => node.health?.() ?? []);
    return worstHealth({ state: 'healthy', message: 'nothing is wrong', updatedAt: 0 }, ...healths);
  }

  nodes(): readonly Vertex[] {
    return [...(this.#graph?.vertices.values() ?? [])];
  }

  collect(): readonly MetricFamily[] {
    return this.#metrics.collect();
  }

  /** Finds the nodes of a module and their order. Undefined if it makes no sense to go on. */
  #draw(content: ModuleContent, report: Report): Graph | undefined {
    const [first] = content.statements;
    if (first !== undefined && this.id.split('/').length > maxDepth) {
      const message = `modules are nested deeper than ${maxDepth} levels`;
      report({ severity: 'error', code: 'graph/module', message, span: first.span });
      return undefined;
    }
    const declares = content.statements.filter(
      (statement) => statement.kind === 'block' && statement.name === 'declare',
    );
    if (!checkDeclares(declares as Block[], report)) return undefined;

    const definitions = new Definitions(content.definitions);
    const blocks = nodeBlocks(this.#environment, content, definitions, report);
    const outer = new Scope(content.names, content.outer);
    const { dependencies, missing } = dependenciesOf(blocks, definitions, outer, report);
    const { order, cycles } = orderOf(dependencies);
    const byId = new Map(blocks.nodes.map((node) => [node.id, node]));
    for (const cycle of cycles) reportCycle(cycle, new Map([...byId].map(([id, { block }]) => [id, block])), report);
    for (const { block } of blocks.nodes) this.#checkLibrary(block, byId, report);

    const tree = new ExportsTree(outer);
    for (const id of [...missing, ...blocks.unusable, ...cycles.flat()]) tree.set(id, invalid);
    const vertices = new Map<string, Vertex>();
    for (const id of order) {
      const nodeBlock = byId.get(id);
      if (nodeBlock === undefined) continue;
      const { kind, block } = nodeBlock;
      const known = this.#graph?.vertices.get(id);
      const isSame = known?.kind === kind && known.node.name === block.name;
      const node = isSame ? known.node : createNode(this.#environment, this.id, nodeBlock);
      vertices.set(id, { node, kind, block, dependencies: dependencies.get(id) ?? [] });
    }
    const surroundings = { scope: new Scope(tree.names, outer), definitions, moduleArgs: content.args };
    return { vertices, tree, surroundings };
  }

  #checkLibrary(block: Block, nodes: ReadonlyMap<string, unknown>, report: Report): void {
    const isShadowed = (name: string): boolean =>
      [...nodes.keys()].some((id) => id === name || id.startsWith(`${name}.`));
    const references = referencesIn(block.body);
    checkLibraryUse(references, this.#environment.library, this.#environment.minimumStability, isShadowed, report);
  }

  /** Evaluates a node whose dependencies changed, and puts the result into effect at once. */
  async #evaluateAgain(graph: Graph, node: Node, block: Block, round: Round): Promise<Value | undefined> {
    const start = performance.now();
    this.#metrics.meters.waitSeconds.observe((start - round.since) / 1000);
    const problems: Diagnostic[] = [];
    const report: Report = (diagnostic) => problems.push(diagnostic);
    const plan = await node.plan(block, graph.surroundings, { report, isCheck: false, signal: round.signal });
    this.#observeEvaluation(node.id, (performance.now() - start) / 1000);
    if (plan === undefined || hasErrors(problems)) {
      node.evaluationFailed?.(problems.map(oneLine).join('; '));
      return undefined;
    }
    plan.commit();
    node.start?.();
    return plan.exports;
  }

  #observeEvaluation(id: string, seconds: number): void {
    const { evaluationSeconds, slowSeconds } = this.#metrics.meters;
    evaluationSeconds.observe(seconds);
    if (seconds >= slowEvaluationSeconds) slowSeconds.with(id).inc(seconds);
  }
}

/** Puts the exports of a node where expressions find them, and the content of an import where components find it. */
function setExports(graph: Graph, id: string, exports: Value): void {
  graph.tree.set(id, exports);
  const vertex = graph.vertices.get(id);
  if (vertex?.kind !== 'import' || vertex.block.label === undefined) return;
  const content = exports instanceof Capsule ? (exports.value as Namespace) : undefined;
  graph.surroundings.definitions.setNamespace(vertex.block.label, content);
}

/** The exports of the module: the values of its export blocks by their labels. */
function exportsOf(graph: Graph): ObjectValue {
  const exports = [...graph.vertices].filter(([, { kind }]) => kind === 'export');
  return new Map(exports.map(([id, { block }]) => [block.label ?? '', graph.tree.get(id) ?? null]));
}

async function stopAll(nodes: readonly Node[]): Promise<void> {
  for (const node of nodes) {
    await node.stop?.();
    await node.close?.();
  }
}
