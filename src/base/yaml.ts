import { createRequire } from 'node:module';
import type * as Yaml from 'yaml';
import { exceedsLimits } from './data-limits.ts';
import { messageOf } from './message-of.ts';
import { ParseError } from './parse-error.ts';

// The library takes some megabytes, and most configurations hold no YAML, so that it is loaded when first needed.
const require = createRequire(import.meta.url);

export type YamlData =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly YamlData[]
  | { readonly [key: string]: YamlData };

/** What aliases may add to a text, in values. */
const maxAliased = 1_000_000;

/**
 * Reads the first document of a text by the core schema of YAML 1.2, with merge keys (`<<`). Integers of 64 bits are
 * bigint, all other numbers float64; timestamps stay text; keys are strings. What an alias stands for is shared; texts
 * that use aliases to grow without bounds or to contain themselves are refused.
 */
export function parseYaml(text: string): YamlData | ParseError {
  const yaml: typeof Yaml = require('yaml');
  const lines = new yaml.LineCounter();
  const document = yaml.parseDocument(text, {
    intAsBigInt: true,
    merge: true,
    stringKeys: true,
    resolveKnownTags: false,
    lineCounter: lines,
    // The check of the library takes quadratic time.
    uniqueKeys: false,
  });
  const problem = document.errors.find((error) => error.code !== 'MULTIPLE_DOCS');
  // The first line says what and where; an excerpt follows.
  if (problem !== undefined) return new ParseError(problem.message.replace(/:?\n.*$/s, ''));

  let repeated: Yaml.Scalar | undefined;
  yaml.visit(document, {
    Map(_key, map) {
      repeated = repeatedKey(map.items.map(({ key }) => key).filter((key) => yaml.isScalar(key)));
      return repeated === undefined ? undefined : yaml.visit.BREAK;
    },
    Scalar(_key, scalar) {
      if (typeof scalar.value === 'bigint') scalar.value = inRange(scalar.value);
    },
  });
  if (repeated !== undefined) {
    const { line, col } = lines.linePos(repeated.range?.[0] ?? 0);
    return new ParseError(`key "${String(repeated.value)}" is already defined at line ${line}, column ${col}`);
  }

  let data: YamlData;
  try {
    data = document.toJS();
  } catch (error) {
    // Unknown anchors, too many aliases and wrong merge keys come to light only here.
    return new ParseError(messageOf(error));
  }
  return exceedsLimits(data, text.length + maxAliased) ? new ParseError('too large or too deeply nested') : data;
}

function repeatedKey(keys: readonly Yaml.Scalar[]): Yaml.Scalar | undefined {
  const seen = new Set<unknown>();
  for (const key of keys) {
    if (seen.has(key.value)) return key;
    seen.add(key.value);
  }
  return undefined;
}

/** Integers beyond 64 bits become floats. */
function inRange(integer: bigint): bigint | number {
  const isInRange = BigInt.asIntN(64, integer) === integer || BigInt.asUintN(64, integer) === integer;
  return isInRange ? integer : Number(integer);
}
