import { shown } from './print.ts';
import { Dict, GoObject, Integer, List, typeOf, type Value } from './value.ts';
import { refuse } from './work.ts';

type BasicKind = 'bool' | 'integer' | 'float' | 'string';

function basicKind(value: Value): BasicKind | undefined {
  switch (typeof value) {
    case 'boolean':
      return 'bool';
    case 'number':
      return 'float';
    case 'string':
      return 'string';
    default:
      return integerOf(value) === undefined ? undefined : 'integer';
  }
}

function integerOf(value: Value): bigint | undefined {
  if (value instanceof Integer) return value.value;
  return value instanceof GoObject ? value.integer : undefined;
}

/** Whether the first value equals one of the others. */
export function equalsAny(first: Value, others: readonly Value[]): boolean {
  if (others.length === 0) refuse('missing argument for comparison');
  return others.some((other) => equals(first, other));
}

function equals(a: Value, b: Value): boolean {
  const isNothing = a === null || a === undefined;
  if (isNothing || b === null || b === undefined) return isNothing && (b === null || b === undefined);
  const kind = basicKind(a);
  if (kind !== basicKind(b)) return refuse(`incompatible types for comparison: ${typeOf(a)} and ${typeOf(b)}`);
  if (kind === 'integer') return integerOf(a) === integerOf(b);
  if (kind !== undefined) return a === b;
  for (const value of [a, b]) {
    if (value instanceof List || value instanceof Dict) {
      return refuse(`non-comparable type ${shown(value)}: ${typeOf(value)}`);
    }
  }
  return typeOf(a) === typeOf(b) && a instanceof GoObject && b instanceof GoObject && a.toString() === b.toString();
}

export function isLess(a: Value, b: Value): boolean {
  const kind = basicKind(a);
  const other = basicKind(b);
  if (kind === undefined || other === undefined) return refuse('invalid type for comparison');
  if (kind !== other) return refuse(`incompatible types for comparison: ${typeOf(a)} and ${typeOf(b)}`);
  if (kind === 'bool') return refuse('invalid type for comparison');
  if (kind === 'integer') return (integerOf(a) ?? 0n) < (integerOf(b) ?? 0n);
  if (typeof a === 'string' && typeof b === 'string') return isTextLess(a, b);
  return (a as number) < (b as number);
}

/** By the order of bytes, which is that of UTF-16 but for surrogates. */
function isTextLess(a: string, b: string): boolean {
  if (!/[\ud800-\udfff]/.test(a + b)) return a < b;
  return Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0;
}
