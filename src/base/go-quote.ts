/** Which characters stay as they are: everything that can be printed, or printable ASCII only. */
export type QuoteStyle = 'printable' | 'ascii';

/** Text as a Go string literal, as `strconv.Quote` writes it. Broken surrogates count as U+FFFD. */
export function goQuote(text: string, style: QuoteStyle = 'printable'): string {
  // Most texts, such as label values, need no escape.
  if (/^[ !#-[\]-~]*$/.test(text)) return `"${text}"`;
  const escaped = Array.from(text.toWellFormed(), (character) => escape(character, '"', style));
  return `"${escaped.join('')}"`;
}

/** One character as a Go rune literal, as `strconv.QuoteRune` writes it. */
export function goQuoteRune(character: string, style: QuoteStyle = 'printable'): string {
  return `'${escape(character.toWellFormed(), "'", style)}'`;
}

/** Whether text can stand between backquotes in Go: no control characters but tabs, byte order marks or backquotes. */
export function canBackquote(text: string): boolean {
  return /^[\t -_a-~\u{80}-\u{fefe}\u{ff00}-\u{10ffff}]*$/u.test(text);
}

/** Whether Go counts a character as printable: letters, marks, numbers, punctuation, symbols and the ASCII space. */
export function isGoPrintable(character: string): boolean {
  return /^[ \p{L}\p{M}\p{N}\p{P}\p{S}]$/u.test(character);
}

const namedEscapes: ReadonlyMap<string, string> = new Map([
  ['\x07', String.raw`\a`],
  ['\b', String.raw`\b`],
  ['\f', String.raw`\f`],
  ['\n', String.raw`\n`],
  ['\r', String.raw`\r`],
  ['\t', String.raw`\t`],
  ['\v', String.raw`\v`],
]);

function escape(character: string, quote: string, style: QuoteStyle): string {
  if (character === quote || character === '\\') return `\\${character}`;
  const code = character.codePointAt(0) ?? 0;
  if (isGoPrintable(character) && (style === 'printable' || code < 0x80)) return character;
  const named = namedEscapes.get(character);
  if (named !== undefined) return named;
  const hex = code.toString(16);
  if (code < 0x80) return `\\x${hex.padStart(2, '0')}`;
  return code < 0x1_0000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}
