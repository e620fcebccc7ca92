import { plainSpec, type Spec } from './spec.ts';

/** What the arguments of a printf are. */
export interface PrintfValues<V> {
  /** Formats an argument with a verb. A verb that does not suit it shows in the text. */
  format(value: V, verb: string, spec: Spec): string;
  /** The name of its type; undefined for nil. */
  typeOf(value: V): string | undefined;
  /** The argument as a width or precision, if it is an `int`. */
  integerOf(value: V): bigint | undefined;
}

/**
 * Formats arguments as `fmt.Sprintf` of Go does. Mistakes in the format are no errors but show in the result, such as
 * `%!d(string=hi)`, `%!d(MISSING)`, `%!(EXTRA int=2)`, `%!d(BADINDEX)` and `%!(NOVERB)`.
 */
export function printf<V>(format: string, args: readonly V[], values: PrintfValues<V>): string {
  const cursor: Cursor<V> = { format, args, values, at: 0, next: 0, isReordered: false, hasGoodIndex: true };
  const parts: string[] = [];
  for (let percent = format.indexOf('%'); percent >= 0; percent = format.indexOf('%', cursor.at)) {
    parts.push(format.slice(cursor.at, percent));
    cursor.at = percent + 1;
    parts.push(formatDirective(cursor));
  }
  parts.push(format.slice(cursor.at));
  const extra = cursor.isReordered ? [] : args.slice(cursor.next);
  if (extra.length > 0) {
    const shown = extra.map((value) => {
      const type = values.typeOf(value);
      return type === undefined ? '<nil>' : `${type}=${values.format(value, 'v', plainSpec)}`;
    });
    parts.push(`%!(EXTRA ${shown.join(', ')})`);
  }
  return parts.join('');
}

/** How far a format has been read, and which argument comes next. */
interface Cursor<V> {
  readonly format: string;
  readonly args: readonly V[];
  readonly values: PrintfValues<V>;
  at: number;
  next: number;
  /** Whether an index such as `[2]` was used, so that it is unknown which arguments are left over. */
  isReordered: boolean;
  /** Whether the indexes of the current directive are well-formed, within range and at their place. */
  hasGoodIndex: boolean;
}

// Directive = "%" { Flag } [ Index ] [ "*" | Number ] [ "." [ Index ] [ "*" | Number ] ] [ Index ] Verb
function formatDirective<V>(cursor: Cursor<V>): string {
  const { format, args, values } = cursor;
  let mistakes = '';
  cursor.hasGoodIndex = true;
  const flags = takeFlags(cursor);
  let isIndexed = takeIndex(cursor);

  let width: number | undefined;
  if (take(cursor, '*')) {
    width = takeArgument(cursor);
    if (width === undefined) mistakes += '%!(BADWIDTH)';
    isIndexed = false;
  } else {
    width = takeNumber(cursor);
    if (isIndexed && width !== undefined) cursor.hasGoodIndex = false;
  }

  let precision: number | undefined;
  if (cursor.at + 1 < format.length && take(cursor, '.')) {
    if (isIndexed) cursor.hasGoodIndex = false;
    isIndexed = takeIndex(cursor);
    if (take(cursor, '*')) {
      precision = takeArgument(cursor);
      if (precision === undefined || precision < 0) {
        mistakes += '%!(BADPREC)';
        precision = undefined;
      }
      isIndexed = false;
    } else {
      precision = takeNumber(cursor) ?? 0;
    }
  }
  if (!isIndexed) takeIndex(cursor);

  const code = format.codePointAt(cursor.at);
  if (code === undefined) return `${mistakes}%!(NOVERB)`;
  const verb = String.fromCodePoint(code);
  cursor.at += verb.length;
  if (verb === '%') return `${mistakes}%`;
  if (!cursor.hasGoodIndex) return `${mistakes}%!${verb}(BADINDEX)`;
  if (cursor.next >= args.length) return `${mistakes}%!${verb}(MISSING)`;
  const value = args[cursor.next] as V;
  cursor.next++;
  return mistakes + values.format(value, verb, specOf(flags, width, precision, verb));
}

function specOf(flags: string, width: number | undefined, precision: number | undefined, verb: string): Spec {
  const isGeneral = verb === 'v' || verb === 'w';
  // A negative width comes from an argument and means the `-` flag.
  const isNegative = width !== undefined && width < 0;
  return {
    plus: flags.includes('+') && !isGeneral,
    minus: flags.includes('-') || isNegative,
    sharp: flags.includes('#') && !isGeneral,
    space: flags.includes(' '),
    zero: flags.includes('0') && !isNegative,
    isGoSyntax: flags.includes('#') && isGeneral,
    width: isNegative ? -width : width,
    precision,
  };
}

function take(cursor: Cursor<unknown>, character: string): boolean {
  if (cursor.format[cursor.at] !== character) return false;
  cursor.at++;
  return true;
}

function takeFlags(cursor: Cursor<unknown>): string {
  const start = cursor.at;
  while ('#0+- '.includes(cursor.format[cursor.at] ?? '?')) cursor.at++;
  return cursor.format.slice(start, cursor.at);
}

// Index = "[" Number "]"
/** Moves to the argument that an index names. The result tells whether there is one, be it in range or not. */
function takeIndex(cursor: Cursor<unknown>): boolean {
  const { format, args, at } = cursor;
  if (format[at] !== '[') return false;
  cursor.isReordered = true;
  // As in Go, fewer than three characters at the end cannot be an index.
  const close = at + 3 > format.length ? -1 : format.indexOf(']', at);
  const digits = close < 0 ? '' : format.slice(at + 1, close);
  cursor.at = close < 0 ? at + 1 : close + 1;
  const index = /^\d+$/.test(digits) ? Number(digits) - 1 : Number.NaN;
  if (index >= 0 && index < args.length) cursor.next = index;
  else cursor.hasGoodIndex = false;
  return !Number.isNaN(index);
}

/** The largest width or precision. */
const largest = 1_000_000;

/** A width or precision in the format. One that is far too large swallows the rest of the format. */
function takeNumber(cursor: Cursor<unknown>): number | undefined {
  const { format } = cursor;
  let number: number | undefined;
  for (; /\d/.test(format[cursor.at] ?? ''); cursor.at++) {
    if (number !== undefined && number > largest) {
      cursor.at = format.length;
      return undefined;
    }
    number = (number ?? 0) * 10 + Number(format[cursor.at]);
  }
  return number;
}

/** A width or precision from the arguments; undefined if there is none or it is no suitable integer. */
function takeArgument<V>(cursor: Cursor<V>): number | undefined {
  if (cursor.next >= cursor.args.length) return undefined;
  const integer = cursor.values.integerOf(cursor.args[cursor.next] as V);
  cursor.next++;
  return integer !== undefined && integer >= -largest && integer <= largest ? Number(integer) : undefined;
}
