import type { Edge } from '../../flow/edge.ts';
import { decodeBody } from '../../schema/decode.ts';
import { evaluateBody, headerOf, sameBodies, type EvaluatedBody } from '../../schema/evaluated-body.ts';
import type { Block } from '../../syntax/ast.ts';
import type { ObjectValue } from '../../syntax/value.ts';
import type { ConfigBlockSpec } from '../config-block.ts';
import { surroundingsOf, type Edges } from '../edges.ts';
import type { Environment } from '../environment.ts';
import type { Loading, Node, NodeSurroundings, Plan } from '../node.ts';

const exports: ObjectValue = new Map();

/** A block that configures the program, such as `logging { ... }`. */
export class ConfigBlockNode implements Node {
  readonly id: string;
  readonly #spec: ConfigBlockSpec;
  readonly #environment: Environment;
  #evaluated: EvaluatedBody | undefined;
  #edges: Edges = new Map();

  constructor(environment: Environment, spec: ConfigBlockSpec) {
    this.#environment = environment;
    this.#spec = spec;
    this.id = spec.name;
  }

  get name(): string {
    return this.#spec.name;
  }

  plan(block: Block, { scope }: NodeSurroundings, { report }: Loading): Promise<Plan | undefined> {
    const evaluated = evaluateBody(block.body, headerOf(block), { scope, report });
    const isSame = this.#evaluated !== undefined && sameBodies(evaluated, this.#evaluated);
    const commit = isSame ? () => undefined : this.#decode(evaluated, report);
    return Promise.resolve(commit && { exports, commit });
  }

  edges(): readonly Edge<unknown>[] {
    return [...this.#edges.values()];
  }

  /** What puts the arguments into effect; undefined if they are wrong. */
  #decode(evaluated: EvaluatedBody, report: Loading['report']): (() => void) | undefined {
    const edges = new Map<string, Edge<unknown>>();
    const surroundings = surroundingsOf(this.#environment, this.id, edges, this.#edges);
    const decoded = decodeBody(this.#spec.arguments, evaluated, surroundings, report);
    if (decoded.status === 'invalid') return undefined;
    if (decoded.status === 'later') return () => undefined;
    const { args } = decoded;
    const problem = this.#spec.check?.(args);
    if (problem !== undefined) {
      report({ severity: 'error', code: 'schema/arguments', message: problem, span: evaluated.span });
      return undefined;
    }
    return () => {
      this.#evaluated = evaluated;
      this.#edges = edges;
      this.#spec.apply(args);
    };
  }
}
