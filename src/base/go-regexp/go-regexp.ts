import { ParseError } from '../parse-error.ts';
import type { Groups, GroupTexts, Matcher, Spans } from './matcher.ts';
import { parseRegexp } from './parse.ts';
import { createRe2Matcher } from './re2-matcher.ts';
import { regexpError } from './regexp-error.ts';
import { createV8Matcher } from './v8-matcher.ts';

export type { GroupTexts, Spans } from './matcher.ts';

export interface GoRegexpOptions {
  /** The pattern has to match the whole text, and a dot matches a newline: `^(?s:...)$`, as in relabel rules. */
  readonly anchored?: boolean;
}

/**
 * Compiles a pattern with the syntax and the meaning of Go's `regexp`. Matching takes time in proportion to the text,
 * whatever the pattern and the text are. Compile once and keep the result.
 */
export function compileGoRegexp(pattern: string, options: GoRegexpOptions = {}): GoRegexp | ParseError {
  const parsed = parseRegexp(options.anchored === true ? `^(?s:${pattern})$` : pattern);
  if (parsed instanceof ParseError) return parsed;
  try {
    const matcher = createV8Matcher(parsed.root) ?? createRe2Matcher(parsed.root);
    return new GoRegexp(pattern, parsed.groupNames, matcher);
  } catch {
    // The limit of re2js is lower than that of Go, and the size is all that it can object to.
    return regexpError('expression too large', pattern);
  }
}

/** A compiled pattern. It keeps no state between calls. */
export class GoRegexp {
  /** The pattern as it was given. */
  readonly source: string;
  /** By group number; undefined for the whole match and for groups without a name. A name may occur twice. */
  readonly groupNames: readonly (string | undefined)[];
  readonly #matcher: Matcher;

  constructor(source: string, groupNames: readonly (string | undefined)[], matcher: Matcher) {
    this.source = source;
    this.groupNames = groupNames;
    this.#matcher = matcher;
  }

  test(text: string): boolean {
    return this.#matcher.test(text);
  }

  /** The groups of the first match. */
  match(text: string): GroupTexts | null {
    return this.#matcher.groups(text, 0);
  }

  /** Where the groups of all matches stand; the matches do not overlap. */
  matchAll(text: string): Spans[] {
    const matches: Spans[] = [];
    let from = 0;
    let lastEnd = -1;
    while (from <= text.length) {
      const spans = this.#matcher.spans(text, from);
      if (spans === null) break;
      const [start = 0, end = 0] = spans;
      if (end > start || start !== lastEnd) matches.push(spans);
      from = end > from ? end : afterCharacter(text, from);
      lastEnd = end;
    }
    return matches;
  }

  /** Puts the result of `replacement` in the place of every match, as `ReplaceAllStringFunc` does. */
  replaceAll(text: string, replacement: (groups: GroupTexts) => string): string {
    const parts: string[] = [];
    let from = 0;
    let lastEnd = 0;
    while (from <= text.length) {
      const groups: Groups | null = this.#matcher.groups(text, from);
      if (groups === null) break;
      const start = groups.index;
      const end = start + (groups[0] ?? '').length;
      parts.push(text.slice(lastEnd, start));
      // An empty match right behind the one before is none.
      if (end > lastEnd || start === 0) parts.push(replacement(groups));
      from = end > from ? end : afterCharacter(text, from);
      lastEnd = end;
    }
    return parts.join('') + text.slice(lastEnd);
  }
}

function afterCharacter(text: string, at: number): number {
  return at + ((text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1);
}
