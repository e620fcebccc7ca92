import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ParseError } from '../base/parse-error.ts';
import {
  boolFlag,
  choiceFlag,
  describeFlags,
  durationFlag,
  integerFlag,
  parseFlags,
  stabilityProblem,
  textFlag,
} from './flags.ts';

const flags = {
  'a.text': textFlag('x', 'A text.', { short: 'a' }),
  bool: boolFlag(false, 'A bool.', { short: 'b' }),
  on: boolFlag(true, 'On by default.', { short: 'o' }),
  count: integerFlag(5, 'A number.'),
  time: durationFlag(60_000, 'A time.'),
  color: choiceFlag(['red', 'green'], 'red', 'A color.'),
  missing: textFlag('', 'Not here.', { isUnsupported: true }),
  old: boolFlag(false, 'Old.', { deprecated: 'it has no effect' }),
  new: boolFlag(false, 'New.', { stability: 'experimental' }),
};
const defaults = {
  'a.text': 'x',
  bool: false,
  on: true,
  count: 5,
  time: 60_000,
  color: 'red',
  missing: '',
  old: false,
  new: false,
};

const valid: readonly [argv: string, values: object, positionals?: readonly string[]][] = [
  ['', {}],
  ['--a.text y', { 'a.text': 'y' }],
  ['--a.text=y=z', { 'a.text': 'y=z' }],
  ['--a.text=', { 'a.text': '' }],
  ['--a.text -1', { 'a.text': '-1' }],
  ['-a y', { 'a.text': 'y' }],
  ['--a.text 1 --a.text 2', { 'a.text': '2' }],
  ['--bool', { bool: true }],
  ['--bool=true --on=false', { bool: true, on: false }],
  ['--on=0 --bool=T', { bool: true, on: false }],
  ['-bo', { bool: true }],
  ['--bool path', { bool: true }, ['path']],
  ['path --bool other', { bool: true }, ['path', 'other']],
  ['--bool -- --on', { bool: true }, ['--on']],
  ['-', {}, ['-']],
  ['--count=-3 --time 1h', { count: -3, time: 3_600_000 }],
  ['--color=green', { color: 'green' }],
  ['--missing=', {}],
];
for (const [argv, values, positionals = []] of valid) {
  test(`"${argv}" is understood`, () => {
    const parsed = parseFlags(flags, argv === '' ? [] : argv.split(' '));
    assert.ok(!(parsed instanceof ParseError), JSON.stringify(parsed));
    assert.deepEqual(parsed.values, { ...defaults, ...values });
    assert.deepEqual(parsed.positionals, positionals);
    assert.deepEqual(parsed.warnings, []);
  });
}

const invalid: readonly [argv: string, problem: RegExp][] = [
  ['--bol', /^unknown flag --bol \(did you mean "--bool"\?\)$/],
  ['--entirely-different', /^unknown flag --entirely-different$/],
  ['--constructor', /^unknown flag --constructor$/],
  ['-x', /^unknown flag -x$/],
  ['--a.text', /^flag --a\.text needs a value$/],
  ['--bool=maybe', /^invalid value "maybe" for flag --bool: want true or false$/],
  ['--count=1.5', /^invalid value "1\.5" for flag --count: want an integer$/],
  ['--time=soon', /^invalid value "soon" for flag --time: /],
  ['--color=blue', /^invalid value "blue" for flag --color: want one of red, green$/],
  ['--missing=x', /^flag --missing is not supported yet$/],
];
for (const [argv, problem] of invalid) {
  test(`"${argv}" is refused`, () => {
    const parsed = parseFlags(flags, argv.split(' '));
    assert.ok(parsed instanceof ParseError, JSON.stringify(parsed));
    assert.match(parsed.message, problem);
  });
}

test('a deprecated flag is taken with a warning', () => {
  const parsed = parseFlags(flags, ['--old']);
  assert.ok(!(parsed instanceof ParseError));
  assert.deepEqual(parsed.warnings, ['flag --old is deprecated: it has no effect']);
});

test('a flag may need a stability level', () => {
  const parsed = parseFlags(flags, ['--new']);
  assert.ok(!(parsed instanceof ParseError));
  assert.equal(stabilityProblem(flags, parsed.values, 'experimental'), undefined);
  assert.equal(
    stabilityProblem(flags, parsed.values, 'generally-available'),
    "'--new' can only be used at experimental stability level. Use --stability.level=experimental to enable",
  );
});

test('the help names what can be used, with defaults', () => {
  assert.equal(
    describeFlags(flags),
    `  -a, --a.text string   A text. (default "x")
  -b, --bool            A bool.
  -o, --on              On by default. (default true)
      --count int       A number. (default 5)
      --time duration   A time. (default 1m0s)
      --color string    A color. One of red, green. (default "red")
      --new             New.
`,
  );
});
