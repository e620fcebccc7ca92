import { isArray, isObject, type Value } from './value.ts';

/**
 * Text that must not be seen: it prints as `(secret)` everywhere, and everything made from it is secret as well.
 * Alloy's OptionalSecret that is not secret is an ordinary string here.
 */
export class Secret {
  readonly #text: string;
  /**
   * Whether it may become the value of a string attribute all the same. That holds for what `string.format` and
   * `encoding.to_json` make of secrets, since Alloy lets such results pass as ordinary strings.
   */
  readonly isConvertible: boolean;

  constructor(text: string, isConvertible = false) {
    this.#text = text;
    this.isConvertible = isConvertible;
  }

  /** The text itself. For the code that hands it to a peer, and for nothing that shows it to people. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return '(secret)';
  }

  toJSON(): string {
    return '(secret)';
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '(secret)';
  }
}

export function holdsSecret(value: Value): boolean {
  if (value instanceof Secret) return true;
  if (isArray(value)) return value.some(holdsSecret);
  if (isObject(value)) return value.values().some(holdsSecret);
  return false;
}

/** The same value with the text of secrets in their place, for functions that make one secret of the whole. */
export function revealed(value: Value): Value {
  if (value instanceof Secret) return value.reveal();
  if (!holdsSecret(value)) return value;
  if (isArray(value)) return value.map(revealed);
  if (isObject(value)) return new Map(value.entries().map(([key, field]) => [key, revealed(field)]));
  return value;
}
