import { worstHealth, type Health } from '../../component/health.ts';
import { evaluateBody, headerOf, type EvaluatedBody } from '../../schema/evaluated-body.ts';
import type { Block } from '../../syntax/ast.ts';
import { Scope } from '../../syntax/scope.ts';
import { asObject, type ObjectValue, type Value } from '../../syntax/value.ts';
import type { Definition } from '../definitions.ts';
import { globalIdOf, type Environment } from '../environment.ts';
import type { InnerModule, Loading, Node, NodeState, NodeSurroundings, Plan, Round } from '../node.ts';

/** An instance of a `declare` block: a module of its own that gets the attributes of the block as arguments. */
export class CustomComponentNode implements Node {
  readonly id: string;
  readonly name: string;
  readonly #environment: Environment;
  readonly #module: InnerModule;
  #args: EvaluatedBody | undefined;
  #exports: Value = null;
  #evaluationHealth: Health = { state: 'unknown', message: 'node custom component created', updatedAt: Date.now() };

  constructor(environment: Environment, moduleId: string, id: string, name: string) {
    this.#environment = environment;
    this.id = id;
    this.name = name;
    this.#module = environment.openModule(globalIdOf(moduleId, id));
  }

  async plan(block: Block, { scope, definitions }: NodeSurroundings, loading: Loading): Promise<Plan | undefined> {
    const { report } = loading;
    const evaluated = evaluateBody(block.body, headerOf(block), { scope, report });
    for (const inner of evaluated.blocks) {
      const message = 'nested blocks not supported here';
      report({ severity: 'error', code: 'schema/unknown-block', message, span: inner.nameSpan });
    }
    const definition = definitions.find(block.name);
    if (definitions.isLost(block.name)) return undefined;
    if (definition === undefined) {
      const message = `cannot find the definition of component name "${block.name}"`;
      report({ severity: 'error', code: 'graph/unknown-component', message, span: block.nameSpan });
      return undefined;
    }
    const args: ObjectValue = new Map(evaluated.attributes.map(({ name, value }) => [name, value]));
    if (!this.#checkArguments(definition, block, loading) || evaluated.blocks.length > 0) return undefined;
    const plan = await this.#module.plan(
      {
        kind: 'declare',
        statements: definition.body.statements,
        definitions: definition.definitions,
        outer: new Scope(this.#environment.library),
        names: new Map<string, Value>([['module_path', definition.modulePath]]),
        args,
      },
      loading,
    );
    return (
      plan && {
        exports: plan.exports,
        commit: () => {
          plan.commit();
          this.#args = evaluated;
          this.#exports = plan.exports;
          this.#evaluationHealth = { state: 'healthy', message: 'component evaluated', updatedAt: Date.now() };
        },
      }
    );
  }

  start(): void {
    this.#module.start();
  }

  stop(): Promise<void> {
    return this.#module.stop();
  }

  close(): Promise<void> {
    return this.#module.close();
  }

  async takeChange(round: Round): Promise<Value | undefined> {
    const change = await this.#module.settle(round);
    this.#exports = change ?? this.#exports;
    return change;
  }

  evaluationFailed(message: string): void {
    const text = `component evaluation failed: ${message}`;
    this.#evaluationHealth = { state: 'unhealthy', message: text, updatedAt: Date.now() };
    this.#environment.log.error('failed to evaluate config', { component_id: this.id, error: message });
  }

  health(): Health {
    return worstHealth(this.#evaluationHealth, this.#module.health());
  }

  modules(): readonly InnerModule[] {
    return [this.#module];
  }

  inspect(): NodeState {
    return { args: this.#args, exports: asObject(this.#exports) ?? new Map(), debugInfo: undefined };
  }

  #checkArguments(definition: Definition, block: Block, { report }: Loading): boolean {
    const known = new Set(
      definition.body.statements.flatMap((inner) =>
        inner.kind === 'block' && inner.name === 'argument' && inner.label !== undefined ? [inner.label] : [],
      ),
    );
    const unknown = block.body.statements.filter((given) => given.kind === 'attribute' && !known.has(given.name));
    for (const { name, nameSpan } of unknown) {
      const message = `Provided argument "${name}" is not defined in the module`;
      const hint = known.size === 0 ? undefined : `it has: ${[...known].join(', ')}`;
      report({ severity: 'error', code: 'graph/unknown-argument', message, span: nameSpan, hint });
    }
    return unknown.length === 0;
  }
}
