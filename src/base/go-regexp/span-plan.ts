import type { GroupTexts } from './matcher.ts';
import { alternate, capture, concat, hasCapture, type Node, repeat } from './syntax-tree.ts';

/**
 * How to compute where the groups of a match stand from nothing but texts: V8 tells offsets only with the `d` flag,
 * which rules its linear engine out. So a copy of the tree gets more groups, until the lengths of all that stands
 * before a group are known.
 */
export interface SpanPlan {
  /** The tree with the additional groups. */
  readonly root: Node;
  /** How many offsets there are: two for the match and two for each group. */
  readonly offsets: number;
  readonly parts: Parts;
}

interface Parts {
  readonly layout: 'none' | 'in-order' | 'one-of' | 'last-round';
  readonly items: readonly Part[];
}

interface Part {
  /** The number of the group in the tree of the plan. */
  readonly group: number;
  /** Its number in the original tree; 0 for an additional group. */
  readonly original: number;
  readonly parts: Parts;
}

const nothing: Parts = { layout: 'none', items: [] };

export function planSpans(root: Node): SpanPlan {
  let count = 0;
  let originals = 0;

  function plan(node: Node): { node: Node; parts: Parts } {
    if (!hasCapture(node)) return { node, parts: nothing };
    switch (node.kind) {
      case 'concat':
        return planItems(runs(node.items), 'in-order', concat);
      case 'alternate':
        return planItems(node.items, 'one-of', alternate);
      case 'repeat':
        return planItems([node.body], 'last-round', ([body = node.body]) =>
          repeat(body, node.min, node.max, node.isGreedy),
        );
      default:
        return planItems([node], 'in-order', concat);
    }
  }

  /** Every item becomes a group, so that its length is known. */
  function planItems(nodes: readonly Node[], layout: Parts['layout'], join: (items: readonly Node[]) => Node) {
    const items: Part[] = [];
    const joined = nodes.map((item) => {
      const group = ++count;
      const isOriginal = item.kind === 'capture';
      if (isOriginal) originals++;
      const inner = plan(isOriginal ? item.body : item);
      items.push({ group, original: isOriginal ? item.index : 0, parts: inner.parts });
      return capture(group, inner.node);
    });
    return { node: join(joined), parts: { layout, items } };
  }

  const { node, parts } = plan(root);
  return { root: node, offsets: 2 * (1 + originals), parts };
}

/** Joins neighbours without groups, since only their common length matters. */
function runs(items: readonly Node[]): Node[] {
  const joined: Node[] = [];
  let run: Node[] = [];
  for (const item of items) {
    if (!hasCapture(item)) {
      run.push(item);
      continue;
    }
    if (run.length > 0) joined.push(concat(run));
    run = [];
    joined.push(item);
  }
  if (run.length > 0) joined.push(concat(run));
  return joined;
}

/** Writes the spans of the original groups. The match starts at `start`, and `texts` are the groups of the plan. */
export function placeGroups(parts: Parts, texts: GroupTexts, start: number, end: number, spans: number[]): void {
  let at = start;
  for (const { group, original, parts: inner } of parts.items) {
    const text = texts[group];
    if (text === undefined) continue;
    if (parts.layout === 'last-round') at = end - text.length;
    if (original > 0) {
      spans[2 * original] = at;
      spans[2 * original + 1] = at + text.length;
    }
    placeGroups(inner, texts, at, at + text.length, spans);
    if (parts.layout === 'in-order') at += text.length;
  }
}
