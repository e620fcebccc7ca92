import type { Block, Body, Expression } from '../syntax/ast.ts';
import { equal } from '../syntax/equality.ts';
import { evaluate, type Evaluation } from '../syntax/evaluate.ts';
import { cover, type Span } from '../syntax/source.ts';
import type { Value } from '../syntax/value.ts';

/** A body with its expressions computed, before anything is known of the fields it should have. */
export interface EvaluatedBody {
  /** Where errors about the body as a whole are shown: the name and label of its block. */
  readonly span: Span;
  readonly attributes: readonly EvaluatedAttribute[];
  readonly blocks: readonly EvaluatedBlock[];
}

export interface EvaluatedAttribute {
  readonly name: string;
  readonly nameSpan: Span;
  readonly expression: Expression;
  readonly value: Value;
}

export interface EvaluatedBlock {
  readonly name: string;
  readonly nameSpan: Span;
  readonly label: string | undefined;
  readonly labelSpan: Span | undefined;
  readonly body: EvaluatedBody;
}

/** The name and the label of a block. */
export function headerOf(block: Block): Span {
  return block.labelSpan === undefined ? block.nameSpan : cover(block.nameSpan, block.labelSpan);
}

/** Computes everything in a body. Errors are reported and leave `invalid` values behind. */
export function evaluateBody(body: Body, span: Span, context: Evaluation): EvaluatedBody {
  const attributes: EvaluatedAttribute[] = [];
  const blocks: EvaluatedBlock[] = [];
  for (const statement of body.statements) {
    if (statement.kind === 'attribute') {
      const { name, nameSpan, value: expression } = statement;
      attributes.push({ name, nameSpan, expression, value: evaluate(expression, context) });
    } else {
      const { name, nameSpan, label, labelSpan } = statement;
      const inner = evaluateBody(statement.body, headerOf(statement), context);
      blocks.push({ name, nameSpan, label, labelSpan, body: inner });
    }
  }
  return { span, attributes, blocks };
}

/** Whether two evaluations of a block would decode to the same arguments. */
export function sameBodies(a: EvaluatedBody, b: EvaluatedBody): boolean {
  return (
    a.attributes.length === b.attributes.length &&
    a.blocks.length === b.blocks.length &&
    a.attributes.every(({ name, value }) => {
      const other = b.attributes.find((attribute) => attribute.name === name);
      return other !== undefined && equal(value, other.value);
    }) &&
    a.blocks.every((block, index) => {
      const other = b.blocks[index];
      return (
        other !== undefined &&
        block.name === other.name &&
        block.label === other.label &&
        sameBodies(block.body, other.body)
      );
    })
  );
}
