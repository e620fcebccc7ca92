import { compileGoRegexp, type GoRegexp } from '../../../base/go-regexp/go-regexp.ts';
import { attribute } from '../../../schema/attributes.ts';
import type { Attribute } from '../../../schema/field.ts';
import { parsedType } from '../../../schema/types.ts';

const type = parsedType<GoRegexp | undefined>({
  name: 'regexp',
  format: 're2',
  parse: (text) => (text === '' ? undefined : compileGoRegexp(text)),
  encode: (regexp) => regexp?.source ?? '',
});

/** A regular expression that may be missing. An empty one, which would match everything, counts as missing. */
export function optionalRegexp(doc: string): Attribute<GoRegexp | undefined> {
  return attribute(doc, type).optional();
}
