import type { GoRegexp, Spans } from '../../../../base/go-regexp/go-regexp.ts';
import { integer, string } from '../../../../schema/attributes.ts';
import { optionalRegexp } from '../optional-regexp.ts';
import { stage } from '../stage.ts';

const defaultMinLength = 13;
const maxInt64 = '9223372036854775807';

export const luhn = stage({
  doc: `
Replaces numbers that pass the Luhn check, as the numbers of credit cards do. What comes out is the line, also where an
extracted value was read. A number of more than 19 digits, leading zeros aside, is none.`,
  fields: {
    replacement: string('What stands in the place of such a number.').default('**REDACTED**'),
    source: string('The extracted value to read instead of the line, if it is text.')
      .check((name) => (name === '' ? 'must not be empty' : undefined))
      .optional(),
    min_length: integer('The fewest digits that such a number has; 13 if this is less than 1.').default(
      defaultMinLength,
    ),
    delimiters: string('Characters that may stand between the digits of a number, any number of them.').default(''),
    skip_regex: optionalRegexp('Numbers that lie within a match of this are left alone, such as parts of IDs.'),
  },
  compile({ replacement, source, min_length, delimiters, skip_regex: skipRegexp }, { slots }) {
    const minLength = min_length < 1 ? defaultMinLength : min_length;
    const separators = new Set(Array.from(delimiters, (character) => character.codePointAt(0) ?? 0));
    const sourceSlot = source === undefined ? undefined : slots.reads(source);

    /** The text with replacements; the text itself if there are none. */
    const redacted = (text: string): string => {
      let result = '';
      let kept = 0;
      let skipped: SkippedRanges | undefined;
      for (let at = 0; at < text.length; at++) {
        if (!isDigit(text.charCodeAt(at))) continue;
        const start = at;
        const end = endOfNumber(text, start, separators);
        at = end;
        if (end - start < minLength || !isLuhnNumber(text, start, end, minLength)) continue;
        if (skipRegexp !== undefined) {
          skipped ??= new SkippedRanges(skipRegexp, text);
          if (skipped.has(start, end)) continue;
        }
        result += text.slice(kept, start) + replacement;
        kept = end;
      }
      return kept === 0 ? text : result + text.slice(kept);
    };

    return (next) => (cursor) => {
      if (sourceSlot === undefined) {
        const text = cursor.text();
        const result = redacted(text);
        if (result !== text) cursor.setText(result);
      } else {
        const text = cursor.extracted.get(sourceSlot);
        if (typeof text === 'string') cursor.setText(redacted(text));
      }
      next(cursor);
    };
  },
});

function isDigit(character: number): boolean {
  return character >= 0x30 && character <= 0x39;
}

/** Where digits end that may have separators between them. */
function endOfNumber(text: string, start: number, separators: ReadonlySet<number>): number {
  let end = start + 1;
  for (let at = end; at < text.length; at++) {
    const character = text.codePointAt(at) ?? 0;
    if (isDigit(character)) end = at + 1;
    else if (!separators.has(character)) break;
    else if (character > 0xffff) at++;
  }
  return end;
}

/** Whether the digits in a range are enough, fit into an int64 and pass the check. */
function isLuhnNumber(text: string, start: number, end: number, minLength: number): boolean {
  let count = 0;
  let sum = 0;
  let significant = 0;
  for (let at = end - 1; at >= start; at--) {
    const character = text.charCodeAt(at);
    if (!isDigit(character)) continue;
    const digit = character - 0x30;
    if (count % 2 === 0) sum += digit;
    else sum += digit < 5 ? 2 * digit : 2 * digit - 9;
    count++;
    if (digit > 0) significant = count;
  }
  if (count < minLength || sum % 10 !== 0 || significant > maxInt64.length) return false;
  return (
    significant < maxInt64.length ||
    text
      .slice(start, end)
      .replaceAll(/[^0-9]/g, '')
      .slice(-significant) <= maxInt64
  );
}

/** The matches of an expression in a text, for questions about ranges that come in rising order. */
class SkippedRanges {
  readonly #matches: readonly Spans[];
  #at = 0;

  constructor(regexp: GoRegexp, text: string) {
    this.#matches = regexp.matchAll(text);
  }

  /** Whether a range lies within one match. */
  has(start: number, end: number): boolean {
    while (this.#at < this.#matches.length && (this.#matches[this.#at]?.[1] ?? 0) < end) this.#at++;
    const match = this.#matches[this.#at];
    return match !== undefined && (match[0] ?? 0) <= start;
  }
}
