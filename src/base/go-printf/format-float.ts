/** The formats of `strconv.FormatFloat` in Go. */
export type FloatFormat = 'b' | 'e' | 'E' | 'f' | 'g' | 'G' | 'x' | 'X';

/** Writes a float64 as Go does: without a precision as many digits as are needed to read the same number back, else rounded half to even. */
export function formatFloat(value: number, format: FloatFormat, precision?: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const magnitude = Math.abs(value);
  switch (format) {
    case 'b':
      return sign + binaryText(magnitude);
    case 'x':
      return sign + hexText(magnitude, precision);
    case 'X':
      return sign + hexText(magnitude, precision).toUpperCase();
    case 'e':
    case 'f':
    case 'g':
      return sign + decimalText(magnitude, format, precision);
    case 'E':
      return sign + decimalText(magnitude, 'e', precision).toUpperCase();
    default:
      return sign + decimalText(magnitude, 'g', precision).toUpperCase();
  }
}

/** The number 0.digits × 10^point; no digits for zero, and none of them a trailing zero. */
interface Decimal {
  readonly digits: string;
  readonly point: number;
}

function decimalText(value: number, format: 'e' | 'f' | 'g', precision: number | undefined): string {
  if (precision === undefined) {
    const decimal = shortest(value);
    const count = decimal.digits.length;
    if (format === 'e') return exponential(decimal, count - 1);
    if (format === 'f') return positional(decimal, count - decimal.point);
    return general(decimal, count, 6);
  }
  const decimal = exact(value);
  if (format === 'e') return exponential(rounded(decimal, precision + 1), precision);
  if (format === 'f') return positional(rounded(decimal, decimal.point + precision), precision);
  const digits = precision === 0 ? 1 : precision;
  const kept = rounded(decimal, digits);
  const count = kept.digits.length;
  return general(kept, digits, digits > count && count >= kept.point ? count : digits);
}

/** With an exponent from `limit` on and for small numbers, else without. */
function general(decimal: Decimal, precision: number, limit: number): string {
  const count = decimal.digits.length;
  const exponent = decimal.point - 1;
  if (exponent < -4 || exponent >= limit) return exponential(decimal, Math.min(precision, count) - 1);
  return positional(decimal, count - decimal.point);
}

function exponential({ digits, point }: Decimal, precision: number): string {
  const fraction = precision > 0 ? `.${digits.slice(1, precision + 1).padEnd(precision, '0')}` : '';
  return `${digits[0] ?? '0'}${fraction}e${exponentText(digits === '' ? 0 : point - 1)}`;
}

function positional({ digits, point }: Decimal, precision: number): string {
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, '0') : '0';
  if (precision <= 0) return whole;
  const fraction = point >= 0 ? digits.slice(point) : '0'.repeat(Math.min(-point, precision)) + digits;
  return `${whole}.${fraction.slice(0, precision).padEnd(precision, '0')}`;
}

/** Sign and at least two digits. */
function exponentText(exponent: number): string {
  return `${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

function shortest(value: number): Decimal {
  if (value === 0) return { digits: '', point: 0 };
  const [mantissa = '', exponent = '0'] = value.toExponential().split('e');
  return { digits: mantissa.replace('.', ''), point: Number(exponent) + 1 };
}

/** All digits of the binary fraction; there are up to 767 of them. */
function exact(value: number): Decimal {
  const { mantissa, exponent } = partsOf(value);
  if (mantissa === 0n) return { digits: '', point: 0 };
  const scaled = exponent >= 0 ? mantissa << BigInt(exponent) : mantissa * 5n ** BigInt(-exponent);
  const digits = scaled.toString();
  return { digits: digits.replace(/0+$/, ''), point: digits.length + Math.min(exponent, 0) };
}

function rounded(decimal: Decimal, count: number): Decimal {
  const { digits, point } = decimal;
  if (count < 0 || count >= digits.length) return decimal;
  const kept = digits.slice(0, count);
  const next = digits[count] ?? '0';
  const isTie = next === '5' && count === digits.length - 1;
  const isUp = isTie ? Number(kept.at(-1) ?? '0') % 2 === 1 : next >= '5';
  if (!isUp) {
    const trimmed = kept.replace(/0+$/, '');
    return { digits: trimmed, point: trimmed === '' ? 0 : point };
  }
  // Nines that are carried over become trailing zeros.
  const stem = kept.replace(/9+$/, '');
  if (stem === '') return { digits: '1', point: point + 1 };
  return { digits: stem.slice(0, -1) + String(Number(stem.at(-1)) + 1), point };
}

/** The value is mantissa × 2^exponent. */
function partsOf(value: number): { readonly mantissa: bigint; readonly exponent: number } {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const fraction = bits & ((1n << 52n) - 1n);
  const biased = Number(bits >> 52n) & 0x7ff;
  if (biased === 0) return { mantissa: fraction, exponent: -1074 };
  return { mantissa: fraction | (1n << 52n), exponent: biased - 1075 };
}

function binaryText(value: number): string {
  const { mantissa, exponent } = partsOf(value);
  return `${mantissa}p${exponent < 0 ? '' : '+'}${exponent}`;
}

/** `0x1.8p+01`: one hexadecimal digit before the point, at most 13 after it, and a binary exponent. */
function hexText(value: number, precision: number | undefined): string {
  const parts = partsOf(value);
  let exponent = parts.mantissa === 0n ? 0 : parts.exponent + 52;
  let mantissa = parts.mantissa;
  while (mantissa !== 0n && mantissa < 1n << 52n) {
    mantissa <<= 1n;
    exponent--;
  }
  if (precision !== undefined && precision < 13) {
    const dropped = BigInt(52 - 4 * precision);
    const half = 1n << (dropped - 1n);
    const rest = mantissa & ((1n << dropped) - 1n);
    mantissa >>= dropped;
    if (rest > half || (rest === half && (mantissa & 1n) === 1n)) mantissa++;
    mantissa <<= dropped;
    if (mantissa >= 1n << 53n) {
      mantissa >>= 1n;
      exponent++;
    }
  }
  const all = (mantissa & ((1n << 52n) - 1n)).toString(16).padStart(13, '0');
  const fraction = precision === undefined ? all.replace(/0+$/, '') : all.slice(0, precision).padEnd(precision, '0');
  return `0x${mantissa >> 52n}${fraction === '' ? '' : '.'}${fraction}p${exponentText(exponent)}`;
}
