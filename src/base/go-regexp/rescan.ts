import { anyChar, type CharRanges, intersects, union } from './char-ranges.ts';
import { canMatchEmpty, childrenOf, type Node, type Repeat } from './syntax-tree.ts';

/** What is known of the places of a text at which matching can arrive at one point of a pattern. */
interface Arrival {
  /** What may stand before such a place. */
  readonly before: CharRanges;
  /**
   * Present where the number of places does not grow with the text. If the set is not empty, that is so only after
   * the next character that is not in it: `^\S+` leads to many places, `^\S+ ` to one.
   */
  readonly once: CharRanges | undefined;
}

/**
 * Whether a backtracking search may scan the same text again and again in a simple loop, as it does for `.*x`, which is
 * tried at each place and runs to the end of the line each time. A loop is harmless if it starts at few places, or only
 * after a character that it could not have passed itself, as in `^\S+ ` and `=\d+`. Errs on the side of yes.
 */
export function canRescan(root: Node): boolean {
  return arrive(root, { before: anyChar, once: undefined }) === undefined;
}

/** Where matching arrives after a node; undefined if the node has a loop that may rescan. */
function arrive(node: Node, from: Arrival): Arrival | undefined {
  switch (node.kind) {
    case 'empty':
      return from;
    case 'chars':
      return { before: node.ranges, once: onceAfter(from.once, node.ranges) };
    case 'assertion':
      if (node.position === 'text-start') return { before: [], once: [] };
      return node.position === 'line-start' ? { ...from, before: [0x0a, 0x0a] } : from;
    case 'capture':
      return arrive(node.body, from);
    case 'concat': {
      let arrival: Arrival | undefined = from;
      for (const item of node.items) arrival = arrival && arrive(item, arrival);
      return arrival;
    }
    case 'alternate': {
      const [first, ...others] = node.items.map((item) => arrive(item, from));
      return others.reduce((sum, other) => sum && other && either(sum, other), first);
    }
    default: {
      const after = arriveAfterRounds(node, from);
      return after && (node.min === 0 ? either(from, after) : after);
    }
  }
}

/** Where matching arrives after at least one round of a repetition. */
function arriveAfterRounds({ body, max }: Repeat, from: Arrival): Arrival | undefined {
  const passed = charsOf(body);
  if (max === Infinity && from.once?.length !== 0 && intersects(from.before, passed)) return undefined;
  if (body.kind === 'chars') {
    const once = onceAfter(from.once, passed);
    return { before: passed, once: once && max === Infinity ? union(once, passed) : once };
  }
  if (max < Infinity) {
    const first = arrive(body, from);
    // If one round leads to few places, so do a few rounds.
    if (max === 1 || first?.once?.length === 0) return first;
  }
  return arrive(body, either(from, { before: lastOf(body), once: from.once && passed }));
}

function onceAfter(once: CharRanges | undefined, passed: CharRanges): CharRanges | undefined {
  if (once === undefined || once.length === 0) return once;
  return intersects(once, passed) ? union(once, passed) : [];
}

function either(a: Arrival, b: Arrival): Arrival {
  return { before: union(a.before, b.before), once: a.once && b.once && union(a.once, b.once) };
}

/** Every character that a node can match. */
function charsOf(node: Node): CharRanges {
  return node.kind === 'chars' ? node.ranges : union(...childrenOf(node).map(charsOf));
}

/** Every character that a match of a node can end with. */
function lastOf(node: Node): CharRanges {
  if (node.kind === 'chars') return node.ranges;
  if (node.kind !== 'concat') return union(...childrenOf(node).map(lastOf));
  const needed = node.items.findLastIndex((item) => !canMatchEmpty(item));
  return union(...node.items.slice(Math.max(0, needed)).map(lastOf));
}
