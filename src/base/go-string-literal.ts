/** What is wrong inside a literal: a message and where, relative to the start of the literal. */
export interface LiteralProblem {
  readonly message: string;
  readonly start: number;
  readonly end: number;
}

export interface StringValue {
  readonly value: string;
  readonly problems: readonly LiteralProblem[];
}

const simpleEscapes: Readonly<Record<string, string>> = {
  a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '\\': '\\', '"': '"', "'": "'",
}; // prettier-ignore

/** How many digits a numeric escape has, in which base, and whether it is a byte or a code point. */
const numericEscapes: Readonly<Record<string, { digits: number; base: number; isByte: boolean }>> = {
  x: { digits: 2, base: 16, isByte: true },
  u: { digits: 4, base: 16, isByte: false },
  U: { digits: 8, base: 16, isByte: false },
};

/** The value of a string literal given with its quotes. Raw strings lose carriage returns, as in Go. */
export function stringValue(literal: string): StringValue {
  if (literal.startsWith('`')) return { value: literal.slice(1, -1).replaceAll('\r', ''), problems: [] };
  if (!literal.includes('\\')) return { value: literal.slice(1, -1), problems: [] };
  return unescape(literal);
}

function unescape(literal: string): StringValue {
  const problems: LiteralProblem[] = [];
  const parts: Buffer[] = [];
  let plainFrom = 1;
  let at = 1;
  const end = literal.length - 1;
  while (at < end) {
    if (literal[at] !== '\\') {
      at++;
      continue;
    }
    parts.push(Buffer.from(literal.slice(plainFrom, at)));
    const escape = readEscape(literal, at, end);
    if (typeof escape.value === 'string') problems.push({ message: escape.value, start: at, end: escape.end });
    else parts.push(escape.value);
    at = escape.end;
    plainFrom = at;
  }
  parts.push(Buffer.from(literal.slice(plainFrom, end)));
  const bytes = Buffer.concat(parts);
  const value = bytes.toString('utf8');
  if (problems.length === 0 && !Buffer.from(value).equals(bytes)) {
    problems.push({ message: 'byte escapes do not form valid UTF-8', start: 0, end: literal.length });
  }
  return { value, problems };
}

/** Reads the escape at `at`; the value is its bytes, or the message of what is wrong with it. */
function readEscape(literal: string, at: number, end: number): { value: Buffer | string; end: number } {
  const first = literal[at + 1] ?? '';
  const simple = Object.hasOwn(simpleEscapes, first) ? simpleEscapes[first] : undefined;
  if (simple !== undefined) return { value: Buffer.from(simple), end: at + 2 };
  const isOctal = first >= '0' && first <= '7';
  const numeric = isOctal
    ? { digits: 3, base: 8, isByte: true }
    : Object.hasOwn(numericEscapes, first)
      ? numericEscapes[first]
      : undefined;
  if (numeric === undefined) {
    const character = String.fromCodePoint(literal.codePointAt(at + 1) ?? 0x5c);
    return { value: 'unknown escape sequence', end: Math.min(at + 1 + character.length, end) };
  }
  const from = isOctal ? at + 1 : at + 2;
  let code = 0;
  for (let index = from; index < from + numeric.digits; index++) {
    if (index >= end) return { value: 'escape sequence not terminated', end };
    const digit = Number.parseInt(literal[index] ?? '', numeric.base);
    if (Number.isNaN(digit)) {
      return { value: `illegal character ${describe(literal, index)} in escape sequence`, end: index + 1 };
    }
    code = code * numeric.base + digit;
  }
  const after = from + numeric.digits;
  if (numeric.isByte) {
    if (code > 255) return { value: 'escape sequence is invalid Unicode code point', end: after };
    return { value: Buffer.from([code]), end: after };
  }
  if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) {
    return { value: 'escape sequence is invalid Unicode code point', end: after };
  }
  return { value: Buffer.from(String.fromCodePoint(code)), end: after };
}

/** `U+003B ';'`, the way messages name a character; one that cannot be seen is only numbered. */
export function describe(text: string, at: number): string {
  const code = text.codePointAt(at) ?? 0;
  const name = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  const character = String.fromCodePoint(code);
  return /[\p{C}\p{Z}]/u.test(character) ? name : `${name} '${character}'`;
}
