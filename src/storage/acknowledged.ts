import { crc32 } from 'node:zlib';
import { ParseError } from '../base/parse-error.ts';

/** Which records of a log are acknowledged: all before `next`, and some ranges behind it in their order, ends included. */
export interface Acknowledged {
  readonly next: number;
  readonly ranges: readonly (readonly [first: number, last: number])[];
}

/**
 * What is acknowledged if these records, in their order, are all that are not, up to the highest that is. That one is
 * `next - 1` if there are none.
 */
export function acknowledgedExcept(open: Iterable<number>, highest: number): Acknowledged {
  const ranges: [number, number][] = [];
  let next: number | undefined;
  let previous = 0;
  for (const sequence of open) {
    if (sequence > highest) break;
    next ??= sequence;
    if (previous > 0 && sequence > previous + 1) ranges.push([previous + 1, sequence - 1]);
    previous = sequence;
  }
  if (next === undefined) return { next: highest + 1, ranges };
  if (previous < highest) ranges.push([previous + 1, highest]);
  return { next, ranges };
}

/** The highest record that is acknowledged; 0 if none is. */
export function highestOf({ next, ranges }: Acknowledged): number {
  return ranges.at(-1)?.[1] ?? next - 1;
}

export function isAcknowledged({ next, ranges }: Acknowledged, sequence: number): boolean {
  return sequence < next || ranges.some(([first, last]) => sequence >= first && sequence <= last);
}

/** One line of text with a checksum. */
export function formatAcknowledged({ next, ranges }: Acknowledged): string {
  const text = [next, ...ranges.map(([first, last]) => `${first}-${last}`)].join(' ');
  return `${checksumOf(text)} ${text}\n`;
}

export function parseAcknowledged(line: string): Acknowledged | ParseError {
  const match = /^([\da-f]{8}) ((\d+)(?: \d+-\d+)*)\n$/.exec(line);
  if (match === null || match[1] !== checksumOf(match[2] ?? '')) {
    return new ParseError('the record of what is acknowledged is damaged');
  }
  const [, ...ranges] = (match[2] ?? '').split(' ');
  return {
    next: Number(match[3]),
    ranges: ranges.map((range) => {
      const [first = 0, last = 0] = range.split('-').map(Number);
      return [first, last] as const;
    }),
  };
}

function checksumOf(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}
