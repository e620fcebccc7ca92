import { GenerationCache } from '../../../base/generation-cache.ts';
import { compileExpansion } from '../../../base/go-regexp/expansion.ts';
import { compileGoRegexp, type GoRegexp } from '../../../base/go-regexp/go-regexp.ts';
import { ParseError } from '../../../base/parse-error.ts';
import { integer, text } from '../parameter.ts';
import { fixed, type FunctionTable } from '../template-function.ts';
import { texts } from '../value.ts';
import { refuse, spend, unit } from '../work.ts';

/** Patterns are mostly constants, but may be computed anew for each line. */
const maxCompiled = 200;

const compiled = new GenerationCache<string, GoRegexp | ParseError>(maxCompiled);

/** Compiling takes far longer than matching. */
const compilationCost = 200 * unit;

function compile(pattern: string): GoRegexp | ParseError {
  let result = compiled.get(pattern);
  if (result === undefined) {
    spend(compilationCost + 100 * pattern.length);
    compiled.set(pattern, (result = compileGoRegexp(pattern)));
  }
  return result;
}

/** A pattern, and a text that it is about to be matched with, which takes longer than reading it. */
function compileFor(pattern: string, s: string): GoRegexp {
  const regexp = compile(pattern);
  if (regexp instanceof ParseError) return refuse(regexp.message);
  spend(4 * s.length);
  return regexp;
}

const findAll = fixed([text, text, integer], (pattern, s, limit) => {
  const matches = compileFor(pattern, s).matchAll(s);
  const count = limit.value < 0n ? matches.length : Math.min(matches.length, Number(limit.value));
  return texts(matches.slice(0, count).map(([start = 0, end = 0]) => s.slice(start, end)));
});
const find = fixed([text, text], (pattern, s) => compileFor(pattern, s).match(s)?.[0] ?? '');
const split = fixed([text, text, integer], (pattern, s, limit) => {
  return texts(splitText(compileFor(pattern, s), s, Number(limit.value)));
});

/** `$1` and the like in the replacement stand for groups. */
export const regexReplaceAll = fixed([text, text, text], (pattern, s, replacement) => {
  const regexp = compileFor(pattern, s);
  const expand = compileExpansion(replacement, regexp);
  return regexp.replaceAll(s, (groups) => {
    const expanded = expand(groups);
    spend(expanded.length);
    return expanded;
  });
});

export const regexReplaceAllLiteral = fixed([text, text, text], (pattern, s, replacement) => {
  return compileFor(pattern, s).replaceAll(s, () => {
    spend(replacement.length);
    return replacement;
  });
});

export const regexps: FunctionTable = {
  regexMatch: fixed([text, text], (pattern, s) => {
    return compile(pattern) instanceof ParseError ? false : compileFor(pattern, s).test(s);
  }),
  mustRegexMatch: fixed([text, text], (pattern, s) => compileFor(pattern, s).test(s)),
  regexFind: find,
  mustRegexFind: find,
  regexFindAll: findAll,
  mustRegexFindAll: findAll,
  regexReplaceAll,
  mustRegexReplaceAll: regexReplaceAll,
  regexReplaceAllLiteral,
  mustRegexReplaceAllLiteral: regexReplaceAllLiteral,
  regexSplit: split,
  mustRegexSplit: split,
  regexQuoteMeta: fixed([text], (s) => s.replaceAll(/[\\.+*?()|[\]{}^$]/g, String.raw`\$&`)),
};

/** The texts between the matches, at most so many if the limit is not negative. */
function splitText(regexp: GoRegexp, s: string, limit: number): string[] {
  if (limit === 0) return [];
  if (regexp.source !== '' && s === '') return [''];
  const pieces: string[] = [];
  let start = 0;
  let end = 0;
  const matches = regexp.matchAll(s);
  for (const [from = 0, to = 0] of limit < 0 ? matches : matches.slice(0, limit)) {
    if (limit > 0 && pieces.length === limit - 1) break;
    end = from;
    if (to !== 0) pieces.push(s.slice(start, end));
    start = to;
  }
  if (end !== s.length) pieces.push(s.slice(start));
  return pieces;
}
