import { createHash } from 'node:crypto';
import { worstHealth, type Health } from '../../component/health.ts';
import { bool, list, string } from '../../schema/attributes.ts';
import { decodeBody } from '../../schema/decode.ts';
import { evaluateBody, headerOf, type EvaluatedBody } from '../../schema/evaluated-body.ts';
import { anyType } from '../../schema/types.ts';
import type { Block } from '../../syntax/ast.ts';
import { asObject, type ObjectValue, type Value } from '../../syntax/value.ts';
import { showValue } from '../../syntax/show-value.ts';
import { surroundingsOf } from '../edges.ts';
import { globalIdOf, type Environment } from '../environment.ts';
import type { InnerModule, Loading, Node, NodeState, NodeSurroundings, Plan, Round } from '../node.ts';

export const foreachFields = {
  collection: list('The items; the template is run once for each.', anyType),
  var: string('The name under which the template sees its item.'),
  id: string('The field of an item that tells it from others. Without it, the whole item does.').default(''),
  hash_string_id: bool('Whether IDs made of strings are hashed; for strings that differ in punctuation only.').default(
    false,
  ),
  enable_metrics: bool('Whether the components of the template expose their metrics.').default(false),
};

const exports: ObjectValue = new Map();

/** `foreach "label" { ... }`: one module for each item of a collection. */
export class ForeachNode implements Node {
  readonly id: string;
  readonly name = 'foreach';
  readonly #environment: Environment;
  readonly #globalId: string;
  #children = new Map<string, InnerModule>();
  #leaving: Promise<void>[] = [];
  #exposesMetrics = false;
  #args: EvaluatedBody | undefined;
  #health: Health = { state: 'unknown', message: 'foreach created', updatedAt: Date.now() };

  constructor(environment: Environment, moduleId: string, id: string) {
    this.#environment = environment;
    this.id = id;
    this.#globalId = globalIdOf(moduleId, id);
  }

  get exposesMetrics(): boolean {
    return this.#exposesMetrics;
  }

  async plan(block: Block, { scope, definitions }: NodeSurroundings, loading: Loading): Promise<Plan | undefined> {
    const { report } = loading;
    const template = block.body.statements.find((inner) => inner.kind === 'block' && inner.name === 'template');
    if (template?.kind !== 'block') {
      const message = 'the block template is missing in the foreach block';
      report({ severity: 'error', code: 'schema/missing-block', message, span: headerOf(block) });
      return undefined;
    }
    const body = { ...block.body, statements: block.body.statements.filter((inner) => inner !== template) };
    const evaluated = evaluateBody(body, headerOf(block), { scope, report });
    const surroundings = surroundingsOf(this.#environment, this.id, new Map(), undefined);
    const decoded = decodeBody(foreachFields, evaluated, surroundings, report);
    if (decoded.status === 'later') return { exports, commit: () => undefined };
    if (decoded.status === 'invalid') return undefined;

    const { args } = decoded;
    const children = new Map<string, InnerModule>();
    const plans: Plan[] = [];
    let isWhole = true;
    const seen = new Map<string, number>();
    for (const item of args.collection) {
      const key = fingerprint(identityOf(item, args.id), args.hash_string_id);
      const nth = (seen.get(key) ?? 0) + 1;
      seen.set(key, nth);
      const id = `foreach_${key}_${nth}`;
      const child = this.#children.get(id) ?? this.#environment.openModule(globalIdOf(this.#globalId, id));
      const plan = await child.plan(
        {
          kind: 'foreach',
          statements: template.body.statements,
          definitions,
          outer: scope,
          names: new Map([[args.var, item]]),
          args: new Map(),
        },
        loading,
      );
      children.set(id, child);
      if (plan === undefined) isWhole = false;
      else plans.push(plan);
    }
    if (!isWhole) return undefined;
    return {
      exports,
      commit: () => {
        this.#args = evaluated;
        this.#commit(children, plans, args.enable_metrics);
      },
    };
  }

  start(): void {
    for (const child of this.#children.values()) child.start();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#leaving, ...[...this.#children.values()].map((child) => child.stop())]);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#children.values()].map((child) => child.close()));
  }

  async takeChange(round: Round): Promise<undefined> {
    for (const child of this.#children.values()) await child.settle(round);
  }

  evaluationFailed(message: string): void {
    this.#health = { state: 'unhealthy', message: `foreach evaluation failed: ${message}`, updatedAt: Date.now() };
    this.#environment.log.error('failed to evaluate config', { component_id: this.id, error: message });
  }

  health(): Health {
    return worstHealth(this.#health, ...[...this.#children.values()].map((child) => child.health()));
  }

  modules(): readonly InnerModule[] {
    return [...this.#children.values()];
  }

  inspect(): NodeState {
    return { args: this.#args, exports, debugInfo: undefined };
  }

  #commit(children: Map<string, InnerModule>, plans: readonly Plan[], exposesMetrics: boolean): void {
    for (const [id, child] of this.#children) {
      if (!children.has(id)) this.#leave(child);
    }
    this.#children = children;
    this.#exposesMetrics = exposesMetrics;
    for (const plan of plans) plan.commit();
    this.#health = { state: 'healthy', message: 'foreach evaluated', updatedAt: Date.now() };
  }

  #leave(child: InnerModule): void {
    const gone = child
      .stop()
      .then(() => child.close())
      .finally(() => {
        this.#leaving = this.#leaving.filter((other) => other !== gone);
      });
    this.#leaving.push(gone);
  }
}

/** What tells an item from others: the field that was asked for, if it has it. */
function identityOf(item: Value, field: string): Value {
  return (field === '' ? undefined : asObject(item)?.get(field)) ?? item;
}

/** The part of a child ID that stands for an item; letters and digits only. */
function fingerprint(identity: Value, isHashed: boolean): string {
  switch (typeof identity) {
    case 'string':
      return isHashed ? hash(identity) : clean(identity);
    case 'number':
      return clean(identity.toFixed(6));
    case 'bigint':
      return clean(identity.toString());
    case 'boolean':
      return String(identity);
    default:
      return hash(showValue(identity));
  }
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function clean(text: string): string {
  return text.replaceAll(/[^\p{L}\p{Nd}]/gu, '_');
}
