import { createRequire } from 'node:module';
import type * as re2 from 're2js';
import { anyChar, type CharRanges, forEachRange } from './char-ranges.ts';
import type { Groups, Matcher, Spans } from './matcher.ts';
import type { Node, Position } from './syntax-tree.ts';

let loaded: typeof re2 | undefined;

/** Loads the engine on first use: most configurations never need it, and it is not small. */
export function loadRe2(): typeof re2 {
  loaded ??= createRequire(import.meta.url)('re2js') as typeof re2;
  return loaded;
}

/** A hundred times slower than V8, but linear, and right for every tree. */
export function createRe2Matcher(root: Node): Matcher {
  const regexp = loadRe2().RE2JS.compile(source(root));
  return {
    test: (text) => regexp.test(text),
    groups(text, from) {
      const matcher = regexp.matcher(text);
      if (!matcher.find(from)) return null;
      const groups: (string | undefined)[] = [];
      for (let group = 0; group <= matcher.groupCount(); group++) groups.push(matcher.group(group) ?? undefined);
      return Object.assign(groups, { index: matcher.start() }) satisfies Groups;
    },
    spans(text, from) {
      const matcher = regexp.matcher(text);
      if (!matcher.find(from)) return null;
      const spans: number[] = [];
      for (let group = 0; group <= matcher.groupCount(); group++) spans.push(matcher.start(group), matcher.end(group));
      return spans satisfies Spans;
    },
  };
}

const positions: Readonly<Record<Position, string>> = {
  'text-start': '\\A',
  'text-end': '\\z',
  'line-start': '(?m:^)',
  'line-end': '(?m:$)',
  'word-boundary': '\\b',
  'no-word-boundary': '\\B',
};

/** The tree in plain RE2 syntax: without flags, names and classes that versions of RE2 read differently. */
function source(node: Node): string {
  switch (node.kind) {
    case 'empty':
      return '(?:)';
    case 'chars':
      return classSource(node.ranges);
    case 'assertion':
      return positions[node.position];
    case 'concat':
      return node.items.map(source).join('');
    case 'alternate':
      return `(?:${node.items.map(source).join('|')})`;
    case 'capture':
      return `(${source(node.body)})`;
    default: {
      const { min, max, isGreedy } = node;
      return `(?:${source(node.body)})${quantifier(min, max)}${isGreedy ? '' : '?'}`;
    }
  }
}

function quantifier(min: number, max: number): string {
  if (max === 1 && min === 0) return '?';
  if (max !== Infinity) return `{${min},${max}}`;
  return min === 0 ? '*' : min === 1 ? '+' : `{${min},}`;
}

function classSource(set: CharRanges): string {
  const parts: string[] = [];
  forEachRange(set, (first, last) => parts.push(`\\x{${first.toString(16)}}-\\x{${last.toString(16)}}`));
  return parts.length === 0 ? `[^${classSource(anyChar).slice(1)}` : `[${parts.join('')}]`;
}
