import { compileGoRegexp } from '../../../base/go-regexp/go-regexp.ts';
import { stringValue } from '../../../base/go-string-literal.ts';
import { ParseError } from '../../../base/parse-error.ts';
import type { Labels } from '../../../model/labels.ts';
import { parsedType } from '../../../schema/types.ts';
import type { Cursor } from './cursor.ts';

/** A LogQL stream selector with line filters, compiled. All of its parts must hold. */
export interface Selector {
  readonly source: string;
  matchesLabels(labels: Labels): boolean;
  readonly lineFilters: readonly ((cursor: Cursor) => boolean)[];
}

type LabelMatcher = (labels: Labels) => boolean;

const space = /\s*/y;
const name = /[a-zA-Z_][a-zA-Z0-9_]*/y;
const matchOperator = /=~|!~|!=|=/y;
const filterOperator = /\|=|\|~|!=|!~/y;
const quoted = /"(?:[^"\\\n]|\\.)*"|`[^`]*`/y;

/** Reads `{name="value", ...}` followed by any number of line filters such as `|= "text"`. */
export function parseSelector(source: string): Selector | ParseError {
  let at = 0;
  const take = (pattern: RegExp): string => {
    space.lastIndex = at;
    at += space.exec(source)?.[0].length ?? 0;
    pattern.lastIndex = at;
    const found = pattern.exec(source)?.[0] ?? '';
    at += found.length;
    return found;
  };
  const unexpected = (wanted: string): ParseError => {
    const got = at >= source.length ? 'the end' : JSON.stringify(source.slice(at, at + 20));
    return syntaxError(`expected ${wanted} at position ${at + 1}, got ${got}`);
  };

  const takeText = (): string | ParseError => {
    const literal = take(quoted);
    if (literal === '') return unexpected('a quoted string');
    const { value, problems } = stringValue(literal);
    const [problem] = problems;
    return problem === undefined ? value : syntaxError(`${problem.message} in ${literal}`);
  };

  if (source === '') return new ParseError('selector statement required for match stage');
  if (take(/\{/y) === '') return unexpected('"{"');
  const matchers: LabelMatcher[] = [];
  for (;;) {
    const label = take(name);
    if (label === '') return unexpected('a label name');
    const operator = take(matchOperator);
    if (operator === '') return unexpected('one of = != =~ !~');
    const text = takeText();
    if (text instanceof ParseError) return text;
    const matcher = labelMatcher(label, operator, text);
    if (matcher instanceof ParseError) return matcher;
    matchers.push(matcher);
    const separator = take(/[,}]/y);
    if (separator === '') return unexpected('"," or "}"');
    if (separator === '}') break;
  }

  const lineFilters: ((cursor: Cursor) => boolean)[] = [];
  for (;;) {
    const operator = take(filterOperator);
    if (operator === '') break;
    const text = takeText();
    if (text instanceof ParseError) return text;
    const filter = lineFilter(operator, text);
    if (filter instanceof ParseError) return filter;
    lineFilters.push(filter);
  }
  if (at < source.length) return unexpected('a line filter');
  return { source, matchesLabels: (labels) => matchers.every((matches) => matches(labels)), lineFilters };
}

function syntaxError(problem: string): ParseError {
  return new ParseError(`invalid selector syntax for match stage: ${problem}`);
}

/** A missing label counts as an empty one. Regular expressions match the whole value. */
function labelMatcher(label: string, operator: string, value: string): LabelMatcher | ParseError {
  if (operator === '=') return (labels) => (labels.get(label) ?? '') === value;
  if (operator === '!=') return (labels) => (labels.get(label) ?? '') !== value;
  const regexp = compileGoRegexp(value, { anchored: true });
  if (regexp instanceof ParseError) return syntaxError(regexp.message);
  return (labels) => regexp.test(labels.get(label) ?? '') === (operator === '=~');
}

function lineFilter(operator: string, value: string): ((cursor: Cursor) => boolean) | ParseError {
  if (operator === '|=') return (cursor) => cursor.text().includes(value);
  if (operator === '!=') return (cursor) => !cursor.text().includes(value);
  const regexp = compileGoRegexp(value);
  if (regexp instanceof ParseError) return syntaxError(regexp.message);
  return (cursor) => regexp.test(cursor.text()) === (operator === '|~');
}

export const selectorType = parsedType<Selector>({
  name: 'selector',
  format: 'logql-selector',
  parse: parseSelector,
  encode: (selector) => selector.source,
});
