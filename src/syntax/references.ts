import { childrenOf, type Body, type Expression, type Identifier } from './ast.ts';
import type { Span } from './source.ts';

/** A chain of names in an expression, such as `loki.write.main.receiver`, cut where an index or a call begins. */
export interface Reference {
  readonly names: readonly string[];
  /** One for each name. */
  readonly spans: readonly Span[];
  /** The whole chain. */
  readonly span: Span;
}

/** Every reference in a body and the blocks inside it, in source order. */
export function referencesIn(body: Body): Reference[] {
  return body.statements.flatMap((statement) =>
    statement.kind === 'block' ? referencesIn(statement.body) : referencesOf(statement.value),
  );
}

/** Every reference in one expression, in source order. */
export function referencesOf(expression: Expression): Reference[] {
  const chain = chainOf(expression);
  return chain === undefined ? childrenOf(expression).flatMap(referencesOf) : [chain];
}

function chainOf(expression: Expression): Reference | undefined {
  const names: string[] = [];
  const spans: Span[] = [];
  let part = expression;
  for (; part.kind === 'access'; part = part.object) {
    names.unshift(part.name);
    spans.unshift(part.nameSpan);
  }
  if (part.kind !== 'identifier') return undefined;
  const { name, span }: Identifier = part;
  return { names: [name, ...names], spans: [span, ...spans], span: expression.span };
}
