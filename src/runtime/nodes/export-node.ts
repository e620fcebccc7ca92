import { any } from '../../schema/attributes.ts';
import { decodeBody } from '../../schema/decode.ts';
import { evaluateBody, headerOf } from '../../schema/evaluated-body.ts';
import type { Block } from '../../syntax/ast.ts';
import { later } from '../../syntax/value.ts';
import type { Environment } from '../environment.ts';
import { surroundingsOf } from '../edges.ts';
import type { Loading, Node, NodeSurroundings, Plan } from '../node.ts';

export const exportFields = {
  value: any('What the user of the module sees under the label of the block.'),
};

/** `export "name" { value = ... }` in a module. The exports of its plan are the value itself. */
export class ExportNode implements Node {
  readonly id: string;
  readonly name = 'export';
  readonly #environment: Environment;

  constructor(environment: Environment, id: string) {
    this.#environment = environment;
    this.id = id;
  }

  plan(block: Block, { scope }: NodeSurroundings, { report }: Loading): Promise<Plan | undefined> {
    const evaluated = evaluateBody(block.body, headerOf(block), { scope, report });
    const surroundings = surroundingsOf(this.#environment, this.id, new Map(), undefined);
    const decoded = decodeBody(exportFields, evaluated, surroundings, report);
    if (decoded.status === 'invalid') return Promise.resolve(undefined);
    const exports = decoded.status === 'later' ? later : decoded.args.value;
    return Promise.resolve({ exports, commit: () => undefined });
  }
}
