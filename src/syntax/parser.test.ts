import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Expression, Statement } from './ast.ts';
import { syntaxCodes } from './codes.ts';
import { hasErrors, oneLine, type Diagnostic } from './diagnostic.ts';
import { parse } from './parser.ts';
import { spanText } from './source.ts';

const folder = new URL('testdata/parse/', import.meta.url);
const files = readdirSync(folder).toSorted();
const seenCodes = new Set<string>();

function parseText(text: string): ReturnType<typeof parse> {
  return parse({ name: 'test.alloy', text });
}

interface Expected {
  readonly severity: string;
  readonly message: RegExp;
  readonly start: number;
}

/**
 * The diagnostics that a file announces: `ERROR "regular expression"` or `WARNING "..."` in a block comment before the
 * character at which the diagnostic starts, which may be a line break. `ERROR +3 "..."` is three characters further on,
 * for what is inside of a string.
 */
function announced(text: string): Expected[] {
  return [...text.matchAll(/\/\* (ERROR|WARNING)(?: \+(\d+))? "((?:[^"\\]|\\.)*)" \*\//g)].map((match) => {
    const [marker, severity = '', offset = '0', message = ''] = match;
    const following = /^(?:[ \t]|\/\* (?:ERROR|WARNING).*?\*\/)*/.exec(text.slice(match.index + marker.length));
    const start = match.index + marker.length + (following?.[0].length ?? 0) + Number(offset);
    return { severity: severity.toLowerCase(), message: new RegExp(message), start };
  });
}

for (const name of files) {
  test(`testdata/parse/${name} has the diagnostics that it announces, where it announces them`, () => {
    const text = readFileSync(new URL(name, folder), 'utf8');
    const left = [...parse({ name, text }).diagnostics];
    for (const { code } of left) seenCodes.add(code);
    for (const { severity, message, start } of announced(text)) {
      const index = left.findIndex(
        (diagnostic) =>
          diagnostic.severity === severity && diagnostic.span?.start === start && message.test(diagnostic.message),
      );
      assert.notEqual(index, -1, `no ${severity} ${message} at ${JSON.stringify(text.slice(start, start + 20))}`);
      left.splice(index, 1);
    }
    assert.deepEqual(left.map(oneLine), []);
  });
}

/** Codes whose inputs are made in this file or in that of another module. */
const elsewhere = new Set(['syntax/too-deep', 'syntax/encoding']);

test('every code of the parser has a file in testdata/parse', () => {
  const codes = Object.keys(syntaxCodes).filter((code) => code.startsWith('syntax/') && !elsewhere.has(code));
  assert.deepEqual([...seenCodes].toSorted(), codes.toSorted());
});

/** The value of `x = <text>`, written with parentheses around everything that has operands. */
function shapeOf(text: string): string {
  const { file, diagnostics } = parseText(`x = ${text}\n`);
  assert.deepEqual(diagnostics.map(oneLine), []);
  const [statement] = file.body.statements;
  assert.equal(statement?.kind, 'attribute');
  return show(statement.value);
}

function show(node: Expression): string {
  switch (node.kind) {
    case 'array':
      return `[${node.elements.map(show).join(' ')}]`;
    case 'object':
      return `{${node.fields.map((field) => `${field.name}=${show(field.value)}`).join(' ')}}`;
    case 'access':
      return `(. ${show(node.object)} ${node.name})`;
    case 'index':
      return `(at ${show(node.object)} ${show(node.index)})`;
    case 'call':
      return `(call ${[node.callee, ...node.args].map(show).join(' ')})`;
    case 'unary':
      return `(${node.operator} ${show(node.operand)})`;
    case 'binary':
      return `(${node.operator} ${show(node.left)} ${show(node.right)})`;
    case 'parenthesized':
      return `<${show(node.inner)}>`;
    default:
      return spanText(node.span);
  }
}

const shapes: readonly [text: string, shape: string][] = [
  ['1 + 2 * 3', '(+ 1 (* 2 3))'],
  ['1 * 2 + 3', '(+ (* 1 2) 3)'],
  ['1 - 2 - 3', '(- (- 1 2) 3)'],
  ['8 / 4 * 2 % 3', '(% (* (/ 8 4) 2) 3)'],
  ['2 ^ 3 ^ 2', '(^ 2 (^ 3 2))'],
  ['2 * 3 ^ 2 * 4', '(* (* 2 (^ 3 2)) 4)'],
  ['-2 ^ 2', '(^ (- 2) 2)'],
  ['2 ^ -1', '(^ 2 (- 1))'],
  ['2 ^ -1 ^ 3', '(^ 2 (^ (- 1) 3))'],
  ['- -a.b', '(- (- (. a b)))'],
  ['!a && !b', '(&& (! a) (! b))'],
  ['!a == b', '(== (! a) b)'],
  ['a || b && c || d', '(|| (|| a (&& b c)) d)'],
  ['1 == 2 != 3', '(!= (== 1 2) 3)'],
  ['1 < 2 == 3 >= 4', '(>= (== (< 1 2) 3) 4)'],
  ['1 + 2 < 3 + 4 && true', '(&& (< (+ 1 2) (+ 3 4)) true)'],
  ['(1 + 2) * 3', '(* <(+ 1 2)> 3)'],
  ['a.b[c + 1](d, e).f', '(. (call (at (. a b) (+ c 1)) d e) f)'],
  ['[1, [2], {}]', '[1 [2] {}]'],
  ['{ a = 1, "b c" = 2, `d` = 3, "" = 4 }', '{a=1 b c=2 d=3 =4}'],
  ['"a" /* b */ + /* c */ d', '(+ "a" d)'],
  ['1 +\n\n 2', '(+ 1 2)'],
  ['f(\n1,\n2,\n)', '(call f 1 2)'],
  ['f()', '(call f)'],
  ['f(\n)', '(call f)'],
  ['1 .a', '(. 1 a)'],
  ['1..a', '(. 1. a)'],
];
for (const [text, shape] of shapes) {
  test(`${JSON.stringify(text)} is read as ${shape}`, () => assert.equal(shapeOf(text), shape));
}

/** Names of statements, with those inside of blocks in parentheses. */
function outline(statements: readonly Statement[]): string {
  return statements
    .map((statement) => {
      if (statement.kind === 'attribute') return statement.name;
      const label = statement.label === undefined ? '' : `:${statement.label}`;
      return `${statement.name}${label}(${outline(statement.body.statements)})`;
    })
    .join(' ');
}

const outlines: readonly [text: string, statements: string][] = [
  ['a = 1\nb = 2', 'a b'],
  ['a = 1\r\nb "l" {\r\n  c = 1\r\n}\r\n', 'a b:l(c)'],
  ['\uFEFFa = 1', 'a'],
  ['a = 1 // one\nb = 2', 'a b'],
  ['a = 1 /* one */\nb = 2', 'a b'],
  ['a = 1 /* one */ /* two */ // three\nb = 2', 'a b'],
  ['a = 1 /* line\nbreak */ b = 2', 'a b'],
  ['a /* one */ = /* line\nbreak */ 1', 'a'],
  ['a = [ // one\n1, // two\n]', 'a'],
  ['a { b = 1 }', 'a(b)'],
  ['a { b = 1\n}', 'a(b)'],
  ['a { b { c = 1 } }', 'a(b(c))'],
  ['a { } // end', 'a()'],
  ['a.b . c "label" { }', 'a.b.c:label()'],
  ['a /* one */ . /* two */ b /* three */ { }', 'a.b()'],
  ['a "" { }', 'a()'],
  ['a "_1é" { }', 'a:_1é()'],
  ['', ''],
  ['\n\n// nothing\n', ''],
];
for (const [text, statements] of outlines) {
  test(`${JSON.stringify(text)} has the statements ${JSON.stringify(statements)}`, () => {
    const { file, diagnostics } = parseText(text);
    assert.deepEqual(diagnostics.map(oneLine), []);
    assert.equal(outline(file.body.statements), statements);
  });
}

test('spans cover what was read, without what surrounds it', () => {
  const { file } = parseText(' a.b "l" { c = [ 1 ] // comment\n} // end\n');
  const [block] = file.body.statements;
  assert.equal(block?.kind, 'block');
  assert.equal(spanText(block.span), 'a.b "l" { c = [ 1 ] // comment\n}');
  assert.equal(spanText(block.nameSpan), 'a.b');
  assert.equal(block.labelSpan && spanText(block.labelSpan), '"l"');
  assert.equal(spanText(block.body.span), '{ c = [ 1 ] // comment\n}');
  const [attribute] = block.body.statements;
  assert.equal(attribute?.kind, 'attribute');
  assert.equal(spanText(attribute.span), 'c = [ 1 ]');
  assert.equal(spanText(attribute.value.span), '[ 1 ]');
  assert.deepEqual(
    file.comments.map(({ start, end }) => file.source.text.slice(start, end)),
    ['// comment', '// end'],
  );
});

function only(diagnostics: readonly Diagnostic[]): string[] {
  return diagnostics.map((diagnostic) => `${diagnostic.code}: ${diagnostic.message}`);
}

const tooDeep: readonly [what: string, text: string][] = [
  ['parentheses', `a = ${'('.repeat(5000)}1${')'.repeat(5000)}`],
  ['lists on lines of their own', `a = ${'[\n'.repeat(5000)}${']\n'.repeat(5000)}b = = 1`],
  ['objects', `a = ${'{ a = '.repeat(5000)}1${' }'.repeat(5000)}`],
  ['blocks', `${'a {\n'.repeat(5000)}${'}\n'.repeat(5000)}`],
  ['minus signs', `a = ${'-'.repeat(5000)}1`],
  ['powers', `a = ${'2 ^ '.repeat(5000)}1`],
  ['calls in calls', `a = ${'f('.repeat(5000)}`],
];
for (const [what, text] of tooDeep) {
  test(`${what} nested too deeply are one error`, () => {
    assert.deepEqual(only(parseText(text).diagnostics), ['syntax/too-deep: nested deeper than 200 levels']);
  });
}

const tooHigh: readonly [what: string, text: string][] = [
  ['sums', `a = 1${' + 1'.repeat(5000)}`],
  ['names', `a = b${'.b'.repeat(5000)}`],
  ['calls', `a = b${'()'.repeat(5000)}`],
  ['indexes', `a = b${'[0]'.repeat(5000)}`],
];
for (const [what, text] of tooHigh) {
  test(`a chain of too many ${what} is one error`, () => {
    const { diagnostics } = parseText(`${text}\nb = 1`);
    assert.deepEqual(only(diagnostics), ['syntax/too-deep: expression of more than 1000 levels']);
  });
}

test('what is nested as deeply as is allowed is read', () => {
  const chain = ` + 1`.repeat(700);
  const { diagnostics } = parseText(`a = ${'['.repeat(190)}1${chain}${']'.repeat(190)}`);
  assert.deepEqual(only(diagnostics), []);
});

test('a byte order mark that is not at the start is an encoding error', () => {
  assert.deepEqual(only(parseText('a = 1\n\uFEFFb = 1').diagnostics), ['syntax/encoding: illegal byte order mark']);
});

test('characters that would not show are named by their number only', () => {
  assert.deepEqual(only(parseText('a = 1 \0\nb = 1 \u001B\nc = 1 \u2028\nd = 1 \u{10FFFF}').diagnostics), [
    'syntax/illegal-character: illegal character NUL',
    'syntax/illegal-character: illegal character U+001B',
    'syntax/illegal-character: illegal character U+2028',
    'syntax/illegal-character: illegal character U+10FFFF',
  ]);
});

test('a label that is no identifier comes with one that is', () => {
  const hints = ['with space', '1st', 'true', 'a-b', '-'].map(
    (label) => parseText(`a "${label}" { }`).diagnostics[0]?.hint,
  );
  assert.deepEqual(hints, ['try "with_space"', 'try "_1st"', 'try "_true"', 'try "a_b"', 'try "_"']);
});

test('columns are counted in bytes', () => {
  assert.deepEqual(parseText('é = "ü" )').diagnostics.map(oneLine), ['test.alloy:1:11: expected TERMINATOR, got )']);
});

test('warnings alone do not make a file unusable', () => {
  const { diagnostics } = parseText('a = 010');
  assert.equal(diagnostics.length, 1);
  assert.equal(hasErrors(diagnostics), false);
});
