/**
 * A set of code points: pairs of first and last, in order, neither overlapping nor adjacent.
 * Surrogates may be part of a range but never of a text, so they mean nothing.
 */
export type CharRanges = readonly number[];

export const maxCodePoint = 0x10ffff;

export const anyChar: CharRanges = [0, maxCodePoint];
export const anyCharButNewline: CharRanges = [0, 9, 11, maxCodePoint];

/** Makes a set of pairs in any order. */
export function union(...sets: readonly CharRanges[]): CharRanges {
  const pairs: { first: number; last: number }[] = [];
  for (const set of sets) {
    for (let index = 0; index < set.length; index += 2) pairs.push({ first: at(set, index), last: at(set, index + 1) });
  }
  pairs.sort((a, b) => a.first - b.first);
  const merged: number[] = [];
  for (const { first, last } of pairs) {
    const end = merged.length - 1;
    if (end > 0 && first <= at(merged, end) + 1) merged[end] = Math.max(at(merged, end), last);
    else merged.push(first, last);
  }
  return merged;
}

export function negate(set: CharRanges): CharRanges {
  const gaps: number[] = [];
  let next = 0;
  for (let index = 0; index < set.length; index += 2) {
    if (at(set, index) > next) gaps.push(next, at(set, index) - 1);
    next = at(set, index + 1) + 1;
  }
  if (next <= maxCodePoint) gaps.push(next, maxCodePoint);
  return gaps;
}

/** The part of a set that lies between two code points. */
export function clip(set: CharRanges, first: number, last: number): CharRanges {
  const part: number[] = [];
  for (let index = 0; index < set.length; index += 2) {
    const from = Math.max(at(set, index), first);
    const to = Math.min(at(set, index + 1), last);
    if (from <= to) part.push(from, to);
  }
  return part;
}

export function intersects(a: CharRanges, b: CharRanges): boolean {
  for (let index = 0; index < a.length; index += 2) {
    if (clip(b, at(a, index), at(a, index + 1)).length > 0) return true;
  }
  return false;
}

export function forEachRange(set: CharRanges, visit: (first: number, last: number) => void): void {
  for (let index = 0; index < set.length; index += 2) visit(at(set, index), at(set, index + 1));
}

/** Pairs are whole, so an index below the length always finds a number. */
function at(set: readonly number[], index: number): number {
  return set[index] ?? 0;
}
