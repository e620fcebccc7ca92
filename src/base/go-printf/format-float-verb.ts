import { formatFloat, type FloatFormat } from './format-float.ts';
import { pad, type Spec } from './spec.ts';

/** The format behind each verb for floats, and its precision where none is given. */
const verbs: ReadonlyMap<string, { readonly format: FloatFormat; readonly precision?: number }> = new Map([
  ['v', { format: 'g' }],
  ['b', { format: 'b' }],
  ['g', { format: 'g' }],
  ['G', { format: 'G' }],
  ['x', { format: 'x' }],
  ['X', { format: 'X' }],
  ['e', { format: 'e', precision: 6 }],
  ['E', { format: 'E', precision: 6 }],
  ['f', { format: 'f', precision: 6 }],
  ['F', { format: 'f', precision: 6 }],
]);

/** Formats a float64; undefined if the verb is not one for floats. */
export function formatFloatVerb(value: number, verb: string, spec: Spec): string | undefined {
  const defaults = verbs.get(verb);
  if (defaults === undefined) return undefined;
  const { format } = defaults;
  const precision = spec.precision ?? defaults.precision;
  const number = formatFloat(value, format, precision);
  const isSigned = number.startsWith('-') || number.startsWith('+');
  const sign = number.startsWith('-') ? '-' : spec.plus ? '+' : spec.space ? ' ' : '';
  const magnitude = isSigned ? number.slice(1) : number;
  if (!Number.isFinite(value)) {
    // Infinity shows its sign always, NaN only on request.
    const shown = sign === '' && isSigned ? '+' : sign;
    return pad(shown + magnitude, { ...spec, zero: false });
  }
  const text = spec.sharp && format !== 'b' ? withPoint(magnitude, format, precision) : magnitude;
  if (!spec.zero || spec.minus) return pad(sign + text, spec);
  return sign + text.padStart((spec.width ?? 0) - sign.length, '0');
}

/** The `#` flag: there is always a decimal point, and `%g` and `%x` keep their trailing zeros. */
function withPoint(text: string, format: FloatFormat, precision: number | undefined): string {
  const tailAt = text.search(format === 'x' || format === 'X' ? /p/i : /e/i);
  const number = tailAt < 0 ? text : text.slice(0, tailAt);
  const tail = tailAt < 0 ? '' : text.slice(tailAt);
  const wanted = format === 'g' || format === 'G' || format === 'x' ? (precision ?? 6) : 0;
  // Go counts from the first character that is not a zero; the zero of `0` itself counts as well.
  const count = number === '0' ? 1 : number.replace('.', '').replace(/^0+/, '').length;
  const point = number.includes('.') ? '' : '.';
  return number + point + '0'.repeat(Math.max(wanted - count, 0)) + tail;
}
