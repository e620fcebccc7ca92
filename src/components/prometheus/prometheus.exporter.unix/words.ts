/* Reading the lines, words and numbers that the kernel writes. */

const digitZero = 48;
const digitNine = 57;
const blank = 32;

/** As many digits as a double holds for certain. */
const safeDigits = 15;

export function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

/** What stands between the blanks of a line. */
export function wordsOf(line: string): string[] {
  const words: string[] = [];
  let start = -1;
  for (let at = 0; at < line.length; at++) {
    const code = line.charCodeAt(at);
    if (code > 127) return wordsOfAnyText(line);
    if (!isBlank(code)) {
      if (start < 0) start = at;
    } else if (start >= 0) {
      words.push(line.slice(start, at));
      start = -1;
    }
  }
  if (start >= 0) words.push(line.slice(start));
  return words;
}

function wordsOfAnyText(line: string): string[] {
  const trimmed = line.trim();
  return trimmed === '' ? [] : trimmed.split(/\s+/);
}

/** Whether a character of ASCII is a blank, a tab or the end of a line. */
export function isBlank(code: number): boolean {
  return code === blank || (code >= 9 && code <= 13);
}

/** A decimal number, or a hexadecimal one with `0x`; undefined for everything else. */
export function numberIn(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const whole = wholeNumberIn(text, 0, text.length);
  if (whole >= 0) return whole;
  return /^\s*[-+]?(?:0x[\da-f]+|\d+\.?\d*(?:e[-+]?\d+)?|\.\d+)\s*$/i.test(text) ? Number(text) : undefined;
}

/** A number that must be there. */
export function wantNumber(text: string | undefined): number {
  const value = numberIn(text);
  if (value === undefined) throw new Error(`want a number, got ${JSON.stringify(text ?? '')}`);
  return value;
}

/** The first word of a part of a text, which must be a number. */
export function wantNumberAt(text: string, start: number, end: number): number {
  let from = start;
  while (from < end && isBlank(text.charCodeAt(from))) from++;
  let to = from;
  while (to < end && !isBlank(text.charCodeAt(to))) to++;
  const whole = wholeNumberIn(text, from, to);
  return whole >= 0 ? whole : wantNumber(text.slice(from, to));
}

/** The number that hexadecimal digits without a prefix stand for. */
export function wantHex(text: string | undefined): number {
  if (text === undefined || !/^[\da-f]+$/i.test(text))
    throw new Error(`want hexadecimal digits, got ${JSON.stringify(text ?? '')}`);
  return Number.parseInt(text, 16);
}

/** The number that a few decimal digits stand for; -1 if it is anything else, which may be a number nevertheless. */
function wholeNumberIn(text: string, start: number, end: number): number {
  if (end <= start || end - start > safeDigits) return -1;
  let value = 0;
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code < digitZero || code > digitNine) return -1;
    value = value * 10 + code - digitZero;
  }
  return value;
}
