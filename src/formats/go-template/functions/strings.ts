import { goQuote } from '../../../base/go-quote.ts';
import { lowerCase, upperCase } from '../../../base/letter-case.ts';
import { byteLength, sliceBytes } from '../byte-text.ts';
import { any, integer, text } from '../parameter.ts';
import { textOf } from '../print.ts';
import { fixed, variadic, type FunctionTable } from '../template-function.ts';
import type { Integer, Value } from '../value.ts';
import { refuse, spend } from '../work.ts';
import { trimCharacters, trimSpace } from './trim.ts';

export const strings: FunctionTable = {
  upper: fixed([text], upperCase),
  lower: fixed([text], lowerCase),
  trim: fixed([text], trimSpace),
  trimAll: fixed([text, text], (cutset, s) => trimCharacters(s, cutset, 'both')),
  trimall: fixed([text, text], (cutset, s) => trimCharacters(s, cutset, 'both')),
  trimPrefix: fixed([text, text], (prefix, s) => (s.startsWith(prefix) ? s.slice(prefix.length) : s)),
  trimSuffix: fixed([text, text], (suffix, s) => (s.endsWith(suffix) ? s.slice(0, s.length - suffix.length) : s)),
  contains: fixed([text, text], (part, s) => s.includes(part)),
  hasPrefix: fixed([text, text], (prefix, s) => s.startsWith(prefix)),
  hasSuffix: fixed([text, text], (suffix, s) => s.endsWith(suffix)),
  repeat: fixed([integer, text], (count, s) => repeated(s, count)),
  replace: fixed([text, text, text], (from, to, s) => replaceText(s, from, to, -1)),
  substr: fixed([integer, integer, text], (start, end, s) => substring(s, Number(start.value), Number(end.value))),
  trunc: fixed([integer, text], (count, s) => truncated(s, Number(count.value))),
  abbrev: fixed([integer, text], (width, s) => abbreviated(s, 0, Number(width.value))),
  abbrevboth: fixed([integer, integer, text], (left, right, s) => {
    const offset = Number(left.value);
    const width = Number(right.value);
    return offset > 0 && width < 7 ? s : abbreviated(s, offset, width);
  }),
  indent: fixed([integer, text], (spaces, s) => indented(s, spaces)),
  nindent: fixed([integer, text], (spaces, s) => `\n${indented(s, spaces)}`),
  quote: variadic([], any, (...values) =>
    present(values)
      .map((value) => goQuote(textOf(value)))
      .join(' '),
  ),
  squote: variadic([], any, (...values) =>
    present(values)
      .map((value) => `'${textOf(value)}'`)
      .join(' '),
  ),
  cat: variadic([], any, (...values) => present(values).map(textOf).join(' ')),
  plural: fixed([text, text, integer], (one, many, count) => (count.value === 1n ? one : many)),
  wrap: fixed([integer, text], (width, s) => wrapped(s, Number(width.value), '\n', false)),
  wrapWith: fixed([integer, text, text], (width, separator, s) => {
    return wrapped(s, Number(width.value), separator === '' ? '\n' : separator, true);
  }),
  hello: fixed([], () => 'Hello!'),
};

function present(values: readonly Value[]): Value[] {
  return values.filter((value) => value !== null && value !== undefined);
}

function repeated(s: string, count: Integer): string {
  if (count.value < 0n) refuse('strings: negative Repeat count');
  spend(s.length * Number(count.value));
  return s === '' ? '' : s.repeat(Number(count.value));
}

/** Replaces the first so many occurrences, all of them if the count is negative. Empty text is between characters. */
export function replaceText(s: string, from: string, to: string, count: number): string {
  const pieces = from === '' ? ['', ...Array.from(s), ''] : s.split(from);
  const replacements = count < 0 ? pieces.length - 1 : Math.min(count, pieces.length - 1);
  spend(replacements * to.length);
  if (replacements === pieces.length - 1) return pieces.join(to);
  const head = pieces.slice(0, replacements + 1).join(to);
  const tail = pieces.slice(replacements + 1);
  return [head, ...tail].join(from);
}

function substring(s: string, start: number, end: number): string {
  const length = byteLength(s);
  if (start < 0) {
    if (end < 0 || end > length) refuse(`runtime error: slice bounds out of range [:${end}] with length ${length}`);
    return sliceBytes(s, 0, end);
  }
  const stop = end < 0 || end > length ? length : end;
  if (start > stop) refuse(`runtime error: slice bounds out of range [${start}:${stop}]`);
  return sliceBytes(s, start, stop);
}

/** The first bytes, or the last ones if the count is negative. */
function truncated(s: string, count: number): string {
  const length = byteLength(s);
  if (count < 0) return length + count > 0 ? sliceBytes(s, length + count, length) : s;
  return length > count ? sliceBytes(s, 0, count) : s;
}

/** Cuts the end, and the beginning if the offset allows it, and puts dots there. */
function abbreviated(s: string, offset: number, width: number): string {
  const length = byteLength(s);
  if (width < 4 || length <= width) return s;
  const from = Math.min(offset, length, length - offset < width - 3 ? length - (width - 3) : offset);
  if (from <= 4) return `${sliceBytes(s, 0, width - 3)}...`;
  if (from + width - 3 < length) return `...${abbreviated(sliceBytes(s, from, length), 0, width - 3)}`;
  return `...${sliceBytes(s, length - (width - 3), length)}`;
}

function indented(s: string, spaces: Integer): string {
  const pad = repeated(' ', spaces);
  return pad + replaceText(s, '\n', `\n${pad}`, -1);
}

/** Breaks lines at spaces. What is longer than a line is broken anywhere, or stays whole. */
function wrapped(s: string, lineWidth: number, separator: string, breaksWords: boolean): string {
  const width = Math.max(lineWidth, 1);
  const lines: string[] = [];
  let at = 0;
  while (s.length - at > width) {
    if (s[at] === ' ') {
      at++;
      continue;
    }
    const space = s.slice(at, at + width + 1).lastIndexOf(' ');
    const isBroken = space < 0 && breaksWords;
    const end = isBroken ? at + width : space < 0 ? s.indexOf(' ', at + width) : at + space;
    if (end < 0) break;
    lines.push(s.slice(at, end));
    spend(separator.length + 1);
    at = isBroken ? end : end + 1;
  }
  return [...lines, s.slice(at)].join(separator);
}
