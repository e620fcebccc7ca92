import { goQuote } from '../../base/go-quote.ts';
import { stringValue } from '../../base/go-string-literal.ts';
import { ParseError } from '../../base/parse-error.ts';

/** The forms of a constant; those that its value does not fit are missing. */
export interface NumberForms {
  readonly integer: bigint | undefined;
  readonly float: number;
  readonly isFloat: boolean;
}

const maxInteger = 2n ** 63n - 1n;
const maxUnsigned = 2n ** 64n - 1n;

/** Reads a number as Go writes it: `12`, `0x1F`, `0o17`, `017`, `0b1`, `1_000`, `1.5e3`, `0x1p-2`. */
export function parseNumber(text: string): NumberForms | ParseError {
  const magnitude = parseMagnitude(text.replace(/^[+-]/, ''));
  if (magnitude !== undefined) {
    const value = text.startsWith('-') ? -magnitude : magnitude;
    // It may be an unsigned one, which no function takes, and which is no `int` either.
    const isUnsigned = /^\d/.test(text) && value <= maxUnsigned;
    const isInteger = value >= -maxInteger - 1n && value <= maxInteger;
    if (!isInteger && !isUnsigned) return new ParseError(`integer overflow: ${goQuote(text)}`);
    return {
      integer: isInteger ? value : undefined,
      float: Number(value),
      isFloat: false,
    };
  }
  const float = parseFloatText(text);
  if (float === undefined) return new ParseError(`illegal number syntax: ${goQuote(text)}`);
  if (!/[.eEpP]/.test(text)) return new ParseError(`integer overflow: ${goQuote(text)}`);
  const whole = Number.isInteger(float) && Math.abs(float) <= 2 ** 63 ? BigInt(float) : undefined;
  const isInteger = whole !== undefined && whole <= maxInteger;
  return {
    integer: isInteger ? whole : undefined,
    float,
    isFloat: true,
  };
}

/** Reads a character constant: `'a'` is 97. */
export function parseCharacter(text: string): NumberForms | ParseError {
  const { value, problems } = stringValue(text);
  const [character, ...more] = value;
  if (problems.length > 0 || character === undefined || more.length > 0) {
    return new ParseError(`malformed character constant: ${text}`);
  }
  const code = character.codePointAt(0) ?? 0;
  return { integer: BigInt(code), float: code, isFloat: false };
}

/** Reads an integer without a sign. */
export function parseMagnitude(text: string): bigint | undefined {
  if (!/^(?:0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|0(?:_?[0-7])*|[1-9](?:_?[0-9])*)$/.test(text)) {
    return undefined;
  }
  const digits = text.replaceAll('_', '');
  return BigInt(/^0\d/.test(digits) ? `0o${digits}` : digits);
}

/** Reads a finite float, decimal or hexadecimal. */
export function parseFloatText(text: string): number | undefined {
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text)) {
    const value = Number(text);
    return Number.isFinite(value) ? value : undefined;
  }
  const [, sign, whole = '', fraction = '', exponent] =
    /^([+-]?)0[xX]([0-9a-fA-F]*)\.?([0-9a-fA-F]*)[pP]([+-]?\d{1,5})$/.exec(text) ?? [];
  if (exponent === undefined || whole + fraction === '' || whole.length + fraction.length > 100) return undefined;
  const value = Number(BigInt(`0x${whole}${fraction}`)) * 2 ** (Number(exponent) - 4 * fraction.length);
  if (!Number.isFinite(value)) return undefined;
  return sign === '-' ? -value : value;
}
