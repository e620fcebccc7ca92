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

/** Throws a SyntaxError for an unknown property. */
function codePointsWith(property: string): CharRanges {
  const run = new RegExp(`${property}+`, 'gu');
  const ranges: number[] = [];
  for (let plane = 0; plane <= maxCodePoint; plane += 0x10000) {
    for (const [first, last] of plane === 0 ? [[0, 0xd7ff], [0xe000, 0xffff]] : [[plane, plane + 0xffff]]) { // prettier-ignore
      for (const { 0: match } of textOf(first, last).matchAll(run)) {
        const start = match.codePointAt(0) ?? 0;
        // All code points of a plane have the same width.
        ranges.push(start, start + match.length / (plane === 0 ? 1 : 2) - 1);
      }
    }
  }
  return union(ranges);
}

function textOf(first = 0, last = 0): string {
  const parts: string[] = [];
  for (let start = first; start <= last; start += 4096) {
    const length = Math.min(4096, last - start + 1);
    parts.push(String.fromCodePoint(...Array.from({ length }, (_, index) => start + index)));
  }
  return parts.join('');
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
