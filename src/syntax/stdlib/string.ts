import { lowerCase, upperCase } from '../../base/letter-case.ts';
import type { FunctionValue } from '../function-value.ts';
import { defineFunction } from './define-function.ts';
import { any, list, text } from './parameters.ts';
import { printf } from './printf.ts';

const format = defineFunction({
  name: 'string.format',
  doc:
    'Formats values with the verbs of printf in Go, such as `%s`, `%d`, `%v`, `%q` and `%5.2f`. Mistakes are no ' +
    'errors but show in the result, such as `%!d(string=hi)`. The result is secret if one of the values is.',
  parameters: [text('format')],
  variadic: any('values'),
  secrets: 'convertible',
  call: (template, ...values) => printf(template, values),
});

const join = defineFunction({
  name: 'string.join',
  doc: 'Joins a list of strings, with the separator between them.',
  parameters: [list(text('list')), text('separator')],
  call: (parts, separator) => parts.join(separator),
});

const replace = defineFunction({
  name: 'string.replace',
  doc: 'Replaces every occurrence of one text by another. An empty `old` matches around every character.',
  parameters: [text('text'), text('old'), text('new')],
  call: (subject, old, replacement) =>
    old === '' ? ['', ...Array.from(subject), ''].join(replacement) : subject.split(old).join(replacement),
});

const split = defineFunction({
  name: 'string.split',
  doc: 'Splits a string at each separator. An empty separator splits it into its characters.',
  parameters: [text('text'), text('separator')],
  call: (subject, separator) => (separator === '' ? Array.from(subject) : subject.split(separator)),
});

const toLower = defineFunction({
  name: 'string.to_lower',
  doc: 'Turns every letter into its lower case.',
  parameters: [text('text')],
  call: lowerCase,
});

const toUpper = defineFunction({
  name: 'string.to_upper',
  doc: 'Turns every letter into its upper case.',
  parameters: [text('text')],
  call: upperCase,
});

const trim = defineFunction({
  name: 'string.trim',
  doc: 'Removes all characters of a set from both ends of a string.',
  parameters: [text('text'), text('cutset')],
  call(subject, cutset) {
    const cut = new Set(cutset);
    return trimmed(subject, (character) => cut.has(character));
  },
});

const trimSpace = defineFunction({
  name: 'string.trim_space',
  doc: 'Removes white space, as Unicode defines it, from both ends of a string.',
  parameters: [text('text')],
  call: (subject) => trimmed(subject, (character) => /^\p{White_Space}$/u.test(character)),
});

function trimmed(subject: string, isCut: (character: string) => boolean): string {
  const characters = Array.from(subject);
  const start = characters.findIndex((character) => !isCut(character));
  const end = characters.findLastIndex((character) => !isCut(character));
  return start < 0 ? '' : characters.slice(start, end + 1).join('');
}

const trimPrefix = defineFunction({
  name: 'string.trim_prefix',
  doc: 'Removes a prefix once, if the string begins with it.',
  parameters: [text('text'), text('prefix')],
  call: (subject, prefix) => (subject.startsWith(prefix) ? subject.slice(prefix.length) : subject),
});

const trimSuffix = defineFunction({
  name: 'string.trim_suffix',
  doc: 'Removes a suffix once, if the string ends with it.',
  parameters: [text('text'), text('suffix')],
  call: (subject, suffix) => (subject.endsWith(suffix) ? subject.slice(0, subject.length - suffix.length) : subject),
});

export const stringFunctions: readonly FunctionValue[] = [
  format,
  join,
  replace,
  split,
  toLower,
  toUpper,
  trim,
  trimPrefix,
  trimSuffix,
  trimSpace,
];
