import type { CharRanges } from './char-ranges.ts';

/**
 * A parsed pattern: flags are resolved, so that every node means the same wherever it stands.
 * A literal character is a `chars` node with one code point.
 */
export type Node = Empty | Chars | Assertion | Concat | Alternate | Repeat | Capture;

export type Position = 'text-start' | 'text-end' | 'line-start' | 'line-end' | 'word-boundary' | 'no-word-boundary';

interface Measured {
  /** Levels of nodes, this one included; the parser limits it, so that walks over a tree may recurse. */
  readonly height: number;
  /** Instructions of a program with every counted repetition written out. */
  readonly size: number;
}

interface Empty extends Measured {
  readonly kind: 'empty';
}

interface Chars extends Measured {
  readonly kind: 'chars';
  readonly ranges: CharRanges;
}

interface Assertion extends Measured {
  readonly kind: 'assertion';
  readonly position: Position;
}

interface Concat extends Measured {
  readonly kind: 'concat';
  readonly items: readonly Node[];
}

interface Alternate extends Measured {
  readonly kind: 'alternate';
  readonly items: readonly Node[];
}

export interface Repeat extends Measured {
  readonly kind: 'repeat';
  readonly body: Node;
  readonly min: number;
  /** Infinity where there is no bound. */
  readonly max: number;
  readonly isGreedy: boolean;
}

interface Capture extends Measured {
  readonly kind: 'capture';
  /** Groups are numbered from 1 in the order of their opening parentheses. */
  readonly index: number;
  readonly body: Node;
}

export const empty: Node = { kind: 'empty', height: 1, size: 1 };

export function chars(ranges: CharRanges): Node {
  return { kind: 'chars', ranges, height: 1, size: 1 };
}

export function assertion(position: Position): Node {
  return { kind: 'assertion', position, height: 1, size: 1 };
}

export function concat(items: readonly Node[]): Node {
  const [first] = items;
  if (first === undefined) return empty;
  return items.length === 1 ? first : { kind: 'concat', items, height: 1 + tallest(items), size: sizeOf(items) };
}

export function alternate(items: readonly Node[]): Node {
  const [first] = items;
  if (first === undefined) return empty;
  if (items.length === 1) return first;
  return { kind: 'alternate', items, height: 1 + tallest(items), size: sizeOf(items) + items.length - 1 };
}

export function repeat(body: Node, min: number, max: number, isGreedy: boolean): Repeat {
  const copies = max === Infinity ? Math.max(1, min) : max;
  return { kind: 'repeat', body, min, max, isGreedy, height: 1 + body.height, size: copies * (body.size + 1) + 1 };
}

export function capture(index: number, body: Node): Node {
  return { kind: 'capture', index, body, height: 1 + body.height, size: 2 + body.size };
}

function tallest(nodes: readonly Node[]): number {
  return nodes.reduce((height, node) => Math.max(height, node.height), 0);
}

function sizeOf(nodes: readonly Node[]): number {
  return nodes.reduce((size, node) => size + node.size, 0);
}

export function childrenOf(node: Node): readonly Node[] {
  switch (node.kind) {
    case 'concat':
    case 'alternate':
      return node.items;
    case 'repeat':
    case 'capture':
      return [node.body];
    default:
      return [];
  }
}

export function hasCapture(node: Node): boolean {
  return node.kind === 'capture' || childrenOf(node).some(hasCapture);
}

export function canMatchEmpty(node: Node): boolean {
  switch (node.kind) {
    case 'empty':
    case 'assertion':
      return true;
    case 'chars':
      return false;
    case 'concat':
      return node.items.every(canMatchEmpty);
    case 'alternate':
      return node.items.some(canMatchEmpty);
    case 'repeat':
      return node.min === 0 || canMatchEmpty(node.body);
    default:
      return canMatchEmpty(node.body);
  }
}
