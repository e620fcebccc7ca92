import { type CharRanges, clip, forEachRange, negate } from './char-ranges.ts';
import { canMatchEmpty, childrenOf, hasCapture, type Node, type Position, repeat, type Repeat } from './syntax-tree.ts';

/** A JavaScript pattern that matches UTF-16 text as Go matches the same text in UTF-8. */
export interface Emission {
  readonly source: string;
  /**
   * Whether the pattern needs the `m` flag and means the same as in Go only in a text without the line breaks that
   * JavaScript knows in addition: carriage return, U+2028 and U+2029.
   */
  readonly isMultiline: boolean;
}

/** The linear engine of V8 copies the body of a counted repetition, and refuses more than this many copies. */
const maxCopies = 16;

/** The time that V8 takes to compile a pattern doubles with each `$` that stands for the end of a line. */
const maxLineEnds = 6;

/** The same can happen where rounds that are empty or hold assertions are written out. */
const maxSlowRounds = 4;

/** Longer sources are slower in V8 than elsewhere, and are written only by counted repetitions in each other. */
const maxSourceLength = 60_000;

/**
 * Writes a tree as a JavaScript pattern. Only what the linear engine of V8 knows is used: no flags but `m`, no
 * look-ahead, no large counts. Undefined if JavaScript cannot say the same.
 */
export function emit(root: Node): Emission | undefined {
  const isMultiline = hasAssertion(root, 'line-end');
  const source = alternatives(root, { isMultiline, copies: 1 });
  if (source === undefined || source.length > maxSourceLength) return undefined;
  if (isMultiline && source.split('$').length > maxLineEnds + 1) return undefined;
  return { source, isMultiline };
}

interface Scope {
  readonly isMultiline: boolean;
  /** How often the linear engine repeats the part of the pattern that is being written. */
  readonly copies: number;
}

/** What may stand between parentheses. */
function alternatives(node: Node, scope: Scope): string | undefined {
  return node.kind === 'alternate' ? joined(node.items, scope, '|') : term(node, scope);
}

/** What may stand in a sequence. */
function term(node: Node, scope: Scope): string | undefined {
  switch (node.kind) {
    case 'empty':
      return '';
    case 'chars':
      return charsSource(node.ranges);
    case 'assertion':
      return assertionSource(node.position, scope);
    case 'concat':
      return joined(node.items, scope, '');
    case 'alternate':
      return wrapped('(?:', alternatives(node, scope));
    case 'capture':
      return wrapped('(', alternatives(node.body, scope));
    default:
      return repeatSource(node, scope);
  }
}

function joined(nodes: readonly Node[], scope: Scope, separator: string): string | undefined {
  const parts: string[] = [];
  for (const node of nodes) {
    const part = term(node, scope);
    if (part === undefined) return undefined;
    parts.push(part);
  }
  return parts.join(separator);
}

function wrapped(opening: string, source: string | undefined, closing = ')'): string | undefined {
  return source === undefined ? undefined : opening + source + closing;
}

function assertionSource(position: Position, scope: Scope): string | undefined {
  switch (position) {
    case 'text-start':
      return scope.isMultiline ? '(?<![^])' : '^';
    case 'text-end':
      return scope.isMultiline ? undefined : '$';
    case 'line-start':
      return scope.isMultiline ? '^' : '(?<![^\\n])';
    case 'line-end':
      return '$';
    case 'word-boundary':
      return '\\b';
    default:
      // True between the halves of a surrogate pair, where no other assertion holds and nothing else can begin.
      return '\\B(?<![\\ud800-\\udbff])';
  }
}

function repeatSource(node: Repeat, scope: Scope): string | undefined {
  if (node.max > 1 && !canMatchText(node.body)) {
    // What holds once at a place holds there again.
    return repeatSource(repeat(node.body, Math.min(node.min, 1), 1, node.isGreedy), scope);
  }
  const { body, min, max, isGreedy } = node;
  const lazy = isGreedy ? '' : '?';
  const hasGroups = hasCapture(body);
  if (max === 0) return hasGroups ? wrapped('(?:', alternatives(body, scope), '){0}') : '';
  if (min === 1 && max === 1) return term(body, scope);
  // JavaScript forgets the groups of the last round when it enters the next one.
  if (hasGroups && max > 1 && (canMatchEmpty(body) || hasOptionalCapture(body))) return undefined;

  if (canMatchEmpty(body)) {
    if (max === 1) {
      const source = alternatives(body, scope);
      return source === undefined ? undefined : orNothing(source, isGreedy);
    }
    // JavaScript rejects an empty round and tries what else the body can be; Go leaves the loop.
    if (max === Infinity && isGreedy && !prefersText(body)) return undefined;
    return writtenOut(node, scope);
  }
  const copies = scope.copies * (max === Infinity ? min + 1 : max);
  if (copies > maxCopies) return hasGroups ? undefined : writtenOut(node, scope);
  const source = term(body, { ...scope, copies });
  return source === undefined ? undefined : asAtom(body, source) + quantifier(min, max) + lazy;
}

/** `x{2,4}` as `xx(?:x(?:x)?)?`, and `x{2,}` as `xxx*`. The body has no groups. */
function writtenOut(node: Repeat, scope: Scope): string | undefined {
  const { body, min, max, isGreedy } = node;
  const round = term(body, scope);
  const count = max === Infinity ? min + 1 : max;
  if (count > maxSlowRounds && (canMatchEmpty(body) || hasAssertion(body))) return undefined;
  if (round === undefined || round.length * count > maxSourceLength) return undefined;
  if (max === Infinity) return `${round.repeat(min)}${asAtom(body, round)}*${isGreedy ? '' : '?'}`;
  let rest = '';
  for (let index = min; index < max; index++) {
    rest = canMatchEmpty(body) ? orNothing(round + rest, isGreedy) : `(?:${round}${rest})?${isGreedy ? '' : '?'}`;
  }
  return round.repeat(min) + rest;
}

/** An alternative instead of `?`, which rejects an empty body in JavaScript. */
function orNothing(source: string, isGreedy: boolean): string {
  return isGreedy ? `(?:${source}|)` : `(?:|${source})`;
}

/** What a quantifier may follow. */
function asAtom(body: Node, source: string): string {
  const isAtom = body.kind === 'chars' || body.kind === 'alternate' || body.kind === 'capture';
  return isAtom ? source : `(?:${source})`;
}

function quantifier(min: number, max: number): string {
  if (max === Infinity) return min === 0 ? '*' : min === 1 ? '+' : `{${min},}`;
  if (min === 0 && max === 1) return '?';
  return min === max ? `{${min}}` : `{${min},${max}}`;
}

/** Whether a match may leave a group unset that an earlier round has set. */
function hasOptionalCapture(node: Node): boolean {
  switch (node.kind) {
    case 'alternate':
      return hasCapture(node);
    case 'repeat':
      return node.min === 0 ? hasCapture(node.body) : hasOptionalCapture(node.body);
    case 'concat':
      return node.items.some(hasOptionalCapture);
    case 'capture':
      return hasOptionalCapture(node.body);
    default:
      return false;
  }
}

/** Whether a body that can be empty tries so only after all else, so that rejecting the empty round changes nothing. */
function prefersText(node: Node): boolean {
  switch (node.kind) {
    case 'alternate':
      return node.items.every((item, index) =>
        index === node.items.length - 1 ? prefersText(item) : !canMatchEmpty(item),
      );
    case 'repeat':
      return !canMatchEmpty(node) || (node.isGreedy && prefersText(node.body));
    case 'concat':
      return !canMatchEmpty(node) || node.items.every(prefersText);
    case 'capture':
      return prefersText(node.body);
    default:
      return true;
  }
}

function canMatchText(node: Node): boolean {
  return node.kind === 'chars' || childrenOf(node).some(canMatchText);
}

function hasAssertion(node: Node, position?: Position): boolean {
  if (node.kind === 'assertion') return position === undefined || node.position === position;
  return childrenOf(node).some((child) => hasAssertion(child, position));
}

const firstSurrogate = 0xd800;
const lastSurrogate = 0xdfff;
const lastBmp = 0xffff;

/** Whether a set is written as one character or one class, as it is without characters beyond the BMP. */
function isUnit(set: CharRanges): boolean {
  return clip(set, lastBmp + 1, Infinity).length === 0;
}

/**
 * A set as a class of UTF-16 code units, with surrogate pairs as alternatives to it. In a Latin-1 string V8 knows that
 * these cannot match and drops them.
 */
function charsSource(set: CharRanges): string {
  const parts: string[] = [];
  const units = [...clip(set, 0, firstSurrogate - 1), ...clip(set, lastSurrogate + 1, lastBmp)];
  if (units.length > 0) parts.push(unitsSource(units));
  forEachRange(clip(set, lastBmp + 1, Infinity), (first, last) => parts.push(...pairSources(first, last)));
  if (parts.length === 0) return '[]';
  return isUnit(set) ? parts.join('') : `(?:${parts.join('|')})`;
}

/** A class of code units, none of them a surrogate. */
function unitsSource(set: CharRanges): string {
  if (set.length === 2 && set[0] === set[1]) return unitSource(set[0] ?? 0);
  const isOpen = set.at(-1) === lastBmp;
  const written = isOpen ? clip(negate(set), 0, lastBmp) : set;
  const parts: string[] = [];
  forEachRange(written, (first, last) => parts.push(rangeSource(first, last)));
  return `[${isOpen ? '^' : ''}${parts.join('')}]`;
}

function rangeSource(first: number, last: number): string {
  return first === last ? unitSource(first) : `${unitSource(first)}-${unitSource(last)}`;
}

function unitSource(unit: number): string {
  const character = String.fromCharCode(unit);
  return /[0-9A-Za-z_ ]/.test(character) ? character : `\\u${unit.toString(16).padStart(4, '0')}`;
}

/** A range of characters beyond the BMP as surrogate pairs: a partial row, whole rows, a partial row. */
function pairSources(first: number, last: number): string[] {
  const [firstHigh, firstLow] = halves(first);
  const [lastHigh, lastLow] = halves(last);
  if (firstHigh === lastHigh) return [rows(firstHigh, firstHigh, firstLow, lastLow)];
  const from = firstLow === 0xdc00 ? firstHigh : firstHigh + 1;
  const to = lastLow === 0xdfff ? lastHigh : lastHigh - 1;
  const sources: string[] = [];
  if (from > firstHigh) sources.push(rows(firstHigh, firstHigh, firstLow, 0xdfff));
  if (from <= to) sources.push(rows(from, to, 0xdc00, 0xdfff));
  if (to < lastHigh) sources.push(rows(lastHigh, lastHigh, 0xdc00, lastLow));
  return sources;
}

function rows(firstHigh: number, lastHigh: number, firstLow: number, lastLow: number): string {
  return `[${rangeSource(firstHigh, lastHigh)}][${rangeSource(firstLow, lastLow)}]`;
}

function halves(codePoint: number): [high: number, low: number] {
  const text = String.fromCodePoint(codePoint);
  return [text.charCodeAt(0), text.charCodeAt(1)];
}
