import { ParseError } from '../../base/parse-error.ts';

/** One sample as it is written: `name{label="value"} 1 1700000000000`. */
export interface SampleLine {
  readonly name: string;
  /** Sorted by name. */
  readonly labels: readonly (readonly [name: string, value: string])[];
  readonly value: number;
  readonly timestamp: number | undefined;
}

const namePattern = /[a-zA-Z_:][\w:]*/y;
const labelPattern = /[ \t]*([a-zA-Z_]\w*)[ \t]*=[ \t]*"((?:[^"\\]|\\[\\"n])*)"[ \t]*(,|(?=\}))/y;
const restPattern = /[ \t]*([^ \t{}]+)(?:[ \t]+([-+]?\d+))?[ \t]*$/y;

/** Reads a line that is no comment. */
export function parseSampleLine(line: string): SampleLine | ParseError {
  const name = matchAt(namePattern, line, 0)?.[0];
  if (name === undefined) return new ParseError(`invalid metric name in ${JSON.stringify(line)}`);
  let at = name.length + (/^[ \t]*/.exec(line.slice(name.length))?.[0].length ?? 0);
  const labels = new Map<string, string>();
  if (line[at] === '{') {
    at++;
    for (;;) {
      const end = matchAt(/[ \t]*\}/y, line, at);
      if (end !== null) {
        at += end[0].length;
        break;
      }
      const match = matchAt(labelPattern, line, at);
      const [whole = '', label = '', escaped = ''] = match ?? [];
      if (match === null) return new ParseError(`want a label of ${name} at ${JSON.stringify(line.slice(at))}`);
      if (label === '__name__' || labels.has(label))
        return new ParseError(`label ${label} of ${name} is not allowed again`);
      labels.set(label, unescape(escaped));
      at += whole.length;
    }
  }
  const [, valueText, timestamp] = matchAt(restPattern, line, at) ?? [];
  const value = parseNumber(valueText ?? '');
  if (value === undefined)
    return new ParseError(`want a number as the value of ${name}, got ${JSON.stringify(line.slice(at).trim())}`);
  return {
    name,
    labels: [...labels].toSorted(([a], [b]) => (a < b ? -1 : 1)),
    value,
    timestamp: timestamp === undefined ? undefined : Number(timestamp),
  };
}

/** A value as the format has it: decimal, or one of the names of numbers that are none. */
export function parseNumber(text: string): number | undefined {
  if (/^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i.test(text)) return Number(text);
  const [, sign, word] = /^([-+]?)(nan|inf|infinity)$/i.exec(text) ?? [];
  if (word === undefined) return undefined;
  if (word.toLowerCase() === 'nan') return sign === '' ? NaN : undefined;
  return sign === '-' ? -Infinity : Infinity;
}

function unescape(text: string): string {
  return text.replaceAll(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
