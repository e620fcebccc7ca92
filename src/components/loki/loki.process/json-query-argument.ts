import { ParseError } from '../../../base/parse-error.ts';
import { compileJsonQuery, type JsonQuery } from '../../../formats/json/json-query.ts';
import { decodeValue, failed, type ValueType } from '../../../schema/value-type.ts';
import { optionalText } from './optional-text.ts';

/** A JMESPath expression in a map of names; without one, the name is the expression. */
export const jsonQueryType: ValueType<{ readonly text: string; readonly query: JsonQuery | undefined }> = {
  name: 'jmespath',
  jsonSchema: { type: 'string', format: 'jmespath' },
  zero: { text: '', query: undefined },
  decode(value, at) {
    const text = decodeValue(optionalText, value, at);
    if (text === failed) return failed;
    if (text === '') return { text, query: undefined };
    const query = compileJsonQuery(text);
    return query instanceof ParseError ? at.fail(`is not valid: ${query.message}`) : { text, query };
  },
  encode: ({ text }) => text,
};

/** The query for a name that stands for its own expression; one that is no expression is the key it looks like. */
export function queryOf(name: string): JsonQuery {
  const query = compileJsonQuery(name);
  return query instanceof ParseError ? queryOf(JSON.stringify(name)) : query;
}
