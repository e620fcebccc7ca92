import { goQuoteRune, isGoPrintable } from '../go-quote.ts';
import { pad, type Spec } from './spec.ts';

/** Formats an integer; undefined if the verb is not one for integers. */
export function formatIntegerVerb(value: bigint, verb: string, spec: Spec): string | undefined {
  switch (verb) {
    case 'v':
      return spec.isGoSyntax && isUnsigned(value)
        ? digitsOf(value, 16, 'x', { ...spec, sharp: true })
        : digitsOf(value, 10, verb, spec);
    case 'd':
      return digitsOf(value, 10, verb, spec);
    case 'b':
      return digitsOf(value, 2, verb, spec);
    case 'o':
    case 'O':
      return digitsOf(value, 8, verb, spec);
    case 'x':
    case 'X':
      return digitsOf(value, 16, verb, spec);
    case 'c':
      return pad(characterOf(value), spec);
    case 'q':
      return pad(goQuoteRune(characterOf(value), spec.plus ? 'ascii' : 'printable'), spec);
    case 'U':
      return unicode(value, spec);
    default:
      return undefined;
  }
}

/** Whether Alloy keeps the integer as uint64, since it does not fit into int64. */
export function isUnsigned(value: bigint): boolean {
  return value > 2n ** 63n - 1n;
}

function digitsOf(value: bigint, base: number, verb: string, spec: Spec): string {
  const { width = 0, precision, plus, minus, sharp, space, zero } = spec;
  const sign = value < 0n ? '-' : plus ? '+' : space ? ' ' : '';
  if (precision === 0 && value === 0n) return ' '.repeat(width);
  // Zeros up to the width count as a precision, so that they follow the sign.
  const count = precision ?? (zero && !minus ? width - sign.length : 0);
  const magnitude = (value < 0n ? -value : value).toString(base);
  let text = (verb === 'X' ? magnitude.toUpperCase() : magnitude).padStart(count, '0');
  if (sharp && base === 2) text = `0b${text}`;
  if (sharp && base === 8 && !text.startsWith('0')) text = `0${text}`;
  if (sharp && base === 16) text = `0${verb}${text}`;
  if (verb === 'O') text = `0o${text}`;
  return pad(sign + text, { ...spec, zero: false });
}

/** U+FFFD stands for what is no character. */
function characterOf(value: bigint): string {
  return isCodePoint(value) ? String.fromCodePoint(Number(value)).toWellFormed() : '\ufffd';
}

function isCodePoint(value: bigint): boolean {
  return value >= 0n && value <= 0x10ffffn;
}

/** `U+0078`, or with `#` also the character itself. */
function unicode(value: bigint, spec: Spec): string {
  const hex = BigInt.asUintN(64, value).toString(16).toUpperCase();
  const number = `U+${hex.padStart(Math.max(spec.precision ?? 0, 4), '0')}`;
  const character = spec.sharp && isCodePoint(value) ? String.fromCodePoint(Number(value)) : '';
  return pad(isGoPrintable(character) ? `${number} '${character}'` : number, { ...spec, zero: false });
}
