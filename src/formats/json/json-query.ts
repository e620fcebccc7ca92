import { createRequire } from 'node:module';
import { messageOf } from '../../base/message-of.ts';
import { ParseError } from '../../base/parse-error.ts';

/** The part of the jmespath package that is used. */
interface Jmespath {
  compile(expression: string): unknown;
  search(data: unknown, expression: string): unknown;
}

const require = createRequire(import.meta.url);

/** A compiled JMESPath expression. */
export interface JsonQuery {
  /** The path from the root, if the expression is nothing but keys. */
  readonly path: readonly string[] | undefined;
  /** What the expression selects; undefined if it fails on this data, null if there is nothing. */
  evaluate(data: unknown): unknown;
}

const key = /[A-Za-z_]\w*|"(?:[^"\\]|\\.)*"/y;

/** Compiles a JMESPath expression. Expressions that only walk down keys do not need the library. */
export function compileJsonQuery(expression: string): JsonQuery | ParseError {
  const path = keysOf(expression);
  if (path !== undefined) return { path, evaluate: (data) => walk(data, path) };
  const jmespath = require('jmespath') as Jmespath;
  try {
    if (!isWhole(jmespath.compile(expression))) return syntaxError('incomplete expression');
  } catch (error) {
    return syntaxError(messageOf(error));
  }
  return {
    path: undefined,
    evaluate(data) {
      try {
        return jmespath.search(data, expression) ?? null;
      } catch {
        // The data has not the types the expression needs, which is no error of anyone.
        return undefined;
      }
    },
  };
}

function syntaxError(problem: string): ParseError {
  return new ParseError(`could not compile JMES expression: SyntaxError: ${problem}`);
}

/** Whether a syntax tree has all of its parts: where one is missing behind a dot, the library says nothing. */
function isWhole(node: unknown): boolean {
  if (typeof node !== 'object' || node === null) return node !== undefined;
  return Object.values(node).every(isWhole);
}

/** The keys of an expression such as `a.b."c-d"`; undefined if it is anything else. */
function keysOf(expression: string): string[] | undefined {
  const keys: string[] = [];
  for (let at = 0; ; at++) {
    key.lastIndex = at;
    const text = key.exec(expression)?.[0];
    if (text === undefined) return undefined;
    const name = text.startsWith('"') ? parseKey(text) : text;
    if (name === undefined) return undefined;
    keys.push(name);
    at += text.length;
    if (at === expression.length) return keys;
    if (expression[at] !== '.') return undefined;
  }
}

function parseKey(literal: string): string | undefined {
  try {
    return JSON.parse(literal) as string;
  } catch {
    // Left to the library, which says what is wrong with it.
    return undefined;
  }
}

function walk(data: unknown, path: readonly string[]): unknown {
  let value = data;
  for (const name of path) {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, name)) return null;
    value = (value as Readonly<Record<string, unknown>>)[name];
  }
  return value ?? null;
}
