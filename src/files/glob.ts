import path from 'node:path';
import { GenerationCache } from '../base/generation-cache.ts';
import { ParseError } from '../base/parse-error.ts';
import { matchesWildcard, parseWildcard, type WildcardToken } from './wildcard.ts';

/** How many patterns without braces one pattern may stand for. */
const maxAlternatives = 1000;

/** One part of a pattern between slashes: a name, a wildcard, any number of directories, or the end of the pattern. */
type Component = string | readonly WildcardToken[] | typeof anyDirectories | typeof end;

const anyDirectories = Symbol('**');
const end = Symbol('end');

/** Where matching stands after some directories: indexes of the components that may come next. */
export type GlobState = readonly number[];

/**
 * A compiled pattern with the meaning it has in doublestar v4: `*`, `?`, `[a-z]`, `{a,b}`, `**` as a whole component,
 * and backslashes before characters that stand for themselves. It is matched directory by directory, so that a walk
 * sees early where nothing can be found. Matching never backtracks over directories, whatever the pattern.
 */
export class Glob {
  readonly pattern: string;
  readonly start: GlobState;
  /** The components of all alternatives, each followed by `end`. */
  readonly #components: readonly Component[];

  constructor(pattern: string, alternatives: readonly (readonly Component[])[]) {
    this.pattern = pattern;
    const starts: number[] = [];
    const components: Component[] = [];
    for (const alternative of alternatives) {
      starts.push(components.length);
      components.push(...alternative, end);
    }
    this.#components = components;
    const start = new Set<number>();
    for (const index of starts) this.#add(start, index);
    this.start = [...start];
  }

  /** The state after a directory or file with this name; empty if nothing can match there. */
  enter(state: GlobState, name: string): GlobState {
    const next = new Set<number>();
    for (const index of state) {
      const component = this.#components[index];
      if (component === end || component === undefined) continue;
      if (component === anyDirectories) this.#add(next, index);
      else if (typeof component === 'string' ? component === name : matchesWildcard(component, name))
        this.#add(next, index + 1);
    }
    return [...next];
  }

  /** Whether what was entered last matches. */
  isMatch(state: GlobState): boolean {
    return state.some((index) => this.#components[index] === end);
  }

  /** Whether something below what was entered last can match. */
  goesOn(state: GlobState): boolean {
    return state.some((index) => this.#components[index] !== end);
  }

  /** The only names that can come next, if the pattern spells them out: there is no need to list the directory then. */
  names(state: GlobState): readonly string[] | undefined {
    const names = new Set<string>();
    for (const index of state) {
      const component = this.#components[index];
      if (typeof component === 'string') names.add(component);
      else if (component !== end) return undefined;
    }
    return [...names];
  }

  matches(file: string): boolean {
    let state = this.start;
    for (const name of file.split('/')) state = this.enter(state, name);
    return this.isMatch(state);
  }

  #add(state: Set<number>, index: number): void {
    state.add(index);
    // It also stands for no directory at all.
    if (this.#components[index] === anyDirectories) this.#add(state, index + 1);
  }
}

const compiled = new GenerationCache<string, Glob | ParseError>(8192);

/** Compiles a pattern, or takes it from those compiled before. The empty pattern matches nothing. */
export function compileGlob(pattern: string): Glob | ParseError {
  let glob = compiled.get(pattern);
  if (glob === undefined) compiled.set(pattern, (glob = compile(pattern)));
  return glob;
}

function compile(pattern: string): Glob | ParseError {
  if (pattern === '') return new Glob(pattern, []);
  const texts = expandBraces(path.posix.normalize(pattern));
  if (texts instanceof ParseError) return texts;
  const alternatives: (readonly Component[])[] = [];
  for (const text of texts) {
    const components = parseComponents(text);
    if (components instanceof ParseError) return components;
    alternatives.push(components);
  }
  return new Glob(pattern, alternatives);
}

function parseComponents(text: string): readonly Component[] | ParseError {
  // A leading slash leaves an empty name in front, which is the root.
  const parts = text.split('/').filter((part, index) => part !== '' || index === 0);
  const components: Component[] = [];
  for (const part of parts) {
    const component = part === '**' ? anyDirectories : parseWildcard(part);
    if (component instanceof ParseError) return component;
    // Several in a row mean the same as one.
    if (component !== anyDirectories || components.at(-1) !== anyDirectories) components.push(component);
  }
  return components;
}

/** Writes `a{b,c}d` as `abd` and `acd`. Braces may nest; in classes and after a backslash they are ordinary characters. */
function expandBraces(pattern: string): readonly string[] | ParseError {
  const done: string[] = [];
  const open = [pattern];
  for (let text = open.pop(); text !== undefined; text = open.pop()) {
    const braces = firstBraces(text);
    if (braces instanceof ParseError) return braces;
    if (braces === undefined) done.push(text);
    else open.push(...braces.toReversed());
    if (done.length + open.length > maxAlternatives) return new ParseError(`more than ${maxAlternatives} alternatives`);
  }
  return done;
}

/** The texts that the first braces stand for, each with what is before and after; undefined if there are no braces. */
function firstBraces(text: string): readonly string[] | ParseError | undefined {
  let depth = 0;
  let before = 0;
  const cuts: number[] = [];
  for (let at = 0; at < text.length; at++) {
    switch (text[at]) {
      case '\\':
        at++;
        break;
      case '[':
        at = endOfClass(text, at);
        break;
      case '{':
        if (depth++ === 0) cuts.push((before = at));
        break;
      case ',':
        if (depth === 1) cuts.push(at);
        break;
      case '}':
        if (depth-- === 0) return new ParseError('"}" without "{"');
        if (depth > 0) break;
        cuts.push(at);
        return cuts
          .slice(1)
          .map((cut, index) => text.slice(0, before) + text.slice((cuts[index] ?? 0) + 1, cut) + text.slice(at + 1));
      default:
    }
  }
  return depth > 0 ? new ParseError('"{" without "}"') : undefined;
}

/** Where the class that begins at an index ends; what is wrong with a class is found when it is parsed. */
function endOfClass(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === ']') return at;
  }
  return text.length;
}
