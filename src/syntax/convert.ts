import { floatText } from '../base/float-text.ts';
import { Secret } from './secret.ts';
import { kindOf, type Value } from './value.ts';

/** Why a value cannot become what is wanted. Conversions return it; whoever knows the place makes a diagnostic of it. */
export class Mismatch {
  /** A sentence part that follows the name of the value, such as `should be number, got string`. */
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

export function shouldBe(kind: string, value: Value): Mismatch {
  return new Mismatch(`should be ${kind}, got ${kindOf(value)}`);
}

/** Numbers become strings, secrets do not. */
export function toText(value: Value): string | Mismatch {
  switch (typeof value) {
    case 'string':
      return value;
    case 'bigint':
      return value.toString();
    case 'number':
      return floatText(value);
    default:
      if (!(value instanceof Secret)) return shouldBe('string', value);
      return value.isConvertible ? value.reveal() : new Mismatch('secrets may not be converted into strings');
  }
}

/** Integers keep their kind; text that holds a number becomes one. */
export function toNumber(value: Value): number | bigint | Mismatch {
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  const text = value instanceof Secret ? toText(value) : value;
  if (typeof text !== 'string') return text instanceof Mismatch ? text : shouldBe('number', value);
  if (/^-?\d+$/.test(text)) {
    const integer = BigInt(text);
    if (integer >= -(2n ** 63n) && integer < 2n ** 64n) return integer;
  } else if (/^-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text)) {
    return Number(text);
  }
  return value instanceof Secret
    ? shouldBe('number', value)
    : new Mismatch(`should be number, got string ${JSON.stringify(text)}`);
}

/** A float64, as most arguments want numbers. */
export function toFloat(value: Value): number | Mismatch {
  const number = toNumber(value);
  return number instanceof Mismatch ? number : Number(number);
}

export function toBool(value: Value): boolean | Mismatch {
  return typeof value === 'boolean' ? value : shouldBe('bool', value);
}

export function toSecret(value: Value): Secret | Mismatch {
  if (value instanceof Secret) return value;
  const text = toText(value);
  return text instanceof Mismatch ? text : new Secret(text);
}
