import { ParseError } from './parse-error.ts';

const powers: Readonly<Record<string, number>> = { '': 0, K: 1, M: 2, G: 3, T: 4, P: 5 };

/** Reads a size such as `1MiB`, `8KB` or `512`, in bytes. All units are powers of 1024, with or without the `i`. */
export function parseByteSize(text: string): number | ParseError {
  const match = /^(\d+(?:\.\d+)?|\.\d+)\s*([kmgtp]?)(?:i?b)?$/i.exec(text.trim());
  if (match === null) {
    return new ParseError(`${JSON.stringify(text)} is no size, want a number with a unit such as "1MiB" or "512KiB"`);
  }
  const [, amount = '', unit = ''] = match;
  const size = Math.trunc(Number(amount) * 1024 ** (powers[unit.toUpperCase()] ?? 0));
  return Number.isSafeInteger(size) ? size : new ParseError(`${JSON.stringify(text)} is too large a size`);
}

/** Writes a size with the largest unit that needs no fraction: `1MiB`, `1536KiB`, `100B`. */
export function formatByteSize(size: number): string {
  const units = ['PiB', 'TiB', 'GiB', 'MiB', 'KiB'];
  for (const [index, unit] of units.entries()) {
    const factor = 1024 ** (units.length - index);
    if (size >= factor && size % factor === 0) return `${size / factor}${unit}`;
  }
  return `${size}B`;
}
