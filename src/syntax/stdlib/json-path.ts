import { createRequire } from 'node:module';
import type * as JsonP3 from 'json-p3';
import { maxNesting } from '../../base/data-limits.ts';
import { Mismatch } from '../convert.ts';
import type { FunctionValue } from '../function-value.ts';
import { isArray, isObject, type Value } from '../value.ts';
import { defineFunction } from './define-function.ts';
import { parseJson } from './json.ts';
import { text } from './parameters.ts';

const require = createRequire(import.meta.url);

// Loaded when first needed.
let environment: JsonP3.JSONPathEnvironment | undefined;

/** Top-level, without a namespace. */
export const jsonPath: FunctionValue = defineFunction({
  name: 'json_path',
  doc:
    'Returns the list of all values in a JSON text that a JSONPath (RFC 9535) selects; the leading `$` may be left ' +
    'out. Fails if the text is not valid JSON or the path is not valid.',
  parameters: [text('json'), text('path')],
  call(json, path) {
    const document = parseJson(json, 'all');
    if (document instanceof Mismatch) return document;
    const query = compile(path);
    if (query instanceof Mismatch) return query;
    // The query runs over plain data, since its filters do not know our integers; the result comes from our own values.
    const nodes = query.lazyQuery(JSON.parse(json));
    return Array.from(nodes, ({ location }) => valueAt(document, location));
  },
});

function compile(path: string): JsonP3.JSONPathQuery | Mismatch {
  const { JSONPathEnvironment, JSONPathError }: typeof JsonP3 = require('json-p3');
  environment ??= new JSONPathEnvironment({ maxRecursionDepth: maxNesting + 2 });
  try {
    return environment.compile(withRoot(path));
  } catch (error) {
    if (error instanceof JSONPathError) return new Mismatch(`invalid path ${JSON.stringify(path)}: ${error.message}`);
    throw error;
  }
}

function withRoot(path: string): string {
  if (path.startsWith('$')) return path;
  return path.startsWith('.') || path.startsWith('[') ? `$${path}` : `$.${path}`;
}

function valueAt(document: Value, location: readonly (string | number)[]): Value {
  let value = document;
  for (const step of location) {
    if (isArray(value) && typeof step === 'number') value = value[step] ?? null;
    else if (isObject(value) && typeof step === 'string') value = value.get(step) ?? null;
  }
  return value;
}
