import { canBackquote, goQuote } from '../go-quote.ts';
import { pad, type Spec } from './spec.ts';

/** Formats text; undefined if the verb is not one for text. */
export function formatTextVerb(text: string, verb: string, spec: Spec): string | undefined {
  switch (verb) {
    case 'v':
    case 's':
      return spec.isGoSyntax ? quoted(text, spec) : pad(truncated(text, spec), spec);
    case 'q':
      return quoted(text, spec);
    case 'x':
      return pad(hexOf(text, spec), spec);
    case 'X':
      return pad(hexOf(text, spec).toUpperCase(), spec);
    default:
      return undefined;
  }
}

/** Limits text to as many characters as the precision says. */
export function truncated(text: string, { precision }: Spec): string {
  return precision === undefined || precision >= text.length ? text : Array.from(text).slice(0, precision).join('');
}

function quoted(text: string, spec: Spec): string {
  const shown = truncated(text, spec);
  if (spec.sharp && canBackquote(shown)) return pad(`\`${shown}\``, spec);
  return pad(goQuote(shown, spec.plus ? 'ascii' : 'printable'), spec);
}

/** The bytes in hexadecimal; a space flag keeps them apart, and `#` puts 0x before each group. */
function hexOf(text: string, { precision, space, sharp }: Spec): string {
  const bytes = Buffer.from(text).subarray(0, precision);
  if (bytes.length === 0) return '';
  const prefix = sharp ? '0x' : '';
  if (!space) return prefix + bytes.toString('hex');
  return Array.from(bytes, (byte) => prefix + byte.toString(16).padStart(2, '0')).join(' ');
}
