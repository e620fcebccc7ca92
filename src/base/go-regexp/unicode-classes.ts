import { type CharRanges, forEachRange, maxCodePoint, negate, union } from './char-ranges.ts';

const classes = new Map<string, CharRanges | undefined>();

/** The code points of a Unicode category or script such as `Lu`, `Letter` or `Greek`, if there is one of the name. */
export function unicodeClass(name: string): CharRanges | undefined {
  if (!/^[A-Za-z][A-Za-z_ -]*$/.test(name)) return undefined;
  if (!classes.has(name)) classes.set(name, findClass(name));
  return classes.get(name);
}

function findClass(name: string): CharRanges | undefined {
  const words = name.split(/[_ -]/).map((word) => word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase());
  const titled = words.join('_');
  if (titled === 'Any') return [0, maxCodePoint];
  if (titled === 'Ascii') return [0, 0x7f];
  if (titled === 'Assigned') return negate(codePointsWith('\\p{Cn}'));
  for (const property of ['General_Category', 'Script']) {
    for (const spelling of [name, titled, titled.toUpperCase()]) {
      try {
        return codePointsWith(`\\p{${property}=${spelling}}`);
      } catch {
        // The engine knows no class of this name: the next spelling may be the right one.
      }
    }
  }
  return undefined;
}

/** All code points that can differ in their properties, without surrogates; those of a block have the same width. */
const blocks: readonly (readonly [first: number, last: number])[] = [
  [0, 0xd7ff],
  [0xe000, 0xffff],
  [0x10000, 0x3ffff],
  [0xe0000, 0x10ffff],
];

/** Planes in which nothing is assigned. */
const unassigned = [0x40000, 0xdffff] as const;

/** Throws a SyntaxError for an unknown property. */
function codePointsWith(property: string): CharRanges {
  const run = new RegExp(`${property}+`, 'gu');
  const ranges: number[] = [];
  for (const [first, last] of blocks) {
    for (const { 0: match } of textOf(first, last).matchAll(run)) {
      const start = match.codePointAt(0) ?? 0;
      ranges.push(start, start + match.length / (first > 0xffff ? 2 : 1) - 1);
    }
  }
  if (new RegExp(property, 'u').test(String.fromCodePoint(unassigned[0]))) ranges.push(...unassigned);
  return union(ranges);
}

function textOf(first: number, last: number): string {
  const units: number[] = [];
  for (let codePoint = first; codePoint <= last; codePoint++) {
    if (first > 0xffff) units.push(0xd7c0 + (codePoint >> 10), 0xdc00 + (codePoint & 0x3ff));
    else units.push(codePoint);
  }
  return Buffer.from(Uint16Array.from(units).buffer).toString('utf16le');
}

/** The set with all that equals a member but for case, by the simple case folding of Unicode. */
export function foldCase(set: CharRanges): CharRanges {
  if ((set.at(-1) ?? 0) < 0x80) return foldAsciiCase(set);
  const members: string[] = [];
  forEachRange(set, (first, last) => members.push(`\\u{${first.toString(16)}}-\\u{${last.toString(16)}}`));
  const anyCase = new RegExp(`^[${members.join('')}]`, 'iu');
  const added = casedCodePoints().filter((codePoint) => anyCase.test(String.fromCodePoint(codePoint)));
  return union(set, ...added.map((codePoint) => [codePoint, codePoint]));
}

/** Two characters beyond ASCII fold to ASCII letters: the long s and the Kelvin sign. */
function foldAsciiCase(set: CharRanges): CharRanges {
  const added: number[] = [];
  forEachRange(set, (first, last) => {
    for (let code = first; code <= last; code++) {
      const lower = code | 0x20;
      if (lower < 0x61 || lower > 0x7a) continue;
      const other = code ^ 0x20;
      added.push(other, other);
      if (lower === 0x73) added.push(0x17f, 0x17f);
      if (lower === 0x6b) added.push(0x212a, 0x212a);
    }
  });
  return union(set, added);
}

let cased: readonly number[] | undefined;

function casedCodePoints(): readonly number[] {
  if (cased === undefined) {
    const list: number[] = [];
    forEachRange(codePointsWith('[\\p{CWCM}\\p{CWCF}]'), (first, last) => {
      for (let codePoint = first; codePoint <= last; codePoint++) list.push(codePoint);
    });
    cased = list;
  }
  return cased;
}
