import { any, bool, string } from '../../schema/attributes.ts';
import { decodeBody } from '../../schema/decode.ts';
import { evaluateBody, headerOf } from '../../schema/evaluated-body.ts';
import type { Block } from '../../syntax/ast.ts';
import type { Environment } from '../environment.ts';
import { surroundingsOf } from '../edges.ts';
import type { Loading, Node, NodeSurroundings, Plan } from '../node.ts';

export const argumentFields = {
  optional: bool('Whether the user of the module may leave the argument out.').default(false),
  default: any('The value if it is left out.').default(null),
  comment: string('A description for the user of the module.').default(''),
};

/** `argument "name" { ... }` in a module: what the user of the module gives, seen as `argument.name.value`. */
export class ArgumentNode implements Node {
  readonly id: string;
  readonly name = 'argument';
  readonly #environment: Environment;

  constructor(environment: Environment, id: string) {
    this.#environment = environment;
    this.id = id;
  }

  plan(block: Block, { scope, moduleArgs }: NodeSurroundings, { report }: Loading): Promise<Plan | undefined> {
    const evaluated = evaluateBody(block.body, headerOf(block), { scope, report });
    const surroundings = surroundingsOf(this.#environment, this.id, new Map(), undefined);
    const decoded = decodeBody(argumentFields, evaluated, surroundings, report);
    if (decoded.status !== 'ok') return Promise.resolve(undefined);
    const given = moduleArgs.get(block.label ?? '');
    if (given === undefined && !decoded.args.optional) {
      const message = `missing required argument "${block.label}" to module`;
      report({ severity: 'error', code: 'graph/missing-argument', message, span: evaluated.span });
      return Promise.resolve(undefined);
    }
    const exports = new Map([['value', given ?? decoded.args.default]]);
    return Promise.resolve({ exports, commit: () => undefined });
  }
}
