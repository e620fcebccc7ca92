import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ParseError } from '../../../base/parse-error.ts';
import { parseSelector } from './selector.ts';

test('what a selector has of labels and line filters is found, with any spaces between', () => {
  const cases: readonly [source: string, lineFilters: number][] = [
    ['{a="b"}', 0],
    ['  { a = "b" , c!="d",e=~"f",g!~"h" }  ', 0],
    ['{a="b"}|="x"!="y"|~"z"!~"w"', 4],
    ['{a=`b`}\n  |= `x\\y`', 1],
    [String.raw`{a="\"\\\n\u00e9\x41"}`, 0],
    ['{a=""}', 0],
  ];
  for (const [source, lineFilters] of cases) {
    const selector = parseSelector(source);
    assert.ok(!(selector instanceof ParseError), source);
    assert.equal(selector.source, source);
    assert.equal(selector.lineFilters.length, lineFilters, source);
  }
});

test('mistakes are told with what is expected and what is there', () => {
  const syntax = 'invalid selector syntax for match stage: ';
  const cases: readonly [source: string, problem: string][] = [
    ['', 'selector statement required for match stage'],
    ['   ', `${syntax}expected "{" at position 4, got the end`],
    ['foo', `${syntax}expected "{" at position 1, got "foo"`],
    ['{', `${syntax}expected a label name at position 2, got the end`],
    ['{}', `${syntax}expected a label name at position 2, got "}"`],
    ['{"a"="b"}', `${syntax}expected a label name at position 2, got "\\"a\\"=\\"b\\"}"`],
    ['{1a="b"}', `${syntax}expected a label name at position 2, got "1a=\\"b\\"}"`],
    ['{a}', `${syntax}expected one of = != =~ !~ at position 3, got "}"`],
    ['{a>"b"}', `${syntax}expected one of = != =~ !~ at position 3, got ">\\"b\\"}"`],
    ['{a=b}', `${syntax}expected a quoted string at position 4, got "b}"`],
    ['{a="b}', `${syntax}expected a quoted string at position 4, got "\\"b}"`],
    ["{a='b'}", `${syntax}expected a quoted string at position 4, got "'b'}"`],
    ['{a="b"', `${syntax}expected "," or "}" at position 7, got the end`],
    ['{a="b" c="d"}', `${syntax}expected "," or "}" at position 8, got "c=\\"d\\"}"`],
    ['{a="b",}', `${syntax}expected a label name at position 8, got "}"`],
    ['{a="b"} |=', `${syntax}expected a quoted string at position 11, got the end`],
    ['{a="b"} |= x', `${syntax}expected a quoted string at position 12, got "x"`],
    ['{a="b"} | status >= 200', `${syntax}expected a line filter at position 9, got "| status >= 200"`],
    ['{a="b"} | json', `${syntax}expected a line filter at position 9, got "| json"`],
    ['{a="b"} {c="d"}', `${syntax}expected a line filter at position 9, got "{c=\\"d\\"}"`],
    [String.raw`{a="\d"}`, String.raw`${syntax}unknown escape sequence in "\d"`],
    [String.raw`{a="b"} |~ "\w+"`, String.raw`${syntax}unknown escape sequence in "\w+"`],
    ['{a=~"("}', `${syntax}error parsing regexp: missing closing ): \`^(?s:()$\``],
    ['{a="b"} !~ "[]"', `${syntax}error parsing regexp: missing closing ]: \`[]\``],
  ];
  for (const [source, problem] of cases) {
    const error = parseSelector(source);
    assert.ok(error instanceof ParseError, source);
    assert.equal(error.message, problem);
  }
});
