import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Diagnostic } from './diagnostic.ts';
import { printDiagnostics } from './diagnostic-printer.ts';
import { parse } from './parser.ts';
import type { Span } from './source.ts';

/** A span between the marks `<|` and `|>`, which are not part of the text. */
function marked(text: string, name = 'test.alloy'): Span {
  const start = text.indexOf('<|');
  const end = text.indexOf('|>') - 2;
  return { source: { name, text: text.replace('<|', '').replace('|>', '') }, start, end };
}

function errorAt(text: string, more: Partial<Diagnostic> = {}): Diagnostic {
  return { severity: 'error', code: 'test/code', message: 'what is wrong', span: marked(text), ...more };
}

function printed(...diagnostics: Diagnostic[]): string {
  return printDiagnostics(diagnostics, { color: false });
}

const frames: readonly [what: string, text: string, frame: string[]][] = [
  ['a place on the first line', '<|a|> = 1\nb = 2\nc = 3', ['1 | a = 1', '  | ^', '2 | b = 2']],
  ['a place on the last line', 'a = 1\nb = <|22|>\n', ['1 | a = 1', '2 | b = 22', '  |     ^^']],
  ['a place after a tab', 'a {\n\tb\t= <|"c"|>\n}', ['1 | a {', '2 |     b    = "c"', '  |            ^^^', '3 | }']],
  ['a place that holds a tab', '<|a\tb|>', ['1 | a    b', '  | ^^^^^^']],
  ['text beyond ASCII', 'é = "日本" + <|ü𝒳|>', ['1 | é = "日本" + ü𝒳', '  |            ^^']],
  ['line breaks of Windows', 'a = 1\r\nb = <|2|>\r\nc = 3\r\n', ['1 | a = 1', '2 | b = 2', '  |     ^', '3 | c = 3']],
  ['an empty place', 'a = <||>', ['1 | a =', '  |     ^']],
  ['a line break', 'a =<|\n|>b', ['1 | a =', '  |    ^', '2 | b']],
  ['the end of the file', 'a = 1\n<||>', ['1 | a = 1', '2 |', '  | ^']],
  ['control characters', 'a = "\u001B[31m" <|b|>', ['1 | a = "\uFFFD[31m" b', '  |             ^']],
  [
    'line numbers of different widths',
    `${'\n'.repeat(8)}a = <|1|>\nb = 2\n`,
    [' 8 |', ' 9 | a = 1', '   |     ^', '10 | b = 2'],
  ],
  [
    'several lines',
    '\n<|remote "x" {\n  method = "GET"\n}|>\n\na = 1',
    ['1 |', '2 |   remote "x" {', '  |  _^^^^^^^^^^^^', '3 | |   method = "GET"', '4 | | }', '  | |_^', '5 |'],
  ],
  [
    'several lines from the middle of one',
    'a = <|[\n\t1\n\t]|> + 1',
    ['1 |   a = [', '  |  _____^', '2 | |     1', '3 | |     ] + 1', '  | |_____^'],
  ],
  [
    'many lines',
    `<|a {\n${Array.from({ length: 20 }, (_, index) => `x${index}\n`).join('')}}|>`,
    [
      ' 1 |   a {',
      '   |  _^^^',
      ' 2 | | x0',
      ' 3 | | x1',
      ' 4 | | x2',
      ' 5 | | x3',
      ' 6 | | x4',
      '   | | …',
      '17 | | x15',
      '18 | | x16',
      '19 | | x17',
      '20 | | x18',
      '21 | | x19',
      '22 | | }',
      '   | |_^',
    ],
  ],
];
for (const [what, text, frame] of frames) {
  test(`${what} is shown with the lines around it`, () => {
    const header = printed(errorAt(text)).split('\n')[0];
    assert.equal(printed(errorAt(text)), [header, '', ...frame, ''].join('\n'));
  });
}

test('the header has the severity, the place, the message and the code', () => {
  assert.match(printed(errorAt('a\n  é <|b|>')), /^Error: test\.alloy:2:6: what is wrong \[test\/code\]\n\n1 \| a\n/);
  assert.match(printed(errorAt('<|a|>', { severity: 'warning' })), /^Warning: test\.alloy:1:1: /);
});

test('hint and related places follow the lines', () => {
  const first = marked('<|a|> = 1\na = 2');
  const span = { ...first, start: 6, end: 7 };
  const diagnostic = errorAt('', {
    span,
    hint: 'remove one',
    related: [{ message: 'the first one is here', span: first }],
  });
  assert.equal(
    printed(diagnostic),
    `Error: test.alloy:2:1: what is wrong [test/code]

1 | a = 1
2 | a = 2
  | ^

  hint: remove one
  see test.alloy:1:1: the first one is here
`,
  );
});

test('an empty line stands between diagnostics', () => {
  assert.equal(
    printed(errorAt('<|a|>'), errorAt('<|b|>', { hint: 'try c' }), errorAt('<|d|>')),
    `Error: test.alloy:1:1: what is wrong [test/code]

1 | a
  | ^

Error: test.alloy:1:1: what is wrong [test/code]

1 | b
  | ^

  hint: try c

Error: test.alloy:1:1: what is wrong [test/code]

1 | d
  | ^
`,
  );
  assert.equal(printed(), '');
});

test('without a place, or without text, there is only a header', () => {
  assert.equal(printed(errorAt('', { span: undefined })), 'Error: -: what is wrong [test/code]\n');
  assert.equal(printed(errorAt('<||>')), 'Error: test.alloy:1:1: what is wrong [test/code]\n');
});

test('color marks the severity and the header, and only those', () => {
  const output = printDiagnostics([errorAt('<|a|>'), errorAt('<|a|>', { severity: 'warning' })], { color: true });
  const readable = output.replaceAll('\u001B[', '~').split('\n');
  assert.equal(readable[0], '~1m~31mError: ~39m~22m~1mtest.alloy:1:1: what is wrong~22m [test/code]');
  assert.equal(readable[5], '~1m~33mWarning: ~39m~22m~1mtest.alloy:1:1: what is wrong~22m [test/code]');
  assert.deepEqual(readable.slice(1, 4), ['', '1 | a', '  | ^']);
});

test('messages cannot control the terminal', () => {
  const output = printed(errorAt('<|a|>', { message: 'x\u001B[2J\ny', hint: '\u0007' }));
  assert.match(output, /: x\uFFFD\[2J\uFFFDy \[/);
  assert.match(output, /hint: \uFFFD\n/);
});

function longLine(before: number, after: number): string[] {
  const text = `a\n${'x'.repeat(before)}<|here|>${'y'.repeat(after)}\nb`;
  return printed(errorAt(text)).split('\n').slice(2, -1);
}

const longLines: readonly [what: string, before: number, after: number, shown: RegExp][] = [
  ['start', 10, 10_000, /^2 \| x{10}herey{146}…$/],
  ['middle', 5000, 5000, /^2 \| …x{60}herey{96}…$/],
  ['end', 10_000, 10, /^2 \| …x{146}herey{10}$/],
];
for (const [what, before, after, shown] of longLines) {
  test(`a long line is cut around a place at its ${what}`, () => {
    const [, line = '', carets = ''] = longLine(before, after);
    assert.match(line, shown);
    assert.equal(line.slice(carets.indexOf('^'), carets.lastIndexOf('^') + 1), 'here');
  });
}

test('a long range on a long line is marked as far as it is shown', () => {
  const [line = '', carets = ''] = printed(errorAt(`<|${'x'.repeat(10_000)}|>`))
    .split('\n')
    .slice(2);
  assert.equal(line, `1 | ${'x'.repeat(160)}…`);
  assert.equal(carets, `  | ${'^'.repeat(160)}`);
});

test('characters of two code units are not cut in half', () => {
  for (const shift of ['', 'x']) {
    const output = printed(errorAt(`${shift}${'😀'.repeat(200)}<|a|>${'😀'.repeat(200)}`));
    assert.ok(output.isWellFormed());
  }
});

test('of very many diagnostics the first ones are printed, and how many more there are', () => {
  const { diagnostics } = parse({ name: 'garbage.alloy', text: ';\n'.repeat(200_000) });
  const output = printDiagnostics(diagnostics, { color: false });
  assert.equal(output.split('Error: ').length - 1, 1000);
  assert.ok(output.endsWith(`\nand ${diagnostics.length - 1000} more\n`));
});
