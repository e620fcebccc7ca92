import { setFlagsFromString } from 'node:v8';
import { emit, type Emission } from './emit.ts';
import type { Groups, Matcher, Spans } from './matcher.ts';
import { createRe2Matcher } from './re2-matcher.ts';
import { canRescan } from './rescan.ts';
import { placeGroups, planSpans } from './span-plan.ts';
import type { Node } from './syntax-tree.ts';

// These make the linear engine of V8 available (flag `l`), and let the ordinary one hand over to it after so many steps
// back. They have to be set before the first pattern is compiled, and nothing but patterns depends on them.
setFlagsFromString('--enable-experimental-regexp-engine');
setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks');
setFlagsFromString('--regexp-backtracks-before-fallback=10000');

/**
 * V8 does not count the steps through simple loops such as `.*`, whose cost grows with the square of the length where
 * a pattern rescans. Up to this length that is cheap, and beyond it such patterns use the linear engine at once.
 */
const maxRescannedLength = 2048;

/** Uses V8 if it can match the tree as Go does, and in linear time. */
export function createV8Matcher(root: Node): Matcher | undefined {
  const emission = emit(root);
  if (emission === undefined) return undefined;
  const flags = emission.isMultiline ? 'm' : '';
  // What the linear engine refuses has no limit to its backtracking.
  return compile(emission.source, `${flags}l`) && new V8Matcher(root, emission);
}

function compile(source: string, flags: string): RegExp | undefined {
  try {
    return new RegExp(source, flags);
  } catch {
    return undefined;
  }
}

/** A JavaScript pattern, searched from the start or from an offset. */
class Search {
  readonly #first: RegExp;
  readonly #next: RegExp | undefined;

  constructor(source: string, flags: string) {
    this.#first = new RegExp(source, flags);
    // With look-behind, the linear engine searches from the start only.
    this.#next = compile(source, `g${flags}`);
  }

  get canContinue(): boolean {
    return this.#next !== undefined;
  }

  test(text: string): boolean {
    return this.#first.test(text);
  }

  groups(text: string, from: number): Groups | null {
    if (from === 0 || this.#next === undefined) return this.#first.exec(text);
    this.#next.lastIndex = from;
    return this.#next.exec(text);
  }
}

class V8Matcher implements Matcher {
  readonly #root: Node;
  readonly #isMultiline: boolean;
  readonly #canRescan: boolean;
  readonly #fast: Search;
  readonly #linear: Search;
  #re2: Matcher | undefined;
  #locate: Matcher['spans'] | undefined;

  constructor(root: Node, { source, isMultiline }: Emission) {
    const flags = isMultiline ? 'm' : '';
    this.#root = root;
    this.#isMultiline = isMultiline;
    this.#canRescan = canRescan(root);
    this.#fast = new Search(source, flags);
    this.#linear = new Search(source, `${flags}l`);
  }

  test(text: string): boolean {
    try {
      return this.#searchFor(text, 0).test(text);
    } catch {
      return this.#linear.test(text);
    }
  }

  groups(text: string, from: number): Groups | null {
    try {
      return this.#searchFor(text, from).groups(text, from);
    } catch {
      // A long text can exhaust the stack that V8 keeps for backtracking, a long pattern its compiler.
      return this.#linear.groups(text, from);
    }
  }

  spans(text: string, from: number): Spans | null {
    this.#locate ??= createLocate(this.#root);
    return this.#locate(text, from);
  }

  #searchFor(text: string, from: number): Pick<Matcher, 'test' | 'groups'> {
    if ((from > 0 && !this.#linear.canContinue) || (this.#isMultiline && /[\r\u2028\u2029]/.test(text))) {
      return (this.#re2 ??= createRe2Matcher(this.#root));
    }
    return this.#canRescan && text.length > maxRescannedLength ? this.#linear : this.#fast;
  }
}

function createLocate(root: Node): Matcher['spans'] {
  const plan = planSpans(root);
  const matcher = createV8Matcher(plan.root);
  if (matcher === undefined) {
    const slow = createRe2Matcher(root);
    return (text, from) => slow.spans(text, from);
  }
  return (text, from) => {
    const groups = matcher.groups(text, from);
    if (groups === null) return null;
    const start = groups.index;
    const end = start + (groups[0] ?? '').length;
    const spans = Array.from({ length: plan.offsets }, () => -1);
    spans[0] = start;
    spans[1] = end;
    placeGroups(plan.parts, groups, start, end, spans);
    return spans;
  };
}
