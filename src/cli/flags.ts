import { parseArgs } from 'node:util';
import { didYouMean } from '../base/did-you-mean.ts';
import { formatDuration, parseDuration, type Milliseconds } from '../base/duration.ts';
import { ParseError } from '../base/parse-error.ts';
import { isAllowed, type Stability } from '../base/stability.ts';

/** A command line flag: how its value is read, and all that is said of it. */
export interface Flag<T> {
  /** What stands for the value in the help text; empty if there is none. */
  readonly placeholder: string;
  readonly doc: string;
  readonly default: T;
  parse(text: string): T | ParseError;
  /** The default for the help text. */
  readonly shownDefault: string;
  readonly isBool: boolean;
  readonly more: FlagOptions;
}

export interface FlagOptions {
  /** One letter that stands for the flag. */
  readonly short?: string;
  /** Whether the feature is missing here, so that anything but the default is an error. */
  readonly isUnsupported?: boolean;
  /** Why it has no effect any more. */
  readonly deprecated?: string;
  /** The stability level that must be allowed to use it. */
  readonly stability?: Stability;
}

export type Flags = Readonly<Record<string, Flag<unknown>>>;

/** The values of flags by their names. */
export type FlagValues<F extends Flags> = { readonly [K in keyof F]: F[K] extends Flag<infer T> ? T : never };

export function textFlag(fallback: string, doc: string, more: FlagOptions = {}): Flag<string> {
  const shownDefault = fallback === '' ? '' : JSON.stringify(fallback);
  return { placeholder: 'string', doc, default: fallback, parse: (text) => text, shownDefault, isBool: false, more };
}

export function boolFlag(fallback: boolean, doc: string, more: FlagOptions = {}): Flag<boolean> {
  return {
    placeholder: '',
    doc,
    default: fallback,
    parse(text) {
      if (/^(?:1|t|true)$/i.test(text)) return true;
      return /^(?:0|f|false)$/i.test(text) ? false : new ParseError('want true or false');
    },
    shownDefault: fallback ? 'true' : '',
    isBool: true,
    more,
  };
}

export function integerFlag(fallback: number, doc: string, more: FlagOptions = {}): Flag<number> {
  return {
    placeholder: 'int',
    doc,
    default: fallback,
    parse: (text) => (/^[-+]?\d{1,15}$/.test(text) ? Number(text) : new ParseError('want an integer')),
    shownDefault: fallback === 0 ? '' : String(fallback),
    isBool: false,
    more,
  };
}

export function durationFlag(fallback: Milliseconds, doc: string, more: FlagOptions = {}): Flag<Milliseconds> {
  const shownDefault = fallback === 0 ? '' : formatDuration(fallback);
  return { placeholder: 'duration', doc, default: fallback, parse: parseDuration, shownDefault, isBool: false, more };
}

/** One of some words. */
export function choiceFlag<const V extends string>(
  choices: readonly V[],
  fallback: NoInfer<V>,
  doc: string,
  more: FlagOptions = {},
): Flag<V> {
  return {
    placeholder: 'string',
    doc: `${doc} One of ${choices.join(', ')}.`,
    default: fallback,
    parse: (text) => choices.find((choice) => choice === text) ?? new ParseError(`want one of ${choices.join(', ')}`),
    shownDefault: JSON.stringify(fallback),
    isBool: false,
    more,
  };
}

/** What a command line says. */
export interface ParsedFlags<F extends Flags> {
  readonly values: FlagValues<F>;
  readonly positionals: readonly string[];
  /** What was given and will have no effect. */
  readonly warnings: readonly string[];
}

/** Reads the arguments of a command. The last of a repeated flag counts. */
export function parseFlags<F extends Flags>(flags: F, argv: readonly string[]): ParsedFlags<F> | ParseError {
  const { tokens, positionals } = parseArgs({
    args: [...argv],
    options: Object.fromEntries(
      Object.entries(flags).map(([name, { isBool, more }]) => [
        name,
        { type: isBool ? 'boolean' : 'string', ...(more.short === undefined ? {} : { short: more.short }) } as const,
      ]),
    ),
    strict: false,
    tokens: true,
  });
  const values: Record<string, unknown> = Object.fromEntries(
    Object.entries(flags).map(([name, flag]) => [name, flag.default]),
  );
  const warnings: string[] = [];
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const { name, rawName } = token;
    const flag = Object.hasOwn(flags, name) ? flags[name] : undefined;
    if (flag === undefined) return unknownFlag(rawName, flags);
    if (token.value === undefined && !flag.isBool) return new ParseError(`flag ${rawName} needs a value`);
    const value = flag.parse(token.value ?? 'true');
    if (value instanceof ParseError)
      return new ParseError(`invalid value ${JSON.stringify(token.value)} for flag ${rawName}: ${value.message}`);
    if (flag.more.isUnsupported === true && value !== flag.default)
      return new ParseError(`flag ${rawName} is not supported yet`);
    if (flag.more.deprecated !== undefined) warnings.push(`flag ${rawName} is deprecated: ${flag.more.deprecated}`);
    values[name] = value;
  }
  return { values: values as FlagValues<F>, positionals, warnings };
}

/** What is wrong with flags that need a lower stability level than the one that was chosen. */
export function stabilityProblem<F extends Flags>(
  flags: F,
  values: FlagValues<F>,
  level: Stability,
): string | undefined {
  for (const [name, { default: fallback, more }] of Object.entries(flags)) {
    const needed = more.stability ?? level;
    if (values[name] !== fallback && !isAllowed(needed, level))
      return `'--${name}' can only be used at ${needed} stability level. Use --stability.level=${needed} to enable`;
  }
  return undefined;
}

function unknownFlag(rawName: string, flags: Flags): ParseError {
  const hint = rawName.startsWith('--') ? didYouMean(rawName.slice(2), Object.keys(flags)) : undefined;
  // A list of all flags would be of no help.
  const suggestion = hint?.startsWith('did you mean') === true ? ` (${hint.replace('"', '"--')})` : '';
  return new ParseError(`unknown flag ${rawName}${suggestion}`);
}

/** The flags as lines of a help text. */
export function describeFlags(flags: Flags): string {
  const rows = Object.entries(flags)
    .filter(([, { more }]) => more.deprecated === undefined && more.isUnsupported !== true)
    .map(([name, flag]) => {
      const short = flag.more.short === undefined ? '    ' : `-${flag.more.short}, `;
      const value = flag.placeholder === '' ? '' : ` ${flag.placeholder}`;
      const fallback = flag.shownDefault === '' ? '' : ` (default ${flag.shownDefault})`;
      return [`  ${short}--${name}${value}`, `${flag.doc}${fallback}`] as const;
    });
  const width = Math.max(...rows.map(([left]) => left.length)) + 3;
  return rows.map(([left, right]) => `${left.padEnd(width)}${right}\n`).join('');
}
