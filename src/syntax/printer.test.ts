import assert from 'node:assert/strict';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';
import type { File } from './ast.ts';
import { hasErrors, oneLine } from './diagnostic.ts';
import { parse } from './parser.ts';
import { format } from './printer.ts';

function parseWhole(text: string): File {
  const { file, diagnostics } = parse({ name: 'test.alloy', text });
  assert.deepEqual(diagnostics.filter(({ severity }) => severity === 'error').map(oneLine), [], text);
  return file;
}

/** What a file means, without the places where things stand. */
function meaningOf(file: File): unknown {
  return JSON.parse(
    JSON.stringify(file.body, (key, value: unknown) => {
      if (key.toLowerCase().endsWith('span')) return undefined;
      return typeof value === 'bigint' ? { bigint: value.toString() } : value;
    }),
  );
}

/** The comments without the blanks at the ends of their lines, which formatting removes. */
function commentsOf({ source, comments }: File): string[] {
  return comments.map(({ start, end }) => source.text.slice(start, end).replaceAll(/\s+(?=\n|$)/g, ''));
}

/** Formats a text and checks what holds for every one. */
function formatted(text: string): string {
  const file = parseWhole(text);
  const output = format(file);
  const again = parseWhole(output);
  assert.deepEqual(meaningOf(again), meaningOf(file), 'formatting changed the meaning');
  assert.deepEqual(commentsOf(again), commentsOf(file), 'formatting changed the comments');
  assert.equal(format(again), output, 'formatting twice is not the same as once');
  return output;
}

const here = fileURLToPath(new URL('.', import.meta.url));
const pairs = globSync('testdata/fmt/*.in.alloy', { cwd: here }).toSorted();
for (const input of pairs) {
  test(`${input} is formatted as its .out file says`, () => {
    const output = formatted(readFileSync(here + input, 'utf8'));
    const expected = here + input.replace(/\.in\.alloy$/, '.out.alloy');
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(expected, output);
    assert.equal(output, readFileSync(expected, 'utf8'));
  });
}

const others = [
  ...globSync('testdata/parse/*.alloy', { cwd: here }).map((name) => here + name),
  ...globSync('../../examples/**/*.alloy', { cwd: here }).map((name) => here + name),
].toSorted();
for (const path of others) {
  const text = readFileSync(path, 'utf8');
  if (hasErrors(parse({ name: path, text }).diagnostics)) continue;
  test(`formatting ${basename(path)} keeps its meaning and is done after one pass`, () => void formatted(text));
}

test('an empty file becomes one line break', () => {
  assert.equal(formatted(''), '\n');
  assert.equal(formatted('\n\n \t\r\n'), '\n');
});

test('line breaks of Windows become those of Unix, also in strings and comments', () => {
  const text = 'a = [\r\n  1, // one\r\n  `raw \r\n\ttext`,\r\n]\r\n/* two\r\n */\r\n\r\nb = 2\r\n';
  assert.equal(formatted(text), 'a = [\n\t1, // one\n\t`raw \n\ttext`,\n]\n/* two\n */\n\nb = 2\n');
});

test('a byte order mark is left out', () => {
  assert.equal(formatted('\uFEFFa=1'), 'a = 1\n');
});

test('characters beyond the basic plane are one column wide', () => {
  assert.equal(
    formatted('x = {\n𝒳𝒴 = 1,\nabc = "𝒳", // a\nb = 2, // b\n}'),
    'x = {\n\t𝒳𝒴  = 1,\n\tabc = "𝒳", // a\n\tb   = 2,   // b\n}\n',
  );
});

// Random files, in random spacing. Texts are made from the inside out; a gap is what may stand between two tokens.
const within = fc.constantFrom('', '', '', ' ', '  ', '\t', '/* c */', ' /*  */ ', ' /**/');
const lineBreaks = ['\n', '\n\n', '\n\n\n\n', '\r\n', ' // c \n', '\n// own\n', '/* two\n lines */', ' /* d */ \n\t'];
/** Between tokens after which a line break is only space. */
const anywhere = fc.oneof(
  { weight: 4, arbitrary: within },
  { weight: 2, arbitrary: fc.constantFrom(...lineBreaks) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(...lineBreaks), within, fc.constantFrom(...lineBreaks))
      .map((parts) => parts.join('')),
  },
);
/** After a statement. */
const terminator = fc.tuple(within, fc.constantFrom(...lineBreaks), anywhere).map((parts) => parts.join(''));

const name = fc.constantFrom('a', 'bb', 'long_name', 'é', 'x1');
const literal = fc.constantFrom(
  '0', '15', '010', '1.5', '.5', '1e3', '"text"', '""', '"\\t\\u00e9 // no"', '`raw \\`', '`two  \n\t lines\r\n`', 'true', 'null',
); // prettier-ignore
const key = fc.oneof(name, fc.constantFrom('"quoted.key"', '"a\\nb"', '`raw key`', '""'));
const binaryOperator = fc.constantFrom('||', '&&', '==', '!=', '<', '<=', '>', '>=', '+', '-', '*', '/', '%', '^');

function join(...parts: fc.Arbitrary<string>[]): fc.Arbitrary<string> {
  return fc.tuple(...parts).map((texts) => texts.join(''));
}

function only(value: string): fc.Arbitrary<string> {
  return fc.constant(value);
}

/** Elements between brackets, with or without a last comma; without one, the bracket follows on the same line. */
function listOf(open: string, close: string, element: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const more = fc.array(join(within, only(','), anywhere, element), { maxLength: 3 }).map((parts) => parts.join(''));
  const end = fc.oneof(within, join(within, only(','), anywhere));
  return fc.oneof(join(only(open), anywhere, only(close)), join(only(open), anywhere, element, more, end, only(close)));
}

const { expression } = fc.letrec<{ expression: string; operand: string; primary: string; field: string }>((tie) => ({
  primary: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    name,
    join(only('('), anywhere, tie('expression'), within, only(')')),
    join(tie('primary'), within, only('.'), anywhere, name),
    join(tie('primary'), within, only('['), anywhere, tie('expression'), within, only(']')),
    join(tie('primary'), within, listOf('(', ')', tie('expression'))),
  ),
  operand: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    literal,
    tie('primary'),
    join(fc.constantFrom('-', '!'), anywhere, tie('operand')),
    listOf('[', ']', tie('expression')),
    listOf('{', '}', tie('field')),
    join(only('1 '), only('.'), anywhere, name),
  ),
  field: join(key, within, only('='), anywhere, tie('expression')),
  expression: fc.oneof(
    { weight: 3, arbitrary: tie('operand') },
    // The blank keeps a division and a comment apart.
    { weight: 1, arbitrary: join(tie('operand'), within, binaryOperator, only(' '), anywhere, tie('expression')) },
  ),
}));

const { body } = fc.letrec<{ body: string; block: string; statement: string }>((tie) => ({
  body: fc.array(join(tie('statement'), terminator), { maxLength: 5 }).map((parts) => parts.join('')),
  block: join(
    fc.oneof(name, join(name, within, only('.'), anywhere, name)),
    within,
    fc.constantFrom('', '"label"', '""'),
    within,
    only('{'),
    anywhere,
    tie('body'),
    only('}'),
  ),
  statement: fc.oneof(
    { weight: 3, arbitrary: join(name, within, only('='), anywhere, expression) },
    { weight: 1, arbitrary: tie('block') },
  ),
}));

test('formatting any file keeps its meaning and its comments, and is done after one pass', () => {
  fc.assert(
    fc.property(anywhere, body, (start, statements) => void formatted(start + statements)),
    { numRuns: 2000 },
  );
});
