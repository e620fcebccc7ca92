import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { hasErrors, oneLine, type Diagnostic } from './diagnostic.ts';
import { printDiagnostics } from './diagnostic-printer.ts';
import { lex } from './lexer.ts';
import { parse } from './parser.ts';
import { format } from './printer.ts';

function tokensOf(text: string): string {
  const diagnostics: Diagnostic[] = [];
  const { tokens } = lex({ name: 'test.alloy', text }, (diagnostic) => diagnostics.push(diagnostic));
  assert.deepEqual(diagnostics.map(oneLine), []);
  return tokens
    .slice(0, -1)
    .map(({ kind, start, end }) => {
      if (kind === 'TERMINATOR') return ';';
      return /^[A-Z]/.test(kind) ? `${kind}<${text.slice(start, end)}>` : kind;
    })
    .join(' ');
}

const cases: readonly [text: string, tokens: string][] = [
  ['', ''],
  ['a', 'IDENT<a> ;'],
  ['a\n', 'IDENT<a> ;'],
  ['a\n\n\nb', 'IDENT<a> ; IDENT<b> ;'],
  ['a_1 _ ñ٣ 日本', 'IDENT<a_1> IDENT<_> IDENT<ñ٣> IDENT<日本> ;'],
  ['true false null truely', 'BOOL<true> BOOL<false> NULL<null> IDENT<truely> ;'],
  ['0 15 010', 'NUMBER<0> NUMBER<15> NUMBER<010> ;'],
  ['1.5 1. .5 1e3 1.2E-3 1.e+2', 'FLOAT<1.5> FLOAT<1.> FLOAT<.5> FLOAT<1e3> FLOAT<1.2E-3> FLOAT<1.e+2> ;'],
  ['a.1', 'IDENT<a> FLOAT<.1> ;'],
  ['1.foo', 'FLOAT<1.> IDENT<foo> ;'],
  ['1_000', 'NUMBER<1> IDENT<_000> ;'],
  ['0x1F', 'NUMBER<0> IDENT<x1F> ;'],
  ['-1', '- NUMBER<1> ;'],
  ['a.b', 'IDENT<a> . IDENT<b> ;'],
  ['"a\\"b" "" `c\n"`', 'STRING<"a\\"b"> STRING<""> STRING<`c\n"`> ;'],
  ['||&&!===!=<<=>>=', '|| && != == != < <= > >='],
  ['+-*/%^{}()[],.', '+ - * / % ^ { } ( ) [ ] , .'],
  ['{\n}\n', '{ } ;'],
  ['a =\n1', 'IDENT<a> = NUMBER<1> ;'],
  ['[\n1,\n]\n(\n)\n', '[ NUMBER<1> , ] ; ( ) ;'],
  ['a // b\n', 'IDENT<a> ;'],
  ['a // b', 'IDENT<a> ;'],
  ['a /* b */ c', 'IDENT<a> IDENT<c> ;'],
  ['a /* b */\nc', 'IDENT<a> ; IDENT<c> ;'],
  ['a /* b\n */ c', 'IDENT<a> ; IDENT<c> ;'],
  ['a /* b\n */\nc', 'IDENT<a> ; IDENT<c> ;'],
  ['a = /* b\n */ c', 'IDENT<a> = IDENT<c> ;'],
  ['a /**/ b /***/ c', 'IDENT<a> IDENT<b> IDENT<c> ;'],
  ['a\r\nb\r', 'IDENT<a> ; IDENT<b> ;'],
  ['\uFEFFa', 'IDENT<a> ;'],
];
for (const [text, tokens] of cases) {
  test(`${JSON.stringify(text)} has the tokens ${tokens}`, () => assert.equal(tokensOf(text), tokens));
}

test('comments do not hold the line break after them, nor the carriage return before it', () => {
  const text = '// a \r\n/* b\r\n */ // c';
  const { comments } = lex({ name: 'test.alloy', text }, () => assert.fail());
  assert.deepEqual(
    comments.map(({ start, end }) => text.slice(start, end)),
    ['// a ', '/* b\r\n */', '// c'],
  );
});

/** Text that is full of what the language is made of, and seldom right. */
const soup = fc
  .array(
    fc.oneof(
      fc.constantFrom(...Array.from('{}()[],.=+-*/%^!<>|&"`\'\\;\n\n\n\r\t  ')),
      fc.constantFrom(
        'a',
        'b.c',
        ' = ',
        ' { ',
        ' "l" ',
        'true',
        'null',
        '1',
        '.5',
        '1e',
        '010',
        '/*',
        '*/',
        '//',
        '\\u12',
      ),
      fc.string({ unit: 'binary', maxLength: 3 }),
    ),
    { maxLength: 60 },
  )
  .map((parts) => parts.join(''));

test('any text is read to its end, with diagnostics inside of it, and formatted if it has no errors', () => {
  fc.assert(
    fc.property(fc.oneof(soup, fc.string({ unit: 'binary' })), (text) => {
      const { file, diagnostics } = parse({ name: 'test.alloy', text });
      for (const { span } of diagnostics) {
        assert.ok(span !== undefined && span.start >= 0 && span.start <= span.end && span.end <= text.length);
      }
      assert.equal(printDiagnostics(diagnostics, { color: false }) === '', diagnostics.length === 0);
      if (!hasErrors(diagnostics)) assert.ok(format(file).endsWith('\n'));
    }),
    { numRuns: 3000 },
  );
});

const long = 200_000;
const hostile: readonly [what: string, text: string][] = [
  ['quotes', "'".repeat(long)],
  ['double quotes', '"'.repeat(long)],
  ['backslashes', `"${'\\'.repeat(long)}`],
  ['digits', `a = ${'9'.repeat(long)}`],
  ['octal digits', `a = 0${'7'.repeat(long)}`],
  ['blanks', ' '.repeat(long)],
  ['blanks in a comment', `/*${' '.repeat(long)}x*/`],
  ['open brackets', '['.repeat(long)],
  ['closing brackets', ']'.repeat(long)],
  ['open braces', 'a {\n'.repeat(long / 4)],
  ['closing braces', '}'.repeat(long)],
  ['open comments', '/* '.repeat(long / 3)],
  ['illegal characters', ';'.repeat(long)],
  ['commas', `a = [${','.repeat(long)}]`],
  ['dots', `a${'.'.repeat(long)}`],
  ['equal signs', '='.repeat(long)],
  ['operators', `a = 1${'+'.repeat(long)}`],
  ['lines without a comma', `a = [\n${'1\n'.repeat(long / 2)}]`],
  ['names', 'a '.repeat(long / 2)],
];
for (const [what, text] of hostile) {
  test(`a long run of ${what} neither stalls the parser nor exhausts its stack`, () => {
    const { file, diagnostics } = parse({ name: 'test.alloy', text });
    if (!hasErrors(diagnostics)) format(file);
  });
}
