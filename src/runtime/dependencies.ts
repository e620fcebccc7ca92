import { didYouMean } from '../base/did-you-mean.ts';
import { headerOf } from '../schema/evaluated-body.ts';
import type { Block, Body } from '../syntax/ast.ts';
import type { Report } from '../syntax/diagnostic.ts';
import { referencesIn, type Reference } from '../syntax/references.ts';
import type { Scope } from '../syntax/scope.ts';
import type { NodeBlocks } from './blocks.ts';
import type { Definitions } from './definitions.ts';
import { orderOf, type Dependencies } from './graph.ts';

export interface FoundDependencies {
  /** For each node, the IDs of those it depends on. */
  readonly dependencies: Dependencies;
  /** What was referred to and does not exist; it has been reported. */
  readonly missing: readonly string[];
}

/** Finds out which nodes of a module depend on which, through references and through the custom components they use. */
export function dependenciesOf(
  { nodes, unusable }: NodeBlocks,
  definitions: Definitions,
  outer: Scope,
  report: Report,
): FoundDependencies {
  const ids = new Set([...nodes.map((node) => node.id), ...unusable]);
  const imports = new Map(
    nodes.flatMap(({ kind, id, block }) => (kind === 'import' && block.label !== undefined ? [[block.label, id]] : [])),
  );
  const missing: string[] = [];
  const dependencies = new Map<string, string[]>();
  for (const { id, kind, block } of nodes) {
    const found = new Set<string>();
    for (const reference of referencesIn(block.body)) {
      const target = targetOf(reference, ids);
      if (target !== undefined) found.add(target);
      else if (kind !== 'foreach' && outer.lookup(reference.names[0] ?? '') === undefined) {
        missing.push(reference.names.join('.'));
        reportUnknown(reference, ids, outer, report);
      }
    }
    for (const label of namespacesUsed(block, definitions)) {
      const target = imports.get(label);
      if (target !== undefined && target !== id) found.add(target);
    }
    dependencies.set(id, [...found]);
  }
  return { dependencies, missing };
}

/** The node a chain of names begins with: the first of `a`, `a.b`, `a.b.c`... that exists. */
function targetOf({ names }: Reference, ids: ReadonlySet<string>): string | undefined {
  return names.map((_, index) => names.slice(0, index + 1).join('.')).find((id) => ids.has(id));
}

function reportUnknown({ names, span }: Reference, ids: ReadonlySet<string>, outer: Scope, report: Report): void {
  const text = names.join('.');
  if (names.length === 1) {
    const message = `identifier "${text}" does not exist`;
    const hint = didYouMean(text, outer.names());
    report({ severity: 'error', code: 'value/unknown-identifier', message, span, hint });
    return;
  }
  const message = `component "${text}" does not exist or is out of scope`;
  report({ severity: 'error', code: 'graph/unknown-reference', message, span, hint: closest(names, ids) });
}

/** A hint with the ID that is closest to the beginning of the chain, which most often has an export at its end. */
function closest(names: readonly string[], ids: ReadonlySet<string>): string | undefined {
  const lengths = [names.length - 1, names.length].filter((length) => length > 0);
  const hints = lengths.map((length) => {
    const sameLength = [...ids].filter((id) => id.split('.').length === length);
    return didYouMean(names.slice(0, length).join('.'), sameLength);
  });
  return hints.find((hint) => hint?.startsWith('did you mean'));
}

/** The import namespaces of this module that a block needs, also through the declares it uses. */
function namespacesUsed(block: Block, definitions: Definitions): Set<string> {
  const used = new Set<string>();
  const seen = new Set<Body>();
  const visit = (name: string): void => {
    const namespace = definitions.namespaceOf(name);
    if (namespace !== undefined) used.add(namespace);
    const body = definitions.find(name)?.body;
    if (namespace === undefined && body !== undefined) visitBody(body);
  };
  const visitBody = (body: Body): void => {
    if (seen.has(body)) return;
    seen.add(body);
    for (const statement of body.statements) {
      if (statement.kind !== 'block') continue;
      visit(statement.name);
      visitBody(statement.body);
    }
  };
  visit(block.name);
  if (block.name === 'foreach') visitBody(block.body);
  return used;
}

/** Reports declares that use each other in a circle, which would never end. Whether there are none. */
export function checkDeclares(blocks: readonly Block[], report: Report): boolean {
  const declares = new Map(blocks.flatMap((block) => (block.label === undefined ? [] : [[block.label, block]])));
  const namesIn = (body: Body): string[] =>
    body.statements.flatMap((inner) => (inner.kind === 'block' ? [inner.name, ...namesIn(inner.body)] : []));
  const used = new Map([...declares].map(([name, block]) => [name, namesIn(block.body)]));
  const { cycles } = orderOf(used);
  for (const cycle of cycles) reportCycle(cycle, declares, report);
  return cycles.length === 0;
}

/** Reports nodes that depend on each other in a circle, at each of them. */
export function reportCycle(ids: readonly string[], blocks: ReadonlyMap<string, Block>, report: Report): void {
  const [first, ...rest] = ids.map((id) => blocks.get(id)).filter((block) => block !== undefined);
  if (first === undefined) return;
  const message = rest.length === 0 ? `self reference: ${ids.join()}` : `cycle: ${ids.join(', ')}`;
  const related = rest.map((block) => ({ message: 'is part of the cycle', span: headerOf(block) }));
  report({ severity: 'error', code: 'graph/cycle', message, span: headerOf(first), related });
}
