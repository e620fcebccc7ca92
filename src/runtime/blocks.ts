import { didYouMean } from '../base/did-you-mean.ts';
import { isAllowed, type Stability } from '../base/stability.ts';
import { alloyComponents } from '../component/alloy-components.ts';
import { headerOf } from '../schema/evaluated-body.ts';
import type { Block } from '../syntax/ast.ts';
import type { Report } from '../syntax/diagnostic.ts';
import { parse } from '../syntax/parser.ts';
import type { Span } from '../syntax/source.ts';
import type { RuntimeCode } from './codes.ts';
import type { Definitions } from './definitions.ts';
import type { Environment } from './environment.ts';
import { isImport } from './import-content.ts';
import type { ModuleContent, NodeKind } from './node.ts';

/** A block that becomes a node of the graph. */
export interface NodeBlock {
  readonly kind: NodeKind;
  readonly id: string;
  readonly block: Block;
}

export interface NodeBlocks {
  readonly nodes: readonly NodeBlock[];
  /** IDs of blocks that are there and cannot be used; what refers to them is not wrong for that. */
  readonly unusable: readonly string[];
}

/** Configuration blocks of Alloy that are not here yet. */
const unsupportedBlocks = new Set(['tracing', 'remotecfg', 'labelstore', 'cluster', 'ui', 'otel']);

/**
 * Sorts the statements of a module into nodes, and puts its declares and import namespaces into `definitions`. Whatever
 * does not belong is reported, and left out.
 */
export function nodeBlocks(
  environment: Environment,
  content: ModuleContent,
  definitions: Definitions,
  report: Report,
): NodeBlocks {
  const fail = (code: RuntimeCode, message: string, span: Span, hint?: string): void =>
    report({ severity: 'error', code, message, span, hint });
  const blocks: Block[] = [];
  for (const statement of content.statements) {
    if (statement.kind === 'block') blocks.push(statement);
    else fail('graph/unexpected-attribute', `unrecognized attribute ${statement.name}`, statement.nameSpan);
  }
  const known = new Map<string, Block>();
  const isDuplicate = (id: string, block: Block): boolean => {
    const first = known.get(id);
    if (first === undefined) {
      known.set(id, block);
      return false;
    }
    const related = [{ message: 'first declared here', span: headerOf(first) }];
    const message = `block ${id} already declared`;
    report({ severity: 'error', code: 'graph/duplicate-block', message, span: headerOf(block), related });
    return true;
  };

  // Names of custom components decide what other blocks are, so they come first.
  for (const block of blocks) {
    if (block.name === 'declare') declare(block, content, definitions, fail);
    else if (isImport(block.name) && block.label !== undefined) definitions.setNamespace(block.label, new Map());
    else continue;
    if (block.label !== undefined && environment.library.has(block.label)) {
      const message = `"${block.label}" hides the part of the standard library of that name`;
      report({ severity: 'warning', code: 'value/shadowed-library', message, span: block.labelSpan ?? block.nameSpan });
    }
  }
  const nodes: NodeBlock[] = [];
  const unusable: string[] = [];
  for (const block of blocks) {
    const id = block.label === undefined ? block.name : `${block.name}.${block.label}`;
    const kind = kindOf(environment, content, definitions, block, fail);
    if (isDuplicate(id, block)) continue;
    if (kind !== undefined) nodes.push({ kind, id, block });
    else if (block.label !== undefined) unusable.push(id);
  }
  for (const { kind, id, block } of nodes) {
    // Its exports would stand where the labels of the others do.
    if (kind === 'component' && block.label === undefined && nodes.some((other) => other.id.startsWith(`${id}.`)))
      fail('graph/duplicate-block', `block ${id} needs a label beside others of its kind`, block.nameSpan);
  }
  if (content.kind === 'root') {
    for (const name of environment.configBlocks.keys()) {
      if (!known.has(name)) nodes.push({ kind: 'config', id: name, block: emptyBlock(name) });
    }
  }
  return { nodes, unusable };
}

type Fail = (code: RuntimeCode, message: string, span: Span, hint?: string) => void;

function declare(block: Block, content: ModuleContent, definitions: Definitions, fail: Fail): void {
  if (block.label === undefined) {
    fail('graph/missing-label', 'declare block must have a label', block.nameSpan);
  } else if (block.label === 'declare') {
    fail('graph/unexpected-label', "'declare' is not a valid label for a declare block", headerOf(block));
  } else {
    const modulePath = content.names.get('module_path');
    definitions.declare({
      name: block.label,
      body: block.body,
      span: headerOf(block),
      definitions,
      modulePath: typeof modulePath === 'string' ? modulePath : '',
    });
  }
}

/** What a block is; undefined, after a report, if it is nothing that can be here. Declares are no nodes. */
function kindOf(
  environment: Environment,
  content: ModuleContent,
  definitions: Definitions,
  block: Block,
  fail: Fail,
): NodeKind | undefined {
  const { name, label, nameSpan } = block;
  const place = content.kind === 'foreach' ? 'foreach' : 'a module';
  switch (true) {
    case name === 'declare':
      if (content.kind === 'foreach')
        fail('graph/misplaced-block', 'declare blocks are not allowed in foreach', nameSpan);
      return undefined;
    case name === 'argument' || name === 'export':
      if (content.kind !== 'declare') {
        fail('graph/misplaced-block', `${name} blocks only allowed inside a module`, nameSpan);
        return undefined;
      }
      return needsLabel(block, fail) ? name : undefined;
    case name === 'foreach':
      return checkStability(environment, 'config block', name, 'experimental', nameSpan, fail) ? 'foreach' : undefined;
    case isImport(name):
      if (content.kind === 'foreach') {
        fail('graph/misplaced-block', `${name} blocks are not allowed in foreach`, nameSpan);
        return undefined;
      }
      return needsLabel(block, fail) ? 'import' : undefined;
    case definitions.hides(name):
      return 'custom';
    case environment.configBlocks.has(name):
      if (content.kind !== 'root') {
        fail('graph/misplaced-block', `${name} block not allowed inside ${place}`, nameSpan);
        return undefined;
      }
      if (label !== undefined) {
        fail('graph/unexpected-label', `the ${name} block takes no label`, block.labelSpan ?? nameSpan);
        return undefined;
      }
      return 'config';
    default:
      return componentKind(environment, definitions, block, fail);
  }
}

function componentKind(
  environment: Environment,
  definitions: Definitions,
  block: Block,
  fail: Fail,
): NodeKind | undefined {
  const { name, nameSpan } = block;
  const spec = environment.components.get(name);
  if (spec !== undefined) {
    const isStable = checkStability(environment, 'component', name, spec.stability, nameSpan, fail);
    const isNamed = spec.isLabelOptional === true || needsLabel(block, fail);
    return isNamed && isStable ? 'component' : undefined;
  }
  if (unsupportedBlocks.has(name)) {
    fail('graph/unsupported-block', `block "${name}" is not supported yet`, nameSpan);
  } else if (alloyComponents.has(name)) {
    fail('graph/unsupported-component', `component "${name}" is not supported yet`, nameSpan);
  } else {
    const names = [...environment.components.keys(), ...environment.configBlocks.keys(), ...definitions.names()];
    const hint = didYouMean(name, [...names, ...alloyComponents]);
    fail('graph/unknown-component', `cannot find the definition of component name "${name}"`, nameSpan, hint);
  }
  return undefined;
}

function needsLabel(block: Block, fail: Fail): boolean {
  if (block.label !== undefined) return true;
  const hint = `write ${block.name} "default" { ... }`;
  fail('graph/missing-label', `component "${block.name}" must have a label`, block.nameSpan, hint);
  return false;
}

function checkStability(
  environment: Environment,
  kind: string,
  name: string,
  stability: Stability,
  span: Span,
  fail: Fail,
): boolean {
  if (isAllowed(stability, environment.minimumStability)) return true;
  const message = `${kind} "${name}" is at stability level "${stability}", which is below the minimum allowed stability level "${environment.minimumStability}"`;
  fail('graph/stability', message, span, `use --stability.level=${stability} to enable it`);
  return false;
}

/** A block without arguments, for the defaults of what is not configured. */
function emptyBlock(name: string): Block {
  const [block] = parse({ name: '(defaults)', text: `${name} { }` }).file.body.statements;
  if (block?.kind !== 'block') throw new TypeError(`${name} is no block name`);
  return block;
}
